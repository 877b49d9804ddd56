"""Rows are what Diagnose says, in the order of the inputs, and bad files harm no other."""

import itertools
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from tests.batch.batch_files import DAMAGES, pages, perturbed, samples
from tests.batch.crashing_decoder import CRASH
from tests.conftest import make_radiograph
from tests.fakes import FakeEngine, fake_card
from tests.made_files import png
from tests.readers.reader_files import dicom
from xray_app.anatomy import evidence_in
from xray_app.batch.decoding import Decoder, Size, Wanted
from xray_app.batch.item import Item
from xray_app.batch.model import Scorer
from xray_app.batch.rows import Row, columns, to_dict
from xray_app.batch.scoring import BATCH, BatchOptions, score_all
from xray_app.core.errors import InputError, UnknownChoice
from xray_app.core.images import Geometry
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.engines.catalogue import open_engine
from xray_app.engines.protocol import Engine, Forward
from xray_app.presentation.images import overlay
from xray_app.readers import ReadOptions, read_radiograph
from xray_app.samples.catalogue import list_samples, read_sample


def items(*datas: bytes) -> list[Item]:
    return [Item(f"{n}", data=data) for n, data in enumerate(datas)]


def rows(engine: Engine, wanted: list[Item], **options: object) -> list[Row]:
    return [s.row for s in score_all(engine, wanted, BatchOptions(workers=2, **options))]


@pytest.mark.parametrize("scheme", ["raw", "rescale", "clahe+byte"])
def test_a_row_says_what_diagnose_says(bundled: Engine, scheme: str) -> None:
    datas = samples()[:5]
    for row, data in zip(rows(bundled, items(*datas), scheme=scheme), datas, strict=True):
        diagnosis = diagnose(bundled, read_radiograph(data), Choices(scheme))
        assert diagnosis.gate is not None and row.probabilities and row.raw_probabilities
        assert np.allclose(row.probabilities, diagnosis.prediction.probabilities, atol=1e-5)
        assert np.allclose(row.raw_probabilities, diagnosis.prediction.raw_probabilities, atol=1e-5)
        assert row.predicted == diagnosis.prediction.predicted
        assert row.trained_predicted == diagnosis.trained_prediction.predicted
        assert (row.gate_verdict, row.gate_finding) == (
            diagnosis.gate.verdict, diagnosis.gate.finding,
        )  # fmt: skip
        assert row.gate_margin == pytest.approx(diagnosis.gate.margin, rel=1e-3)
        assert row.contract_verdict == diagnosis.contract.verdict
        assert row.contract_gain == pytest.approx(diagnosis.contract.gain, rel=1e-4)
        assert row.contract_correlation == pytest.approx(diagnosis.contract.correlation, rel=1e-4)
        assert row.error is None and row.scheme == scheme and row.model == bundled.card.name


def test_the_id_is_the_hash_of_the_bytes_and_the_frame() -> None:
    import hashlib

    data = samples()[0]
    (row,) = rows(FakeEngine(), items(data))
    assert row.id == f"{hashlib.sha256(data).hexdigest()}-1"


def test_every_frame_is_a_row_in_its_place() -> None:
    first, last = samples()[:2]
    found = rows(FakeEngine(), items(first, pages(11), last))
    assert [(r.name, r.frame, r.frames) for r in found] == [
        ("0", 1, 1), *(("1", n, 11) for n in range(1, 12)), ("2", 1, 1),
    ]  # fmt: skip
    assert len({r.probabilities for r in found}) == 13
    assert len({r.id for r in found}) == 13
    third = read_radiograph(pages(11), options=ReadOptions(3))
    diagnosis = diagnose(FakeEngine(), third, Choices())
    assert np.allclose(found[3].probabilities or (), diagnosis.prediction.probabilities, atol=1e-6)


