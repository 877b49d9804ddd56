"""Judge an exported network on masks that it never saw, and write its record beside it."""

from pathlib import Path

import numpy as np

from tools.lungs.fit import dice_of
from tools.lungs.images import BEHIND, BESIDE, Pairs
from tools.lungs.network import SIDE
from xray_app.anatomy import LungsFound, lungs_from
from xray_app.cards import DRAWINGS, LUNGS_FILE, LungsRecord, LungsTest, Plausible
from xray_app.core import FloatArray, mean_interval, sha256_of, write_json
from xray_app.core.images import resize

COMMAND = "python -m tools.lungs kermany_cxr_224.zip kermany_lung_masks_224.zip tb_cxr_256.zip OUT"
_FITTED_ON = (
    "4,430 masks of the training children: V7 Labs, COVID-19 X-ray dataset, CC BY 4.0",
    "138 masks of Montgomery County's adults: Jaeger et al. 2014, National Library of Medicine",
)
# Beyond what 99.5 % of the fitted masks show, by this much; people differ more than these do.
_SLACK = 0.25


def probabilities_of(graph: Path, images: FloatArray) -> FloatArray:
    """(N, SIDE, SIDE, 2) of an exported graph for (N, SIDE, SIDE) display values."""
    import onnxruntime as ort

    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    parts = [
        session.run(["lungs"], {"image": images[i : i + 16, np.newaxis]})[0]
        for i in range(0, len(images), 16)
    ]
    return np.moveaxis(np.concatenate(parts), 1, -1)


def bounds_of(pairs: Pairs, probabilities: FloatArray) -> Plausible:
    """What lungs look like in the masks that were fitted, with some slack."""
    loose = Plausible(area=(0.0, 1.0), ratio=0.0, centre_rows=(0.0, 1.0), unsure=1.0)
    drawn = [lungs_from(mask, loose).lungs for mask in pairs.masks]
    lungs = [lung for both in drawn if both is not None for lung in (both.right, both.left)]
    areas = np.array([lung.mean() for lung in lungs])
    rows = np.array([np.nonzero(lung)[0].mean() / SIDE for lung in lungs])
    ratios = areas.reshape(-1, 2).min(axis=1) / areas.reshape(-1, 2).max(axis=1)
    found = probabilities[..., pairs.output]
    unsure = ((found > 0.2) & (found < 0.8)).sum(axis=(1, 2)) / (found >= 0.5).sum(axis=(1, 2))
    (low, high), (top, bottom) = (np.quantile(v, [0.005, 0.995]) for v in (areas, rows))
    slack = _SLACK * (bottom - top)
    return Plausible(
        area=(_short(low * (1 - _SLACK)), _short(high * (1 + _SLACK))),
        ratio=_short(np.quantile(ratios, 0.005) * (1 - _SLACK)),
        centre_rows=(_short(top - slack), _short(bottom + slack)),
        unsure=_short(np.quantile(unsure, 0.995) * (1 + _SLACK)),
    )


def _short(value: float) -> float:
    return round(float(value), 4)


def tested(name: str, pairs: Pairs, probabilities: FloatArray, bounds: Plausible) -> LungsTest:
    """Dice at the masks' own size, and how many radiographs get no lungs.

    Args:
        name: of the test set.
        pairs: its radiographs and masks.
        probabilities: what ``probabilities_of`` gave for them.
        bounds: of plausible lungs.
    """
    found: list[LungsFound] = []
    dice = []
    for mask, given in zip(pairs.whole, probabilities[..., pairs.output], strict=True):
        found.append(lungs_from(given, bounds))
        large = resize(given, *mask.shape) >= 0.5
        dice.append(float(dice_of(mask[np.newaxis], large[np.newaxis])[0]))
    refused = float(np.mean([one.lungs is None for one in found]))
    return LungsTest(
        test_set=name,
        drawing=DRAWINGS[pairs.output],
        images=len(dice),
        dice=mean_interval(np.array(dice), pairs.patients),
        refused=round(refused, 4),
    )


def record(
    graph: Path, parameters: int, bounds: dict[int, Plausible], tests: tuple[LungsTest, ...]
) -> LungsRecord:
    """Write the record beside the graph."""
    found = LungsRecord(
        format=1,
        file=graph.name,
        sha256=sha256_of(graph),
        side=SIDE,
        parameters=parameters,
        fitted_on=_FITTED_ON,
        plausible={DRAWINGS[output]: bounds[output] for output in (BEHIND, BESIDE)},
        tests=tests,
        command=COMMAND,
    )
    write_json(graph.with_name(LUNGS_FILE), found.model_dump(mode="json"))
    return found
