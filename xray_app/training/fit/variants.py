"""The regimes that train a whole network: how each makes it, and for how long it trains it.

To add one, write one row of ``variants_of`` and one name in ``options.REGIMES``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from xray_app.engines.keras import IMAGENET_WEIGHTS
from xray_app.training.fit.bench import network_of
from xray_app.training.fit.networks import build_pretrained, without_batchnorm
from xray_app.training.options import StudyOptions


@dataclass(frozen=True, slots=True)
class Variant:
    """One regime in which every layer that is not frozen is trained.

    Attributes:
        name: of the regime.
        note: one or two sentences that say exactly what it is.
        build: () -> a network with the weights that training starts from.
        epochs: passes over the training images.
        learning_rate: peak of the schedule.
    """

    name: str
    note: str
    build: Callable[[], Any]
    epochs: int
    learning_rate: float


def variants_of(options: StudyOptions, classes: int) -> tuple[Variant, ...]:
    """Make the variants; nothing is built before ``build`` is called."""
    o = options
    from_scratch = o.epochs, o.learning_rate
    fine_tuning = o.finetune_epochs, o.finetune_learning_rate
    pretrained = partial(
        build_pretrained, o.arch, o.size, classes, o.dropout, rescales=o.keep_preprocessing
    )
    return (
        Variant("scratch", _scratch_note(o), partial(network_of, o, classes), *from_scratch),
        Variant("no-batchnorm", _bare_note(o), partial(_bare, o, classes), *from_scratch),
        Variant(
            "finetuned-frozen-batchnorm",
            "As finetuned, with every BatchNormalization frozen (trainable = False), as Keras' "
            "guides to fine-tuning have it: its statistics, gain and shift stay ImageNet's."
            + preprocessing_note(o),
            partial(pretrained, freeze_batchnorm=True),
            *fine_tuning,
        ),
        Variant(
            "finetuned",
            f"{o.arch} from ImageNet's weights under a new head, every layer trained, for "
            f"{o.finetune_epochs} epochs at a peak rate of {o.finetune_learning_rate:g}; "
            f"BatchNorm learns the scheme's statistics." + preprocessing_note(o),
            partial(pretrained, freeze_batchnorm=False),
            *fine_tuning,
        ),
    )


def preprocessing_note(options: StudyOptions) -> str:
    """Say that the network scales bytes by itself, if it does; begins with a space."""
    if not options.keep_preprocessing:
        return ""
    weights = IMAGENET_WEIGHTS[options.arch]
    return (
        f" The network scales bytes by itself, (x - {weights.mean:g}) / {weights.deviation:g}: "
        f"`raw` is what it expects, `rescale` a second scaling."
    )


def _scratch_note(options: StudyOptions) -> str:
    return f"{options.arch} from random weights, the scheme's output at its first convolution."


def _bare_note(options: StudyOptions) -> str:
    everywhere = options.batchnorm_removed == "everywhere"
    which = "every BatchNorm" if everywhere else "the first BatchNorm"
    return f"As scratch, with {which} replaced by its gain and shift alone."


def _bare(options: StudyOptions, classes: int) -> Any:
    network = network_of(options, classes)
    return without_batchnorm(network, stem_only=options.batchnorm_removed == "stem")
