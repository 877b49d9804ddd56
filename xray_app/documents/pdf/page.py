"""A report as one page of A4: bytes of a PDF with its typeface embedded."""

from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, KeepInFrame, Spacer, Table

from xray_app.core.text import DISCLAIMER
from xray_app.documents.content import TITLE, Report
from xray_app.documents.pdf.figures import (
    colour_scale,
    embedded_image,
    histogram,
    probability_bar,
)
from xray_app.documents.pdf.parts import (
    FOOT,
    HALF,
    MARGIN,
    PLAIN,
    THIRD,
    WIDTH,
    box,
    columns,
    heading,
    ruled,
)
from xray_app.documents.pdf.style import (
    ALARM,
    BOLD,
    INK,
    QUIET,
    REGULAR,
    SMALL,
    WARN,
    labelled,
    load_fonts,
    marked,
    words,
)
from xray_app.documents.plots import plot
from xray_app.presentation import CAVEAT, FITTING


def report_to_pdf(report: Report) -> bytes:
    """One page of A4; the same report always gives the same bytes.

    What is too long for the page is made smaller as a whole, so that nothing falls off.
    """
    load_fonts()
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, lang="en", pageCompression=1)
    canvas.setTitle(f"Radiograph {report.identity}: {DISCLAIMER}")
    canvas.setAuthor("xray-app")
    canvas.setSubject(DISCLAIMER)
    height = A4[1] - 2 * MARGIN - FOOT
    frame = Frame(MARGIN, MARGIN + FOOT, WIDTH, height, 0, 0, 0, 0)
    frame.addFromList([KeepInFrame(WIDTH, height, _story(report), mode="shrink")], canvas)
    _foot(canvas, report)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _story(report: Report) -> list[Flowable]:
    parts = [
        _head(report),
        *_boxes(report),
        _images(report),
        columns([_scheme(report), _contract(report)], HALF),
        _histograms(report),
        _provenance(report),
        columns([_facts(report), _origin(report)], HALF),
    ]
    spaced = [flowable for part in parts for flowable in (part, Spacer(1, 3.2 * mm))]
    return spaced[:-1]


def _foot(canvas: Canvas, report: Report) -> None:
    canvas.setFont(REGULAR, SMALL)
    canvas.setFillColor(QUIET)
    canvas.drawString(MARGIN, MARGIN - 2, DISCLAIMER)
    canvas.drawRightString(
        MARGIN + WIDTH, MARGIN - 2, f"Radiograph {report.identity}, scheme {report.scheme_name}"
    )


def _head(report: Report) -> Table:
    title = [words(TITLE, 13, INK, BOLD), Spacer(1, 3), words(DISCLAIMER, 8.5, ALARM, BOLD)]
    origin = [words(report.origin, SMALL, INK, BOLD)] if report.origin else []
    right = [
        words(f"Radiograph {report.identity}", 8, INK, BOLD),
        words(report.date, SMALL, QUIET),
        *origin,
    ]
    return Table(
        [[title, right]],
        colWidths=[WIDTH * 0.72, WIDTH * 0.28],
        style=[
            *PLAIN,
            ("LINEBELOW", (0, 0), (-1, -1), 0.8, INK),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ],
    )


def _boxes(report: Report) -> list[Flowable]:
    size, kind = (8.5, "mismatch") if report.cautions else (8.0, report.verdict)
    return [box(bold, text, size, kind) for bold, text in report.boxes]


def _images(report: Report) -> Table:
    height = 66 * mm
    radiograph = [
        embedded_image(report.radiograph, THIRD, height),
        Spacer(1, 3),
        words(report.radiograph_caption, SMALL, QUIET),
    ]
    heat: list[Flowable] = [embedded_image(report.overlay, THIRD, height), Spacer(1, 3)]
    if report.scale is not None:
        heat.append(colour_scale(report.scale, THIRD))
    heat.append(words(f"{report.overlay_caption}. {CAVEAT}", SMALL, QUIET))
    return columns([radiograph, heat, _prediction(report)], THIRD)


def _prediction(report: Report) -> list[Flowable]:
    if report.is_meaningful:
        headline = words(report.headline, 11, INK, BOLD)
    else:
        headline = marked(report.headline, 11, QUIET)
    parts: list[Flowable] = [
        words("The model says", SMALL, QUIET),
        headline,
        Spacer(1, 3),
        words(report.aside),
        Spacer(1, 6),
        _probabilities(report),
    ]
    for notice in report.notices:
        parts += [Spacer(1, 4), words(notice, SMALL, WARN)]
    return parts


def _probabilities(report: Report) -> Table:
    has_raw = report.has_raw
    head = ["Class", "", "Calibrated" if has_raw else "Probability", *["Raw"] * has_raw]
    rows = [[words(text, SMALL, QUIET) for text in head]]
    for row in report.classes:
        figures = [row.probability, *([row.raw] if row.raw is not None else [])]
        rows.append([
            words(row.label, SMALL, INK, BOLD) if row.is_predicted else words(row.label, SMALL),
            probability_bar(row, THIRD * 0.24, meaningful=report.is_meaningful),
            *(words(f"{figure:.3f}", SMALL) for figure in figures),
        ])  # fmt: skip
    fractions = [0.31, 0.27, 0.26, 0.16] if has_raw else [0.4, 0.32, 0.28]
    return ruled(rows, [THIRD * fraction for fraction in fractions])


def _scheme(report: Report) -> list[Flowable]:
    rows = [labelled(f"{name}:", value) for name, value in report.scheme]
    return [heading("Normalization scheme"), Spacer(1, 2), *rows]


def _contract(report: Report) -> list[Flowable]:
    headline, message, figures = report.contract
    return [
        heading("Does it fit how the model was trained?"),
        Spacer(1, 2),
        labelled(f"{headline}.", message),
        words(f"At the first convolution: {figures}. {FITTING}", SMALL, QUIET),
        labelled("Gate:", report.gate),
    ]


def _histograms(report: Report) -> Table:
    cells = []
    for stage in report.stages:
        shown = plot(stage)
        cells.append([
            words(shown.title, SMALL, INK, BOLD),
            histogram(shown, THIRD, 27 * mm),
            words(shown.description, SMALL, QUIET),
        ])  # fmt: skip
    return columns(cells, THIRD)


def _provenance(report: Report) -> Table:
    head = ("Pixel values, step by step", "What was done", "Before", "After")
    rows = [[words(text, SMALL, INK, BOLD) for text in head]]
    rows += [[words(text, SMALL) for text in row] for row in report.provenance]
    return ruled(rows, [WIDTH * fraction for fraction in (0.22, 0.44, 0.17, 0.17)])


def _facts(report: Report) -> list[Flowable]:
    parts = [heading("The file and what read it"), Spacer(1, 2)]
    if report.technical:
        facts = "; ".join(f"{name} {value}" for name, value in report.technical)
        parts.append(labelled("DICOM header:", facts, SMALL))
    parts.append(labelled("Digest (SHA-256):", report.digest, SMALL))
    facts = "; ".join(f"{name} {value}" for name, value in report.versions)
    parts.append(labelled("Versions:", facts, SMALL))
    return parts


def _origin(report: Report) -> list[Flowable]:
    return [heading("The model"), Spacer(1, 2), *(words(line, SMALL) for line in report.model)]
