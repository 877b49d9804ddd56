"""A tensor that somebody's code made: what was done to the image, and what should have been."""

import streamlit as st

from xray_app.core import json_text
from xray_app.diagnosis import Stage
from xray_app.pipeline import PipelineCheck
from xray_app.presentation import (
    check_headline,
    check_images,
    check_rows,
    check_sentences,
    check_stages,
    check_to_dict,
    check_verdict,
    mending_sentence,
    spread_sentence,
)
from xray_app.ui.charts import figures
from xray_app.ui.session.pipeline_checks import check_of
from xray_app.ui.widgets.check_inputs import CheckInputs, choose_inputs
from xray_app.ui.widgets.sidebar import current_selection
from xray_app.ui.words import disclaimer, plain

_BOXES = {
    "same": (st.success, ":material/check_circle:"),
    "rounding": (st.success, ":material/check_circle:"),
    "differs": (st.error, ":material/dangerous:"),
    "unexplained": (st.warning, ":material/help:"),
}


def _page() -> None:
    selection = current_selection()
    st.title("What did your pipeline do to the image?")
    disclaimer(selection.card)
    st.markdown(
        "Training normalises one way, the server another, and nothing crashes. Give an image and "
        "the tensor that your code made of it: the steps between them are found by search."
    )
    inputs = choose_inputs(selection)
    if inputs is None:
        st.info("Add the tensor that should have come.", icon=":material/upload_file:")
        return
    check = check_of(
        inputs.image, inputs.tensor, inputs.expected, selection.card.contract.statistics
    )
    _show_verdict(check, inputs)
    _show_mending(check)
    _show_steps(check)
    _show_images(check)
    _show_histograms(check)
    _show_code(check, inputs)


def _show_verdict(check: PipelineCheck, inputs: CheckInputs) -> None:
    box, icon = _BOXES[check_verdict(check)]
    headline = check_headline(check, inputs.name)
    box(f"**{plain(headline)}.** {plain(check_sentences(check))}", icon=icon)
    if check.report.also:
        with st.expander("What fits as well"):
            for sentence in check.report.also:
                st.markdown(plain(sentence))


def _show_mending(check: PipelineCheck) -> None:
    if check.mending is None:
        return
    st.header("What would mend it")
    st.markdown(mending_sentence(check))
    st.code(check.mending.code, language=None)  # the colours of Python's are too faint to read


def _show_steps(check: PipelineCheck) -> None:
    rows = check_rows(check)
    if check.difference is None:
        st.header("The closest that was found, no more than a hint")
        st.table(
            {
                "Step": [row.step.capitalize() for row in rows],
                "Closest": [plain(row.found) for row in rows],
            },
            border="horizontal",
            hide_index=True,
        )
        return
    st.header("What differs" if any(row.differs for row in rows) else "What was done")
    mark = {True: ":material/close: ", False: ":material/check: "}
    st.table(
        {
            "Step": [mark[row.differs] + row.step.capitalize() for row in rows],
            "Your pipeline": [plain(row.found) for row in rows],
            "Should be": [plain(row.wanted) for row in rows],
        },
        border="horizontal",
        hide_index=True,
    )


def _titles(check: PipelineCheck) -> tuple[str, str]:
    wanted = "What should have come" if check.difference else "The closest that was found"
    return "Your tensor", wanted


def _show_images(check: PipelineCheck) -> None:
    images = check_images(check)
    titles = _titles(check)
    columns = st.columns(3, gap="medium")
    shown = zip(columns, titles, (images.received, images.wanted), strict=False)
    for column, title, image in shown:
        column.markdown(f"**{title}**")
        column.image(image, alt=f"{title}, as a picture", width="stretch")
    with columns[2]:
        st.markdown("**Difference**")
        if images.difference is not None:
            st.image(images.difference, alt=f"Difference. {images.caption}", width="stretch")
        st.caption(images.caption)


def _show_histograms(check: PipelineCheck) -> None:
    st.header("Values")
    columns = st.columns(2, gap="medium")
    for column, title, stage in zip(columns, _titles(check), check_stages(check), strict=True):
        with column:
            _show_histogram(title, stage)


def _show_histogram(title: str, stage: Stage) -> None:
    s = stage.statistics
    st.markdown(f"**{title}**: {s.min:.4g} to {s.max:.4g}")
    st.plotly_chart(
        figures.stage_histogram(stage),
        config=figures.PLAIN,
        key=f"check_{stage.name}",
        alt=f"Histogram, {title}: from {s.min:.4g} to {s.max:.4g}, mean {s.mean:.4g}. "
        f"{spread_sentence(stage.channels)}",
    )


def _show_code(check: PipelineCheck, inputs: CheckInputs) -> None:
    if check.report.is_explained:
        with st.expander("Code that makes your tensor"):
            st.code(check.report.code.strip(), language=None)
    st.download_button(
        "All of it, JSON",
        lambda: json_text(check_to_dict(check, inputs.name)),
        "pipeline.json",
        "application/json",
        on_click="ignore",
        icon=":material/data_object:",
    )
    st.caption(
        "One image tells less than two: the library and the command "
        "`check` take several. The files stay in this server's memory and are gone two minutes "
        "after you leave."
    )


_page()
