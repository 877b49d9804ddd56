import errno
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.training.training_data import write_splits
from xray_app.cards.card import read_card
from xray_app.core.classifier_metrics import resample_groups
from xray_app.core.errors import InputError, ModelError
from xray_app.core.images import Geometry
from xray_app.core.normalization.schemes import parse_scheme
from xray_app.core.progress import Progress
from xray_app.training.data.batches import inputs_under
from xray_app.training.data.reading import load_dataset
from xray_app.training.fit.learner import probabilities_of
from xray_app.training.fit.metrics import auc, figures, outcome
from xray_app.training.fit.networks import build_network, build_pretrained
from xray_app.training.options import TrainOptions
from xray_app.training.recipe import COMPACT
from xray_app.training.train import train


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> TrainOptions:
    root = tmp_path_factory.mktemp("train")
    return TrainOptions(
        data=write_splits(root / "blobs", of_each=4),
        out=root / "whole",
        arch=COMPACT,
        size=32,
        epochs=3,
        batch_size=16,
        warmup_epochs=1,
        learning_rate=5e-3,
        scheme="imagenet",
        mixup=0.2,
        ema=0.9,
        class_weights=True,
        workers=1,
    )


@pytest.fixture(scope="module")
def trained(options: TrainOptions) -> Path:
    return train(options)


class Killed(Exception):
    """Stands for a process that ends in the middle of a step."""


def killed_at(images: int) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if progress.done >= images:
            raise Killed

    return report


def weights_in(folder: Path) -> list[np.ndarray]:
    network = build_network(COMPACT, 32, 2, 0.4)
    network.load_weights(folder / "float16.weights.h5")
    return [keras.ops.convert_to_numpy(v) for v in network.weights]


def test_card_is_valid_and_true(options: TrainOptions, trained: Path) -> None:
    card = read_card(trained / "card.json")
    assert (card.name, card.architecture) == ("whole", COMPACT)
    assert card.class_names == ("normal", "sick")
    assert card.contract.scheme == "imagenet"
    assert card.contract.layers == ()
    assert card.contract.range[0] >= -2.13
    assert card.contract.range[1] <= 2.65
    data = load_dataset(options.data, Geometry(32, 32))
    assert card.contract.statistics is not None
    assert card.contract.statistics.mean == pytest.approx(data.statistics.mean, abs=1e-5)
    assert card.training_data.images == 48
    assert card.metrics[0].command.startswith("python -m xray_app train blobs --out whole --arch")
    assert {m.name for m in card.metrics} >= {"auc", "accuracy", "sensitivity", "specificity"}


def test_metrics_are_those_of_the_written_weights(options: TrainOptions, trained: Path) -> None:
    card = read_card(trained / "card.json")
    network = build_network(COMPACT, 32, 2, card.dropout)
    network.load_weights(trained / card.weights.file)
    data = load_dataset(options.data, Geometry(32, 32))
    inputs = inputs_under(data.test.images, parse_scheme("imagenet"), data.statistics, 16)
    result = outcome(probabilities_of(network, inputs), data.test.labels)
    reported = {m.name: m.value for m in card.metrics}
    assert reported["auc"] == pytest.approx(auc(result), abs=1e-4)
    assert reported["auc"] > 0.9
    history = json.loads((trained / "history.json").read_text())
    assert [e["epoch"] for e in history["epochs"]] == [1, 2, 3]
    assert history["epochs"][2]["loss"] < history["epochs"][0]["loss"]
    assert history["epochs"][0]["gradient_norm"] > 0
    patients = [file.stem.split("_")[0] for file in sorted((options.data / "test").rglob("*.png"))]
    assert len(set(patients)) == 4
    found = figures(result, patients, resample_groups(patients, 1000, seed=0))
    for name, interval in found.items():
        assert history["test"][name] == pytest.approx(asdict(interval), abs=1e-4)
    assert not (trained / "checkpoint.npz").exists()


