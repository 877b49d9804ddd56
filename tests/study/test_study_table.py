from dataclasses import replace

import pytest

from tests.study.made_up import MISMATCH, made_up, renamed
from xray_app.study.markdown import study_markdown
from xray_app.study.regimes import regime_words
from xray_app.study.summary import Mismatch
from xray_app.study.table import regime_table


def test_a_row_is_the_figures_of_its_regime() -> None:
    figures = {**MISMATCH, ("scratch", "raw", "raw"): 0.9, ("scratch", "raw", "signed"): 0.3}
    study = renamed(made_up(figures, 0.95, noise=0.0), scratch="scratch", frozen="frozen")
    header, scratch, frozen = regime_table(study)
    assert dict(zip(header, scratch, strict=True)) == {
        "trained": "From scratch",
        "schemes": "3",
        "seeds": "2",
        "AUC fed as trained": "0.900 (raw) to 0.950 (rescale)",
        "range (by chance)": "0.050 (0.020)",
        # 0.35, 0.6 and four times 0.4
        "change when fed another": "-0.400, worst -0.600",
        "pairs that lose over 0.05": "6 of 6",
        "scale alone differs": "6 of 6",
        "contrast alone differs": "",
        "epochs to one loss": "1.0 (raw) to 1.0 (raw) of 1",
    }
    assert frozen[0] == "New head on a frozen backbone"
    assert dict(zip(header, frozen, strict=True))["change when fed another"] == (
        "+0.000, worst +0.000"
    )


def test_a_diverged_run_is_named() -> None:
    study = renamed(made_up({}, 0.9), scratch="scratch")
    runs = tuple(replace(r, diverged=r.scheme == "raw") for r in study.runs)
    assert "Figures of 2 seeds, 1 epoch. Diverged: raw." in study_markdown(
        replace(study, runs=runs)
    )
    assert "Diverged" not in study_markdown(study)


def test_what_trained_it_is_named_where_it_was_recorded() -> None:
    study = made_up({}, 0.9)
    assert "trained on" not in study_markdown(study).split("\n")[0]
    first = study_markdown(replace(study, machine="1 GPU")).split("\n")[0]
    assert first.endswith(", trained on 1 GPU.")


def test_a_regime_of_one_scheme_has_no_row() -> None:
    study = made_up({}, 0.9)
    one = replace(study, runs=study.of("scratch", "raw"))
    assert len(regime_table(one)) == 1
    assert "side by side" not in study_markdown(one)
    assert "### The regimes side by side\n\n| trained | schemes |" in study_markdown(study)


@pytest.mark.parametrize(
    ("trained", "fed", "differs"),
    [
        ("rescale", "signed", {"scale"}),
        ("rescale", "clahe", {"contrast"}),
        ("signed", "clahe", {"scale", "contrast"}),
    ],
)
def test_steps_in_which_two_schemes_differ(trained: str, fed: str, differs: set[str]) -> None:
    assert Mismatch(trained, fed, 0.0).differs == differs


def test_a_study_of_networks_that_rescale_says_so() -> None:
    study = made_up({}, 0.9)
    inside = replace(study, settings={"epochs": 1, "keep_preprocessing": True})
    assert "with MadeUpNet, 7 parameters" in study_markdown(study)
    assert "with MadeUpNet, which scales bytes by itself, 7 parameters" in study_markdown(inside)


def test_an_unknown_regime_is_called_by_its_name() -> None:
    assert regime_words("distilled") == ("distilled", "in regime distilled")