def test_a_file_may_be_taken_up_at_a_later_frame() -> None:
    wanted = Wanted(items(pages(5))[0], 4, frames=5)
    found = list(score_all(FakeEngine(), [wanted], BatchOptions(workers=1)))
    assert [(s.row.frame, s.is_last) for s in found] == [(4, False), (5, True)]


def test_a_damaged_file_is_a_row_with_a_sentence() -> None:
    good = samples()[0]
    datas = [good, *(damage(good) for damage in DAMAGES), good]
    first, *bad, last = rows(FakeEngine(), items(*datas))
    assert first.error is None and last.error is None
    assert first.probabilities == last.probabilities
    for row in bad:
        assert row.error and row.error.endswith(".") and "\n" not in row.error
        assert row.probabilities is None and row.gate_verdict is None and row.rows is None
    assert rows(FakeEngine(), [Item("x", "/nowhere/x.png")])[0].id is None


def test_a_file_that_crashes_the_decoder_costs_its_own_row_only() -> None:
    good = samples()[0]
    decoder = Decoder(1, Size(Geometry(32, 32)), "tests.batch.crashing_decoder")
    try:
        found = decoder.decode([Wanted(item) for item in items(good, CRASH, good, b"", good)])
    finally:
        decoder.close()
    assert [bool(one.error) for one in found] == [False, True, False, True, False]
    assert "the decoder stopped" in found[1].error
    assert [one.wanted.item.name for one in found] == list("01234")


@pytest.mark.parametrize("workers", [1, 3])
def test_the_order_does_not_depend_on_the_workers(workers: int) -> None:
    datas = [perturbed(samples()[n % 12], n) for n in range(30)]
    found = score_all(FakeEngine(), items(*datas), BatchOptions(workers=workers))
    assert [s.row.name for s in found] == [str(n) for n in range(30)]


def test_the_numbers_do_not_depend_on_the_batch(bundled: Engine) -> None:
    datas = samples()[:7]
    alone = [rows(bundled, items(data))[0] for data in datas]
    together = rows(bundled, items(*datas))
    for a, b in zip(alone, together, strict=True):
        assert a.probabilities == pytest.approx(b.probabilities)
    assert [r.gate_margin for r in alone] == pytest.approx([r.gate_margin for r in together])


def test_only_a_few_files_are_read_ahead() -> None:
    read = itertools.count()

    def endless() -> Iterator[Item]:
        data = samples()[0]
        while True:
            next(read)
            yield Item("x", data=data)

    stream = score_all(FakeEngine(), endless(), BatchOptions(workers=1))
    for _ in range(20):
        next(stream)
    stream.close()
    assert next(read) <= 100


def test_it_stops_when_told_and_leaves_no_thread_behind() -> None:
    import threading

    asked = iter([False, False, True])
    data = samples()[0]
    stream = score_all(
        FakeEngine(), (Item("x", data=data) for _ in range(100)), cancelled=lambda: next(asked)
    )
    assert len(list(stream)) == 2 * BATCH
    names = [thread.name.split("_")[0] for thread in threading.enumerate()]
    assert not {"decode", "score"} & set(names)


def test_a_scheme_that_cannot_be_is_an_error_before_any_work() -> None:
    with pytest.raises(UnknownChoice, match="Did you mean 'rescale'"):
        score_all(FakeEngine(), [], BatchOptions("recsale"))
    contract = {"scheme": "raw", "range": [0, 255], "layers": []}
    with pytest.raises(InputError):
        score_all(FakeEngine(fake_card(contract=contract)), [], BatchOptions("dataset"))


def test_fewer_than_no_workers_and_no_pass_are_refused() -> None:
    with pytest.raises(InputError, match="received -1"):
        BatchOptions(workers=-1)
    with pytest.raises(InputError, match="at least 1 pass at a time, received 0"):
        BatchOptions(passes=0)


