"""What is refused, with which status, in one sentence."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.http.conftest import BYTES, sentence
from xray_app.core import errors
from xray_app.http import application
from xray_app.http.problems import STATUSES

Patch = pytest.MonkeyPatch


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("scheme=rav", "Did you mean 'raw'?"),
        ("shceme=raw", "Unknown query parameter 'shceme'; expected one of"),
        ("shceme=raw", "Did you mean 'scheme'?"),
        ("model=../models", "Unknown model '../models'"),
        ("explain=gradcan", "Did you mean 'gradcam'?"),
        ("explain=rise", "expected one of gradcam, gradcam++, hirescam"),
        ("explain=occlusion", "Unknown explanation 'occlusion'"),
        ("target=flu", "Unknown class 'flu'"),
        ("layer=x", "Unknown layer 'x'"),
        ("frame=0", "'frame': input should be greater than or equal to 1, received '0'."),
        ("frame=two", "received 'two'"),
        ("frame=2", "Expected a frame or page from 1 to 1, received 2."),
        ("window=9,1", "lower end is below its upper end"),
        ("map=perhaps", "'map'"),
    ],
)
def test_wrong_choices(client: httpx.Client, sample: bytes, query: str, expected: str) -> None:
    response = client.post(f"/predict?{query}", content=sample, headers=BYTES)
    assert response.status_code == 422
    assert expected in sentence(response)


def test_compare_takes_no_scheme(client: httpx.Client, sample: bytes) -> None:
    response = client.post("/compare?scheme=raw", content=sample, headers=BYTES)
    assert response.status_code == 422
    assert "'scheme'; expected one of antialias, explain, fit, frame" in sentence(response)


@pytest.mark.parametrize("method", ["scorecam", "integrated-gradients"])
def test_many_schemes_take_no_explanation_of_many_passes(
    client: httpx.Client, sample: bytes, method: str
) -> None:
    path = f"/compare?schemes=grid&explain={method}"
    response = client.post(path, content=sample, headers=BYTES)
    assert response.status_code == 422
    assert f"received '{method}', which runs the model many times" in sentence(response)
    refused = client.post("/compare?explain=rise", content=sample, headers=BYTES)
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"", 422, "received an empty file"),
        (b"This is no picture at all.\n" * 9, 415, "xpected"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), 422, "xpected"),
        (bytes(2_000_001), 413, "Expected at most 2 MB"),
    ],
)
def test_wrong_bodies(client: httpx.Client, body: bytes, status: int, expected: str) -> None:
    response = client.post("/predict", content=body, headers=BYTES)
    assert response.status_code == status
    assert expected in sentence(response)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/form-data; boundary=x", "application/json"]
)
def test_forms_are_refused(client: httpx.Client, sample: bytes, content_type: str) -> None:
    """Other sites' pages can send these types unasked, and a form would be spooled to the disk."""
    headers = {"Content-Type": content_type} if content_type else {}
    response = client.post("/predict", content=sample, headers=headers)
    assert response.status_code == 415
    assert "application/octet-stream" in sentence(response)


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("kind", [*errors.XrayAppError.__subclasses__(), errors.XrayAppError])
def test_every_error_of_the_tree_has_a_status(
    client: httpx.Client, sample: bytes, monkeypatch: Patch, kind: type[errors.XrayAppError]
) -> None:
    for leaf in (kind, *kind.__subclasses__()):
        monkeypatch.setattr(application, "predict", raising(leaf("A sentence.")))
        response = client.post("/predict", content=sample, headers=BYTES)
        assert sentence(response) == "A sentence."
        nearest = next(c for c in leaf.__mro__ if c in STATUSES)
        assert response.status_code == STATUSES[nearest]
        assert ("retry-after" in response.headers) == (response.status_code == 503)


def test_a_defect_shows_and_logs_no_content(
    client: httpx.Client, sample: bytes, monkeypatch: Patch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(application, "predict", raising(KeyError("Doe^Jane")))
    response = client.post("/predict", content=sample, headers=BYTES)
    assert response.status_code == 500
    assert sentence(response).startswith("The service failed")
    logged = "".join(capfd.readouterr())
    assert logged.startswith("Internal error: KeyError at test_http_problems.py:")
    assert "Doe" not in logged
    assert len(logged.splitlines()) == 1


@pytest.mark.parametrize("query", ["scheme=raw&scheme=byte", "map=1&map=1", "x=1&x=2"])
def test_a_choice_that_is_given_twice(client: httpx.Client, sample: bytes, query: str) -> None:
    response = client.post(f"/predict?{query}", content=sample, headers=BYTES)
    assert response.status_code == 422
    assert "more than once" in sentence(response)
