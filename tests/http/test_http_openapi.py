"""The OpenAPI document is true: schemathesis calls every address as it says, and against it."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from tests.http.conftest import fake_engines
from tests.readers.reader_files import DEEP, RAMP, dicom, pillow, png
from xray_app.http.admission import Limits
from xray_app.http.application import create_app
from xray_app.samples.catalogue import read_sample

WHOLE = [read_sample("normal_1"), png(DEEP), dicom(DEEP), pillow(RAMP, "JPEG")]
BODIES = st.one_of(
    st.sampled_from(WHOLE),
    st.sampled_from(WHOLE).map(lambda data: data[: len(data) // 2]),
    st.binary(max_size=300),
)
schemathesis.openapi.media_type("application/octet-stream", BODIES)
SCHEMA = schemathesis.openapi.from_asgi(
    "/openapi.json",
    create_app(fake_engines(), Limits(jobs=2, body_bytes=1_000_000), ["testserver"]),
    config=SchemathesisConfig(seed=7),
)
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
statuses: dict[str, set[int]] = {}


OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
def test_every_address_does_what_the_document_says(operation: Any) -> None:
    @settings(
        max_examples=40,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def check(case: schemathesis.Case) -> None:
        response = case.call_and_validate(checks=CHECKS)
        statuses.setdefault(case.path, set()).add(response.status_code)

    check()


def test_both_outcomes_were_seen() -> None:
    """Else the test above would have compared only refusals with the document."""
    if not statuses:
        pytest.skip("runs after the test above")
    assert set(statuses) == {"/predict", "/compare", "/health", "/schema", "/schemes", "/models"}
    for path in ("/predict", "/compare"):
        assert {200, 422} <= statuses[path]


def test_every_problem_is_documented_as_one_sentence() -> None:
    document = json.loads(json.dumps(SCHEMA.raw_schema))
    for path in ("/predict", "/compare"):
        responses = document["paths"][path]["post"]["responses"]
        assert set(responses) == {"200", "408", "413", "415", "422", "500", "503"}
        for status in set(responses) - {"200"}:
            reference = responses[status]["content"]["application/json"]["schema"]["$ref"]
            assert reference.endswith("/ErrorBody"), status
        assert "Retry-After" in responses["503"]["headers"]
