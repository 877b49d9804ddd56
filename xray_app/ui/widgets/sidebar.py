"""The shared choices: radiograph, model, scheme, explanation, overlay.

They live in the sidebar, follow the visitor from page to page, and radiograph, model and scheme
stand in the address, so that a link opens the same view.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xray_app.cards import ModelCard, trained_scheme
from xray_app.core import InputError, UnknownChoice
from xray_app.core.images import COLOUR_MAPS, OPACITY
from xray_app.core.normalization import (
    CONTRASTS,
    PRESETS,
    SCALES,
    Scheme,
    paired,
    parse_scheme,
)
from xray_app.diagnosis import Choices
from xray_app.engines import default_model, find_card, list_models
from xray_app.readers import READERS, is_archive
from xray_app.samples import list_samples, read_sample, sample_label
from xray_app.ui.session.offers import FOR_SESSION, clear_offers, keep_choice, offer
from xray_app.ui.session.own_model import own_model
from xray_app.ui.session.resources import files_in
from xray_app.ui.session.uploads import MAX_VISITOR_BYTES
from xray_app.ui.widgets.explanation_choice import choose_explanation
from xray_app.ui.words import plain

DEFAULT_SAMPLE = "bacterial_pneumonia_1"
CUSTOM = "custom"
ADDRESS = "in_address"  # what else stands in the address, by parameter; of the session
SECOND = "second"  # key of the box for a second model, on the page that has one
WITH, _WITH_PAGE = "with", "models"  # in the address
_KEY = "selection"
_OPENED, _BEFORE = "opened", "opened_before"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the radiograph comes from.

    ``key`` stands for the bytes of ``data``; ``error`` says why there is nothing to read in them,
    and waits for the page, so that the rest of the sidebar is drawn all the same. ``origin`` says
    where another page took it from.
    """

    key: str
    label: str
    data: bytes
    is_sample: bool
    error: InputError | None = None
    origin: str = "the batch"


@dataclass(frozen=True, slots=True)
class Selection:
    """Everything that is chosen in the sidebar.

    ``outlines`` is whether the lungs are outlined; ``file_controls`` is the place for what can be
    chosen once the file has been read.
    """

    source: Source
    card: ModelCard
    scheme: Scheme
    choices: Choices
    opacity: float
    colour_map: str
    outlines: bool
    file_controls: DeltaGenerator


def choose(page: str = "") -> None:
    """Draw the sidebar and keep what is chosen for the page, named by its address.

    Raises:
        XrayAppError: a model's card is wrong, or the address names what does not exist.
    """
    wrong = _seed_from_address()
    clear_offers()
    with st.sidebar:
        source = _choose_source()
        file_controls = st.container()
        card = _choose_model()
        scheme = _choose_scheme(card)
        explanation, target, layer = choose_explanation(card)
        st.session_state.setdefault("opacity", OPACITY)  # which a key may have set
        opacity = st.slider(
            "Overlay opacity", 0.0, 1.0, step=0.05, key="opacity", persist_state=FOR_SESSION
        )
        colour_map = _select("Colours", tuple(COLOUR_MAPS), "colours", str.capitalize)
        outlines = card.lungs is not None and st.toggle(
            "Outline the lungs",
            key="outlines",
            persist_state=FOR_SESSION,
            help="Drawn by a network; where its drawing doesn't look like lungs, none is shown.",
        )
    choices = Choices(scheme.name, explanation, target, layer)
    st.session_state[_KEY] = Selection(
        source, card, scheme, choices, opacity, colour_map, outlines, file_controls
    )
    _write_address(source, card, scheme, page)
    for sentence in wrong:
        st.warning(plain(sentence), icon=":material/link_off:")


def current_selection() -> Selection:
    """What the sidebar holds in this script run."""
    selection: Selection = st.session_state[_KEY]
    return selection


