"""The addresses of the service.

A radiograph is the body itself, not a form: forms would be spooled to the disk. Pages of
documentation are off because they load from other servers; /openapi.json describes everything.
"""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Query, Request

from xray_app import __version__
from xray_app.cards import ModelCard
from xray_app.core.normalization import CONTRASTS, PRESETS, SCALES
from xray_app.core.text import DISCLAIMER
from xray_app.engines import find_card, list_models
from xray_app.explain import Advance
from xray_app.http.admission import Admission, Limits
from xray_app.http.answering import Engines, Values, compare_schemes, predict
from xray_app.http.problems import IMAGE_PROBLEMS, PROBLEMS, add_handlers
from xray_app.http.queries import CompareQuery, ImageQuery, PredictQuery, refuse_repeated
from xray_app.http.results import (
    CompareResult,
    Health,
    PredictResult,
    SchemeRow,
    Schemes,
)
from xray_app.http.shield import Shield

Choice = TypeVar("Choice", bound=ImageQuery)

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "the file itself: PNG, JPEG, TIFF, BMP, WebP, GIF or DICOM, by content",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def create_app(
    engines: Engines, limits: Limits | None = None, names: Collection[str] = ()
) -> FastAPI:
    """The ASGI application over these models.

    Args:
        engines: the models.
        limits: what callers are held to.
        names: host names under which it is reached, besides ``localhost`` and any IP address.
    """
    admission = Admission(limits or Limits())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        admission.open()
        yield
        admission.close()

    app = FastAPI(
        lifespan=lifespan,
        title="Is image normalization really necessary?",
        description=f"What a scheme does to one chest radiograph and one model. {DISCLAIMER}",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.include_router(_facts(admission))
    app.include_router(_radiographs(admission, engines))
    add_handlers(app)
    app.add_middleware(Shield, names=names)
    return app


def _radiographs(admission: Admission, engines: Engines) -> APIRouter:
    router = APIRouter(responses=IMAGE_PROBLEMS, dependencies=[Depends(refuse_repeated)])

    async def answer(
        request: Request,
        function: Callable[[Engines, bytes, Choice, Advance], Values],
        query: Choice,
    ) -> Values:
        admission.check_place()
        data = await admission.receive(request)
        with admission.admitted():
            return await admission.compute(request, function, engines, data, query)

    @router.post("/predict", response_model=PredictResult, openapi_extra=_BODY)
    async def post_predict(request: Request, query: Annotated[PredictQuery, Query()]) -> Values:
        """Predict one radiograph under one scheme."""
        return await answer(request, predict, query)

    @router.post("/compare", response_model=CompareResult, openapi_extra=_BODY)
    async def post_compare(request: Request, query: Annotated[CompareQuery, Query()]) -> Values:
        """Run one radiograph through every preset scheme."""
        return await answer(request, compare_schemes, query)

    return router


def _facts(admission: Admission) -> APIRouter:
    router = APIRouter(responses=PROBLEMS)

    @router.get("/health")
    async def get_health() -> Health:
        """Tell that the service answers, and how busy it is."""
        return Health(
            status="ok",
            version=__version__,
            in_flight=admission.in_flight,
            capacity=admission.capacity,
        )

    @router.get("/schema")
    async def get_schema() -> dict[str, dict[str, Any]]:
        """JSON Schema of what /predict and /compare answer."""
        return {
            "predict": PredictResult.model_json_schema(mode="serialization"),
            "compare": CompareResult.model_json_schema(mode="serialization"),
        }

    @router.get("/schemes")
    async def get_schemes() -> Schemes:
        """List the normalization schemes."""
        fields = SchemeRow.model_fields
        rows = [SchemeRow(**{f: getattr(s, f) for f in fields}) for s in PRESETS.values()]
        return Schemes(presets=rows, contrasts=list(CONTRASTS), scales=list(SCALES))

    @router.get("/models")
    async def get_models() -> list[ModelCard]:
        """List the models with their cards."""
        return [find_card(name) for name in list_models()]

    return router
