"""A report as one HTML file that needs nothing else: no script, no fetched font or image."""

from xray_app.core.text import DISCLAIMER
from xray_app.documents.content import TITLE, Report
from xray_app.documents.html.figures import colour_bar, embedded_image, histogram, probability_bar
from xray_app.documents.html.markup import Markup, element, joined, table
from xray_app.documents.html.style import STYLE
from xray_app.documents.plots import plot
from xray_app.presentation import CAVEAT, FITTING

# A browser is told to fetch nothing, whatever a text from outside might hold.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def report_to_html(report: Report) -> str:
    """The whole document; the same report always gives the same text."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("title", f"Radiograph {report.identity}: {TITLE}"),
        element("style", Markup(STYLE)),
    )
    body = element(
        "body",
        _header(report),
        element("main", *_main(report)),
        element("footer", f"{DISCLAIMER} Radiograph {report.identity}, {report.date}."),
    )
    return "<!DOCTYPE html>\n" + element("html", head, body, lang="en") + "\n"


def _header(report: Report) -> Markup:
    facts = [f"Radiograph {report.identity}", report.date, *([report.origin] * bool(report.origin))]
    return element(
        "header",
        element("div", element("h1", TITLE), element("p", DISCLAIMER, class_="disclaimer")),
        element("div", *(element("div", fact) for fact in facts), class_="quiet"),
    )


def _main(report: Report) -> list[Markup]:
    return [
        *_boxes(report),
        _columns("three", _radiograph(report), _heatmap(report), _prediction(report)),
        _columns("two", _scheme(report), _contract(report)),
        _columns("three", *_histograms(report)),
        _provenance(report),
        _columns("two", _facts(report), _model(report)),
    ]


def _columns(kind: str, *cells: Markup) -> Markup:
    return element("div", *cells, class_=f"columns {kind}")


def _boxes(report: Report) -> list[Markup]:
    kind = "mismatch" if report.cautions else report.verdict
    return [
        element("p", element("strong", f"{bold} "), text, class_=f"box {kind}")
        for bold, text in report.boxes
    ]


def _radiograph(report: Report) -> Markup:
    caption = report.radiograph_caption
    image = embedded_image(report.radiograph, f"The radiograph, {caption}")
    return element("figure", image, element("figcaption", caption))


def _heatmap(report: Report) -> Markup:
    caption = report.overlay_caption
    image = embedded_image(
        report.overlay, f"Heatmap over the radiograph. {caption}. {report.overlay_place}"
    )
    scale = colour_bar(report.scale) if report.scale is not None else Markup("")
    return element("figure", image, scale, element("figcaption", f"{caption}. {CAVEAT}"))


def _prediction(report: Report) -> Markup:
    headline = report.headline if report.is_meaningful else element("s", report.headline)
    return element(
        "section",
        element("h2", "The model says"),
        element("p", headline, class_="headline"),
        element("p", report.aside),
        _probabilities(report),
        *(element("p", notice, class_="box contrast") for notice in report.notices),
    )


def _probabilities(report: Report) -> Markup:
    figures = ("Calibrated", "Raw") if report.has_raw else ()
    rows: list[tuple[str, ...]] = []
    for row in report.classes:
        label = element("strong", row.label) if row.is_predicted else row.label
        bar = probability_bar(row, meaningful=report.is_meaningful)
        figure = f"{row.probability:.3f}"
        if row.raw is not None:
            rows.append((label, bar, figure, f"{row.raw:.3f}"))
        else:
            rows.append((label, joined([bar, f" {figure}"])))
    caption = "Probability of each class" + ("" if report.is_meaningful else ", worth nothing here")
    return element("div", table(("Class", "Probability", *figures), rows, caption), class_="small")


def _scheme(report: Report) -> Markup:
    items = [
        element(tag, text)
        for name, value in report.scheme
        for tag, text in (("dt", name), ("dd", value))
    ]
    return element("section", element("h2", "Normalization scheme"), element("dl", *items))


def _contract(report: Report) -> Markup:
    headline, message, figures = report.contract
    return element(
        "section",
        element("h2", "Does it fit how the model was trained?"),
        element("p", element("strong", f"{headline}. "), message),
        element("p", f"At the first convolution: {figures}. {FITTING}", class_="quiet"),
        element("p", element("strong", "Gate: "), report.gate),
    )


def _histograms(report: Report) -> list[Markup]:
    figures = []
    for stage in report.stages:
        shown = plot(stage)
        ends = (element("span", f"{end:.4g}") for end in (shown.low, shown.high))
        figures.append(
            element(
                "figure",
                element("h3", shown.title),
                histogram(shown),
                element("div", *ends, class_="ends", aria_hidden="true"),
                element("figcaption", shown.description),
            )
        )
    return figures


def _provenance(report: Report) -> Markup:
    head = ("Step", "What was done", "Before", "After")
    return table(head, list(report.provenance), "Where each pixel value came from")


def _facts(report: Report) -> Markup:
    lines = [element("h2", "The file and what read it")]
    if report.technical:
        facts = "; ".join(f"{name} {value}" for name, value in report.technical)
        lines.append(_line("DICOM header: ", facts))
    lines.append(_line("Digest (SHA-256): ", report.digest))
    lines.append(
        _line("Versions: ", "; ".join(f"{name} {value}" for name, value in report.versions))
    )
    return element("section", *lines)


def _model(report: Report) -> Markup:
    lines = (element("p", line, class_="quiet") for line in report.model)
    return element("section", element("h2", "The model"), *lines)


def _line(label: str, text: str) -> Markup:
    return element("p", element("strong", label), text, class_="quiet")