def open_source(source: Source, frame: int = 1) -> None:
    """Make a radiograph that another page holds the current one, until the visitor changes it."""
    before: Source | None = st.session_state.get(_OPENED)
    if before is not None and before.key != source.key:
        st.session_state[_BEFORE] = before
    st.session_state[_OPENED] = source
    if frame != 1:
        st.session_state[f"frame_{source.key}"] = frame


def _choose_model() -> ModelCard:
    """An installed model, or the one that the visitor brought."""
    own = own_model().card
    names = (*list_models(), *([own.name] if own else []))

    def card_of(name: str) -> ModelCard:
        return own if own is not None and name == own.name else find_card(name)

    if st.session_state.get("model") not in names:
        st.session_state["model"] = default_model()
    return card_of(_select("Model", names, "model", lambda n: card_of(n).title))


def close_source() -> None:
    """Go back to the radiograph that the sidebar's own boxes choose."""
    for name in (_OPENED, _BEFORE):
        st.session_state.pop(name, None)


def sample_source(name: str) -> Source:
    """The sample of this name."""
    return Source(f"sample:{name}", f"{sample_label(name)} (AI-generated)", read_sample(name), True)


def _select(
    label: str,
    options: Sequence[str],
    key: str,
    format_func: Callable[[str], str] = str,
    help_text: str | None = None,
) -> str:
    offer(key, [option for option in options if option != CUSTOM])
    keep_choice(key, options, format_func)
    return st.selectbox(
        label, options, key=key, format_func=format_func, help=help_text, persist_state=FOR_SESSION
    )


def _choose_source() -> Source:
    formats = ", ".join(reader.label for reader in READERS.values())
    uploads = st.file_uploader(
        "Radiograph",
        accept_multiple_files=True,
        key="uploads",
        help=f"Read here: {formats}, or a zip of them. At most "
        f"{MAX_VISITOR_BYTES // 1_000_000} MB of files at a time, on all pages together.",
        on_change=close_source,
    )
    opened: Source | None = st.session_state.get(_OPENED)
    if opened is not None:
        st.caption(f"{_where(opened)}: {plain(opened.label)}")
        st.button("Let it go", key="let_go", on_click=close_source, icon=":material/close:")
        return opened
    if not uploads:
        name = _select("or an AI-generated sample", list_samples(), "sample", sample_label)
        return sample_source(name)
    files = {key: file for upload in uploads for key, file in _unpacked(upload).items()}
    shown = next(iter(files))
    if len(files) > 1:
        shown = _select("Shown", tuple(files), "shown", lambda key: files[key].label)
    return files[shown]


def _where(opened: Source) -> str:
    if opened.is_sample:
        return ":material/tour: Of the tour"
    return f":material/input: Opened from {opened.origin}"


def sources_beside(current: Source) -> dict[str, Source]:
    """What else the visitor has, by key: what was open before, other uploads, the samples."""
    before: Source | None = st.session_state.get(_BEFORE)
    files = {before.key: before} if before is not None else {}
    for upload in st.session_state.get("uploads") or []:
        files |= _unpacked(upload)
    files |= {sample.key: sample for sample in map(sample_source, list_samples())}
    return {key: file for key, file in files.items() if key != current.key and file.error is None}


def _unpacked(upload: UploadedFile) -> dict[str, Source]:
    """The upload by a key that stands for its bytes; a zip counts as the files in it."""
    data = upload.getvalue()
    if not is_archive(data):
        return {upload.file_id: Source(upload.file_id, upload.name, data, False)}
    try:
        files = files_in(upload.file_id, upload.name, data)
    except InputError as error:
        return {upload.file_id: Source(upload.file_id, upload.name, data, False, error)}
    keys = (f"{upload.file_id}/{place}" for place in range(len(files)))
    return {key: Source(key, *file, False) for key, file in zip(keys, files, strict=True)}


