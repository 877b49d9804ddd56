"""One function call in a process of its own, with a time and a memory limit.

For work that must leave nothing behind in the caller: TensorFlow costs seconds and gigabytes to
hold and does not bear Streamlit's clean-up, and a file that a stranger brought may make a library
crash or ask for all memory there is.
"""

import contextlib
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

from xray_app.core import EngineError, XrayAppError, every_error, first_line
from xray_app.core.processes import (
    ChildProcess,
    ChildStopped,
    Pipe,
    own_pipes,
    receive,
    receive_restricted,
    send,
)

Result = TypeVar("Result")

MEMORY_LIMIT = 12 * 2**30  # address space; TensorFlow alone takes about 3 GiB of it

_MAX_BYTES = 64 * 2**20  # of an answer
_ERRORS = {error.__name__: error for error in every_error()}
_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def call_in_child(
    function: Callable[..., Result],
    *arguments: Any,
    returns: type[Result],
    seconds: float = 120.0,
    memory: int = MEMORY_LIMIT,
) -> Result:
    """Call ``function`` in a new Python process and return what it returns.

    What comes back is plain values, checked against ``returns`` here: a file that took the process
    over has no way further.

    Args:
        function: at a module's top level; it and the arguments must be picklable.
        arguments: passed on by position; paths must be absolute.
        returns: what it returns: a plain value, or a dataclass or tuple of such.
        seconds: after which the process is ended.
        memory: bytes of address space that it may take.

    Raises:
        XrayAppError: raised by the function itself.
        EngineError: the function failed otherwise, took too long, or its process died.
    """
    child_process = ChildProcess(__name__, _ENVIRONMENT, _receive_plain, has_scratch=True)
    with closing(child_process) as child:
        try:
            kind, value = child.ask((function, arguments, returns, memory), seconds)
        except ChildStopped as stop:
            if stop.timed_out:
                sentence = f"The model was not read within {seconds:.0f} seconds."
            else:
                sentence = (
                    "The process that read the model stopped, perhaps for lack of memory; a "
                    "smaller model may work."
                )
            raise EngineError(sentence) from stop
    if kind in _ERRORS:
        raise _ERRORS[kind](value)
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(returns).validate_python(value)
    except ValidationError as error:
        raise EngineError(
            "The process that read the model answered something else than was asked for."
        ) from error


def _receive_plain(pipe: Pipe) -> Any:
    return receive_restricted(pipe, _MAX_BYTES)


def _answer(
    function: Callable[..., Any], arguments: tuple[Any, ...], returns: Any, memory: int
) -> Any:
    from pydantic import TypeAdapter

    try:
        return "value", TypeAdapter(returns).dump_python(function(*arguments), mode="json")
    except XrayAppError as error:
        return type(error).__name__, str(error)
    except MemoryError:
        return _failed(f"The model needs more than {memory / 2**30:.0f} GiB of memory.")
    except Exception as error:  # noqa: BLE001 - the caller must get a sentence, not a traceback
        return _failed(f"The model can't be read: {first_line(error)}")


def _failed(sentence: str) -> tuple[str, str]:
    return EngineError.__name__, sentence


def limit_memory(memory: int) -> None:
    """Hold this process to ``memory`` bytes of address space."""
    # Not on every platform; the time limit always holds.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        least = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (least, least))


def _main() -> None:
    requests, answers = own_pipes()
    function, arguments, returns, memory = receive(requests)
    limit_memory(memory)
    send(answers, _answer(function, arguments, returns, memory))


if __name__ == "__main__":
    _main()
