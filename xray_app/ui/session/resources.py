"""What is kept between script runs: models for everybody, images and results for one visitor.

Results hang on everything that they depend on: the image's digest, the model's weights, and each
choice.
"""

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from xray_app.cards import ModelCard
from xray_app.core import FloatArray, Radiograph
from xray_app.core.images import Geometry, encode_jpeg, radiograph_for_display
from xray_app.diagnosis import (
    Arrived,
    Choices,
    ClassStability,
    Comparison,
    Diagnosis,
    GeometryComparison,
    ModelSide,
    ReferencePass,
    Sensitivity,
    blank_answers,
    choices_under,
    class_stability,
    compare_geometries,
    compare_with,
    diagnose_with,
    feed_as_trained,
    grid_for,
    is_open,
    sensitivity,
    training_range,
    usual_geometries,
)
from xray_app.engines import Engine, open_engine
from xray_app.inspection import InsideModel, look_inside
from xray_app.pacs import Place, pacs_settings
from xray_app.presentation import ViewedPixels, viewed_pixels
from xray_app.readers import (
    ReadOptions,
    expand_isolated,
    read_isolated,
    read_radiograph,
    rewindow,
    warm_up,
)
from xray_app.ui.session.cached_work import MODEL, PACS, READERS, is_cached, once
from xray_app.ui.session.own_model import own_model
from xray_app.ui.words import loading


def engine_for(card: ModelCard) -> Engine:
    """The model of ``card``: shared by all visitors, but for one that a visitor brought."""
    if card.brought is not None:
        return own_model().engine(card)
    return _engine(card.name, card.model_dump_json())


# No bound but the number of installed models: one that had to go would be closed while somebody
# waits for it. What takes much, TensorFlow's processes, the engines bound themselves.
@st.cache_resource(on_release=lambda engine: engine.close(), show_spinner=False)
def _engine(name: str, card_json: str) -> Engine:
    return open_engine(name)


@st.cache_resource(show_spinner=False)
def warm_readers() -> None:
    """Start the process that decodes files, once for the server, before the first file comes."""
    warm_up()


def radiograph_from(
    key: str, name: str, data: bytes, options: ReadOptions, *, is_sample: bool = False
) -> Radiograph:
    """The radiograph in ``data``, decoded in another process; ``key`` stands for the bytes.

    A sample is the app's own file: it is decoded here, and so need not wait for that process.
    """
    read = read_radiograph if is_sample else read_isolated
    return once(
        ("radiograph", key, name, options),
        lambda: read(data, name, options),
        READERS,
        st.spinner("Reading the radiograph…"),
    )


def fetched(place: Place) -> bytes:
    """The file of one image of the PACS, fetched in turn."""
    from xray_app.pacs import retrieve

    return once(
        ("pacs", place),
        lambda: retrieve(pacs_settings(), place),
        PACS,
        st.spinner("Fetching the radiograph…"),
    )


def rewindowed(digest: str, low: float, high: float, radiograph: Radiograph) -> Radiograph:
    """The radiograph under another window; ``digest`` stands for it."""
    return once(("window", digest, low, high), lambda: rewindow(radiograph, low, high))


def display_of(radiograph: Radiograph) -> FloatArray:
    """The radiograph as it is shown, (H, W) float32 in [0, 1], at most 1,024 pixels a side."""
    return once(("display", radiograph.digest), lambda: radiograph_for_display(radiograph))


def jpeg_of(radiograph: Radiograph) -> bytes:
    """The same as a JPEG file, encoded once and not at every click."""

    def encoded() -> bytes:
        return encode_jpeg(np.rint(255.0 * display_of(radiograph)).astype(np.uint8), 90)

    return once(("jpeg", radiograph.digest), encoded)


def viewed_of(radiograph: Radiograph) -> ViewedPixels:
    """All of its pixels for the viewer, packed once for all windows."""
    return once(_viewed_key(radiograph), lambda: viewed_pixels(radiograph))


def is_viewed(radiograph: Radiograph) -> bool:
    """Whether ``viewed_of`` takes no time."""
    return is_cached(_viewed_key(radiograph))


def _viewed_key(radiograph: Radiograph) -> tuple[str, str, int]:
    controls = radiograph.controls
    return "viewed", *((controls.source, controls.frame) if controls else (radiograph.digest, 0))


def files_in(key: str, name: str, data: bytes) -> list[tuple[str, bytes]]:
    """The files in a ``.zip``, or the file itself; ``key`` stands for the bytes."""
    return once(
        ("files", key, name),
        lambda: expand_isolated(data, name),
        READERS,
        st.spinner("Unpacking…"),
    )


