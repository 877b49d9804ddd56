"""What a model's makers declared, beside what was measured; and the lines that feed a model."""

import streamlit as st

from xray_app.core import XrayAppError
from xray_app.inspection import DeclaredCheck, Inspection, check_declared, contract_to_feed
from xray_app.pipeline import (
    SNIPPETS,
    InputContract,
    declared_by_name,
    input_code,
    parse_declared,
)
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.widgets.choices.lasting_upload import lasting_upload
from xray_app.ui.words import plain

_EXACT = "The tensor is that of the contract; `radiograph.png` stands for a file of 8 bits."


def declared_input() -> InputContract | None:
    """A file or a name; None where neither was given, or what was given can't be used."""
    left, right = st.columns(2, gap="medium")
    file = lasting_upload(
        left,
        "What its makers declared: preprocessor_config.json (Hugging Face), config.json (timm), "
        "metadata.json (MONAI)",
        "inside_declared",
        ["json", "txt"],
    )
    name = right.text_input(
        "Or a name",
        placeholder="torchvision:ResNet50 or keras:MobileNetV2",
        key="inside_declared_name",
        persist_state=FOR_SESSION,
        help="Weights of torchvision, or a family of keras.applications; with a model above it is "
        "compared with the layers, alone it is told in this app's words.",
    )
    try:
        if file is not None:
            return parse_declared(file.getvalue(), file.name)
        return declared_by_name(name) if name else None
    except XrayAppError as error:
        st.error(plain(error), icon=":material/error:")
        return None


def show_declared(contract: InputContract, inspection: Inspection | None = None) -> None:
    """The declaration, alone or in a table beside what was measured."""
    of = f", {contract.library}" if contract.library else ""
    st.subheader(f"Declared: {plain(contract.source)}{of}")
    if inspection is None:
        st.markdown(plain(contract.text))
        if contract.scheme:
            st.caption(f"In this app's words: the scheme `{contract.scheme}`.")
    else:
        _show_check(check_declared(contract, inspection))
    for note in contract.notes:
        st.caption(plain(note))
    if inspection is None:
        _show_code(contract)


def _show_check(check: DeclaredCheck) -> None:
    box, icon = {
        True: (st.success, ":material/check_circle:"),
        False: (st.error, ":material/dangerous:"),
        None: (st.info, ":material/help:"),
    }[check.agrees]
    box(plain(check.message), icon=icon)
    st.table(
        {
            "Aspect": [row.aspect for row in check.aspects],
            "Declared": [plain(row.declared) for row in check.aspects],
            "Measured": [plain(row.measured) for row in check.aspects],
            "Agree?": [row.answer for row in check.aspects],
        },
        border="horizontal",
        hide_index=True,
    )


def show_inspected_code(inspection: Inspection, declared: InputContract | None) -> None:
    """The lines for an inspected model: values as measured, the fit as declared."""
    _show_code(contract_to_feed(inspection, declared))


def _show_code(contract: InputContract) -> None:
    st.subheader("The lines that feed it")
    show_code(contract, "inside_code")


@st.fragment
def show_code(contract: InputContract, key: str) -> None:
    """The lines that feed a model, for one library at a time; ``key`` is the widget's."""
    library = st.segmented_control(
        "Library",
        list(SNIPPETS),
        default=next(iter(SNIPPETS)),
        format_func=lambda name: SNIPPETS[name][0],
        key=key,
        required=True,
        persist_state=FOR_SESSION,
        label_visibility="collapsed",
    )
    try:
        written = input_code(contract, library)
    except XrayAppError as error:
        st.caption(plain(error))
        return
    for departure in written.departures:
        st.warning(plain(departure), icon=":material/difference:")
    st.code(written.code, language="python", wrap_lines=True)  # a scrolling one needs a mouse
    st.caption(_EXACT if written.is_exact else "`radiograph.png` stands for a file of 8 bits.")
