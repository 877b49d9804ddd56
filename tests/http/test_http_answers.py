"""What the service answers, beside what the services themselves say."""

import hashlib
import io
from pathlib import Path

import httpx
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from tests.fakes import FakeEngine
from tests.http.conftest import BYTES, SMALL, sentence, serving
from xray_app import __version__
from xray_app.core.normalization.schemes import PRESETS
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.engines.catalogue import list_models
from xray_app.engines.protocol import Engine
from xray_app.http.answering import Engines
from xray_app.http.results import CompareResult, PredictResult
from xray_app.http.shield import HEADERS
from xray_app.presentation.plain import diagnosis_to_dict
from xray_app.readers import read_radiograph


def test_predict_is_the_diagnosis(client: httpx.Client, sample: bytes) -> None:
    answer = client.post("/predict?scheme=rescale", content=sample, headers=BYTES).json()
    expected = diagnosis_to_dict(
        diagnose(FakeEngine(), read_radiograph(sample), Choices("rescale")), ""
    )
    for name in ("probabilities", "predicted", "contract", "input", "provenance", "gate"):
        assert answer[name] == expected[name], name
    assert answer["image"]["sha256"] == hashlib.sha256(sample).hexdigest()
    assert answer["version"] == __version__
    assert "not a medical device" in answer["disclaimer"]
    assert "file" not in answer


def test_the_fit_can_be_chosen(client: httpx.Client) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (32, 1))).save(buffer, "PNG")
    answer = client.post(
        "/predict?fit=pad%3D0.5&kernel=area", content=buffer.getvalue(), headers=BYTES
    ).json()
    geometry = answer["geometry"]["geometry"]
    assert (geometry["fit"], geometry["kernel"], geometry["pad_value"]) == ("pad", "area", 0.5)
    assert answer["geometry"]["padding"] == 0.5
    assert answer["contract"]["verdict"] == "matches"
    assert PredictResult.model_validate(answer)


def test_the_heatmap_comes_only_when_asked_for(client: httpx.Client, sample: bytes) -> None:
    without = client.post("/predict", content=sample, headers=BYTES).json()
    assert without["saliency"]["map"] is None
    answer = client.post(
        "/predict?map=true&target=viral_pneumonia&explain=hirescam", content=sample, headers=BYTES
    ).json()
    found = diagnose(
        FakeEngine(), read_radiograph(sample), Choices(None, "hirescam", "viral_pneumonia")
    )
    assert np.array_equal(np.float32(answer["saliency"]["map"]), found.saliency.map)
    assert answer["saliency"]["target"] == "viral_pneumonia"
    assert answer["saliency_scale"] == found.saliency_scale


def test_compare_takes_the_grid_or_a_list(client: httpx.Client, sample: bytes) -> None:
    def asked(schemes: str) -> list[str]:
        address = f"/compare?schemes={schemes}"
        rows = client.post(address, content=sample, headers=BYTES).json()["schemes"]
        return [row["scheme"] for row in rows]

    assert asked("rescale, clahe%2Bbyte") == ["raw", "rescale", "clahe+byte"]  # as trained first
    grid = asked("grid")
    assert len(set(grid)) == len(grid) == 5 * 7
    wrong = client.post("/compare?schemes=rescale,sepia", content=sample, headers=BYTES)
    assert wrong.status_code == 422
    assert "sepia" in wrong.json()["error"]


def test_compare_has_every_preset(client: httpx.Client, sample: bytes) -> None:
    answer = client.post("/compare?map=1", content=sample, headers=BYTES).json()
    rows = {row["scheme"]: row for row in answer["schemes"]}
    assert list(rows) == [answer["trained_scheme"], *(n for n in PRESETS if n != "raw")]
    assert rows["rescale"]["verdict"] == "mismatch"
    assert answer["saliency_scale"] == max(0.0, *(r["saliency"]["peak"] for r in rows.values()))
    assert np.shape(rows["rescale"]["saliency"]["map"]) == (4, 4)


def test_frames_and_windows_are_chosen(client: httpx.Client) -> None:
    pages = [Image.new("L", (40, 30), gray) for gray in (10, 200)]
    pages[1].putpixel((0, 0), 0)
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    answer = client.post("/predict?frame=2", content=buffer.getvalue(), headers=BYTES).json()
    assert (answer["image"]["frame"], answer["image"]["frames"]) == (2, 2)
    assert answer["provenance"][0]["after"] == [0.0, 200.0]
    windowed = client.post("/predict?window=0,50", content=buffer.getvalue(), headers=BYTES).json()
    assert windowed["image"]["window"] == "custom"


def test_no_patient_tag_leaves(client: httpx.Client) -> None:
    data = Path(str(get_testdata_file("CT_small.dcm", download=False))).read_bytes()
    response = client.post("/predict", content=data, headers={"Content-Type": "application/dicom"})
    header = pydicom.dcmread(io.BytesIO(data))
    assert response.status_code == 200
    assert response.json()["image"]["technical"]["Modality"] == "CT"
    for tag in ("PatientName", "PatientID", "StudyDate", "InstitutionName", "StudyInstanceUID"):
        assert str(header[tag].value) not in response.text


def test_facts(client: httpx.Client) -> None:
    health = client.get("/health").json()
    assert health == {"status": "ok", "version": __version__, "in_flight": 0, "capacity": 4}
    schemes = client.get("/schemes").json()
    assert [row["name"] for row in schemes["presets"]] == list(PRESETS)
    assert [card["name"] for card in client.get("/models").json()] == list(list_models())
    assert client.get("/schema").json() == {
        "predict": PredictResult.model_json_schema(mode="serialization"),
        "compare": CompareResult.model_json_schema(mode="serialization"),
    }


def test_pages_that_load_from_elsewhere_are_off(client: httpx.Client) -> None:
    for path in ("/docs", "/redoc", "/"):
        response = client.get(path)
        assert response.status_code == 404
        assert "/openapi.json" in sentence(response)


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/nowhere", "/predict"])
def test_every_answer_has_the_security_headers(client: httpx.Client, path: str) -> None:
    response = client.get(path, headers={"Origin": "https://elsewhere.example"})
    for name, value in HEADERS.items():
        assert response.headers[name] == value
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_the_bundled_model_answers(bundled: Engine, sample: bytes) -> None:
    with serving(Engines(lambda _: bundled), SMALL) as client:
        answer = client.post("/predict", content=sample, headers=BYTES)
        compared = client.post("/compare", content=sample, headers=BYTES).json()
    assert answer.status_code == 200
    assert answer.json()["gate"]["verdict"] == "open"
    assert compared["schemes"][0]["probabilities"] == pytest.approx(
        answer.json()["probabilities"], abs=1e-5
    )


def test_models_are_opened_once_and_closed_at_the_end() -> None:
    opened: list[FakeEngine] = []

    def open_model(_: str) -> FakeEngine:
        opened.append(FakeEngine())
        return opened[-1]

    engines = Engines(open_model)
    assert engines.get() is engines.get("cxr_efficientnetb4")
    engines.close()
    assert [engine.closed for engine in opened] == [True]
