"""What went wrong, as a status and one sentence; never a traceback."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from xray_app.core import (
    FileTooLarge,
    InputError,
    ModelError,
    UnknownChoice,
    UnsupportedFile,
    XrayAppError,
)
from xray_app.http.calls import RETRY_SECONDS
from xray_app.http.queries import QUERIES
from xray_app.http.results import ErrorBody

# The nearest class of an error decides.
STATUSES: dict[type[BaseException], int] = {
    FileTooLarge: 413,
    UnsupportedFile: 415,
    InputError: 422,
    ModelError: 500,
    XrayAppError: 503,  # no process could be started to decode the file
}
_MEANINGS = {
    408: "the body took too long to come",
    413: "the body, or the image that it claims to hold, is over a limit",
    415: "the body is no file of a kind that is read here, or a form",
    422: "the body is damaged, or a choice does not exist",
    500: "the model can't be used, or the service has a fault",
    503: "too many radiographs are here already, one took too long, or the service is ending",
}
# What the framework says in two words.
_BARE = {
    404: "There is no such address; /openapi.json lists all.",
    405: "This address takes another method; /openapi.json says which.",
}
_LONGEST_QUOTED = 50  # characters
Responses = dict[int | str, dict[str, Any]]


def _documented(*statuses: int) -> Responses:
    responses: Responses = {
        status: {"model": ErrorBody, "description": _MEANINGS[status]} for status in statuses
    }
    if 503 in responses:
        retry = {"description": "seconds", "schema": {"type": "integer"}}
        responses[503]["headers"] = {"Retry-After": retry}
    return responses


PROBLEMS = _documented(500)
IMAGE_PROBLEMS = _documented(*_MEANINGS)


def add_handlers(app: FastAPI) -> None:
    """Make every error of ``app`` an ``ErrorBody``."""
    app.add_exception_handler(XrayAppError, _known)
    app.add_exception_handler(RequestValidationError, _wrong_choice)
    app.add_exception_handler(StarletteHTTPException, _refused)


async def _known(_: Request, error: Exception) -> JSONResponse:
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else None
    return _problem(status, " ".join(str(error).split()), headers)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StarletteHTTPException)
    sentence = _BARE.get(error.status_code, str(error.detail))
    return _problem(error.status_code, sentence, dict(error.headers or {}))


async def _wrong_choice(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:])
    if first["type"] == "extra_forbidden":
        known = QUERIES[request.url.path].model_fields
        return _problem(422, str(UnknownChoice.of("query parameter", name, known)), None)
    received = str(first["input"])[:_LONGEST_QUOTED]
    sentence = f"Query parameter {name!r}: {first['msg'].lower()}, received {received!r}."
    return _problem(422, sentence, None)


def _problem(status: int, sentence: str, headers: dict[str, str] | None) -> JSONResponse:
    return JSONResponse(ErrorBody(error=sentence).model_dump(), status, headers)