def diagnosis_of(card: ModelCard, radiograph: Radiograph, choices: Choices) -> Diagnosis:
    """The result for these choices, computed in turn."""
    return once(
        ("diagnosis", *model_key(card), radiograph.digest, choices),
        lambda: diagnose_with(engine_for(card), _reference_of(card, radiograph), choices),
        MODEL,
        loading(),
    )


def known_to(card: ModelCard, radiograph: Radiograph) -> bool:
    """Whether the model's gate is open for the radiograph, computed in turn."""
    return once(
        ("known", *model_key(card), radiograph.digest),
        lambda: is_open(_reference_of(card, radiograph).gate),
        MODEL,
        loading(),
    )


def model_side_of(
    card: ModelCard, radiograph: Radiograph, schemes: tuple[str, ...], choices: Choices
) -> ModelSide:
    """One of two models under some schemes, and as trained; each result as Diagnose keeps it."""
    asked = choices_under(card, schemes, choices)
    results = {name: diagnosis_of(card, radiograph, under) for name, under in asked.items()}
    return ModelSide(card, results, training_range(engine_for(card)))


def comparison_of(
    card: ModelCard,
    radiograph: Radiograph,
    schemes: tuple[str, ...],
    choices: Choices,
    arrived: Arrived | None = None,
) -> Comparison:
    """All schemes beside each other, computed in turn; ``arrived`` may draw those that are done."""
    asked = replace(choices, scheme=None)

    def made() -> Comparison:
        engine, reference = engine_for(card), _reference_of(card, radiograph)
        return compare_with(engine, reference, schemes, asked, arrived=arrived)

    key = ("comparison", *model_key(card), radiograph.digest, schemes, asked)
    return once(key, made, MODEL, loading())


def geometries_of(card: ModelCard, radiograph: Radiograph, choices: Choices) -> GeometryComparison:
    """The usual ways to fit the radiograph into the model's input, computed in turn."""
    asked = replace(choices, scheme=None)

    def compared() -> GeometryComparison:
        engine, reference = engine_for(card), _reference_of(card, radiograph)
        return compare_geometries(engine, reference, usual_geometries(engine.card), asked)

    return once(
        ("geometries", *model_key(card), radiograph.digest, asked), compared, MODEL, loading()
    )


def stability_of(card: ModelCard, radiograph: Radiograph) -> ClassStability:
    """What the model says of slightly changed copies, computed in turn."""
    return once(
        ("stability", *model_key(card), radiograph.digest),
        lambda: class_stability(engine_for(card), _reference_of(card, radiograph).display),
        MODEL,
        loading(),
    )


def blanks_of(card: ModelCard) -> dict[str, NDArray[np.float64]]:
    """What the model says of blank images under each scale, once for all visitors, in turn."""
    return once(
        ("blanks", *model_key(card)),
        lambda: (
            blank_answers(engine_for(card), grid_for(card))
            if card.brought  # nothing of it is kept for others
            else _blanks(card.model_dump_json(), card)
        ),
        MODEL,
        loading(),
    )


@st.cache_data(max_entries=4, show_spinner=False)
def _blanks(card_json: str, _card: ModelCard) -> dict[str, NDArray[np.float64]]:
    return blank_answers(engine_for(_card), grid_for(_card))


def sensitivity_of(card: ModelCard, radiograph: Radiograph, geometry: Geometry) -> Sensitivity:
    """What the model says while the window moves, fitted so, computed in turn."""
    return once(
        ("sensitivity", *model_key(card), radiograph.digest, geometry),
        lambda: sensitivity(engine_for(card), radiograph, geometry),
        MODEL,
        loading(),
    )


def inside_of(card: ModelCard, radiograph: Radiograph) -> InsideModel:
    """The model's own layers, and what each preset sends through them, computed in turn."""
    return once(
        ("inside", *model_key(card), radiograph.digest),
        lambda: look_inside(engine_for(card), radiograph),
        MODEL,
        loading(),
    )


def _reference_of(card: ModelCard, radiograph: Radiograph) -> ReferencePass:
    """The pass as trained, which all choices share; made within the turn of what needs it."""
    return once(
        ("reference", *model_key(card), radiograph.digest),
        lambda: feed_as_trained(engine_for(card), radiograph),
    )


def model_key(card: ModelCard) -> tuple[str, str]:
    """What stands for a model and everything that its card says."""
    return card.weights.sha256, card.model_dump_json()
