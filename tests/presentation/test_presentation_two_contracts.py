"""Two models in words: how both must be fed, and which schemes fit both."""

from dataclasses import replace

from tests.fakes import fake_card
from tests.presentation.sides import ADULT, CHILD, concluded, side
from tests.two_models import signed
from xray_app.presentation.two_models import (
    contract_rows,
    scheme_lines,
    two_model_sentences,
    two_models_text,
)


def test_an_answer_to_what_training_never_sent_is_not_compared() -> None:
    first, second = side(CHILD, 0.8, 0.1, 0.1, verdict="mismatch"), side(ADULT, 0.2, 0.8)
    assert (
        "Under `signed` only B gets what it was trained for; A was not trained for this and its "
        "figure does not hold, so nothing is compared." in concluded(first, second, "signed")
    )
    both = side(ADULT, 0.2, 0.8, verdict="mismatch")
    assert "neither model gets what it was trained for: no figure of either holds" in concluded(
        first, both, "signed"
    )
    del_raw = replace(second, results={"raw": second.results["raw"]})
    assert "B can't be fed `signed`" in concluded(first, del_raw, "signed")
    assert "Both were trained with `raw`" in two_model_sentences(first, second)[2]


def test_schemes_that_fit_both_are_named() -> None:
    first, second = side(fake_card(), 0.8, 0.1, 0.1), side(signed(), 0.8, 0.1, 0.1)
    assert two_model_sentences(first, second)[2] == (
        "Under one scheme for both: `raw` fits A and fits B; `signed` fits B and fits A; `raw` and "
        "`signed` fit both."
    )
    second = side(signed(), 0.8, 0.1, 0.1, verdict="mismatch")
    assert two_model_sentences(first, second)[2] == (
        "Under one scheme for both: `raw` fits A and is a mismatch for B; `signed` fits B and fits "
        "A; `signed` fits both."
    )
    lines = scheme_lines(first, second)
    assert lines[0] == ("as trained", "= normal 0.80 (raw)", "= normal 0.80 (signed)")
    assert lines[1] == ("raw", "= normal 0.80", "x normal 0.80")


def test_the_table_marks_what_differs_and_what_nobody_knows() -> None:
    own = fake_card(
        input={"height": 32, "width": 64, "fit": "pad", "kernel": "area", "antialias": True},
        brought={"file": "a.onnx", "explanations": [], "channels": 1, "layout": "NCHW",
                 "input_dtype": "uint8", "named": False},
    )  # fmt: skip
    first, second = side(CHILD, 0.8, 0.1, 0.1), side(own, 0.8, 0.1, 0.1, gate=None)
    rows = {row.aspect: row for row in contract_rows(first, second)}
    differing = {name for name, row in rows.items() if row.differs}
    assert differing == {"Size", "Channels", "Order of colours", "Layout", "Type"}
    unknown = {name for name, row in rows.items() if row.differs is None}
    assert unknown == {
        "Fit", "Kernel", "Classes", "Whom it knows", "Ages", "Views", "Trained on",
    }  # fmt: skip
    assert rows["Fit"].shown == ("stretched", "padded with 0 (assumed)")
    assert rows["Channels"].shown == ("3", "1")
    assert two_model_sentences(first, second)[1] == (
        "One tensor can't serve both: they differ in size (A 32 × 32, B 32 × 64), channels (A "
        "3, B 1), order of colours (A RGB, B gray), layout (A channels last (NHWC), B channels "
        "first (NCHW)) and type (A float32, B uint8). As far as is known (fit and kernel are "
        "assumed) they differ in fit (A stretched, B padded with 0) and kernel (A bilinear, "
        "antialiased, B mean over the area) as well."
    )
    alike = two_model_sentences(first, side(ADULT, 0.8, 0.2))[1]
    assert alike == "Both must be fed alike: one tensor serves both."


def test_what_is_assumed_of_a_brought_model_is_said_as_far_as_is_known() -> None:
    own = {"file": "a.onnx", "explanations": []}
    first = side(CHILD, 0.8, 0.1, 0.1)

    def said(**changes: object) -> tuple[str, ...]:
        card = fake_card(brought=own | changes)
        return two_model_sentences(first, side(card, 0.8, 0.1, 0.1, verdict="mismatch"))

    assert said(channel_order="RGB")[1] == (
        "As far as is known (fit and kernel are assumed) both must be fed alike, and one tensor "
        "serves both."
    )
    assert "(fit, kernel and order of colours are assumed) both must" in said()[1]
    assert said()[2] == "Both were trained with `raw`."
    assert said(scheme_known=False)[2] == "Both were trained with `raw`, as far as is known."
    card = signed(brought=own | {"channel_order": "RGB", "scheme_known": False})
    second = side(card, 0.8, 0.1, 0.1, verdict="mismatch")
    sentences = two_model_sentences(first, second)
    assert sentences[1] == (
        "As far as is known (scheme, values, fit and kernel are assumed) one tensor can't serve "
        "both: they differ in scheme (A raw, B signed)."
    )
    assert sentences[2].startswith("Under one scheme for both, as far as is known: `raw` fits A")
    assert "Under `raw`, as far as is known, only A gets" in concluded(first, second, "raw")
    rows = {row.aspect: row for row in contract_rows(first, second)}
    for aspect in ("Scheme", "Values", "At the first convolution"):
        assert rows[aspect].differs is None
    assert rows["Scheme"].shown[1].endswith(", inferred)")
    assert "inferred, and may be another" in two_models_text(first, second)
