"""The five steps of the tour: where each is seen, and what it measures."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import Radiograph
from xray_app.core.normalization import parse_scheme
from xray_app.diagnosis import Choices, Diagnosis
from xray_app.readers import ReadOptions
from xray_app.study import find_study, read_study
from xray_app.ui.guide.tour_words import (
    convolution_words,
    divided_words,
    matrix_words,
    own_words,
    trained_words,
)
from xray_app.ui.session.resources import blanks_of, diagnosis_of, inside_of, radiograph_from
from xray_app.ui.widgets.choices.source import sample_source

SAMPLE = "normal_2"
DIVIDED = "rescale"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        file: of the page where it is seen.
        scheme: that this page shows; None for that of training.
        tell: what it says of a model, given the other choices of the sidebar.
        on_sample: whether it is seen on the tour's sample alone.
    """

    title: str
    file: str
    scheme: str | None
    tell: Callable[[ModelCard, Choices], str]
    on_sample: bool = True

    def scheme_of(self, card: ModelCard) -> str:
        """Name of the scheme that its page shows."""
        return self.scheme or card.contract.scheme


def _radiograph() -> Radiograph:
    source = sample_source(SAMPLE)
    return radiograph_from(source.key, source.label, source.data, ReadOptions(), is_sample=True)


def _diagnosis(card: ModelCard, choices: Choices, scheme: str) -> Diagnosis:
    return diagnosis_of(card, _radiograph(), replace(choices, scheme=scheme).quick)


def _trained(card: ModelCard, choices: Choices) -> str:
    return trained_words(card, _diagnosis(card, choices, card.contract.scheme))


def _divided(card: ModelCard, choices: Choices) -> str:
    blanks = blanks_of(card)[parse_scheme(DIVIDED).scale.name]
    return divided_words(card, _diagnosis(card, choices, DIVIDED), list(blanks))


def _convolution(card: ModelCard, choices: Choices) -> str:
    del choices
    return convolution_words(inside_of(card, _radiograph()), card.contract.scheme, DIVIDED)


@st.cache_data(show_spinner=False)
def _matrix() -> str:
    return matrix_words(read_study(find_study()))


STEPS = (
    Step("As trained", "diagnose.py", None, _trained),
    Step("Divided by 255 first", "diagnose.py", DIVIDED, _divided),
    Step("What the first convolution got", "inside.py", DIVIDED, _convolution),
    Step("The matrix of the study", "study.py", None, lambda *_: _matrix(), on_sample=False),
    Step("Your own radiograph", "diagnose.py", None, lambda *_: own_words(), on_sample=False),
)
