"""What fits and exports the network that draws the lungs, and what arranges the adults' films."""

from pathlib import Path

import numpy as np

from tools.adults.__main__ import arranged, others
from tools.lungs.changes import changed
from tools.lungs.fit import dice_of


def test_the_exported_graph_answers_as_keras(tmp_path: Path) -> None:
    import keras

    from tools.lungs.export import write_graph
    from tools.lungs.judge import probabilities_of
    from tools.lungs.network import SIDE, network

    keras.utils.set_random_seed(0)
    model = network()
    random = np.random.default_rng(0)
    for variable in model.variables:  # statistics that do something
        if variable.path.split("/")[-1] in ("moving_mean", "moving_variance", "beta"):
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
    write_graph(model, tmp_path / "lungs.onnx")
    images = random.random((3, SIDE, SIDE), np.float32)
    expected = keras.ops.convert_to_numpy(keras.ops.sigmoid(model(images[..., np.newaxis])))
    found = probabilities_of(tmp_path / "lungs.onnx", images)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_dice_by_hand() -> None:
    drawn = np.array([[[1, 1], [0, 0]], [[0, 0], [0, 0]]], bool)
    found = np.array([[[1, 0], [1, 0]], [[0, 0], [0, 0]]], bool)
    np.testing.assert_allclose(dice_of(drawn, found), [0.5, 1.0])


def test_a_pair_is_moved_alike_and_stays_in_range() -> None:
    mask = np.zeros((64, 64), np.float32)
    mask[20:44, 10:30] = 1.0
    random = np.random.default_rng(0)
    other = random.random((64, 64), np.float32)
    for _ in range(20):
        image, moved = changed(mask, mask, other, random)
        assert image.dtype == np.float32
        assert 0.0 <= image.min() <= image.max() <= 1.0
        assert moved.shape == mask.shape
        assert 0.0 < moved.mean() < 0.6


def test_no_film_is_in_two_parts() -> None:
    names = [f"shenzhen/normal/CHNCXR_{i:04}_0.jpeg" for i in range(30)]
    names += [f"montgomery/tuberculosis/MCUCXR_{i:04}_1.jpeg" for i in range(9)]
    places = list(arranged(names))
    assert sorted(name for _, _, name in places) == sorted(names)
    assert {place.split("/")[0] for source, place, _ in places if source == "montgomery"} == {
        "test"
    }
    parts = [place.split("/")[0] for source, place, _ in places if source == "shenzhen"]
    assert (parts.count("val"), parts.count("test")) == (5, 5)


def test_the_adults_films_are_no_others_and_children_are_dealt_by_split() -> None:
    gate = ["fit/adult/tb_sets/a.png", "fit/adult/nih/b.png", "report/not_chest/hand/c.png"]
    children = [f"train/NORMAL/{n:02}.jpeg" for n in range(11)] + ["test/VIRUS/x.jpeg", "val/y.png"]
    assert list(others(gate, children)) == [
        ("fit/adult/nih/b.png", "fit/adult/nih/b.png"),
        ("report/not_chest/hand/c.png", "report/not_chest/hand/c.png"),
        ("fit/child/kermany/00.jpeg", "train/NORMAL/00.jpeg"),
        ("fit/child/kermany/10.jpeg", "train/NORMAL/10.jpeg"),
        ("report/child/kermany/x.jpeg", "test/VIRUS/x.jpeg"),
    ]
