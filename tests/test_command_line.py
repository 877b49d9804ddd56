"""The command line, with the fake engine in the place of the bundled one."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.command_line import run, with_fake_engine
from tests.fakes import FakeEngine, fake_card
from tests.two_models import signed
from xray_app.commands import diagnosing
from xray_app.commands.models import two_models
from xray_app.core.normalization import CONTRASTS, SCALES, scheme_grid
from xray_app.core.normalization.schemes import PRESETS
from xray_app.engines import default_model, list_models
from xray_app.samples.catalogue import list_samples


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    return with_fake_engine(monkeypatch)


def test_predict_prints_json(capsys: pytest.CaptureFixture[str], engine: FakeEngine) -> None:
    status, out, err = run(capsys, "predict", "sample:normal_1", "--scheme", "rescale", "--json")
    result = json.loads(out)
    assert (status, err) == (0, "")
    assert result["file"] == "sample:normal_1"
    assert result["contract"]["verdict"] == "mismatch"
    assert engine.closed


def test_a_window_of_a_sample_counts(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {
        run(capsys, "predict", "sample:normal_1", "--json", *window)[1]
        for window in ((), ("--window", "100,110"))
    }
    assert len({json.dumps(json.loads(out)["probabilities"]) for out in shown}) == 2


def test_predict_says_the_verdict_first(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "predict", "sample:normal_1", "--scheme", "rescale")
    gate, contract = out.splitlines()[:2]
    assert "Nothing checks" in gate  # the fake has no gate
    assert contract.startswith("Contrast divided by 255.")
    assert "not a medical device" in out


def test_another_fit_is_said_after_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    command = "predict", "sample:normal_1", "--fit", "resize-crop", "--no-antialias"
    _, out, _ = run(capsys, *command)
    assert "\nRight scale, but shorter side to 37, then centre crop where training had it" in out
    assert "and resampled bilinear, not antialiased where training used bilinear" in out


def test_compare_prints_every_fit(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "compare", "sample:normal_1")
    assert "\nCentre crop " in out
    assert "\nGeometry: " in out
    _, out, _ = run(capsys, "compare", "sample:normal_1", "--json")
    fits = json.loads(out)["geometries"]
    assert [one["geometry"]["geometry"]["fit"] for one in fits[:4]] == [
        "stretch", "pad", "crop", "resize-crop",
    ]  # fmt: skip


def test_predict_writes_the_overlay(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "overlay.png"
    assert run(capsys, "predict", "sample:normal_1", "--overlay", str(path))[0] == 0
    with Image.open(path) as image:
        assert image.size == (224, 224)


def test_compare_prints_the_grid(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "compare", "sample:normal_1", "--json")
    assert status == 0
    assert json.loads(out)["sensitivity"]["sweeps"][0]["name"] == "gamma"
    names = [scheme.name for row in scheme_grid() for scheme in row]
    assert [row["scheme"] for row in json.loads(out)["schemes"]] == names
    _, table, _ = run(capsys, "compare", "sample:normal_1")
    assert all(name in table for name in (*CONTRASTS, *SCALES))
    assert "Contrast: at the model's own scale" in table


def test_compare_takes_a_part_of_the_grid_or_schemes(capsys: pytest.CaptureFixture[str]) -> None:
    part = "compare", "sample:normal_1", "--json", "--contrast", "none,clahe", "--scale", "unit"
    _, out, _ = run(capsys, *part)
    names = [row["scheme"] for row in json.loads(out)["schemes"]]
    assert names == ["raw", "rescale", "clahe"]  # as trained comes first, asked for or not
    _, table, _ = run(capsys, "compare", "sample:normal_1", "--schemes", "rescale,clahe+byte")
    lines = table.splitlines()[1:-1]
    assert [line.split()[0] for line in lines] == ["raw", "rescale", "clahe+byte"]
    for wrong, said in (("--contrast=clake", "contrast step"), ("--schemes=rav", "scheme")):
        status, _, error = run(capsys, "compare", "sample:normal_1", wrong)
        assert status == 2
        assert f"Unknown {said}" in error


def test_compare_makes_no_slow_map_that_its_lines_do_not_show(
    capsys: pytest.CaptureFixture[str], engine: FakeEngine
) -> None:
    command = "compare", "sample:normal_1", "--schemes", "rescale"
    calls = []
    for explanation in ("gradcam", "occlusion"):
        engine.calls = 0
        assert run(capsys, *command, "--explain", explanation)[0] == 0
        calls.append(engine.calls)
    assert calls[0] == calls[1]


def test_compare_sets_a_second_model_beside_the_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is closed before the next is opened."""
    opened: dict[str, FakeEngine] = {}

    def open_fake(name: str) -> FakeEngine:
        assert all(engine.closed for engine in opened.values())
        opened[name] = FakeEngine(signed() if opened else None)
        return opened[name]

    monkeypatch.setattr(two_models, "open_engine", open_fake)
    command = "compare", "sample:normal_1", "--with", "cxr_lite0_tb", "--schemes", "clahe"
    status, out, err = run(capsys, *command, "--json")
    assert (status, err) == (0, "")
    result = json.loads(out)
    assert list(opened) == [default_model(), "cxr_lite0_tb"]
    assert [side["trained_scheme"] for side in result["models"].values()] == ["raw", "signed"]
    assert list(result["models"]["a"]["schemes"]) == ["raw", "signed", "clahe"]
    assert {row["aspect"] for row in result["contracts"] if row["differs"]} == {
        "Scheme", "Values", "At the first convolution",
    }  # fmt: skip
    opened.clear()
    _, out, _ = run(capsys, *command)
    assert all(sentence in out for sentence in result["conclusion"])
    assert "\nScheme                    ≠  raw (" in out
    assert "not a medical device" in out


