"""One function call in a process of its own, with a time and a memory limit.

For work that must leave nothing behind in the caller: TensorFlow costs seconds and gigabytes to
hold and does not bear Streamlit's clean-up, and a file that a stranger brought may make a library
crash or ask for all memory there is.
"""

import contextlib
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

from xray_app.core import EngineError, XrayAppError, first_line
from xray_app.core.processes import ChildProcess, ChildStopped, own_pipes, receive, send

Result = TypeVar("Result")

MEMORY_LIMIT = 12 * 2**30  # address space; TensorFlow alone takes about 3 GiB of it

_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def call_in_child(
    function: Callable[..., Result], *arguments: Any, seconds: float = 120.0
) -> Result:
    """Call ``function`` in a new Python process and return what it returns.

    Args:
        function: at a module's top level; it, the arguments and the result must be picklable.
        arguments: passed on by position; paths must be absolute.
        seconds: after which the process is ended.

    Raises:
        XrayAppError: raised by the function itself.
        EngineError: the function failed otherwise, took too long, or its process died.
    """
    with closing(ChildProcess(__name__, _ENVIRONMENT)) as child:
        try:
            answer = child.ask((function, arguments), seconds)
        except ChildStopped as stop:
            if stop.timed_out:
                sentence = f"The model was not read within {seconds:.0f} seconds."
            else:
                sentence = (
                    "The process that read the model stopped, perhaps for lack of memory; a "
                    "smaller model may work."
                )
            raise EngineError(sentence) from stop
    if isinstance(answer, Exception):
        raise answer
    result: Result = answer
    return result


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    except XrayAppError as error:
        return error
    except MemoryError:
        return EngineError(f"The model needs more than {MEMORY_LIMIT / 2**30:.0f} GiB of memory.")
    except Exception as error:  # noqa: BLE001 - the caller must get a sentence, not a traceback
        return EngineError(f"The model can't be read: {first_line(error)}")


def _limit_memory() -> None:
    # Not on every platform; the time limit always holds.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


def _main() -> None:
    requests, answers = own_pipes()
    function, arguments = receive(requests)
    _limit_memory()
    send(answers, _answer(function, arguments))


if __name__ == "__main__":
    _main()
