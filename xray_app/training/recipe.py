"""What every command that fits a network is told; each field is one option, with its help.

Importing this does not import Keras, so that a command line can be built at once.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xray_app.core import InputError, UnknownChoice
from xray_app.core.images import FITS, KERNELS, Geometry, refitted
from xray_app.engines.keras import ARCHITECTURES, smallest_input
from xray_app.training.data.augmentation import AUGMENTATIONS, require_augmentations

COMPACT = "CompactResNet"
NETWORKS: tuple[str, ...] = (*ARCHITECTURES, COMPACT)
PRECISIONS: tuple[str, ...] = ("float32", "bfloat16")


def option(text: str, default: Any) -> Any:
    """A field that is an option of the command line, with its help."""
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What both commands need to fit a network; paths aside, all of it decides the result."""

    data: Path = field(
        metadata={"help": "folder or zip: train/, val/, test/ with class folders, or class folders"}
    )
    out: Path = field(metadata={"help": "folder for the results; a stopped run goes on from there"})
    arch: str = option(f"architecture: {', '.join(NETWORKS)}", "EfficientNetB4")
    size: int = option("height and width of the input in pixels", 224)
    epochs: int = option("passes over the training images", 103)
    batch_size: int = option("images a step", 64)
    learning_rate: float = option("AdamW's peak rate, reached after the warm-up", 1e-3)
    weight_decay: float = option("AdamW's decay, on kernels only", 0.05)
    warmup_epochs: float = option("epochs of linear warm-up before the cosine", 5.0)
    dropout: float = option("rate in front of the head", 0.4)
    label_smoothing: float = option("fraction of each label given to all classes alike", 0.05)
    mixup: float = option("alpha of mixup, in the display domain; 0 switches it off", 0.2)
    augment: tuple[str, ...] = option(
        f"augmentations before the scheme, comma-separated, of {', '.join(AUGMENTATIONS)}; or none",
        tuple(AUGMENTATIONS),
    )
    class_weights: bool = option("weigh classes by the inverse of their frequency", False)
    precision: str = option("compute in float32 or bfloat16 (weights stay float32)", "float32")
    fit: str = option(
        f"how images are fitted into the input: {', '.join(FITS)}; pad=VALUE, resize-crop=PIXELS",
        "stretch",
    )
    kernel: str = option(f"resampling kernel: {', '.join(KERNELS)}", "bilinear")
    antialias: bool = option("widen the kernel with the reduction", True)
    negative: str | None = option("the healthy class's folder [the one named normal]", None)
    workers: int = option("threads that prepare batches; 0 is one per processor", 0)

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            InputError: naming the option, what was expected and what came.
        """
        require_known("architecture", self.arch, NETWORKS)
        require_known("precision", self.precision, PRECISIONS)
        require_augmentations(self.augment)
        require_within(self, _LIMITS)
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


Limits = tuple[tuple[str, float, float], ...]
_LIMITS: Limits = (
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


def require_known(kind: str, received: str, known: tuple[str, ...]) -> None:
    """Check a name.

    Raises:
        UnknownChoice: it is none of ``known``.
    """
    if received not in known:
        raise UnknownChoice.of(kind, received, known)


def require_within(recipe: Recipe, limits: Limits) -> None:
    """Check numbers against their lowest and highest values, both allowed.

    Raises:
        InputError: naming the option, what was expected and what came.
    """
    for name, low, high in limits:
        value = getattr(recipe, name)
        if not low <= value <= high:
            raise InputError(
                f"Option --{name.replace('_', '-')}: expected {low:g} to {high:g}, "
                f"received {value:g}."
            )
