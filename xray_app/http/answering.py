"""From the bytes of a radiograph to an answer: the services of the pages and the command line."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from xray_app import __version__
from xray_app.core import InputError, Radiograph, Saliency
from xray_app.core.text import DISCLAIMER
from xray_app.diagnosis import compare_with, diagnose_with, feed_as_trained
from xray_app.engines import Engine, default_model, open_engine
from xray_app.explain import Advance
from xray_app.http.queries import CompareQuery, PredictQuery
from xray_app.presentation import comparison_to_dict, diagnosis_to_dict
from xray_app.readers import read_isolated

Values = dict[str, Any]


class Engines:
    """Models, each opened when it is first asked for and kept. Safe with threads."""

    def __init__(self, open_model: Callable[[str], Engine] = open_engine) -> None:
        self._open = open_model
        self._opened: dict[str, Engine] = {}
        self._lock = Lock()

    def get(self, name: str | None = None) -> Engine:
        """The model ``name``, or the first installed.

        Raises:
            UnknownChoice: there is no such model.
            ModelError: it can't be used.
        """
        chosen = name or default_model()
        with self._lock:
            if chosen not in self._opened:
                self._opened[chosen] = self._open(chosen)
            return self._opened[chosen]

    def close(self) -> None:
        """Close all that were opened."""
        with self._lock:
            while self._opened:
                self._opened.popitem()[1].close()


def predict(engines: Engines, data: bytes, query: PredictQuery, advance: Advance) -> Values:
    """Diagnose one radiograph; the values of a ``PredictResult``.

    ``advance`` is called between the parts of the work; what it raises ends the work.

    Raises:
        InputError: the body or a choice can't be used. ModelError: the model can't.
    """
    engine = engines.get(query.model)
    choices = query.choices(query.scheme)
    radiograph = read_isolated(data, "", query.read_options())
    advance(0.0)
    reference = feed_as_trained(engine, radiograph)
    advance(0.0)
    found = diagnose_with(engine, reference, choices, advance)
    values = diagnosis_to_dict(found, "")
    if query.map:
        values["saliency"] |= _map(found.saliency)
    return _answer(radiograph, values) | {"saliency_scale": found.saliency_scale}


def compare_schemes(engines: Engines, data: bytes, query: CompareQuery, advance: Advance) -> Values:
    """Run the presets, the grid or the named schemes; the values of a ``CompareResult``.

    ``advance`` is called between the parts of the work; what it raises ends the work.

    Raises:
        InputError: the body or a choice can't be used. ModelError: the model can't.
    """
    engine = engines.get(query.model)
    names, choices = query.names(engine.card), query.choices()
    radiograph = read_isolated(data, "", query.read_options())
    advance(0.0)
    reference = feed_as_trained(engine, radiograph)
    found = compare_with(engine, reference, names, choices, advance, lambda _: advance(0.0))
    values = comparison_to_dict(found, "")
    if query.map:
        for row in values["schemes"]:
            row["saliency"] |= _map(found.passes[row["scheme"]].saliency)
    return _answer(radiograph, values) | {"saliency_scale": found.saliency_scale}


def _map(saliency: Saliency) -> Values:
    negative = None if saliency.negative is None else saliency.negative.tolist()
    return {"map": saliency.map.tolist(), "negative": negative}


def _answer(radiograph: Radiograph, values: Values) -> Values:
    """The values with the image's facts in the place of its file's name."""
    controls = radiograph.controls
    if controls is None:
        raise InputError("Expected an image file, received an image that no file holds.")
    image = {
        "sha256": controls.source,
        "format": radiograph.file_format,
        "frame": controls.frame,
        "frames": controls.frames,
        "window": controls.chosen,
        "windows": [offer.name for offer in controls.offers],
        "technical": dict(radiograph.technical),
        "notices": list(radiograph.notices),
    }
    kept = {name: value for name, value in values.items() if name != "file"}
    return kept | {"image": image, "version": __version__, "disclaimer": DISCLAIMER}