def test_overlays_are_those_of_diagnose(bundled: Engine) -> None:
    data = samples()[0]
    radiograph = read_radiograph(data)
    diagnosis = diagnose(bundled, radiograph, Choices())
    options = BatchOptions(workers=1, saliency=True, preview_pixels=64)
    (scored,) = score_all(bundled, items(data), options)
    expected = overlay(radiograph, diagnosis, 0.6, "inferno")
    assert scored.overlay is not None and scored.overlay.shape == expected.shape
    assert np.abs(scored.overlay.astype(int) - expected).mean() < 2.0
    assert diagnosis.lungs.lungs is not None
    evidence = evidence_in(diagnosis.saliency, diagnosis.lungs.lungs)
    assert evidence is not None and scored.row.lungs_field == evidence.densest
    assert scored.row.lungs_evidence == pytest.approx(evidence.lungs.evidence, abs=1e-3)
    assert scored.row.lungs_area == pytest.approx(evidence.lungs.area, abs=1e-3)
    (plain,) = score_all(bundled, items(data), BatchOptions(workers=1, preview_pixels=64))
    assert plain.row.lungs_evidence is None
    assert plain.overlay is None and plain.preview is not None and max(plain.preview.shape) == 64


def test_the_trained_scheme_costs_one_image_and_another_two() -> None:
    seen: list[int] = []

    class Counting(FakeEngine):
        def forward(self, batch):
            seen.append(len(batch))
            return super().forward(batch)

    displays = [make_radiograph(np.eye(32, dtype=np.uint8) * n).display for n in (100, 200)]
    Scorer(Counting()).score(displays)
    Scorer(Counting(), "rescale").score(displays)
    assert seen == [2, 4]


def test_technical_facts_are_an_allow_list_and_no_spreadsheet_formula() -> None:
    array = np.tile(np.arange(64, dtype=np.uint16), (64, 1))
    data = dicom(array, PixelSpacing=["-1", "1"], PatientName="Somebody^Else", ViewPosition="PA")
    (row,) = rows(FakeEngine(), items(data))
    assert (row.view_position, row.pixel_spacing, row.rows) == ("PA", "1 x 1 mm", 64)
    assert "Somebody" not in str(to_dict(row, ["a", "b", "c"]))


def test_every_column_has_a_name_and_says_what_it_is() -> None:
    found = columns(["a", "b"])
    assert len({c.name for c in found}) == len(found)
    assert all(c.about for c in found)
    assert {c.kind for c in found} == {"text", "integer", "number"}


def test_passes_beside_one_another_change_no_digit_and_no_order(bundled: Engine) -> None:
    wanted = [Item(name, data=read_sample(name)) for name in list_samples() * 3]
    one = [s.row for s in score_all(bundled, wanted, BatchOptions(workers=1))]
    with closing(open_engine(bundled.card.name, one_core=True)) as engine:
        three = [s.row for s in score_all(engine, wanted, BatchOptions(workers=2, passes=3))]
    assert three == one


class NotFinite(FakeEngine):
    """Answers NaN for whatever is bright."""

    def forward(self, batch: np.ndarray) -> Forward:
        answer = super().forward(batch)
        bright = batch.mean(axis=(1, 2, 3), keepdims=True)[..., 0, 0] > 128
        return replace(answer, logits=np.where(bright, np.float32(np.nan), answer.logits))


@pytest.mark.parametrize("scheme", ["raw", "minmax+byte"])
def test_an_answer_that_is_no_number_is_that_rows_error(scheme: str) -> None:
    dark, bright = (
        png(np.tile(np.linspace(low, low + 90, 40, dtype=np.uint8), (40, 1))) for low in (0, 160)
    )
    found = rows(NotFinite(), items(dark, bright, dark), scheme=scheme)
    assert [row.error is None for row in found] == [True, False, True]
    bad = found[1]
    assert bad.error is not None and bad.error.startswith("Expected a finite number")
    assert (bad.predicted, bad.probabilities, bad.contract_verdict) == (None, None, None)
    assert bad.id is not None and found[0].predicted == "normal"
    json.dumps([to_dict(row, ["a", "b", "c"]) for row in found], allow_nan=False)