def test_a_layer_that_only_the_second_lacks_is_refused_before_the_first_works(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = {default_model(): FakeEngine(), "cxr_lite0_tb": FakeEngine(signed())}
    engines[default_model()].layers = "cells", "finer_cells"
    monkeypatch.setattr(two_models, "open_engine", engines.__getitem__)
    command = "compare", "sample:normal_1", "--with", "cxr_lite0_tb", "--layer", "finer"
    status, _, err = run(capsys, *command)
    assert (status, engines[default_model()].calls) == (2, 0)
    assert "B, cxr_lite0_tb: Unknown layer 'finer'; expected one of cells, last." in err


def test_a_slow_explanation_of_two_is_noted_for_both_and_goes_forward_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = {default_model(): fake_card(), "cxr_lite0_tb": signed()}
    seen: list[float] = []
    monkeypatch.setattr(two_models, "find_card", cards.__getitem__)
    monkeypatch.setattr(two_models, "open_engine", lambda name: FakeEngine(cards[name]))
    monkeypatch.setattr(diagnosing, "_progress_of", lambda method: seen.append)
    command = "compare", "sample:normal_1", "--with", "cxr_lite0_tb", "--explain", "occlusion"
    status, _, err = run(capsys, *command)
    assert status == 0
    assert err.splitlines() == [
        f"Note on {letter}: Occlusion was not checked for this model." for letter in "AB"
    ]
    assert seen == sorted(seen)
    assert (min(seen) < 0.5, seen[-1]) == (True, 1.0)


def test_probe(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "probe", "--json")
    assert [layer["name"] for layer in json.loads(out)["layers"]] == ["rescaling", "normalization"]
    assert "overall, a channel: 0.0156863 x" in run(capsys, "probe")[1]


@pytest.mark.parametrize("command", ["schemes", "models", "samples"])
def test_lists(capsys: pytest.CaptureFixture[str], command: str) -> None:
    status, out, _ = run(capsys, command)
    assert status == 0
    assert len(out.splitlines()) == {
        "schemes": len(PRESETS) + 1, "models": len(list_models()), "samples": len(list_samples())
    }[command]  # fmt: skip
    assert json.loads(run(capsys, command, "--json")[1])


def bad_file(directory: Path, kind: str) -> Path:
    path = directory / f"{kind}.png"
    whole = directory / "whole.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8)).save(whole)
    content = {
        "empty": b"",
        "text": b"This is no picture at all.\n" * 9,
        "truncated": whole.read_bytes()[:700],
    }[kind]
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", ["empty", "text", "truncated"])
def test_bad_files_give_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: str
) -> None:
    status, out, err = run(capsys, "predict", str(bad_file(tmp_path, kind)))
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "xpected" in err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["predict", "nowhere.png"], "Can't read nowhere.png: No such file or directory."),
        (["predict", "sample:nobody"], "Unknown sample 'nobody'"),
        (
            ["predict", "sample:normal_1", "--fit", "cropp"],
            "expected one of crop, pad, resize-crop, stretch. Did you mean 'crop'?",
        ),
        (["compare", "sample:normal_1", "--fit", "pad=7"], "from 0 (black) to 1 (white)"),
        (["predict", "sample:normal_1", "--frame", "99"], "from 1 to 1, received 99"),
        (["compare", "sample:normal_1", "--frame", "99"], "from 1 to 1, received 99"),
        (["report", "sample:normal_1", "--frame", "99", "--out", "no/a.pdf"], "received 99"),
        (["dicom", "sample:normal_1", "--frame", "99", "--out", "no/such/a"], "received 99"),
        (
            ["compare", "sample:normal_1", "--schemes", "raw", "--scale", "unit"],
            "Expected --schemes, or --contrast and --scale for a part of the grid, received both.",
        ),
        (["predict", "sample:normal_1", "--kernel", "box"], "Unknown kernel 'box'"),
        (["predict", "sample:normal_1", "--scheme", "rav"], "Did you mean 'raw'?"),
        (["predict", "sample:normal_1", "--explain", "gradcan"], "Did you mean 'gradcam'?"),
        (["predict", "sample:normal_1", "--target", "flu"], "Unknown class 'flu'"),
        (["predict", "sample:normal_1", "--layer", "x"], "Unknown layer 'x'"),
        (["predict", "sample:normal_1", "--overlay", "no/such/folder/a.png"], "Can't write"),
        (
            ["compare", "sample:normal_1", "--with", "cxr_efficientnetb4"],
            "Expected two models, received cxr_efficientnetb4 twice",
        ),
        (["compare", "sample:normal_1", "--with", "cxr_lite0"], "Did you mean 'cxr_lite0_tb'?"),
        (["compare", "sample:normal_1", "--with", "no.onnx"], "Can't read no.onnx"),
        (
            ["compare", "sample:normal_1", "--with", "cxr_lite0_tb", "--scale", "byte"],
            "for two models name --schemes",
        ),
        *(
            (
                ["compare", "sample:normal_1", "--with", "cxr_lite0_tb", *option],
                "with --with each is fed as it was trained: leave them out",
            )
            for option in (["--fit", "pad"], ["--kernel", "area"], ["--no-antialias"])
        ),
        (
            ["compare", "sample:normal_1", "--with", "cxr_lite0_tb", "--layer", "top_conv"],
            "Unknown layer for two models 'top_conv'",
        ),
        (
            ["compare", "sample:normal_1", "--with", "cxr_lite0_tb", "--with-trained-fit", "pad"],
            "--with-trained-fit tells what a file doesn't; expected a file after --with",
        ),
        (
            ["compare", "sample:normal_1", "--with", "cxr_lite0_tb", "--trained", "raw"],
            "--trained tells what a file doesn't; expected a file after --model, received cxr_eff",
        ),
        (
            ["compare", "sample:normal_1", "--with-classes", "a,b"],
            "--with-classes tells what a file doesn't; expected a file after --with, received none",
        ),
        (
            ["predict", "sample:normal_1", "--trained", "raw", "--trained-fit", "pad"],
            "--trained, --trained-fit tell what a file doesn't; expected a file after --model",
        ),
        (
            ["compare", "sample:normal_1", "--with", "cxr_lite0_tb", "--target", "flu"],
            "Unknown class 'flu'",
        ),
        (["predict"], "the following arguments are required: file"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_bad_arguments_give_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert expected in err
