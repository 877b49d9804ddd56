"""One radiograph through several schemes and one model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xray_app.cards import model_inputs_under
from xray_app.core import ContractReport, FloatArray, ModelInput, Prediction, Saliency, Stopwatch
from xray_app.core.images import Geometry, refitted
from xray_app.core.normalization import Scheme, measure_contract
from xray_app.diagnosis.explanations import (
    DEFAULT_EXPLANATION,
    explain_all,
    find_layer,
    fitting_explanation,
)
from xray_app.diagnosis.layer_probe import training_range
from xray_app.diagnosis.prediction import predict
from xray_app.diagnosis.reference_pass import ReferencePass
from xray_app.engines import Engine, Forward
from xray_app.explain import SLOW, Advance, unwatched


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose.

    Attributes:
        scheme: a preset or ``contrast+scale``; None is the one that the model was trained with.
        explanation: a key of ``EXPLANATIONS``.
        target: the class to explain, or two as ``A:B`` for why A rather than B; None is the
            predicted one.
        layer: one of the engine's layers, or a key of ``DETAIL``; None is the last.
        fit: how the radiograph is fitted into the model's input, as ``refitted`` takes it; None is
            as in training.
        kernel: a key of ``KERNELS``; None is that of training.
        antialias: None is as in training.
    """

    scheme: str | None = None
    explanation: str = DEFAULT_EXPLANATION
    target: str | None = None
    layer: str | None = None
    fit: str | None = None
    kernel: str | None = None
    antialias: bool | None = None

    @property
    def is_slow(self) -> bool:
        """Whether the explanation takes many passes."""
        return self.explanation in SLOW

    @property
    def quick(self) -> "Choices":
        """The same with an explanation that is there at once."""
        if not self.is_slow:
            return self
        return replace(self, explanation=DEFAULT_EXPLANATION, layer=None)

    def geometry(self, trained: Geometry) -> Geometry:
        """What is chosen of it, and the rest as in training.

        Raises:
            InputError: there is no such fit or kernel.
        """
        found = trained if self.fit is None else refitted(trained, self.fit)
        antialias = self.antialias
        if antialias is None:  # nearest tells nothing of what another kernel should do
            antialias = trained.antialias or trained.kernel == "nearest"
        return replace(found, kernel=self.kernel or found.kernel, antialias=antialias)


@dataclass(frozen=True, slots=True, eq=False)
class SchemePass:
    """What one scheme leads to.

    Attributes:
        first_convolution: (H, W, 3), what reaches that layer.
    """

    scheme: Scheme
    model_input: ModelInput
    first_convolution: FloatArray
    prediction: Prediction
    contract: ContractReport
    saliency: Saliency


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the model says of an image, and how what it received differs from training."""

    prediction: Prediction
    contract: ContractReport


def outcomes(engine: Engine, forward: Forward, references: Iterable[FloatArray]) -> list[Outcome]:
    """Tell the outcome for each image of a pass.

    Args:
        engine: any engine.
        forward: what it gave for N images.
        references: N times (H, W, 3), what training would have sent to the first convolution for
            the same image.

    Raises:
        EngineError: a logit is not finite.
    """
    value_range = training_range(engine)
    return [
        Outcome(predict(engine.card, logits), measure_contract(received, reference, value_range))
        for logits, received, reference in zip(
            forward.logits, forward.first_convolution, references, strict=True
        )
    ]


Arrived = Callable[[Mapping[str, Outcome]], None]
# Images: so few are still in the processor's cache when the contract is measured, and somebody who
# waits is told so often.
_AT_A_TIME = 4


def run_schemes(
    engine: Engine,
    reference: ReferencePass,
    schemes: Sequence[Scheme],
    choices: Choices,
    watch: Stopwatch,
    advance: Advance = unwatched,
    arrived: Arrived | None = None,
) -> dict[str, SchemePass]:
    """Run every scheme but the training scheme, a few at a time, and put that one beside them.

    Args:
        engine: the one that made the reference pass.
        reference: the radiograph as trained; nothing of it is computed again.
        schemes: at least one; where no class is chosen, all maps explain the class that is
            predicted under the first.
        choices: explanation, class and layer.
        watch: takes the times of the parts.
        advance: is told how far a slow explanation is, in [0, 1].
        arrived: is told all outcomes so far, by scheme, each time that there are a few more.

    Returns:
        The passes by name of scheme, in the order given, the training scheme last if not named.

    Raises:
        UnknownChoice: an explanation, class or layer that does not exist.
        InputError: a scheme can't be applied to this model.
        EngineError: the model failed.
    """
    method = fitting_explanation(engine.card, choices.explanation)
    if choices.target is not None:
        engine.card.require_target(choices.target)
    layer = find_layer(engine, choices.layer)
    every = {s.name: s for s in (reference.scheme, *schemes)}
    inputs, forwards = [reference.model_input], [reference.forward]
    with watch.measure("contract"):
        received = reference.forward.first_convolution[0]
        found = outcomes(engine, reference.forward, [received])
    if len(every) > 1:
        with watch.measure("normalize"):
            others = list(every.values())[1:]
            inputs += model_inputs_under(engine.card, reference.display, others)
        for start in range(1, len(inputs), _AT_A_TIME):
            part = [each.array for each in inputs[start : start + _AT_A_TIME]]
            with watch.measure("forward"):
                forwards.append(engine.forward(np.stack(part)))
            with watch.measure("contract"):
                found += outcomes(engine, forwards[-1], [received] * len(part))
            if arrived:
                arrived(dict(zip(every, found, strict=False)))
    with watch.measure("explain"):
        first = found[list(every).index(schemes[0].name)].prediction
        target = choices.target or first.predicted
        activations = np.concatenate([each.activations for each in forwards])
        batch = [each.array for each in inputs]
        maps = explain_all(
            engine, batch, activations, method, layer, target, advance, reference.display
        )
    reached_by = (image for each in forwards for image in each.first_convolution)
    rows = zip(every.values(), inputs, reached_by, found, maps, strict=True)
    passes = {
        scheme.name: SchemePass(scheme, fed, reached, of.prediction, of.contract, saliency)
        for scheme, fed, reached, of, saliency in rows
    }
    order = dict.fromkeys((*(scheme.name for scheme in schemes), reference.scheme.name))
    return {name: passes[name] for name in order}
