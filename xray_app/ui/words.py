"""Sentences and states that every page shows alike, and how foreign text is shown."""

import re
from contextlib import AbstractContextManager

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import ContractReport, Verdict
from xray_app.presentation import own_model_sentence

VERDICT_ICONS: dict[Verdict, str] = {
    "matches": ":material/check_circle:",
    "contrast": ":material/contrast:",
    "mismatch": ":material/dangerous:",
}

_JOINER = "\u2060"  # takes no room, and ends a word
_MARKS = re.compile(r"([\\`*{}\[\]<>|&$~]|!(?=\[)|(?<!\w)_|_(?!\w))")
_FIRST_MARK = re.compile(r"^(\d*)([-+=#.)])")  # of a heading, a list or a rule
_LOOKED_FOR = re.compile(r"(:(?=\S)|@|www(?=\.))", re.IGNORECASE)  # icons, emoji and addresses


def plain(text: object) -> str:
    r"""Show text that a person or a file supplied as it is, where Streamlit takes Markdown.

    Streamlit renders Markdown, entities, LaTeX, icons and bare addresses in captions, messages,
    labels and table cells: a foreign text could show a link in the app's own voice, or make each
    visitor's browser fetch an image. A backslash takes the meaning from each mark that has one;
    icons, emoji and addresses, which are looked for afterwards, are broken by a word joiner.

    >>> plain("[x](y) & file_1.png")
    '\\[x\\](y) \\& file_1.png'
    """
    one_line = " ".join(str(text).split())
    escaped = _FIRST_MARK.sub(r"\1\\\2", _MARKS.sub(r"\\\1", one_line))
    return _LOOKED_FOR.sub(rf"\1{_JOINER}", escaped)


def show_verdict(contract: ContractReport, scheme: str = "") -> None:
    """What the contract says, in the verdict's box; ``scheme`` goes before it, where several do."""
    box = {"matches": st.success, "contrast": st.warning, "mismatch": st.error}[contract.verdict]
    named = f"`{scheme}`: " if scheme else ""
    said = f"**{named}{contract.headline}.** {plain(contract.message)}"
    box(said, icon=VERDICT_ICONS[contract.verdict])


def disclaimer(card: ModelCard) -> None:
    """The line that no page goes without; of a visitor's own model, what nobody knows of it."""
    if card.brought is not None:
        st.warning(plain(own_model_sentence(card)), icon=":material/person_alert:")
    st.caption(
        ":material/science: Research and teaching only, not a medical device. This model was "
        f"trained on {plain(card.training_data.population)}.",
        width="content",
    )


def loading() -> AbstractContextManager[None]:
    """The visible state while a model is at work."""
    return st.spinner(
        "The model is at work. A finer layer needs TensorFlow, which loads the first time.",
        show_time=True,
    )
