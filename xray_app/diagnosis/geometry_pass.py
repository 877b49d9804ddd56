"""The same image, another fit: what each way to bring it to the model's size leads to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xray_app.anatomy import LungsFound
from xray_app.cards import ModelCard
from xray_app.core import FloatArray, Stopwatch
from xray_app.core.images import Geometry, GeometryEffect, refitted
from xray_app.diagnosis.reference_pass import ReferencePass, refit
from xray_app.diagnosis.scheme_pass import Choices, SchemePass, run_schemes
from xray_app.engines import Engine


@dataclass(frozen=True, slots=True, eq=False)
class GeometryPass:
    """One fit, fed under the scheme of training.

    Attributes:
        display: (H, W) float32 in [0, 1], what was made of the radiograph.
        lungs: where the lungs are in it, if they could be drawn.
        flips: the predicted class is another than fitted as in training.
    """

    effect: GeometryEffect
    display: FloatArray
    lungs: LungsFound
    scheme_pass: SchemePass
    flips: bool


@dataclass(frozen=True, slots=True, eq=False)
class GeometryComparison:
    """Every fit beside that of training, which comes first.

    Attributes:
        saliency_scale: the largest peak of all maps; 0 if all are empty.
    """

    passes: tuple[GeometryPass, ...]
    saliency_scale: float

    @property
    def trained(self) -> GeometryPass:
        """The image fitted as in training."""
        return self.passes[0]


def usual_geometries(card: ModelCard) -> tuple[Geometry, ...]:
    """That of training, and others that people use in its place."""
    trained = card.input.geometry
    others = (
        *(refitted(trained, fit) for fit in ("stretch", "pad", "crop", "resize-crop")),
        replace(trained, kernel="bicubic"),
        replace(trained, kernel="bilinear", antialias=False),
    )
    return tuple(dict.fromkeys((trained, *others)))[:6]


def compare_geometries(
    engine: Engine,
    reference: ReferencePass,
    geometries: Sequence[Geometry],
    choices: Choices,
) -> GeometryComparison:
    """Fit a radiograph in several ways and feed each as trained.

    Args:
        engine: the one that made ``reference``.
        reference: the radiograph as trained.
        geometries: of the model's size; that of training need not be among them.
        choices: explanation, class and layer; its scheme and fit are left out. Where no class is
            chosen, all maps explain the one predicted as trained.

    Raises:
        UnknownChoice: an explanation, class or layer that does not exist.
        EngineError: the model failed.
    """
    found: list[GeometryPass] = []
    for geometry in dict.fromkeys((reference.geometry.trained, *geometries)):
        here = refit(engine, reference, geometry)
        passes = run_schemes(engine, here, [here.scheme], choices, Stopwatch())
        fed = passes[here.scheme.name]
        predicted = fed.prediction.predicted
        if choices.target is None:
            choices = replace(choices, target=predicted)
        flips = bool(found) and predicted != found[0].scheme_pass.prediction.predicted
        found.append(GeometryPass(here.geometry, here.display, here.lungs, fed, flips))
    scale = max(0.0, *(one.scheme_pass.saliency.peak for one in found))
    return GeometryComparison(tuple(found), scale)
