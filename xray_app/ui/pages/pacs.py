"""Find a radiograph in the PACS and open it: the one page that shows whose it is."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from xray_app.pacs import (
    MODALITIES,
    Found,
    Image,
    Query,
    Settings,
    Study,
    find_images,
    find_studies,
    pacs_settings,
    shown_day,
)
from xray_app.ui.navigation import page_of
from xray_app.ui.session.resources import fetched
from xray_app.ui.widgets.choices.source import Source, open_source
from xray_app.ui.widgets.pacs_store import remember_place
from xray_app.ui.widgets.sidebar import current_selection
from xray_app.ui.words import disclaimer, plain

_FOUND = "pacs_found"
_MOST_IMAGES = 50
_ANY = " or ".join([", ".join(MODALITIES[:-1]), MODALITIES[-1]])


@dataclass(slots=True)
class _Found:
    """What the visitor's last search found, and the radiographs of the study that is open."""

    query: Query
    studies: Found
    opened: int | None = None
    images: list[Image] = field(default_factory=list)


def _page() -> None:
    settings = pacs_settings()
    st.title("A radiograph from the PACS")
    disclaimer(current_selection().card)
    st.caption(
        f":material/shield_person: Server: {plain(settings.host)}. Patients are named on this page "
        "alone: look at it where nobody else can. Their names are not logged, not written to disk "
        "and in no link."
    )
    if _is_sent():
        # First: below a search that fails, another patient's studies would look like its answer.
        st.session_state.pop(_FOUND, None)
        query = _query()
        with st.spinner("Searching…"):
            st.session_state[_FOUND] = _Found(query, find_studies(settings, query))
    found: _Found | None = st.session_state.get(_FOUND)
    if found is not None:
        _show_found(settings, found)


_FIELDS = (
    ("Patient's name", "pacs_name", "How it begins: family, given"),
    ("Patient ID", "pacs_id", "Whole"),
    ("Accession number", "pacs_accession", "Whole"),
)


def _is_sent() -> bool:
    """Draw the form; whether it was just sent."""
    with st.form("pacs_query", enter_to_submit=True):
        for column, (label, key, text) in zip(st.columns(3), _FIELDS, strict=True):
            column.text_input(label, key=key, autocomplete="off", max_chars=64, help=text)
        since, until, modality = st.columns(3)
        since.date_input("From", None, key="pacs_since", format="YYYY-MM-DD")
        until.date_input("To", None, key="pacs_until", format="YYYY-MM-DD")
        modality.selectbox("Modality", (_ANY, *MODALITIES), key="pacs_modality")
        return st.form_submit_button("Search", type="primary", icon=":material/search:")


def _query() -> Query:
    """What the form asks for.

    Raises:
        InputError: it can't be looked for.
    """
    state = st.session_state
    name, number, accession = (state[key].strip() for _, key, _ in _FIELDS)
    modality = "" if state["pacs_modality"] == _ANY else state["pacs_modality"]
    days = state["pacs_since"], state["pacs_until"]
    return Query(name, number, accession, *days, modality)


def _show_found(settings: Settings, found: _Found) -> None:
    if not found.studies:
        st.info("No study matches. A name must be written as the PACS writes it.")
        return
    count = len(found.studies)
    more = (
        ", the first that the server listed: narrow the search for others"
        if found.studies.has_more
        else ""
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{count} {'study' if count == 1 else 'studies'}**{more}", width="content")
        st.button("Clear", key="pacs_clear", on_click=_clear, icon=":material/close:")
    for number, study in enumerate(found.studies):
        with st.container(border=True, key=f"pacs_study_{number}"):
            _show_study(settings, found, number, study)


def _clear() -> None:
    st.session_state.pop(_FOUND, None)


def _show_study(settings: Settings, found: _Found, number: int, study: Study) -> None:
    who, what, act = st.columns([3, 4, 2], vertical_alignment="center")
    accession = f" · accession {study.accession}" if study.accession else ""
    who.markdown(f"**{plain(study.name.replace('^', ' ').strip() or 'No name')}**")
    who.caption(plain(f"ID {study.patient_id or 'unknown'}{accession}"))
    what.markdown(plain(shown_day(study.date) or "No date"))
    count = study.instances
    objects = f"{count} object{'s' * (count > 1)}" if count else ""
    parts = (study.description, *study.modalities, objects)
    what.caption(plain(" · ".join(filter(None, parts))))
    if found.opened == number:
        _show_images(found)
    elif act.button(
        "Radiographs", key=f"pacs_open_{number}", icon=":material/expand_more:", width="stretch"
    ):
        with st.spinner("Searching…"):
            found.images = find_images(settings, study, found.query.modality)
        found.opened = number
        st.rerun()


def _show_images(found: _Found) -> None:
    if not found.images:
        st.caption(f"This study holds no radiograph ({_ANY}).")
    if len(found.images) > _MOST_IMAGES:
        st.caption(f"The first {_MOST_IMAGES} of {len(found.images)} radiographs.")
    for number, image in enumerate(found.images[:_MOST_IMAGES]):
        size = f"{image.columns} × {image.rows} pixels" if image.rows and image.columns else ""
        said = " · ".join(filter(None, (image.modality, size, image.series)))
        which = f" {number + 1}" if len(found.images) > 1 else ""
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                f"Open{which} in Diagnose", key=f"pacs_image_{number}", type="primary",
                icon=":material/radiology:", on_click=_wish(image),
            )  # fmt: skip
            st.caption(plain(said), width="content")
    wished: Image | None = st.session_state.pop("pacs_wished", None)
    if wished is not None:
        _open(wished)


def _wish(image: Image) -> Callable[[], None]:
    def wish() -> None:
        st.session_state["pacs_wished"] = image

    return wish


def _open(image: Image) -> None:
    data = fetched(image.place)
    key = f"pacs:{hashlib.sha256(data).hexdigest()[:24]}"
    remember_place(key, image.place)
    label = f"{image.modality} image"
    open_source(Source(key, label, data, is_sample=False, origin="the PACS"))
    st.switch_page(page_of("diagnose.py"))


_page()
