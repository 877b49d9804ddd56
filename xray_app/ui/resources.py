"""What is kept between script runs: models for everybody, images and results for one session.

Results hang on everything that they depend on: the image's digest, the model's weights, and each
choice. Arguments with a leading underscore are left out of a key because another argument stands
for them.
"""

from dataclasses import replace

import streamlit as st

from xray_app.core.card import ModelCard
from xray_app.core.records import Radiograph
from xray_app.engines.catalogue import open_engine
from xray_app.engines.protocol import Engine
from xray_app.readers import (
    ReadOptions,
    expand_isolated,
    read_isolated,
    rewindow,
    warm_up,
)
from xray_app.services.comparison import Comparison, compare
from xray_app.services.diagnosis import Diagnosis, diagnose
from xray_app.services.passes import Choices


def engine_for(card: ModelCard) -> Engine:
    """The model of ``card``, shared by all visitors; it loads in the background at first."""
    return _engine(card.name, card.model_dump_json())


@st.cache_resource(max_entries=2, on_release=lambda engine: engine.close(), show_spinner=False)
def _engine(name: str, card_json: str) -> Engine:
    return open_engine(name)


@st.cache_resource(show_spinner=False)
def warm_readers() -> None:
    """Start the process that decodes files, once for the server, before the first file comes."""
    warm_up()


@st.cache_resource(max_entries=16, scope="session", show_spinner="Reading the radiograph…")
def radiograph_from(key: str, name: str, _data: bytes, options: ReadOptions) -> Radiograph:
    """The radiograph in ``_data``, decoded in another process; ``key`` stands for the bytes."""
    return read_isolated(_data, name, options)


@st.cache_resource(max_entries=8, scope="session", show_spinner=False)
def rewindowed(digest: str, low: float, high: float, _radiograph: Radiograph) -> Radiograph:
    """The radiograph under another window; ``digest`` stands for it."""
    return rewindow(_radiograph, low, high)


@st.cache_resource(max_entries=32, scope="session", show_spinner="Unpacking…")
def files_in(key: str, name: str, _data: bytes) -> list[tuple[str, bytes]]:
    """The files in a ``.zip``, or the file itself; ``key`` stands for the bytes."""
    return expand_isolated(_data, name)


def diagnosis_of(card: ModelCard, radiograph: Radiograph, choices: Choices) -> Diagnosis:
    """The result for these choices, computed at most once a session."""
    key = (radiograph.digest, card.weights.sha256, card.model_dump_json(), choices)
    return _diagnosis(key, card, radiograph, choices)


@st.cache_resource(max_entries=32, scope="session", show_spinner=False)
def _diagnosis(
    key: tuple[object, ...],
    _card: ModelCard,
    _radiograph: Radiograph,
    _choices: Choices,
) -> Diagnosis:
    return diagnose(engine_for(_card), _radiograph, _choices)


def comparison_of(
    card: ModelCard, radiograph: Radiograph, schemes: tuple[str, ...], choices: Choices
) -> Comparison:
    """All schemes beside each other, computed at most once a session for these choices."""
    asked = replace(choices, scheme=None)
    key = (radiograph.digest, card.weights.sha256, card.model_dump_json(), schemes, asked)
    return _comparison(key, card, radiograph, schemes, asked)


@st.cache_resource(max_entries=8, scope="session", show_spinner=False)
def _comparison(
    key: tuple[object, ...],
    _card: ModelCard,
    _radiograph: Radiograph,
    _schemes: tuple[str, ...],
    _choices: Choices,
) -> Comparison:
    return compare(engine_for(_card), _radiograph, _schemes, _choices)
