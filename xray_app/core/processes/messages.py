"""How two processes exchange values over a pipe: pickles, with large arrays beside them uncopied.

A message is the number of its parts, the length of each, then the parts: a pickle of protocol 5
and its out-of-band buffers (PEP 574). An array is told as its shape, its type and its buffer, since
numpy's own way to make one out of a pickle lets a forged message write where it likes.
"""

import contextlib
import io
import pickle
import struct
from collections.abc import Collection, Sequence
from typing import IO, Any, Protocol

import numpy as np

_PIPE_BYTES = 2**20  # what Linux lets anybody ask for
_MAX_PARTS = 2**12
# Numbers alone: an array of objects would hold addresses.
_TYPES = {
    np.dtype(order + kind).str
    for order in "<>"
    for kind in ("b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8")
}

Name = tuple[str, str]


class Pipe(Protocol):
    """An unbuffered end of a pipe."""

    def write(self, data: memoryview, /) -> int | None:
        """Write some of the bytes and say how many."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill some of the buffer and say how much; 0 at the end."""


def send(pipe: Pipe, value: Any) -> None:
    """Write one message: any value that can be pickled; arrays of numbers are not copied.

    Raises:
        OSError: the other end was closed.

    >>> import io
    >>> pipe = io.BytesIO()
    >>> send(pipe, ("read", b"pixels"))
    >>> receive(io.BytesIO(pipe.getvalue()))
    ('read', b'pixels')
    """
    buffers: list[pickle.PickleBuffer] = []
    body = io.BytesIO()
    _Pickler(body, protocol=5, buffer_callback=buffers.append).dump(value)
    parts = [body.getbuffer(), *(buffer.raw() for buffer in buffers)]
    header = struct.pack(f"<{len(parts) + 1}Q", len(parts), *(len(part) for part in parts))
    for part in (memoryview(header), *parts):
        _write(pipe, part)


def receive(pipe: Pipe) -> Any:
    """Read one message from a process that is trusted.

    Raises:
        EOFError: the other end was closed.
        pickle.UnpicklingError: it is no message.

    >>> import io
    >>> pipe = io.BytesIO()
    >>> send(pipe, ("read", b"pixels"))
    >>> receive(io.BytesIO(pipe.getvalue()))
    ('read', b'pixels')
    """
    body, *buffers = receive_parts(pipe)
    return _Unpickler(body, buffers).load()


def receive_restricted(pipe: Pipe, most: int, allowed: Collection[Name] = ()) -> Any:
    """Read one message from a process that is not trusted.

    Args:
        pipe: where it comes from.
        most: bytes that it may have.
        allowed: (module, name) of all that it may name; without any it holds plain values and
            arrays of numbers alone.

    Raises:
        EOFError: the other end was closed.
        pickle.UnpicklingError: it names something else, is no message, or is larger.

    >>> import io
    >>> pipe = io.BytesIO()
    >>> send(pipe, print)
    >>> receive_restricted(io.BytesIO(pipe.getvalue()), most=1000)
    Traceback (most recent call last):
    _pickle.UnpicklingError: an answer names builtins.print
    """
    body, *buffers = receive_parts(pipe, most)
    try:
        return _Restricted(body, buffers, allowed).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # a forged pickle can make the unpickler raise anything
        raise pickle.UnpicklingError("an answer that is no pickle") from error


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        if type(value) is not np.ndarray or value.dtype.str not in _TYPES:
            return None
        data = pickle.PickleBuffer(np.ascontiguousarray(value).data)
        return value.shape, value.dtype.str, data


class _Unpickler(pickle.Unpickler):
    def __init__(self, body: memoryview, buffers: Sequence[memoryview]) -> None:
        super().__init__(io.BytesIO(body), buffers=buffers)

    def persistent_load(self, pid: Any) -> Any:
        shape, kind, data = pid
        if kind not in _TYPES or any(side < 0 for side in shape):
            raise pickle.UnpicklingError("an answer has an array of another form")
        return np.frombuffer(data, kind).reshape(shape)


class _Restricted(_Unpickler):
    def __init__(
        self, body: memoryview, buffers: Sequence[memoryview], allowed: Collection[Name]
    ) -> None:
        super().__init__(body, buffers)
        self._allowed = allowed

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._allowed:
            raise pickle.UnpicklingError(f"an answer names {module}.{name}")
        return super().find_class(module, name)


def receive_parts(pipe: Pipe, most: int | None = None) -> list[memoryview]:
    """Read one message without unpickling it, for who must not trust its sender.

    Args:
        pipe: where it comes from.
        most: bytes that it may have; any number if None.

    Returns:
        The pickle, then its out-of-band buffers.

    Raises:
        EOFError: the other end was closed.
        pickle.UnpicklingError: it is no message, or is larger.

    >>> import io
    >>> pipe = io.BytesIO()
    >>> send(pipe, ("read", b"pixels"))
    >>> receive_parts(io.BytesIO(pipe.getvalue()), most=10)
    Traceback (most recent call last):
    _pickle.UnpicklingError: a message of more than 10 bytes
    """
    (count,) = _numbers(pipe, 1)
    if not 1 <= count <= _MAX_PARTS:
        raise pickle.UnpicklingError("a message without parts")
    lengths = _numbers(pipe, count)
    if most is not None and sum(lengths) > most:
        raise pickle.UnpicklingError(f"a message of more than {most} bytes")
    return [_read(pipe, length) for length in lengths]


def widen(pipe: IO[bytes] | None) -> None:
    """Let a pipe hold 1 MiB, so that the two ends wait for each other less often.

    Nothing happens where the operating system has no such setting, or forbids it.
    """
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        if pipe is not None:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _write(pipe: Pipe, part: memoryview) -> None:
    while len(part):
        part = part[pipe.write(part) or 0 :]


def _read(pipe: Pipe, length: int) -> memoryview:
    buffer = np.empty(length, np.uint8).data  # not zeroed first, unlike a bytearray
    at = 0
    while at < length:
        count = pipe.readinto(buffer[at:])
        if not count:
            raise EOFError("the pipe was closed")
        at += count
    return buffer


def _numbers(pipe: Pipe, count: int) -> Sequence[int]:
    return struct.unpack(f"<{count}Q", _read(pipe, 8 * count))
