"""One function call in a process of its own, with a time and a memory limit.

For work that must leave nothing behind in the caller: TensorFlow costs seconds and gigabytes to
hold and does not bear Streamlit's clean-up, and a file that a stranger brought may make a library
crash or ask for all memory there is.
"""

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from xray_app.core import EngineError, XrayAppError, first_line, import_root

Result = TypeVar("Result")

MEMORY_LIMIT = 12 * 2**30  # address space; TensorFlow alone takes about 3 GiB of it


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
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            cwd=import_root(),
            env=environment,
            input=pickle.dumps((function, arguments)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
        answer = pickle.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"The model was not read within {seconds:.0f} seconds.") from error
    except (EOFError, pickle.UnpicklingError) as error:
        raise EngineError(
            "The process that read the model stopped, perhaps for lack of memory; a smaller model "
            "may work."
        ) from error
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
    # Libraries may print; the answer gets a descriptor that no print can reach.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    function, arguments = pickle.load(sys.stdin.buffer)
    _limit_memory()
    pickle.dump(_answer(function, arguments), answers)
    answers.flush()


if __name__ == "__main__":
    _main()