def _choose_scheme(card: ModelCard) -> Scheme:
    own = trained_scheme(card).scale.name

    def label(name: str) -> str:
        if name == CUSTOM:
            return "Another pair of steps…"
        scheme = parse_scheme(name)
        if name not in PRESETS:
            return f"{scheme.contrast.label}, at this model's scale ({name})"
        trained = ", as trained" if name == card.contract.scheme else ""
        return f"{scheme.label} ({name}{trained})"

    options = _scheme_options(own)
    if st.session_state.get("scheme", CUSTOM) not in options:  # another model's own scale
        st.session_state["scheme"] = paired(
            parse_scheme(st.session_state["scheme"]).contrast.name, own
        ).name
    name = _select("Normalization scheme", options, "scheme", label)
    if name == CUSTOM:
        contrast = _select("Contrast", tuple(CONTRASTS), "contrast", lambda n: CONTRASTS[n].label)
        scale = _select("Scale", tuple(SCALES), "scale", lambda n: SCALES[n].label)
        name = f"{contrast}+{scale}"
    scheme = parse_scheme(name)
    st.latex(scheme.formula)
    st.caption(f"{scheme.explanation} Range: {scheme.output_range}.")
    return scheme


def _scheme_options(own: str) -> tuple[str, ...]:
    """The presets, each that changes contrast behind the same contrast at the model's own scale.

    Who picks CLAHE asks what the contrast does; at another scale that is not what the model tells.
    """
    options: dict[str, None] = {}
    for preset in PRESETS.values():
        if preset.contrast.name != "none":
            options[paired(preset.contrast.name, own).name] = None
        options[preset.name] = None
    return (*options, CUSTOM)


def _seed_from_address() -> list[str]:
    """Take the address's choices over at a session's first run; say which of them don't exist."""
    if _KEY in st.session_state:
        return []
    defaults = {
        "sample": DEFAULT_SAMPLE,
        "model": default_model(),
    }
    asked = st.query_params
    wrong = []
    boxes = (
        ("sample", "sample", "sample", list_samples()),
        ("model", "model", "model", list_models()),
        (WITH, SECOND, "second model", list_models()),
    )
    for key, box, kind, known in boxes:
        if key in asked and asked[key] not in known:
            wrong.append(str(UnknownChoice.of(kind, asked[key], known)))
        elif key in asked:
            defaults[box] = asked[key]
    defaults["scheme"] = find_card(defaults["model"]).contract.scheme
    if "scheme" in asked:
        try:
            own = trained_scheme(find_card(defaults["model"])).scale.name
            defaults |= _scheme_widgets(parse_scheme(asked["scheme"]), _scheme_options(own))
        except UnknownChoice as error:
            wrong.append(str(error))
    card = find_card(defaults["model"])
    if "weights" in asked and asked["weights"] != card.short_hash:
        wrong.append(
            f"The link was made with other weights of {card.name} ({asked['weights']}); here are "
            f"those of version {card.version} ({card.short_hash}), so figures may differ."
        )
    for key, value in defaults.items():
        st.session_state.setdefault(key, value)
    return wrong


def _scheme_widgets(scheme: Scheme, options: Sequence[str]) -> dict[str, str]:
    if scheme.name in options:
        return {"scheme": scheme.name}
    return {"scheme": CUSTOM, "contrast": scheme.contrast.name, "scale": scheme.scale.name}


def _write_address(source: Source, card: ModelCard, scheme: Scheme, page: str) -> None:
    address = {"model": card.name, "weights": card.short_hash, "scheme": scheme.name}
    if card.brought is not None:  # it is there for this visitor alone
        address = {"scheme": scheme.name}
    if source.is_sample:
        address["sample"] = source.key.removeprefix("sample:")
    second = st.session_state.get(SECOND)
    if page == _WITH_PAGE and second in list_models() and second != card.name:
        address[WITH] = second
    address |= {key: str(value) for key, value in st.session_state.get(ADDRESS, {}).items()}
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)
