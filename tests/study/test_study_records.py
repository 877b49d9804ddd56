import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.study.made_up import MISMATCH, made_up
from xray_app.core.errors import InputError
from xray_app.study.records import EpochRecord, read_study, to_plain


def test_study_survives_its_file(tmp_path: Path) -> None:
    study = made_up(MISMATCH, 0.95, noise=0)
    path = tmp_path / "study.json"
    path.write_text(json.dumps(to_plain(study)))
    assert read_study(path) == study
    assert study.is_complete
    assert not replace(study, runs=study.runs[1:]).is_complete
    matrix = study.matrix("scratch", "auc")
    assert matrix[0] == pytest.approx((0.95, 0.55, 0.55))
    assert study.figure("scratch", "raw", "raw", "ece") == pytest.approx(0.95)
    assert replace(study, runs=()).matrix("scratch", "auc")[0] == (None, None, None)


def test_figures_keep_five_digits_and_no_nan() -> None:
    record = EpochRecord(1, 0.123456789, float("nan"), 0.5, None)
    plain = to_plain(record)
    assert plain["loss"] == 0.12346
    assert plain["validation_loss"] is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 99}, "expected format 1, received 99"),
        ({"size": "big"}, "field size: Input should be a valid integer, received 'big'"),
        ({"runs": [{}]}, "field runs.0.regime: Field required"),
        ({"extra": 1}, "field extra: "),
        ({"seeds": [0.5]}, "field seeds.0: "),
    ],
)
def test_a_wrong_study_file_is_named(tmp_path: Path, change: object, sentence: str) -> None:
    path = tmp_path / "study.json"
    path.write_text(json.dumps(to_plain(made_up({}, 0.9)) | change))
    with pytest.raises(InputError, match=sentence):
        read_study(path)


def test_an_unreadable_study_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Can't read study study.json"):
        read_study(tmp_path / "study.json")
    (tmp_path / "study.json").write_text("{")
    with pytest.raises(InputError, match="Study study.json is not JSON"):
        read_study(tmp_path / "study.json")
