"""Inspect a model that a visitor uploads."""

import hashlib

import streamlit as st

from xray_app.core import XrayAppError
from xray_app.core.text import ends_text
from xray_app.inspection import (
    MODEL_SUFFIXES,
    Inspection,
    inspect_bytes,
    maps_sentence,
    open_fields,
    quantization_sentence,
    span,
    takes_sentence,
    with_declared,
)
from xray_app.ui.session.cached_work import INSPECTIONS, once
from xray_app.ui.widgets.choices.lasting_upload import lasting_upload
from xray_app.ui.widgets.contracts.declared import (
    declared_input,
    show_declared,
    show_inspected_code,
)
from xray_app.ui.widgets.contracts.use_own_model import show_use
from xray_app.ui.widgets.layer_table import show_layers
from xray_app.ui.words import plain

_MODEL = "inside_model"  # key of the uploader


def show_bring_your_own() -> None:
    """An upload, the verdict on it, its layers, and a card to start from."""
    st.header("Bring your own model")
    st.caption(
        ":material/shield: The file lies in a private temporary file, in memory where the server "
        "has that, while a process of its own reads it, running no code from it; then it is "
        "deleted, unless you use it in this session."
    )
    left, right = st.columns(2, gap="medium")
    suffixes = [suffix.removeprefix(".") for suffix in MODEL_SUFFIXES]
    model = lasting_upload(left, "Model, .onnx, .tflite, .keras or .h5", _MODEL, suffixes)
    card = lasting_upload(
        right, "Model card, .json: needed if the file holds weights alone", "inside_card", ["json"]
    )
    declared = declared_input()
    if model is None:
        if declared is not None:
            show_declared(declared)
        return
    try:
        data, card_data = model.getvalue(), card.getvalue() if card else None
        digests = tuple(hashlib.sha256(content or b"").hexdigest() for content in (data, card_data))
        inspection = once(
            ("inspection", digests, model.name),
            lambda: inspect_bytes(data, model.name, card_data),
            INSPECTIONS,
            st.spinner("Reading the model, which takes about 10 seconds…"),
        )
    except XrayAppError as error:
        st.error(plain(error), icon=":material/error:")
        return
    if declared is not None:
        inspection = with_declared(inspection, declared)
        show_declared(declared, inspection)
    _show_inspection(inspection)
    show_inspected_code(inspection, declared)
    show_use(inspection, _MODEL)


def _show_inspection(inspection: Inspection) -> None:
    facts, expectation = inspection.facts, inspection.expectation
    known = f"**Expects `{expectation.scheme}`.**" if expectation.scheme else "**Scheme unknown.**"
    box = st.info if expectation.scheme else st.warning
    box(f"{known} {plain(expectation.reason)}", icon=":material/input:")
    if inspection.blank_sentence:
        st.caption(f":material/blur_on: {plain(inspection.blank_sentence)}")
    for issue in inspection.issues:
        st.warning(plain(issue.message), icon=":material/warning:")
    if inspection.check is not None:
        check = inspection.check
        (st.success if check.agrees else st.error)(
            f"**{plain(check.headline)}.** {plain(check.message)}"
        )
    size = " × ".join("any" if n is None else str(n) for n in facts.input_shape)
    st.markdown(
        f"{plain(facts.architecture or facts.producer or 'An architecture that is not known here')}"
        f", input {size}, "
        f"{facts.outputs or 'no'} outputs, computes in {', '.join(facts.dtypes) or 'nothing'}."
    )
    for said in (takes_sentence(facts), quantization_sentence(facts), maps_sentence(facts)):
        if said:
            st.markdown(plain(said))
    show_layers(facts)
    st.table(
        {
            "Scheme": list(facts.ranges),
            "A black-to-white ramp at the first convolution": [
                ends_text(span(ends)) for ends in facts.ranges.values()
            ],
        },
        border="horizontal",
        hide_index=True,
    )
    name = inspection.card["name"]
    st.download_button(
        "Card skeleton, JSON", inspection.card_json, f"{name}-card.json", "application/json",
        on_click="ignore", icon=":material/badge:", key="inside_download",
    )  # fmt: skip
    st.caption(
        f"{len(open_fields(inspection.card))} fields are marked “fill in”: they need a person."
    )
