"""How the regimes of training are called, as a title and inside a sentence."""

from typing import NamedTuple


class Words(NamedTuple):
    """A regime's title, and what follows "it matters" in a sentence."""

    title: str
    phrase: str


_WORDS = {
    "scratch": Words("From scratch", "when trained from scratch"),
    "no-batchnorm": Words(
        "From scratch, without BatchNorm", "when trained from scratch without BatchNorm"
    ),
    "frozen": Words("New head on a frozen backbone", "under a new head on a frozen backbone"),
    "pretrained-frozen": Words(
        "New head on the frozen ImageNet backbone",
        "under a new head on the frozen ImageNet backbone",
    ),
    "finetuned-frozen-batchnorm": Words(
        "Fine-tuned, BatchNorm frozen", "when fine-tuned with BatchNorm frozen"
    ),
    "finetuned": Words("Fine-tuned, BatchNorm learning", "when fine-tuned with BatchNorm learning"),
}


def regime_words(name: str) -> Words:
    """Say how a regime is called; one that is not known by its name."""
    return _WORDS.get(name, Words(name, f"in regime {name}"))
