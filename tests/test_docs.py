"""What the README says is compared with what the code does."""

import math
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import BUNDLED, ROOT
from tests.source_tree import FLOOR_OF
from tools.compare_document import line as line_of
from tools.compare_document import rows
from tools.documents import documents
from tools.study_documents import ANSWERED_BY
from xray_app.cards import EVALUATION_FILE, read_evaluation
from xray_app.commands import registry as commands
from xray_app.commands.registry import COMMANDS
from xray_app.core.normalization import contrast, scale, schemes
from xray_app.core.normalization.schemes import PRESETS
from xray_app.engines import Engine, catalogue, find_card, list_models
from xray_app.explain import class_activation
from xray_app.explain import registry as explanations
from xray_app.readers import read_radiograph
from xray_app.readers import registry as readers
from xray_app.samples import read_sample
from xray_app.study.catalogue import find_study, list_studies
from xray_app.study.records import read_study
from xray_app.study.summary import summarise
from xray_app.ui import navigation
from xray_app.ui.guide.shortcuts import LISTED

README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
IN_UNIT_RANGE = {name for name, scheme in PRESETS.items() if scheme.scale.name == "unit"}
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])


def test_the_two_commands_come_first() -> None:
    start, test = re.findall(r"```sh\n(.*?)\n```", README)[:2]
    assert start.startswith("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt")
    assert start.endswith(".venv/bin/streamlit run streamlit_app.py")
    assert test.startswith("python3 -m venv .venv && .venv/bin/pip install -r requirements-dev.txt")
    assert test.endswith(".venv/bin/python -m pytest")
    assert "\n" not in start + test


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_its_row(name: str) -> None:
    scheme = PRESETS[name]
    pair = f"{scheme.contrast.name}+{scheme.scale.name}"
    assert f"| `{name}` | `{pair}` | {scheme.explanation} |" in README


def test_every_command_has_its_row() -> None:
    table = README.split("## On the command line")[1].split("## Adding")[0]
    rows = dict(re.findall(r"^\| `(\w+)[^`]*` \| (.*?) \|$", table, flags=re.M))
    assert set(rows) == set(COMMANDS)
    for name, (_, run) in COMMANDS.items():
        assert rows[name] == (run.__doc__ or "").splitlines()[0]


def test_every_key_has_its_row() -> None:
    table = README.split("| key | what it does |")[1].split("\n\n")[0]
    assert dict(re.findall(r"^\| `(.)` \| (.*?) \|$", table, flags=re.M)) == LISTED


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_links_and_named_paths_exist(document: Path) -> None:
    text = document.read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target
    for path in re.findall(r"`((?:xray_app|tests|models|docs|benchmarks|tools)/[\w./]*)`", text):
        assert (ROOT / path).exists(), path


def test_the_rooms_are_those_of_the_tree_from_the_ground_up() -> None:
    rows = dict(re.findall(r"^\| `xray_app/(\w+)/` \| (.*?) \|$", CONTRIBUTING, flags=re.M))
    assert set(rows) == set(FLOOR_OF)
    floors = [FLOOR_OF[room] for room in rows]
    assert floors == sorted(floors)
    for room, text in rows.items():
        inside = {p.parent.name for p in (ROOT / "xray_app" / room).glob("*/*.py")}
        assert set(re.findall(r"`(\w+)/`", text)) == inside, room


# What a row of "Adding to it" speaks of, and the modules where that is registered.
REGISTERED = {
    "a contrast or scale step": [(contrast, "CONTRASTS"), (scale, "SCALES")],
    "a preset": [(schemes, "PRESETS")],
    "a file format": [(readers, "READERS")],
    "an explanation": [(class_activation, "CLASS_ACTIVATIONS"), (explanations, "EXPLANATIONS")],
    "a model": [],
    "a runtime": [(catalogue, "open_engine")],
    "a page": [(navigation, "_PAGES")],
    "a command": [(commands, "COMMANDS")],
}


def test_adding_names_the_file_of_each_registry() -> None:
    table = README.split("## Adding to it")[1].split("\n\n")[1]
    rows = dict(re.findall(r"^\| (.*?) \| (.*?) \|$", table, flags=re.M))
    assert set(rows) - {"add", "---"} == set(REGISTERED)
    for what, registries in REGISTERED.items():
        for module, name in registries:
            path = Path(module.__file__ or "").relative_to(ROOT)
            assert re.search(rf"^(def )?{name}\b", path.read_text(), flags=re.M), (path, name)
            named = re.findall(r"`([\w./]+)`", rows[what])
            assert str(path) in named or path.name in named, (what, path)


