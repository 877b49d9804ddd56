"""Where the backbone of a frozen regime comes from. To add one, write one class."""

from pathlib import Path
from typing import Any, Protocol

from xray_app.core import ModelError, first_line
from xray_app.training.fit.bench import Bench, network_of
from xray_app.training.fit.learner import restore_weights
from xray_app.training.fit.networks import (
    build_network,
    build_pretrained,
    neutralise_preprocessing,
)
from xray_app.training.fit.whole import WholeNetwork
from xray_app.training.options import StudyOptions
from xray_app.training.state_files import load_state


class Backbones(Protocol):
    """The networks whose backbones are frozen."""

    @property
    def what(self) -> str:
        """Complete "the frozen backbone of"."""

    def origin(self, seed: int) -> str:
        """Name the backbone of a seed, as a folder may be named; alike where it is the same."""

    def network(self, seed: int) -> Any:
        """Build the network that holds the backbone of a seed, with its weights."""


class OwnBackbones:
    """Those of the study's scratch runs under one scheme."""

    def __init__(self, bench: Bench, scratch: WholeNetwork) -> None:
        self._bench, self._scratch = bench, scratch

    @property
    def what(self) -> str:
        """Complete "the frozen backbone of"."""
        scheme = self._bench.options.backbone_scheme
        return f"this study's scratch run under {scheme} with the same seed"

    def origin(self, seed: int) -> str:
        """Name the backbone: every seed has its own."""
        return f"seed-{seed}"

    def network(self, seed: int) -> Any:
        """Build the network of the scratch run, which is trained first if it was not yet."""
        options, file = self._bench.options, self._scratch.backbone_file(seed)
        if not file.exists():  # the scratch regime was not asked for
            scheme = options.backbone_scheme
            self._scratch.run(scheme, seed)
            self._bench.state_file("scratch", scheme, seed).unlink(missing_ok=True)
        network = network_of(options, len(self._bench.dataset.classes))
        restore_weights(network, load_state(file)[0])
        return network


class ModelBackbone:
    """That of a model with a card."""

    def __init__(self, options: StudyOptions, folder: Path) -> None:
        self._options, self._folder = options, folder

    @property
    def what(self) -> str:
        """Complete "the frozen backbone of"."""
        return f"the model {self._folder.name}, without its own preprocessing"

    def origin(self, seed: int) -> str:
        """Name the backbone: the same for every seed."""
        return f"model-{self._folder.name}"

    def network(self, seed: int) -> Any:
        """Load the model and make its own preprocessing do nothing.

        Raises:
            ModelError: it has another architecture or size than the study, or its weights don't
                fit.
        """
        return _model_network(self._options, self._folder)


class ImageNetBackbone:
    """That of the architecture's ImageNet weights."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    @property
    def what(self) -> str:
        """Complete "the frozen backbone of"."""
        own = ", which scales bytes by itself" if self._bench.options.keep_preprocessing else ""
        return f"{self._bench.options.arch} with ImageNet's weights{own}"

    def origin(self, seed: int) -> str:
        """Name the backbone: the same for every seed."""
        return "imagenet"

    def network(self, seed: int) -> Any:
        """Build the network on ImageNet's weights."""
        o, classes = self._bench.options, len(self._bench.dataset.classes)
        return build_pretrained(
            o.arch,
            o.size,
            classes,
            o.dropout,
            freeze_batchnorm=True,
            rescales=o.keep_preprocessing,
        )


def require_model_fits(options: StudyOptions) -> None:
    """Check, before anything is trained, that ``options.backbone`` can be used.

    Raises:
        ModelError: as ``ModelBackbone.network``.
    """
    if options.backbone is not None and "frozen" in options.regimes:
        _model_network(options, options.backbone)


def _model_network(options: StudyOptions, folder: Path) -> Any:
    from xray_app.cards import read_card

    card = read_card(folder / "card.json")
    if (card.architecture, card.input.height) != (options.arch, options.size):
        raise ModelError(
            f"Expected a backbone of {options.arch} at {options.size} pixels, received "
            f"{card.architecture} at {card.input.height}."
        )
    rescales = "Rescaling" in card.contract.layers
    network = build_network(
        card.architecture, card.input.height, len(card.classes), card.dropout, rescales=rescales
    )
    try:
        network.load_weights(folder / card.weights.file)
    except (OSError, ValueError) as error:
        raise ModelError(f"Can't load the weights of {folder.name}: {first_line(error)}") from error
    neutralise_preprocessing(network)
    return network
