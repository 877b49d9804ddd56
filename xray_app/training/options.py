"""The choices of the commands ``train`` and ``study``; each field is one option, with its help.

Importing this does not import Keras, so that a command line can be built at once.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xray_app.core import InputError, UnknownChoice
from xray_app.core.images import FITS, KERNELS, Geometry, refitted
from xray_app.core.normalization import PRESETS, parse_scheme
from xray_app.engines.keras import ARCHITECTURES, IMAGENET_WEIGHTS, smallest_input
from xray_app.training.data.augmentation import AUGMENTATIONS, require_augmentations

COMPACT = "CompactResNet"
NETWORKS: tuple[str, ...] = (*ARCHITECTURES, COMPACT)
_ANY_NETWORK: tuple[str, ...] = ("scratch", "frozen", "no-batchnorm")
PRETRAINED: tuple[str, ...] = ("pretrained-frozen", "finetuned-frozen-batchnorm", "finetuned")
REGIMES: tuple[str, ...] = (*_ANY_NETWORK, *PRETRAINED)
PRECISIONS: tuple[str, ...] = ("float32", "bfloat16")


def _option(text: str, default: Any) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What both commands need to fit a network; paths aside, all of it decides the result."""

    data: Path = field(
        metadata={"help": "folder or zip: train/, val/, test/ with class folders, or class folders"}
    )
    out: Path = field(metadata={"help": "folder for the results; a stopped run goes on from there"})
    arch: str = _option(f"architecture: {', '.join(NETWORKS)}", "EfficientNetB4")
    size: int = _option("height and width of the input in pixels", 224)
    epochs: int = _option("passes over the training images", 103)
    batch_size: int = _option("images a step", 64)
    learning_rate: float = _option("AdamW's peak rate, reached after the warm-up", 1e-3)
    weight_decay: float = _option("AdamW's decay, on kernels only", 0.05)
    warmup_epochs: float = _option("epochs of linear warm-up before the cosine", 5.0)
    dropout: float = _option("rate in front of the head", 0.4)
    label_smoothing: float = _option("fraction of each label given to all classes alike", 0.05)
    mixup: float = _option("alpha of mixup, in the display domain; 0 switches it off", 0.2)
    augment: tuple[str, ...] = _option(
        f"augmentations before the scheme, comma-separated, of {', '.join(AUGMENTATIONS)}; or none",
        tuple(AUGMENTATIONS),
    )
    class_weights: bool = _option("weigh classes by the inverse of their frequency", False)
    precision: str = _option("compute in float32 or bfloat16 (weights stay float32)", "float32")
    fit: str = _option(
        f"how images are fitted into the input: {', '.join(FITS)}; pad=VALUE, resize-crop=PIXELS",
        "stretch",
    )
    kernel: str = _option(f"resampling kernel: {', '.join(KERNELS)}", "bilinear")
    antialias: bool = _option("widen the kernel with the reduction", True)
    negative: str | None = _option("the healthy class's folder [the one named normal]", None)
    workers: int = _option("threads that prepare batches; 0 is one per processor", 0)

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            InputError: naming the option, what was expected and what came.
        """
        _require_known("architecture", self.arch, NETWORKS)
        _require_known("precision", self.precision, PRECISIONS)
        require_augmentations(self.augment)
        _require_within(self, _LIMITS)
        _ = self.geometry
        if self.arch in ARCHITECTURES and self.size < smallest_input(self.arch):
            raise InputError(
                f"Option --size: {self.arch} expects {smallest_input(self.arch)} or more, "
                f"received {self.size}."
            )

    @property
    def geometry(self) -> Geometry:
        """How an image becomes the network's input."""
        plain = Geometry(self.size, self.size, kernel=self.kernel, antialias=self.antialias)
        return refitted(plain, self.fit)


_Limits = tuple[tuple[str, float, float], ...]
_LIMITS: _Limits = (
    ("size", 32, 2048),
    ("epochs", 1, 100_000),
    ("batch_size", 2, 65_536),
    ("learning_rate", 1e-9, 10),
    ("weight_decay", 0, 10),
    ("warmup_epochs", 0, 100_000),
    ("dropout", 0, 0.99),
    ("label_smoothing", 0, 0.99),
    ("mixup", 0, 100),
    ("workers", 0, 1024),
)
_STUDY_LIMITS: _Limits = (
    ("head_epochs", 1, 100_000),
    ("head_learning_rate", 1e-9, 10),
    ("finetune_epochs", 1, 100_000),
    ("finetune_learning_rate", 1e-9, 10),
    ("resamples", 1, 1_000_000),
)