@pytest.mark.parametrize(("name", "text"), documents().items())
def test_documents_say_what_the_records_say(name: str, text: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text


def test_only_models_that_differ_in_the_scheme_alone_are_crossed() -> None:
    """Each row's bold cell is what the card's model was trained with, and the record's figure."""
    text = documents()["models.md"].split("## One question")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (cxr_\w+) \|.*?\*\*([0-9.]+) \(", text, flags=re.M)
    crossed = ["cxr_lite0_clahe_zscore", "cxr_lite0_imagenet", "cxr_lite0_rescale"]
    assert [name for name, _ in rows] == 2 * crossed  # AUC, then specificity
    for (name, value), figure in zip(rows, 3 * ["auc"] + 3 * ["specificity"], strict=True):
        record = read_evaluation(find_card(name).folder / EVALUATION_FILE)
        assert record is not None
        assert value == f"{record.evaluations[0].figures[figure].value:.3f}"
    # Intervals of the same images may overlap and the models differ: nothing follows from them.
    assert "the intervals of their AUC overlap, which is no test on the same images." in text
    assert "better" not in text


def test_two_models_names_all_that_are_installed_and_quotes_what_was_measured() -> None:
    """Of two that differ in the scheme alone, each fed as the other was trained."""
    said = (ROOT / "docs/two-models.md").read_text()
    assert [name for name in list_models() if f"`{name}`" not in said] == []
    lines = documents()["models.md"].splitlines()
    crossed: dict[str, list[str]] = {}
    for line in lines:
        cells = [cell.strip(" *") for cell in line.strip("|").split("|")]
        if cells[0] in {"cxr_lite0_rescale", "cxr_lite0_clahe_zscore"} and len(cells) == 7:
            crossed.setdefault(cells[0], []).extend([cells[1][:5], cells[3][:5]])
    first, second = crossed["cxr_lite0_rescale"], crossed["cxr_lite0_clahe_zscore"]
    words = " ".join(said.split())
    assert f"stays at {first[0]} and {second[1]}," in words
    assert f"falls from {first[3]} to {first[2]}, and from {second[2]} to {second[3]}." in words


def test_every_study_that_ships_answers_in_a_document() -> None:
    assert set(ANSWERED_BY.values()) == set(list_studies())


def test_what_is_said_of_fine_tuning_is_the_studies() -> None:
    tuned = summarise(read_study(find_study("efficientnet_lite0_160")))
    readme = " ".join((ROOT / "README.md").read_text().split())
    regimes = (tuned["finetuned-frozen-batchnorm"], tuned["finetuned"])
    frozen, learning = (f"{s.auc[s.worst]:.3f} to {s.auc[s.best]:.3f}" for s in regimes)
    assert f"{frozen} with BatchNorm frozen and {learning} with it learning" in readme
    assert "each of eleven schemes" in readme
    assert {len(s.runs) for s in regimes} == {11}

    pretrained = " ".join((ROOT / "docs/pretrained.md").read_text().split())
    lowest = min(auc for s in regimes for auc in s.auc.values())
    scratch, bare = (max(tuned[name].auc.values()) for name in ("scratch", "no-batchnorm"))
    assert f"reaches {lowest:.3f} or more under every scheme" in pretrained
    assert f"{scratch:.3f} at best with BatchNorm and {bare:.3f} without" in pretrained
    assert set(tuned["no-batchnorm"].stuck) == {"raw", "caffe"}
    from_scratch = read_study(find_study("efficientnet_lite0_160")).of("scratch")
    for runs, text in (
        (
            [r for r in from_scratch if r.scheme in IN_UNIT_RANGE],
            "still {} under ÷255 and the four",
        ),
        ([r for r in from_scratch if r.scheme not in IN_UNIT_RANGE], "is {} under six scales"),
    ):
        losses = sorted(r.epochs[-1].validation_loss or math.nan for r in runs)
        assert text.format(f"{losses[0]:.2f} to {losses[-1]:.2f}") in pretrained

    inside = read_study(find_study("efficientnet_lite0_160_inside"))
    said = (ROOT / "docs/rescaled-twice.md").read_text().split("<!-- answer -->")[0]
    for regime in ("finetuned-frozen-batchnorm", "pretrained-frozen"):
        assert f"{inside.figure(regime, 'rescale', 'rescale', 'auc'):.3f}" in said
    shown = " ".join(said.split())
    for regime, words in (
        ("finetuned-frozen-batchnorm", "{} with BatchNorm frozen ({} fed as the network expects)"),
        ("finetuned", "{} with it learning ({})"),
        ("pretrained-frozen", "{} under a new head ({})"),
    ):
        found = [f"{inside.figure(regime, s, s, 'auc'):.3f}" for s in ("imagenet", "raw")]
        assert words.format(*found) in shown
    twice, by_hand = (
        inside.figure("finetuned", "rescale", s, "auc") for s in ("rescale", "imagenet")
    )
    assert f"ranks those with AUC {twice:.3f}, and images standardised by hand" in shown
    assert f"4.4 times as large, with {by_hand:.3f}" in shown
    (stuck,) = inside.of("finetuned-frozen-batchnorm", "rescale")
    assert [round(e.gradient_norm or 0.0, 2) for e in stuck.epochs] == [0.12, 0.0, 0.0]
    (learns,) = inside.of("finetuned", "rescale")
    (fed_well,) = inside.of("finetuned", "raw")
    assert learns.epochs[-1].loss == pytest.approx(fed_well.epochs[-1].loss, rel=0.02)
    images = inside.data["images"]["train"]
    steps = 3 * (sum(images.values()) // inside.settings["batch_size"])
    assert f"After the {steps} steps of three epochs 0.99^{steps} = {0.99**steps:.1%}" in (
        " ".join(said.split()).replace(" %", "%")
    )


def test_what_is_said_of_efficientnetb4_is_the_studys() -> None:
    study = read_study(find_study("efficientnetb4_64"))
    found = summarise(study)["scratch"]
    readme, said = (
        " ".join((ROOT / name).read_text().split("<!-- answer -->")[0].split())
        for name in ("README.md", "docs/efficientnetb4.md")
    )
    ours, imagenets = (f"{found.auc[scheme]:.3f}" for scheme in ("rescale", "imagenet"))
    assert f"AUC {ours} and {imagenets}, fed as trained" in said
    assert f"{ours} with ÷255 and {imagenets} with ImageNet's" in readme
    for text in (said, readme):
        assert f"AUC changes by a median of {-found.typical:.3f}" in text

    fed = {
        (a, b): study.figure("scratch", a, b, "auc")
        for a in study.schemes
        for b in study.schemes
        if a != b
    }
    assert f"at worst to {min(fed.values()):.2f}" in said
    for trained_or_fed, words in ((0, "under any other scheme"), (1, "when fed bytes")):
        values = [auc for pair, auc in fed.items() if pair[trained_or_fed] == "raw"]
        assert f"{words} ({min(values):.2f} to {max(values):.2f})" in said

    *rest, highest = sorted(found.auc.values(), reverse=True)
    assert found.worst == "clahe"
    assert f"ten schemes reach {rest[-1]:.3f} to {rest[0]:.3f}, and CLAHE {highest:.3f}" in said
    losses = {run.scheme: [e.validation_loss for e in run.epochs] for run in study.runs}
    assert all(loss[-1] < loss[-2] for loss in losses.values())
    last = sorted(loss[-1] for scheme, loss in losses.items() if scheme != "clahe")
    assert f"({losses['clahe'][-1]:.2f}, the others {last[0]:.2f} to {last[-1]:.2f})" in said


def test_what_ships_names_no_path_of_another_machine() -> None:
    files = subprocess.run(
        ["git", "ls-files", "xray_app", "docs", "models", "benchmarks", "tools", "README.md",
         "*.txt"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    for name in files:
        if Path(name).suffix in {".py", ".md", ".json", ".txt", ".toml"}:
            text = (ROOT / name).read_text()
            assert not re.search(r"\.\./shared|/work/|/root/|pypi\.org|--index-url", text), name


def test_every_pinned_package_is_in_the_constraints() -> None:
    constraints = (ROOT / "constraints.txt").read_text().lower()
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / file).read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                assert re.fullmatch(r"[\w-]+(\[\w+\])?==[\w.]+", line), line
                assert re.sub(r"\[\w+\]", "", line).lower() in constraints


@pytest.mark.parametrize("name", ["README.md", "docs/is-normalization-necessary.md"])
def test_the_two_figures_that_everybody_quotes_are_the_cards(name: str) -> None:
    metrics = {metric.name: metric.value for metric in find_card(BUNDLED).metrics}
    text = (ROOT / name).read_text()
    for figure in ("AUC, positive against negative", "AUC, fed as rescale"):
        assert f"{metrics[figure]:.3f}" in text


@pytest.mark.parametrize("name", ["viral_pneumonia_3", "normal_1"])
def test_the_comparison_of_a_sample_is_what_the_page_finds(bundled: Engine, name: str) -> None:
    radiograph = read_radiograph(read_sample(name))
    (row,) = rows(bundled, iter([(f"sample:{name}", radiograph)]))
    document = (ROOT / "docs" / "compare.md").read_text()
    assert f"| {' | '.join(line_of(bundled.card, row))} |" in document