def test_a_killed_run_resumes_and_ends_alike(options: TrainOptions, trained: Path) -> None:
    broken = replace(options, out=options.out.with_name("broken"))
    with pytest.raises(Killed):
        train(broken, killed_at(48 + 32))  # in the second epoch
    seen: list[Progress] = []
    resumed = train(broken, seen.append)
    assert seen[0].done == 48 + 16, "the first epoch was not kept"
    assert (resumed / "history.json").read_text() == (trained / "history.json").read_text()
    for ours, theirs in zip(weights_in(trained), weights_in(resumed), strict=True):
        np.testing.assert_array_equal(ours, theirs)

    with pytest.raises(InputError, match="holds a trained model already"):
        train(broken)


def test_another_recipe_is_refused_in_the_same_folder(options: TrainOptions) -> None:
    started = replace(options, out=options.out.with_name("started"))
    with pytest.raises(Killed):
        train(started, killed_at(1))
    with pytest.raises(InputError, match=r"epochs \(3 there, 4 here\)"):
        train(replace(started, epochs=4))
    (started.out / "checkpoint.npz").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"checkpoint.npz: it is damaged"):
        train(started)
    (started.out / "recipe.json").write_text("[]")
    with pytest.raises(InputError, match=r"Recipe recipe\.json is wrong in .*another --out"):
        train(started)


def test_a_full_disk_loses_nothing(options: TrainOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    full = replace(options, out=options.out.with_name("full"))
    save = np.savez

    def fail_second_time(path: Path, **content: np.ndarray) -> None:
        save(path, **content)
        if (full.out / "checkpoint.npz").exists():
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", fail_second_time)
    with pytest.raises(InputError, match=r"Can't write checkpoint.npz: No space left on device"):
        train(full)
    kept = np.load(full.out / "checkpoint.npz")
    assert len(json.loads(str(kept["meta"]))["history"]) == 1
    assert {p.name for p in full.out.iterdir()} == {"checkpoint.npz", "recipe.json"}


def test_divergence_is_said(options: TrainOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xray_app.training.fit.learner.Learner.step", lambda *_: float("nan"))
    with pytest.raises(ModelError, match="diverged in epoch 1"):
        train(replace(options, out=options.out.with_name("wild")))


def test_images_are_fitted_as_the_card_says(options: TrainOptions) -> None:
    chosen = replace(
        options, out=options.out.with_name("padded"), epochs=1, fit="pad=1", antialias=False
    )
    card = read_card(train(chosen) / "card.json")
    assert card.input.geometry == Geometry(32, 32, "pad", antialias=False, pad_value=1)
    assert "--fit pad=1 --no-antialias" in card.metrics[0].command
    data = load_dataset(options.data, card.input.geometry)
    assert data.digest == load_dataset(options.data, Geometry(32, 32)).digest  # they are square


def test_an_option_of_later_has_its_default_in_an_earlier_recipe(options: TrainOptions) -> None:
    started = replace(options, out=options.out.with_name("earlier"))
    with pytest.raises(Killed):
        train(started, killed_at(1))
    path = started.out / "recipe.json"
    recipe = json.loads(path.read_text())
    path.write_text(json.dumps({k: v for k, v in recipe.items() if k not in ("fit", "kernel")}))
    with pytest.raises(Killed):
        train(started, killed_at(1))
    with pytest.raises(InputError, match=r"fit \(stretch there, crop here\)"):
        train(replace(started, fit="crop"))


def test_fine_tuning_starts_from_imagenets_weights(options: TrainOptions) -> None:
    chosen = replace(
        options, out=options.out.with_name("tuned"), arch="EfficientNetLite0", epochs=1,
        scheme="signed", pretrained=True, freeze_batchnorm=True, learning_rate=1e-6, ema=0.0,
    )  # fmt: skip
    folder = train(chosen)
    card = read_card(folder / "card.json")
    assert "--pretrained --freeze-batchnorm" in card.metrics[0].command
    network = build_network("EfficientNetLite0", 32, 2, card.dropout)
    network.load_weights(folder / card.weights.file)
    start = build_pretrained("EfficientNetLite0", 32, 2, 0.0, freeze_batchnorm=True)
    for name in ("stem_conv", "stem_bn", "top_bn"):
        ours, theirs = (model.get_layer(name).get_weights() for model in (network, start))
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-3, atol=2e-3)  # float16, and one epoch
