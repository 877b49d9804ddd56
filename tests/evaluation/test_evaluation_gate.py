"""What a gate is fitted and reported on, its figures, and its file."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from tests.cards.test_cards_gate import gate_content
from tests.fakes import card_content, fake_card
from tests.gate_rules import fake_rule
from tools.gate_document import gate_document
from xray_app.cards.gate_record import GateFile
from xray_app.core.errors import (
    CardError,
    InputError,
    WeightsError,
)
from xray_app.core.gate_rule import Kind
from xray_app.core.images import Geometry
from xray_app.engines.catalogue import find_card, verified_gate
from xray_app.evaluation.gate.collection import (
    Group,
    others_of,
    read_image_set,
    read_other_images,
    read_sources,
)
from xray_app.evaluation.gate.figures import area_figure, fraction_figure
from xray_app.evaluation.gate.fit import fit_discriminant, limit_of, principal_parts
from xray_app.evaluation.gate.material import without
from xray_app.evaluation.gate.other_images import (
    FIT_DRAWINGS,
    FIT_FILES,
    REPORT_DRAWINGS,
    REPORT_FILES,
)
from xray_app.evaluation.gate.report import HANDLINGS, REAL_IMAGES, left_out_row
from xray_app.evaluation.gate.variations import handled, turned
from xray_app.evaluation.gate.writing import write_gate


def test_turned_images_keep_their_pixels() -> None:
    random = np.random.default_rng(0)
    image = random.random((8, 8), np.float32)
    assert_array_equal(turned("negative", image, random), 1.0 - image)
    for kind in ("upside_down", "sideways"):
        made = turned(kind, image, random)
        assert_array_equal(np.sort(made, axis=None), np.sort(image, axis=None))
        assert not np.array_equal(made, image)
    assert_array_equal(turned("known", image, random), image)


def test_handling_stays_in_the_display_domain() -> None:
    random = np.random.default_rng(0)
    image = random.random((40, 32), np.float32)
    before = image.copy()
    results = [handled(image, random) for _ in range(60)]
    results += [handling(image) for handling in HANDLINGS.values()]
    for result in results:
        assert (result.shape, result.dtype) == (image.shape, np.float32)
        assert 0.0 <= result.min() <= result.max() <= 1.0
    assert_array_equal(image, before)


def test_no_image_both_fits_and_reports() -> None:
    assert not set(FIT_FILES) & set(REPORT_FILES)
    assert not set(FIT_DRAWINGS) & set(REPORT_DRAWINGS)


@pytest.mark.parametrize("report", [False, True])
def test_images_that_are_no_chest(report: bool) -> None:
    random = np.random.default_rng(0)
    image_set, real = read_other_images(32, random, report=report, views_each=2, drawings_each=3)
    assert len(real) >= 10
    assert len(image_set.images) == 2 * len(real) + 3 * 4 == len(image_set.units)
    for image in image_set.images:
        assert (image.shape, image.dtype) == ((32, 32), np.float32)
        assert 0.0 <= image.min() <= image.max() <= 1.0


CHILDREN = others_of(fake_card().training_data)


def save_gray(path: Path, gray: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), gray).save(path)


def test_sources_of_others_by_group(tmp_path: Path) -> None:
    for gray, name in enumerate(("fit/adult/a/1.png", "fit/adult/a/2.png", "fit/child/b/1.png",
                                 "report/adult/a/3.png", "fit/not_chest/c/1.png")):  # fmt: skip
        save_gray(tmp_path / "others" / name, 50 * gray)
    found = read_sources(tmp_path, "fit", Geometry(4, 4), CHILDREN)
    assert {name: (s.kind, len(s.images.images)) for name, s in found.items()} == {
        "adult/a": ("other_population", 2), "child/b": ("older_child", 1),
        "not_chest/c": ("no_chest", 1),
    }  # fmt: skip
    assert list(read_sources(tmp_path, "report", Geometry(4, 4), CHILDREN)) == ["adult/a"]


@pytest.mark.parametrize("name", ["fit/child/b/1.png", "fit/aliens/b/1.png", "adult/1.png"])
def test_sources_in_other_folders_are_one_sentence(tmp_path: Path, name: str) -> None:
    save_gray(tmp_path / name, 0)
    with pytest.raises(InputError, match="Expected folders fit/GROUP/SOURCE/.*adult among them"):
        read_sources(tmp_path, "fit", Geometry(4, 4), CHILDREN)


def group(kind: Kind, *rows: tuple[float, float]) -> Group:
    """Images of which the fake gate reads these means of dark and bright."""
    statistics = np.array([(*row, 0.0, 0.0) for row in rows], np.float32)
    return Group(kind, statistics, tuple(map(str, range(len(rows)))))


def test_a_source_is_left_out_with_its_handled_copies() -> None:
    groups = {
        n: group("known", (0, 0)) for n in ("known", "adult/a", "adult/a, handled", "adult/b")
    }
    assert list(without(groups, ("adult/a",))) == ["known", "adult/b"]


def test_what_a_gate_does_to_sources_left_out() -> None:
    adults = group("other_population", (0, 2), (0, 2), (0, 0), (0, 2))
    row = left_out_row(fake_rule(), {"adult/a": adults}, ("adult/a",))
    assert (row.stopped, row.images) == (0.75, 4)
    assert row.low < 0.75 < row.high
    # Where all are stopped, the rule of three bounds what may open: 3 of 60 patients.
    all_stopped = group("other_population", *[(0, 2)] * 60)
    row = left_out_row(fake_rule(), {"adult/a": all_stopped}, ("adult/a",))
    assert (row.stopped, row.low, row.high) == (1.0, 0.95, 1.0)


def test_a_fraction_of_no_real_images_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xray_app.evaluation.gate.collection.read_installed", lambda names: {})
    with pytest.raises(InputError, match="Expected images in .*scikit-image.*, found none"):
        read_other_images(32, np.random.default_rng(0), report=True, views_each=1, drawings_each=1)


@pytest.mark.parametrize("scores", [[3.0], [3.0, 3.0]])
def test_equal_scores_have_no_deviation(scores: list[float]) -> None:
    with pytest.raises(InputError, match="validation images whose scores differ"):
        limit_of(np.array(scores), 0.01)


def test_a_folder_without_images(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Expected images in train of .*, found none"):
        read_image_set(tmp_path, "train", Geometry(32, 32))


def test_intervals_resample_whole_units() -> None:
    flags = np.array([True] * 50 + [False] * 50)
    apart = fraction_figure("x", flags, tuple(map(str, range(100))), "patients")
    together = fraction_figure("x", flags, ("a",) * 50 + ("b",) * 50, "patients")
    assert apart.value == together.value == 0.5
    assert 0.38 < apart.low < 0.44
    assert (together.low, together.high, together.units) == (0.0, 1.0, 2)


def test_an_area_with_its_interval() -> None:
    random = np.random.default_rng(0)
    known = random.random((40, 4), np.float32)
    other = known + np.array([2.0, 0, 0, 0], np.float32)
    units = tuple(map(str, range(40)))
    figure = area_figure(
        "x", fake_rule(), Group("known", known, units), Group("negative", other, units), "patients"
    )
    assert figure.low <= figure.value <= figure.high
    assert figure.value > 0.9


def test_limits_let_a_share_pass() -> None:
    scores = np.arange(200.0)
    limit = limit_of(scores, 0.01)
    assert int((scores > limit.limit).sum()) == 2
    assert limit.spread == pytest.approx(scores.std())


def test_principal_parts_of_known_variances() -> None:
    x = np.random.default_rng(0).normal(size=(20000, 3)).astype(np.float32) * [3.0, 1.0, 0.5]
    components, variances, remainder = principal_parts(x.astype(np.float32), 1)
    assert_allclose(np.abs(components), [[1, 0, 0]], atol=0.02)
    assert variances[0] == pytest.approx(9.0, rel=0.05)
    assert remainder == pytest.approx((1.0 + 0.25) / 2, rel=0.05)


def test_the_discriminant_of_two_known_normals() -> None:
    """With covariance I and means 0 and (2, 0), the log-odds are 2 x - 2 (ESL, eq. 4.9)."""
    random = np.random.default_rng(0)
    kinds = np.repeat([0, 1], [40_000, 10_000])
    x = random.normal(size=(50_000, 2)) + np.array([[0, 0], [2, 0]])[kinds]
    weights, bias = fit_discriminant(x.astype(np.float32), kinds, 2, 0.0)
    assert_allclose(weights[1] - weights[0], [2.0, 0.0], atol=0.06)
    assert bias[1] - bias[0] == pytest.approx(-2.0, abs=0.08)


def test_what_varies_within_a_kind_does_not_tell_it() -> None:
    """Adults of two places differ in y, and so do not count there; the kinds differ in x."""
    random = np.random.default_rng(0)
    middles = np.array([[0.0, 0.0], [1.0, 9.0], [1.0, -3.0]])
    x = np.concatenate([random.normal(m, 0.1, (500, 2)) for m in middles]).astype(np.float32)
    kinds = np.repeat([0, 1, 1], 500)
    weights, _ = fit_discriminant(x, kinds, 2, 0.0)
    along_x, along_y = np.abs(weights[1] - weights[0])
    assert along_x > 50 * along_y


def test_a_kind_without_images_is_never_the_likeliest() -> None:
    x = np.array([[0.0], [0.1], [1.0], [1.1]], np.float32)
    weights, bias = fit_discriminant(x, np.array([0, 0, 2, 2]), 3, 0.1)
    assert_array_equal(np.argmax(x @ weights.T + bias, axis=1), [0, 0, 2, 2])


def test_shrinkage_bears_fewer_images_than_numbers() -> None:
    x = np.array(
        [[0.1, 0.1, 1.1], [-0.1, -0.1, 0.9], [1.1, 0.1, 0.1], [0.9, -0.1, -0.1]], np.float32
    )
    kinds = np.array([0, 0, 1, 1])
    weights, bias = fit_discriminant(x, kinds, 2, 0.5)  # the covariance alone is singular
    assert_array_equal(np.argmax(x @ weights.T + bias, axis=1), kinds)


def drop_gated_model(directory: Path, text: str, **entry: Any) -> None:
    (directory / "fake").mkdir()
    gate = {"file": "gate.json", "sha256": hashlib.sha256(text.encode()).hexdigest()}
    content = card_content(gate=gate | {"layers": ["cells"]} | entry)
    (directory / "fake" / "card.json").write_text(json.dumps(content))
    (directory / "fake" / "gate.json").write_text(text)


def test_a_gate_file_is_found_and_verified(tmp_path: Path) -> None:
    drop_gated_model(tmp_path, json.dumps(gate_content()))
    gate = verified_gate(find_card("fake", tmp_path))
    assert gate is not None
    assert gate.rule.layers == ("cells",)


def test_an_altered_gate_file_is_one_sentence(tmp_path: Path) -> None:
    drop_gated_model(tmp_path, json.dumps(gate_content()))
    card, path = find_card("fake", tmp_path), tmp_path / "fake" / "gate.json"
    path.write_text(path.read_text() + " ")
    with pytest.raises(WeightsError, match=r"field gate\.sha256: expected .* but gate\.json has"):
        verified_gate(card)
    path.unlink()
    with pytest.raises(WeightsError, match=r"field gate\.file: expected gate\.json"):
        verified_gate(card)


def test_a_gate_of_another_layer(tmp_path: Path) -> None:
    drop_gated_model(tmp_path, json.dumps(gate_content()), layers=["other"])
    with pytest.raises(CardError, match=r"field gate\.layers: expected cells.*received other"):
        verified_gate(find_card("fake", tmp_path))


def measured_gate(**changes: Any) -> GateFile:
    figure = {
        "name": REAL_IMAGES, "value": 1.0, "low": 1.0, "high": 1.0,
        "images": 140, "units": 10, "unit": "sources",
    }  # fmt: skip
    return GateFile.model_validate(gate_content(figures=[figure], **changes))


@pytest.mark.parametrize("indent", [2, None])
def test_a_gate_is_named_in_its_card_and_the_rest_stays(tmp_path: Path, indent: int | None) -> None:
    folder = tmp_path / "fake"
    folder.mkdir()
    before = card_content()
    (folder / "card.json").write_text(json.dumps(before, indent=indent))
    for remainder in (1.0, 2.0):  # the second time the entry is replaced
        write_gate(measured_gate(remainder=remainder), folder)
        gate = verified_gate(find_card("fake", tmp_path))
        assert gate is not None
        assert gate.rule.remainder == remainder
    after = json.loads((folder / "card.json").read_text())
    assert after.pop("gate")["layers"] == ["cells"]
    assert after == before


def test_the_document_says_what_few_sources_leave_open() -> None:
    assert "30% of real sources" in gate_document(measured_gate(), "")


def test_a_gate_that_cant_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Can't write gate-.*\.json: No such file"):
        write_gate(measured_gate(), tmp_path / "nowhere")
    (tmp_path / "card.json").write_text("{}")
    with pytest.raises(CardError, match="Model card card.json is wrong in field"):
        write_gate(measured_gate(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]
