"""The gate's file: every wrong field is named in one sentence."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.gate_rules import LAYER, fake_rule, gate_content
from xray_app.cards.gate_record import GateFile, Numbers, read_gate
from xray_app.core.errors import CardError
from xray_app.core.gate_rule import KINDS


def written(directory: Path, content: object) -> Path:
    path = directory / "gate.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_rule_survives_its_file(tmp_path: Path) -> None:
    rule = read_gate(written(tmp_path, gate_content())).rule
    assert (rule.layers, rule.kinds) == ((LAYER,), KINDS)
    assert_array_equal(rule.weights, fake_rule().weights)
    assert_array_equal(rule.components, fake_rule().components)
    assert not rule.mean.flags.writeable


def test_a_file_of_the_earlier_format_is_read(tmp_path: Path) -> None:
    content = gate_content(layer=LAYER, kinds=list(KINDS[:6]))
    del content["layers"]
    for name in ("weights", "bias", "reach"):
        content[name] = Numbers.of(getattr(fake_rule(), name)[:6]).model_dump()
    rule = read_gate(written(tmp_path, content)).rule
    assert (rule.layers, rule.kinds, rule.tells_sources) == ((LAYER,), KINDS[:6], False)


@pytest.mark.parametrize(
    ("stopped", "says_yes"),
    [
        ([], False),
        ([(1.0, 72)], True),  # 0.95^72 is 0.0249
        ([(1.0, 71)], False),
        ([(1.0, 72), (1.0, 60)], False),
        ([(0.9909, 110)], True),  # one of them opens it: 0.95^110 + 110 * 0.05 * 0.95^109 is 0.0241
        ([(0.9908, 109)], False),
        ([(0.9836, 61)], False),
        ([(0.5, 4000)], False),
    ],
)
def test_a_gate_says_yes_only_where_sources_left_out_surely_stay_out(
    stopped: list[tuple[float, int]], says_yes: bool
) -> None:
    rows = [
        {"sources": ["adult/x"], "stopped": s, "low": s, "high": s, "images": n, "units": n}
        for s, n in stopped
    ]
    assert GateFile.model_validate(gate_content(left_out=rows)).rule.tells_sources is says_yes


def test_numbers_of_half_precision() -> None:
    array = np.array([[0.1, 2.0]], np.float32)
    assert_array_equal(Numbers.of(array, "float16").to_array(), array.astype(np.float16))


def numbers(**changes: Any) -> dict[str, Any]:
    return Numbers.of(np.ones(4, np.float32)).model_dump() | changes


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"layers": 3}, "field layers"),
        ({"remainder": 0.0}, "field remainder"),
        ({"remainder": float("nan")}, "field remainder"),
        ({"kinds": ["known"]}, "field kinds"),
        ({"extra": 1}, "field extra"),
        ({"mean": numbers(base64="%%")}, "field mean: .*expected base64"),
        ({"mean": numbers(shape=[])}, "field mean.shape"),
        ({"mean": numbers(shape=[5])}, "field mean: .*expected 20 bytes .* received 16"),
        ({"mean": Numbers.of(np.ones(3, np.float32)).model_dump()}, "field deviation"),
        ({"deviation": Numbers.of(np.zeros(4, np.float32)).model_dump()}, "field deviation"),
        ({"bias": Numbers.of(np.ones(2, np.float32)).model_dump()}, "field bias"),
        ({"distance": {"limit": 1.0, "spread": 0.0}}, "field distance.spread"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    path = written(tmp_path, gate_content(**changes))
    with pytest.raises(CardError, match=f"Gate file gate.json is wrong in .*{expected}") as caught:
        read_gate(path)
    assert len(str(caught.value).splitlines()) == 1


def test_numbers_that_are_not_finite(tmp_path: Path) -> None:
    infinity = base64.b64encode(np.array([np.inf], "<f4").tobytes()).decode()
    content = gate_content(bias=numbers(base64=infinity, shape=[1]))
    with pytest.raises(CardError, match="field bias: .*finite"):
        read_gate(written(tmp_path, content))


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_no_gate_file_at_all(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gate.json"
    path.write_text(text)
    with pytest.raises(CardError, match="Gate file gate.json is"):
        read_gate(path)
    with pytest.raises(CardError, match="Can't read gate file none.json: No such file"):
        read_gate(tmp_path / "none.json")


def test_the_file_is_checked_as_a_whole() -> None:
    assert GateFile.model_validate(gate_content()).variances.shape == (1,)
