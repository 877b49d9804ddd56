"""Small files that ask for much are refused before anything is built."""

import os
import pickle
import struct
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.engines.harmful_files import Intruder
from tests.engines.keras_models import classifier, saved
from xray_app.core.errors import EngineError, UnsupportedFile
from xray_app.engines.child_call import call_in_child
from xray_app.engines.facts import ModelFacts
from xray_app.engines.keras import bounds
from xray_app.engines.keras.inspection import examine


def emptied(path: Path) -> Path:
    """The description of a model in a file without its weights."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, b"" if name.endswith(".h5") else content)
    return path


def test_an_input_of_thirty_six_million_pixels(tmp_path: Path) -> None:
    path = saved(classifier(size=6000), tmp_path)
    assert path.stat().st_size < 30_000
    with pytest.raises(UnsupportedFile, match="at most 1024 pixels a side, received 6000 × 6000"):
        examine(path, None)


def test_a_description_that_asks_for_a_billion_weights(tmp_path: Path) -> None:
    """Refused by the count, before the weights are made: this process grows by less than 100 MB."""
    import keras

    wide = [keras.layers.Dense(10), keras.layers.Dense(10)]
    path = saved(classifier(*wide), tmp_path)
    import zipfile

    with zipfile.ZipFile(path) as archive:
        config = archive.read("config.json").replace(b'"units": 10', b'"units": 30000')
        metadata = archive.read("metadata.json")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr("metadata.json", metadata)
    before = psutil.Process().memory_info().rss
    with pytest.raises(UnsupportedFile, match=r"asks for more than 0\.1 million"):
        examine(path, None)
    assert psutil.Process().memory_info().rss - before < 100_000_000


def test_layers_that_blow_an_image_up(tmp_path: Path) -> None:
    import keras

    path = saved(
        classifier(*[keras.layers.UpSampling2D(8)] * 3, keras.layers.UpSampling2D(4)), tmp_path
    )
    with pytest.raises(UnsupportedFile, match=r"at most 5 GiB for one image, received one with"):
        examine(path, None)


def test_what_layers_give_is_counted() -> None:
    """Input 8 x 8 x 3, convolution 6 x 6 x 4, pooling 4, dropout 4, three classes; 4 bytes each."""
    expected = 4 * (8 * 8 * 3 + 6 * 6 * 4 + 4 + 4 + 3)
    model = classifier(size=8)
    assert bounds.activation_bytes(model) == expected
    assert bounds.images_at_once(model) == 16


def test_a_layer_that_is_called_again_gives_each_time() -> None:
    import keras

    inputs = x = keras.Input((8, 8, 3))
    again = keras.layers.ReLU()
    for _ in range(5):
        x = again(x)
    assert bounds.activation_bytes(keras.Model(inputs, x)) == 4 * 6 * 8 * 8 * 3


def test_few_images_at_a_time_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    path = saved(classifier(keras.layers.Rescaling(1 / 255)), tmp_path)
    whole = examine(path, None)
    monkeypatch.setattr(bounds, "_AT_ONCE", 1)
    assert repr(examine(path, None)) == repr(whole)


def answer_with_a_pickle(marker: str) -> int:
    """What a taken-over child would do: say something else on every pipe that it has."""
    body = pickle.dumps(Intruder(Path(marker)))
    message = struct.pack("<2Q", 1, len(body)) + body
    for number in range(3, 32):
        try:
            os.write(number, message)
        except OSError:
            continue
    return 1


def test_a_child_that_was_taken_over_has_no_way_further(tmp_path: Path) -> None:
    marker = tmp_path / "came_through"
    with pytest.raises(EngineError):
        call_in_child(answer_with_a_pickle, str(marker), returns=int)
    assert not marker.exists()


def test_an_answer_of_another_shape_is_refused() -> None:
    with pytest.raises(EngineError, match="something else than was asked for"):
        call_in_child(max, 1, 2, returns=ModelFacts)


def test_facts_come_back_as_they_were(tmp_path: Path) -> None:
    import keras

    path = saved(classifier(keras.layers.Rescaling(1 / 255)), tmp_path)
    found = call_in_child(examine, path, None, returns=ModelFacts)
    assert repr(found) == repr(examine(path, None))


def test_two_heads(tmp_path: Path) -> None:
    import keras

    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(4, 3, name="maps")(keras.layers.Rescaling(1 / 255)(inputs))
    pooled = keras.layers.GlobalAveragePooling2D()(x)
    head = keras.layers.Dense(3, name="head", activation="softmax")(pooled)
    facts = examine(saved(keras.Model(inputs, [x, head]), tmp_path), None)
    assert (facts.outputs, facts.activation, facts.other_outputs) == (3, "softmax", ("maps",))
    other = keras.layers.Dense(2, name="other")(pooled)
    with pytest.raises(UnsupportedFile, match=r"received 2 outputs: head \(3,\), other \(2,\)"):
        examine(saved(keras.Model(inputs, [head, other]), tmp_path), None)


def test_a_learned_mixing_of_channels_hides_nothing(tmp_path: Path) -> None:
    import keras

    from xray_app.inspection.expectation import expected_of

    mixing = keras.layers.Conv2D(3, 1)
    front = mixing, keras.layers.Rescaling(1 / 127.5, -1.0)
    model = classifier(*front, channels=1)
    mixing.set_weights([np.float32([[[[2.0, -1.0, 0.5]]]]), np.float32([0.0, 1.0, 0.0])])
    facts = examine(saved(model, tmp_path), None)
    assert [layer.kind for layer in facts.layers] == ["Conv2D", "Rescaling"]
    assert facts.layers[0].affine is not None
    np.testing.assert_allclose(facts.layers[0].affine.gain, (2.0, -1.0, 0.5), rtol=1e-5)
    found = expected_of(facts)
    assert found.scheme == "raw"
    assert found.reason.startswith("A learned 1 × 1 convolution")
