"""A check in a process of its own: the search takes seconds, and nobody else should wait for it.

It gives way to other work, and is ended when its time is over.

Run as ``python -m xray_app.pipeline.apart``; it answers one request.
"""

import contextlib
import os
from contextlib import closing

from xray_app.cards import ModelCard
from xray_app.core import (
    AnyArray,
    EngineError,
    FileTooLarge,
    Radiograph,
    XrayAppError,
    every_error,
    first_line,
)
from xray_app.core.normalization import DatasetStatistics, parse_scheme
from xray_app.core.processes import ChildProcess, ChildStopped, own_pipes, receive, send
from xray_app.pipeline.checking import PipelineCheck, check_pipeline

SECONDS = 60.0
MAX_PIXELS = 25_000_000  # of an image: CLAHE of more takes longer than anybody waits
_NICE = 5
# The arrays are small enough for one thread, and the others are the model's.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_ERRORS = {error.__name__: error for error in every_error()}

Expected = ModelCard | str | AnyArray


def check_apart(
    image: Radiograph | AnyArray,
    tensor: AnyArray,
    expected: Expected,
    statistics: DatasetStatistics | None = None,
    seconds: float = SECONDS,
) -> PipelineCheck:
    """As ``check_pipeline``, in another process; a scheme goes by its name. Safe with threads.

    Raises:
        InputError: as ``check_pipeline``.
        FileTooLarge: the image is too large, or the search takes longer than ``seconds``.
        XrayAppError: the process could not be started, or stopped.
    """
    pixels = image.pixels if isinstance(image, Radiograph) else image
    if pixels.size > 3 * MAX_PIXELS or pixels.shape[0] * pixels.shape[1] > MAX_PIXELS:
        raise FileTooLarge(
            f"Expected an image of at most {MAX_PIXELS // 1_000_000} million pixels, received "
            f"{pixels.shape[1]} x {pixels.shape[0]}. Run your pipeline on a smaller one."
        )
    with closing(ChildProcess(__spec__.name, _ENVIRONMENT)) as child:
        try:
            kind, answer = child.ask((image, tensor, expected, statistics), seconds)
        except ChildStopped as stop:
            if stop.timed_out:
                raise FileTooLarge(
                    f"Expected a search of at most {seconds:.0f} s, this one takes longer. Run "
                    "your pipeline on a smaller image."
                ) from stop
            raise EngineError(
                "The process that searches stopped, perhaps for lack of memory. Run your pipeline "
                "on a smaller image."
            ) from stop
    if kind in _ERRORS:
        raise _ERRORS[kind](answer)
    found: PipelineCheck = answer
    return found


def _answer(
    image: Radiograph | AnyArray,
    tensor: AnyArray,
    expected: Expected,
    statistics: DatasetStatistics | None,
) -> tuple[str, object]:
    try:
        wanted = parse_scheme(expected) if isinstance(expected, str) else expected
        return "value", check_pipeline(image, tensor, wanted, statistics)
    except XrayAppError as error:
        return type(error).__name__, str(error)
    except Exception as error:  # noqa: BLE001 - a person must get a sentence, not a traceback
        return XrayAppError.__name__, f"The search failed: {first_line(error)}."


def _main() -> None:
    with contextlib.suppress(AttributeError, OSError):  # not on every system
        os.nice(_NICE)
    requests, answers = own_pipes()
    send(answers, _answer(*receive(requests)))


if __name__ == "__main__":
    _main()
