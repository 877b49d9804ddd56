"""A compiled network that can be reset, saved and averaged; any Keras backend.

Only Keras' own trainer is used, so TensorFlow and JAX each compile the step in their way. The step
is compiled once: a reset gives the same compiled step new weights, and the scheme is in the data.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from xray_app.core import AnyArray, FloatArray, softmax
from xray_app.training.data.batches import Batch
from xray_app.training.fit.fused import with_fused_batchnorm
from xray_app.training.fit.networks import computing_in, fastest_compiler, seeded

# Averaging copies the weights to the host, so it is done every few steps with the momentum's power.
_AVERAGE_EVERY = 8


@dataclass(frozen=True, slots=True)
class Schedule:
    """Linear warm-up to ``peak``, then a cosine to zero (Loshchilov 2017), and AdamW's decay."""

    peak: float
    weight_decay: float
    steps: int
    warmup_steps: int

    def rate(self) -> Any:
        """Build the Keras schedule."""
        warmup = min(self.warmup_steps, self.steps - 1)
        return (
            keras.optimizers.schedules.CosineDecay(
                0.0, max(1, self.steps - warmup), warmup_target=self.peak, warmup_steps=warmup
            )
            if warmup
            else keras.optimizers.schedules.CosineDecay(self.peak, self.steps)
        )


class WatchedAdamW(keras.optimizers.AdamW):  # type: ignore[misc]
    """AdamW (Loshchilov 2019) that sums up the norm of the first gradient, inside the step."""

    def build(self, variables: Any) -> None:
        """Create the sum beside AdamW's moments."""
        super().build(variables)
        self.norm_sum = self.add_variable(shape=(), name="norm_sum", dtype="float32")

    def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
        """Add the norm, then step as AdamW does."""
        first = keras.ops.cast(grads[0], "float32")
        self.norm_sum.assign_add(keras.ops.sqrt(keras.ops.sum(keras.ops.square(first))))
        return super().apply(grads, trainable_variables)


class Learner:
    """Owns the network and its optimizer."""

    def __init__(
        self,
        build: Callable[[], Any],
        schedule: Schedule,
        *,
        precision: str = "float32",
        average: float = 0.0,
    ) -> None:
        self._build, self._precision, self._momentum = build, precision, average
        self.model = self._fresh(0)
        self._optimizer = WatchedAdamW(schedule.rate(), weight_decay=schedule.weight_decay)
        self._optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._optimizer.build(self.model.trainable_variables)
        self.model.compile(
            self._optimizer,
            keras.losses.CategoricalCrossentropy(from_logits=True),
            jit_compile=fastest_compiler(),
        )
        self._unused = [_host(v) for v in self._optimizer.variables]
        self._averages: list[AnyArray] = []
        self._steps = 0

    def reset(self, seed: int) -> None:
        """Start again from the initial weights of ``seed``; nothing is compiled again."""
        _assign(_variables(self.model), [_host(v) for v in _variables(self._fresh(seed))])
        _assign(self._optimizer.variables, self._unused)
        self._averages = self._floats() if self._momentum else []
        self._steps = 0

    def step(self, batch: Batch) -> float:
        """Take one step and return the batch's mean loss."""
        loss = self.model.train_on_batch(batch.inputs, batch.targets, batch.weights)
        self._steps += 1
        if self._averages and self._steps % _AVERAGE_EVERY == 0:
            self._average()
        return float(np.asarray(loss))

    def predict(self, batches: Iterable[FloatArray]) -> FloatArray:
        """Return probabilities (N, K) of all batches, as ``probabilities_of``."""
        return probabilities_of(self.model, batches)

    def take_gradient_norm(self, steps: int) -> float:
        """Mean norm of the first layer's gradient over the last ``steps``; starts a new sum."""
        norm = float(_host(self._optimizer.norm_sum)) / max(steps, 1)
        self._optimizer.norm_sum.assign(0.0)
        return norm

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Use the averaged weights, if there are any, and put the others back afterwards."""
        current = self._floats() if self._averages else []
        self._assign_floats(self._averages)
        try:
            yield
        finally:
            self._assign_floats(current)

    def weights(self) -> dict[str, AnyArray]:
        """The model's weights, for ``restore_weights``."""
        return {f"model_{i:05}": _host(v) for i, v in enumerate(_variables(self.model))}

    def state(self) -> dict[str, AnyArray]:
        """Everything that the next step depends on, by name."""
        state = self.weights()
        state |= {f"optimizer_{i:05}": _host(v) for i, v in enumerate(self._optimizer.variables)}
        state |= {f"average_{i:05}": a for i, a in enumerate(self._averages)}
        return state | {"steps": np.array(self._steps)}

    def restore(self, state: dict[str, AnyArray]) -> None:
        """Go on from what ``state`` returned."""
        restore_weights(self.model, state)
        _assign(self._optimizer.variables, _named(state, "optimizer_"))
        self._averages = [np.array(a) for a in _named(state, "average_")]
        self._steps = int(state["steps"])

    def _fresh(self, seed: int) -> Any:
        with computing_in(self._precision):
            return with_fused_batchnorm(seeded(self._build, seed))

    def _average(self) -> None:
        updates = self._steps // _AVERAGE_EVERY
        # The start counts less at first: the average would else be of initial weights for long.
        kept = np.float32(min(self._momentum**_AVERAGE_EVERY, (1 + updates) / (10 + updates)))
        self._averages = [
            average + (1 - kept) * (current - average)
            for average, current in zip(self._averages, self._floats(), strict=True)
        ]

    def _float_variables(self) -> list[Any]:
        return [v for v in _variables(self.model) if "float" in str(v.dtype)]

    def _floats(self) -> list[AnyArray]:
        return [_host(v) for v in self._float_variables()]

    def _assign_floats(self, values: list[AnyArray]) -> None:
        if values:
            _assign(self._float_variables(), values)


def probabilities_of(model: Any, batches: Iterable[FloatArray]) -> FloatArray:
    """Return probabilities (N, K); a network that gives no finite answer says 1/K to all."""
    logits = outputs_of(model, batches)
    logits[~np.isfinite(logits).all(axis=1)] = 0
    return softmax(logits)


def outputs_of(model: Any, batches: Iterable[FloatArray]) -> FloatArray:
    """Return a model's outputs (N, ...) for all batches, at inference.

    A batch smaller than the first is filled up, for a new shape would be compiled anew.
    """
    outputs: list[FloatArray] = []
    size = 0
    for batch in batches:
        size = size or len(batch)
        filled = batch[np.minimum(np.arange(size), len(batch) - 1)] if len(batch) < size else batch
        outputs.append(np.asarray(model.predict_on_batch(filled), np.float32)[: len(batch)])
    return np.concatenate(outputs)


def restore_weights(model: Any, state: dict[str, AnyArray]) -> None:
    """Give a model of the same architecture the weights that a ``Learner`` returned."""
    _assign(_variables(model), _named(state, "model_"))


def _named(state: dict[str, AnyArray], kind: str) -> list[AnyArray]:
    return [state[name] for name in sorted(state) if name.startswith(kind)]


def _variables(model: Any) -> list[Any]:
    return [*model.trainable_variables, *model.non_trainable_variables]


def _host(variable: Any) -> AnyArray:
    return np.array(keras.ops.convert_to_numpy(variable))


def _assign(variables: Iterable[Any], values: Iterable[AnyArray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
