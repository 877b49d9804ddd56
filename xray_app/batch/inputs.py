"""What there is to score: files, folders, archives and DICOMDIRs, always in the same order."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from xray_app.batch.dicomweb import check_address, in_pacs
from xray_app.batch.item import Item
from xray_app.batch.storage import Entry, entries_of, is_remote, kind_of, members_of, read_bytes
from xray_app.core import InputError
from xray_app.pacs import is_address
from xray_app.readers import is_litter
from xray_app.readers.sandbox import expand_isolated

_DIRECTORY_FILE = "DICOMDIR"  # the one name that it may have: PS3.10 8.6


@dataclass(slots=True)
class LeftOut:
    """Decides what in a folder is no input, and counts it.

    Attributes:
        own: files and folders that the run itself writes.
        count: of what was left out so far; a folder counts once.
        notices: sentences on what a search of the PACS left out.
    """

    own: frozenset[Path] = frozenset()
    count: int = 0
    notices: list[str] = field(default_factory=list)

    def __call__(self, entry: Entry) -> bool:
        """Whether to leave out an entry: hidden, of the operating system, or the run's own."""
        left = is_litter(entry.name) or (
            bool(self.own)
            and not is_remote(entry.place)
            and Path(os.path.realpath(entry.place)) in self.own
        )
        self.count += left
        return left


def find_inputs(
    inputs: Sequence[str],
    directory: Callable[[bytes], list[str]] | None = None,
    left_out: LeftOut | None = None,
) -> Iterator[Item]:
    """List the files in ``inputs``, one after another, without reading them.

    Folders are gone through by name and recursively. What ``left_out`` names and links to folders
    are left out, and so is a DICOMDIR in a folder, whose files are found anyway. An input that
    another one holds is taken once. Only the names of one folder, or of one archive, are in memory
    at a time.

    Args:
        inputs: paths or addresses of files, folders, ``.zip`` archives and DICOMDIRs, or
            images of the PACS (``dicomweb://``).
        directory: reads the paths in a DICOMDIR; by default in another process.
        left_out: decides what in a folder is no input; by default what is hidden alone.

    Raises:
        InputError: at once, where an input doesn't exist.
        PacsError: while listing, where the PACS doesn't answer the search.
    """
    kinds = {given: _kind_of(given) for given in dict.fromkeys(inputs)}
    for given, kind in kinds.items():
        if not kind:
            raise InputError(f"Expected a file or a folder, found none named {given}. Check it.")
    folders = {_resolved(given) for given, kind in kinds.items() if kind == "folder"}
    kept = [(given, kind) for given, kind in kinds.items() if not _is_inside(given, folders)]
    return _listed(_once(kept), directory or _read_directory, left_out or LeftOut())


def from_upload(name: str, data: bytes) -> list[Item]:
    """The items of one upload: the files of a ``.zip``, within the limits of uploads, or itself."""
    return [Item(shown, data=body) for shown, body in expand_isolated(data, name)]


def _kind_of(given: str) -> str:
    if not is_address(given):
        return kind_of(given)
    check_address(given)
    return "pacs"


def _resolved(given: str) -> str:
    return given.rstrip("/") if is_remote(given) else str(Path(given).resolve())


def _is_inside(given: str, folders: set[str]) -> bool:
    if is_remote(given):
        return any(_resolved(given).startswith(folder + "/") for folder in folders)
    return any(str(parent) in folders for parent in Path(given).resolve().parents)


def _once(kept: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for given, kind in kept:
        if _resolved(given) not in seen:
            seen.add(_resolved(given))
            yield given, kind


def _listed(
    kept: Iterable[tuple[str, str]], directory: Callable[[bytes], list[str]], left_out: LeftOut
) -> Iterator[Item]:
    for given, kind in kept:
        if kind == "folder":
            yield from _in_folder(given.rstrip("/") or "/", given, left_out)
        elif kind == "pacs":
            yield from in_pacs(given, left_out.notices.append)
        elif PurePosixPath(given).name.upper() == _DIRECTORY_FILE and not is_remote(given):
            yield from _in_directory(given, directory)
        else:
            yield from _in_file(_shown(given), given)


def _in_folder(name: str, place: str, left_out: LeftOut) -> Iterator[Item]:
    try:
        for entry in entries_of(place):
            below = f"{name.rstrip('/')}/{entry.name}"
            if left_out(entry):
                continue
            if entry.is_folder:
                yield from _in_folder(below, entry.place, left_out)
            elif entry.name.upper() != _DIRECTORY_FILE:
                yield from _in_file(_shown(below), entry.place)
    except InputError as error:
        yield Item(_shown(name), place, problem=str(error))


def _in_file(name: str, place: str) -> Iterator[Item]:
    if not place.lower().endswith(".zip"):
        yield Item(name, place)
        return
    try:
        for member, written in members_of(place).items():
            yield Item(f"{name}/{_shown(written)}", place, member)
    except InputError as error:
        yield Item(name, place, problem=str(error))


def _in_directory(given: str, directory: Callable[[bytes], list[str]]) -> Iterator[Item]:
    root = Path(given).resolve().parent
    try:
        references = directory(read_bytes(given))
    except InputError as error:
        yield Item(_shown(given), given, problem=str(error))
        return
    for reference in dict.fromkeys(references):
        name = _shown((Path(given).parent / reference).as_posix())
        place = _existing(root, reference)
        if place is None:
            yield Item(name, problem="The DICOMDIR names a file that is not beside it. Copy all.")
        else:
            yield Item(name, str(place))


def _existing(root: Path, reference: str) -> Path | None:
    """The file that a DICOMDIR names; discs are often copied with names in small letters."""
    for candidate in (root / reference, root / reference.lower()):
        # Not resolve(), to which links that lead in a ring are an error of their own.
        if Path(os.path.realpath(candidate)).is_relative_to(root) and candidate.is_file():
            return candidate
    return None


def _shown(name: str) -> str:
    """The name as text: bytes that are none become a replacement character."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _read_directory(data: bytes) -> list[str]:
    from xray_app.batch.decoding import Decoder

    decoder = Decoder(workers=1)
    try:
        return decoder.directory(data)
    finally:
        decoder.close()
