"""Reading many files: decoded ahead in the order of their names, several in one request.

A decoding process forks for each request, which costs as much as decoding twenty small files. So a
request holds several, of a few megabytes together.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import TypeVar

from xray_app.core import FloatArray, InputError, Radiograph, made_ahead, processors
from xray_app.core.images import Geometry
from xray_app.readers.registry import named
from xray_app.readers.sandbox.isolated import read_isolated
from xray_app.readers.sandbox.pool import Pool

_TOGETHER = 64  # files that one request holds at most
_REQUEST_BYTES, _ANSWER_BYTES = 4_000_000, 16_000_000
_ISOLATED = 2  # files that ``read_isolated`` reads at a time

File = TypeVar("File")


def groups(
    files: Iterable[File], read: Callable[[File], bytes]
) -> Iterator[list[tuple[File, bytes | InputError]]]:
    """Read the files and hand them on, in order, in groups of a few megabytes.

    >>> sizes = {"a": 3_000_000, "b": 2_000_000, "c": 1_000_000}
    >>> for group in groups(sizes, lambda name: bytes(sizes[name])):
    ...     print([name for name, _ in group])
    ['a']
    ['b', 'c']
    """
    group: list[tuple[File, bytes | InputError]] = []
    size = 0
    for file in files:
        try:
            data = read(file)
        except InputError as error:
            group.append((file, error))
            continue
        if group and size + len(data) > _REQUEST_BYTES:
            yield group
            group, size = [], 0
        group.append((file, data))
        size += len(data)
    if group:
        yield group


def radiographs_ahead(read: Callable[[str], bytes], names: Iterable[str]) -> Generator[Radiograph]:
    """Read radiographs in order as the app does, a few ahead.

    Args:
        read: the bytes of a file by its name; safe with threads.
        names: of the files.

    Raises:
        InputError: as ``read_isolated``, or what ``read`` raises, with the file's name.
    """

    def decoded(name: str) -> Radiograph:
        with named(name):
            return read_isolated(read(name))

    return made_ahead(decoded, names, _ISOLATED)


def displays_ahead(
    read: Callable[[str], bytes], names: Iterable[str], geometry: Geometry
) -> Generator[FloatArray | InputError]:
    """Read many radiographs in order, only as large as a model wants them.

    There are as many decoding processes as processors; they end with the iterator.

    Args:
        read: the bytes of a file by its name; safe with threads.
        names: of the files.
        geometry: of the model's input.

    Yields:
        For each file what ``fitted`` gives of its radiograph, (height, width) float32 in [0, 1],
        or why it can't be read, without the file's name.

    Raises:
        XrayAppError: no process could be started.
    """
    workers, rest = processors(), iter(names)
    together = max(1, min(_TOGETHER, _ANSWER_BYTES // (4 * geometry.height * geometry.width)))
    with closing(Pool(workers)) as pool:

        def decoded(some: Sequence[str]) -> list[FloatArray | InputError]:
            found: list[FloatArray | InputError] = []
            for group in groups(some, read):
                whole = [data for _, data in group if isinstance(data, bytes)]
                answers = iter(pool.ask_each("displays", whole, geometry))
                found += [next(answers) if isinstance(d, bytes) else d for _, d in group]
            return found

        chunks = iter(lambda: list(islice(rest, together)), [])
        with closing(made_ahead(decoded, chunks, workers)) as chunked:
            for displays in chunked:
                yield from displays