@dataclass(frozen=True, kw_only=True)
class TrainOptions(Recipe):
    """Options of ``train``."""

    scheme: str = _option(
        f"what the network is fed: {', '.join(PRESETS)}, or contrast+scale", "rescale"
    )
    keep_preprocessing: bool = _option(
        "keep the network's own Rescaling and a Normalization adapted to the training images, and "
        "feed it raw bytes (as the bundled model); needs --scheme raw",
        False,
    )
    pretrained: bool = _option(
        f"start from ImageNet's weights, under a new head; for {', '.join(IMAGENET_WEIGHTS)}", False
    )
    freeze_batchnorm: bool = _option(
        "keep ImageNet's BatchNormalization as it is; needs --pretrained", False
    )
    seed: int = _option("seed of weights, order and augmentation", 0)
    ema: float = _option("momentum of the average of the weights; 0 switches it off", 0.998)
    title: str = _option("title of the model on its card", "Own model")
    source: str = _option("where the data come from, for the card", "not stated")
    licence: str = _option("licence of the data, for the card", "not stated")
    population: str = _option("whom the radiographs show, for the card", "not stated")

    def __post_init__(self) -> None:
        """Check every field, as in ``Recipe``."""
        super().__post_init__()
        parse_scheme(self.scheme)
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", self.out.name):
            raise InputError(
                f"Option --out: the folder's name becomes the model's; expected lower-case "
                f"letters, digits, - and _, received {self.out.name!r}."
            )
        _require_seeds(self.seed)
        self._require_start()
        if not 0 <= self.ema < 1:
            raise InputError(f"Option --ema: expected 0 to below 1, received {self.ema:g}.")
        if self.keep_preprocessing and self.scheme != "raw":
            raise InputError(
                f"Option --keep-preprocessing feeds raw bytes to the network: expected --scheme "
                f"raw, received {self.scheme!r}."
            )

    def _require_start(self) -> None:
        if self.pretrained:
            _require_known(
                "architecture with ImageNet's weights", self.arch, tuple(IMAGENET_WEIGHTS)
            )
        if self.pretrained and self.keep_preprocessing:
            raise InputError(
                "Option --pretrained feeds the scheme to the network itself: leave out "
                "--keep-preprocessing."
            )
        if self.freeze_batchnorm and not self.pretrained:
            raise InputError(
                "Option --freeze-batchnorm keeps what ImageNet taught: add --pretrained."
            )


@dataclass(frozen=True, kw_only=True)
class StudyOptions(Recipe):
    """Options of ``study``; the defaults suit one lease of a GPU."""

    epochs: int = _option("passes over the training images", 30)
    warmup_epochs: float = _option("epochs of linear warm-up before the cosine", 2.0)
    label_smoothing: float = _option("fraction of each label given to all classes alike", 0.0)
    mixup: float = _option("alpha of mixup, in the display domain; 0 switches it off", 0.0)
    schemes: tuple[str, ...] = _option("schemes, comma-separated", tuple(PRESETS))
    seeds: tuple[int, ...] = _option("seeds, comma-separated", (0, 1, 2))
    regimes: tuple[str, ...] = _option(
        f"regimes, comma-separated, of {', '.join(REGIMES)}; the last three start from ImageNet's "
        f"weights ({', '.join(IMAGENET_WEIGHTS)})",
        _ANY_NETWORK,
    )
    backbone_scheme: str = _option(
        "scheme of the scratch run of the same seed whose backbone is frozen", "imagenet"
    )
    backbone: Path | None = field(
        default=None,
        metadata={
            "help": "folder of a model (card.json, weights) to freeze instead, preprocessing off"
        },
    )
    head_epochs: int = _option("passes of a new head over the features of a frozen backbone", 30)
    head_learning_rate: float = _option("peak rate for a new head on a frozen backbone", 1e-2)
    finetune_epochs: int = _option("passes of fine-tuning over the training images", 3)
    finetune_learning_rate: float = _option("peak rate of fine-tuning", 3e-4)
    batchnorm_removed: str = _option(
        "regime no-batchnorm: every BatchNorm becomes its gain and shift alone (everywhere), or "
        "the first alone (stem)",
        "everywhere",
    )
    resamples: int = _option("bootstrap resamples of patients behind each 95 %% interval", 1000)

    def __post_init__(self) -> None:
        """Check every field, as in ``Recipe``."""
        super().__post_init__()
        _require_seeds(*self.seeds)
        for scheme in (*self.schemes, self.backbone_scheme):
            parse_scheme(scheme)
        for regime in self.regimes:
            _require_known("regime", regime, REGIMES)
        _require_known("place", self.batchnorm_removed, ("everywhere", "stem"))
        if not self.schemes or not self.seeds or not self.regimes:
            raise InputError("Expected at least one scheme, one seed and one regime.")
        _require_within(self, _STUDY_LIMITS)
        _require_pretrained(self.arch, self.regimes)


def _require_known(kind: str, received: str, known: tuple[str, ...]) -> None:
    if received not in known:
        raise UnknownChoice.of(kind, received, known)


def _require_within(recipe: Recipe, limits: _Limits) -> None:
    for name, low, high in limits:
        value = getattr(recipe, name)
        if not low <= value <= high:
            raise InputError(
                f"Option --{name.replace('_', '-')}: expected {low:g} to {high:g}, "
                f"received {value:g}."
            )


def _require_pretrained(arch: str, regimes: tuple[str, ...]) -> None:
    starting = [regime for regime in regimes if regime in PRETRAINED]
    if starting and arch not in IMAGENET_WEIGHTS:
        raise InputError(
            f"Regime {starting[0]} starts from ImageNet's weights: expected --arch "
            f"{' or '.join(IMAGENET_WEIGHTS)}, received {arch}."
        )


def _require_seeds(*seeds: int) -> None:
    wrong = [seed for seed in seeds if not 0 <= seed < 2**32]
    if wrong:
        raise InputError(f"Expected seeds of 0 to {2**32 - 1}, received {wrong[0]}.")
