"""Two models on one radiograph: what each must be fed, what each says, what they disagree on."""

from dataclasses import replace

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import Radiograph, json_text
from xray_app.diagnosis import ModelSide, require_two, schemes_of_both
from xray_app.explain import ALL
from xray_app.presentation import own_model_sentence
from xray_app.presentation.two_models import (
    LETTERS,
    Sides,
    result_under,
    two_model_sentences,
    two_models_to_dict,
)
from xray_app.ui.session.resources import model_side_of
from xray_app.ui.widgets.file_controls import selected_radiograph, show_notices
from xray_app.ui.widgets.gate_view import with_corrections
from xray_app.ui.widgets.sidebar import Selection, current_selection
from xray_app.ui.widgets.two_models.choice import choose_fed, choose_second
from xray_app.ui.widgets.two_models.side import show_map, show_side
from xray_app.ui.widgets.two_models.tables import show_contracts, show_schemes
from xray_app.ui.words import disclaimer, plain


def _page() -> None:
    selection = current_selection()
    first = selection.card
    st.title("Two models, one radiograph")
    disclaimer(first)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        second = choose_second(first)
    if second is None:
        st.info(
            "There is one model here; bring another on the page Inside the model.",
            icon=":material/layers:",
        )
        return
    require_two(first, second)
    schemes = schemes_of_both(first, second, (selection.scheme.name,))
    with right:
        fed = choose_fed(first, second, schemes)
    if second.brought is not None:
        st.warning(plain(own_model_sentence(second)), icon=":material/person_alert:")
    radiograph = with_corrections(selected_radiograph(selection), selection.source.key)
    show_notices(radiograph, selection.source.key)
    sides = (
        _asked(selection, radiograph, first, schemes),
        _asked(selection, radiograph, second, schemes),
    )
    _show_sentences(sides, fed)
    shown = _show_sides(sides, fed, selection, radiograph)
    show_schemes(*sides, shown)
    show_contracts(*sides)
    if all(shown):
        _show_download(sides, radiograph)


def _asked(
    selection: Selection, radiograph: Radiograph, card: ModelCard, schemes: tuple[str, ...]
) -> ModelSide:
    return model_side_of(card, radiograph, schemes, selection.choices.quick)


def _show_sentences(sides: Sides, fed: str | None) -> None:
    """Labels may be a visitor's own words; the rest is the app's."""
    first, second = (_escaped(side) for side in sides)
    conclusion, *rest = two_model_sentences(first, second, fed)
    st.markdown("  \n".join([f"**{conclusion}**", *rest]))


def _escaped(side: ModelSide) -> ModelSide:
    classes = tuple(
        label.model_copy(update={"label": plain(label.label)}) for label in side.card.classes
    )
    return replace(side, card=side.card.model_copy(update={"classes": classes}))


def _show_sides(
    sides: Sides, fed: str | None, selection: Selection, radiograph: Radiograph
) -> tuple[bool, bool]:
    """Two rows, so that the heatmaps stand side by side, however long the words above are."""
    results = [result_under(side, fed) for side in sides]
    shown = []
    heads, maps = (st.columns(2, gap="medium") for _ in range(2))
    for letter, side, result, head, place in zip(LETTERS, sides, results, heads, maps, strict=True):
        with head:
            shown.append(show_side(letter, side, result, selection, radiograph))
        with place:
            if not shown[-1]:
                st.info(f"The heatmap of {letter} is hidden with its prediction.")
            elif result is not None:
                show_map(letter, side, result, selection, radiograph)
    notes = ["Each heatmap has a scale of its own: two networks' evidence has no common unit."]
    if selection.choices.is_slow:
        label = ALL[selection.choices.explanation].label
        notes.append(f"{label} takes long, so none is made here; Diagnose makes one.")
    st.caption(" ".join(notes))
    return shown[0], shown[1]


def _show_download(sides: Sides, radiograph: Radiograph) -> None:
    """A file's name may name a patient; what leaves the app carries the digest."""
    name = f"radiograph-{radiograph.digest[:12]}"
    st.download_button(
        "All of it, JSON",
        lambda: json_text(two_models_to_dict(*sides, name, radiograph.notices)),
        f"models-{radiograph.digest[:12]}.json",
        "application/json",
        on_click="ignore",
        icon=":material/data_object:",
    )


_page()
