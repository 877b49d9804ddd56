"""pacs find, pacs fetch, pacs store: the PACS that the environment names, by DICOMweb."""

import argparse
import hashlib
import sys
from pathlib import Path

from xray_app.commands.common import Command, json_argument, print_json, write_file
from xray_app.core import InputError, make_folder, read_bytes
from xray_app.core.text import plain_table
from xray_app.pacs import (
    ADDRESS,
    MODALITIES,
    Image,
    Query,
    Study,
    day,
    pacs_settings,
    place_of,
    shown_day,
)

_ASK = "; - asks for it, so that it stands in no history"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "XRAY_APP_PACS_URL and other variables say which PACS: docs/pacs.md."
    actions = parser.add_subparsers(dest="action", required=True, metavar="find|fetch|store")
    for name, (add_arguments, act) in _ACTIONS.items():
        help_line = (act.__doc__ or "").splitlines()[0]
        action = actions.add_parser(name, help=help_line, description=act.__doc__)
        add_arguments(action)
        action.set_defaults(act=act)


def _pacs(options: argparse.Namespace) -> None:
    """Find radiographs in the PACS, fetch them, store results (find, fetch, store)."""
    options.act(options)


def _find_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="", help=f"how the patient's name begins{_ASK}")
    parser.add_argument("--id", default="", help=f"Patient ID{_ASK}")
    parser.add_argument("--accession", default="", help=f"accession number{_ASK}")
    parser.add_argument("--since", default="", metavar="DAY", help="first day, as 2026-01-31")
    parser.add_argument("--until", default="", metavar="DAY", help="last day")
    parser.add_argument("--modality", default="", help=f"one of {', '.join(MODALITIES)}")
    parser.add_argument("--limit", type=int, default=50, help="of studies (default: 50)")
    parser.add_argument(
        "--identifiers", action="store_true", help="print names, IDs and accession numbers, too"
    )
    json_argument(parser)


def _find(options: argparse.Namespace) -> None:
    """List the radiographs of the studies that match, with the address of each."""
    from xray_app.pacs import find_images, find_studies, more_sentence

    settings = pacs_settings()
    query = Query(
        _asked(options.name, "Patient's name"),
        _asked(options.id, "Patient ID"),
        _asked(options.accession, "Accession number"),
        day(options.since),
        day(options.until),
        options.modality.upper(),
        options.limit,
    )
    studies = find_studies(settings, query)
    found = [
        _described(study, image, identifiers=options.identifiers)
        for study in studies
        for image in find_images(settings, study, query.modality)
    ]
    if options.json:
        print_json(found)
    elif found:
        cells = ([str(value or "") for value in row.values()] for row in found)
        print(plain_table([list(found[0]), *cells]))
    else:
        print(f"No radiograph ({', '.join(MODALITIES)}) matches.")
    if studies.has_more:
        print(more_sentence(query.limit, "raise --limit"), file=sys.stderr)


def _asked(given: str, label: str) -> str:
    """What was given, or a line of standard input if that was "-"."""
    if given != "-":
        return given
    if sys.stdin.isatty():
        print(f"{label}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _described(study: Study, image: Image, *, identifiers: bool) -> dict[str, str | int | None]:
    named = {"name": study.name, "id": study.patient_id, "accession": study.accession}
    return {
        "address": f"{ADDRESS}{image.place}",
        "date": shown_day(image.date),
        "modality": image.modality,
        "rows": image.rows,
        "columns": image.columns,
    } | (named if identifiers else {})


def _fetch_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("addresses", nargs="+", metavar="ADDRESS", help="as `pacs find` lists them")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="the files CARRY THE PATIENT'S IDENTIFIERS; their names don't",
    )


def _fetch(options: argparse.Namespace) -> None:
    """Fetch radiographs as DICOM files, as the PACS holds them."""
    from xray_app.pacs import retrieve

    settings = pacs_settings()
    places = [place_of(address) for address in options.addresses]
    make_folder(options.out)
    for place in places:
        data = retrieve(settings, place)
        path = options.out / f"radiograph-{hashlib.sha256(data).hexdigest()[:12]}.dcm"
        write_file(path, data)
        print(path)


def _store_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="objects that `dicom --link` wrote"
    )
    parser.add_argument("--yes", action="store_true", help="don't ask before storing")


def _store(options: argparse.Namespace) -> None:
    """Store results in the studies that they are about; nothing but what this app made."""
    from xray_app.documents.dicom import study_of_own
    from xray_app.pacs import store

    settings = pacs_settings()
    studies: dict[str, list[bytes]] = {}
    for path in options.files:
        data = read_bytes(path, str(path))
        studies.setdefault(study_of_own(data), []).append(data)
    if not options.yes:
        _confirm(settings.host, len(options.files))
    for study, files in studies.items():
        print(f"Stored at {settings.host}: {store(settings, study, files)} objects in one study.")


def _confirm(host: str, files: int) -> None:
    """Ask on the terminal.

    Raises:
        InputError: the answer is not yes, or there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise InputError(
            "Expected a terminal to ask on before storing. Add --yes to store at once."
        )
    print(f"Store {files} objects, for research only, at {host}? [y/N] ", end="", file=sys.stderr)
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise InputError("Nothing was stored.")


_ACTIONS: dict[str, Command] = {
    "find": (_find_arguments, _find),
    "fetch": (_fetch_arguments, _fetch),
    "store": (_store_arguments, _store),
}
COMMANDS: dict[str, Command] = {"pacs": (_arguments, _pacs)}
