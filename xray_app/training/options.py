"""The choices of the commands ``train`` and ``study``; each field is one option, with its help."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from xray_app.core import InputError
from xray_app.core.normalization import PRESETS, parse_scheme
from xray_app.engines.keras import IMAGENET_WEIGHTS
from xray_app.training.recipe import Limits, Recipe, option, require_known, require_within

_ANY_NETWORK: tuple[str, ...] = ("scratch", "frozen", "no-batchnorm")
PRETRAINED: tuple[str, ...] = ("pretrained-frozen", "finetuned-frozen-batchnorm", "finetuned")
REGIMES: tuple[str, ...] = (*_ANY_NETWORK, *PRETRAINED)


@dataclass(frozen=True, kw_only=True)
class TrainOptions(Recipe):
    """Options of ``train``."""

    scheme: str = option(
        f"what the network is fed: {', '.join(PRESETS)}, or contrast+scale", "rescale"
    )
    keep_preprocessing: bool = option(
        "keep the network's own Rescaling and a Normalization adapted to the training images, and "
        "feed it raw bytes (as the bundled model); needs --scheme raw",
        False,
    )
    pretrained: bool = option(
        f"start from ImageNet's weights, under a new head; for {', '.join(IMAGENET_WEIGHTS)}", False
    )
    freeze_batchnorm: bool = option(
        "keep ImageNet's BatchNormalization as it is; needs --pretrained", False
    )
    seed: int = option("seed of weights, order and augmentation", 0)
    ema: float = option("momentum of the average of the weights; 0 switches it off", 0.998)
    title: str = option("title of the model on its card", "Own model")
    source: str = option("where the data come from, for the card", "not stated")
    licence: str = option("licence of the data, for the card", "not stated")
    population: str = option("whom the radiographs show, for the card", "not stated")

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
            require_known(
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


_STUDY_LIMITS: Limits = (
    ("head_epochs", 1, 100_000),
    ("head_learning_rate", 1e-9, 10),
    ("finetune_epochs", 1, 100_000),
    ("finetune_learning_rate", 1e-9, 10),
    ("resamples", 1, 1_000_000),
)


@dataclass(frozen=True, kw_only=True)
class StudyOptions(Recipe):
    """Options of ``study``; the defaults suit a GPU."""

    epochs: int = option("passes over the training images", 30)
    warmup_epochs: float = option("epochs of linear warm-up before the cosine", 2.0)
    label_smoothing: float = option("fraction of each label given to all classes alike", 0.0)
    mixup: float = option("alpha of mixup, in the display domain; 0 switches it off", 0.0)
    schemes: tuple[str, ...] = option("schemes, comma-separated", tuple(PRESETS))
    seeds: tuple[int, ...] = option("seeds, comma-separated", (0, 1, 2))
    regimes: tuple[str, ...] = option(
        f"regimes, comma-separated, of {', '.join(REGIMES)}; the last three start from ImageNet's "
        f"weights ({', '.join(IMAGENET_WEIGHTS)})",
        _ANY_NETWORK,
    )
    backbone_scheme: str = option(
        "scheme of the scratch run of the same seed whose backbone is frozen", "imagenet"
    )
    backbone: Path | None = field(
        default=None,
        metadata={
            "help": "folder of a model (card.json, weights) to freeze instead, preprocessing off"
        },
    )
    keep_preprocessing: bool = option(
        "regimes from ImageNet's weights: the network scales bytes by itself, as Keras' "
        "EfficientNets do, so that rescale is a second division",
        False,
    )
    head_epochs: int = option("passes of a new head over the features of a frozen backbone", 30)
    head_learning_rate: float = option("peak rate for a new head on a frozen backbone", 1e-2)
    finetune_epochs: int = option("passes of fine-tuning over the training images", 3)
    finetune_learning_rate: float = option("peak rate of fine-tuning", 3e-4)
    batchnorm_removed: str = option(
        "regime no-batchnorm: every BatchNorm becomes its gain and shift alone (everywhere), or "
        "the first alone (stem)",
        "everywhere",
    )
    resamples: int = option("bootstrap resamples of patients behind each 95 %% interval", 1000)

    def __post_init__(self) -> None:
        """Check every field, as in ``Recipe``."""
        super().__post_init__()
        _require_seeds(*self.seeds)
        for scheme in (*self.schemes, self.backbone_scheme):
            parse_scheme(scheme)
        for regime in self.regimes:
            require_known("regime", regime, REGIMES)
        require_known("place", self.batchnorm_removed, ("everywhere", "stem"))
        if not self.schemes or not self.seeds or not self.regimes:
            raise InputError("Expected at least one scheme, one seed and one regime.")
        require_within(self, _STUDY_LIMITS)
        _require_pretrained(self.arch, self.regimes)
        others = [regime for regime in self.regimes if regime not in PRETRAINED]
        if self.keep_preprocessing and others:
            raise InputError(
                f"Option --keep-preprocessing keeps the scale of ImageNet's weights: expected "
                f"--regimes of {', '.join(PRETRAINED)}, received {', '.join(others)}."
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
