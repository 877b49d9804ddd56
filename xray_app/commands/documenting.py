"""report and dicom: one result in the form that people and clinical systems read."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from xray_app.commands.common import (
    SAMPLE_PREFIX,
    Command,
    refuse_replacing,
    scheme_argument,
    write_file,
)
from xray_app.commands.diagnosing import diagnosed, image_arguments
from xray_app.core import InputError, Radiograph, UnknownChoice, make_folder, read_bytes
from xray_app.core.images import COLOUR_MAPS, COLOURS, OPACITY
from xray_app.core.text import DISCLAIMER
from xray_app.documents import Report, Setting, make_report

_KINDS = (".pdf", ".html")


def _arguments(parser: argparse.ArgumentParser) -> None:
    image_arguments(parser)
    scheme_argument(parser)
    parser.add_argument(
        "--opacity",
        type=float,
        default=OPACITY,
        help=f"of the heatmap (default: {OPACITY})",
    )
    parser.add_argument(
        "--colours", default=COLOURS, metavar="C", help=f"one of {', '.join(COLOUR_MAPS)}"
    )
    parser.add_argument(
        "--date", metavar="ISO", help="date and time to write, such as 2026-01-31T09:30Z [now]"
    )


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    _arguments(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.pdf|OUT.html")


def _dicom_arguments(parser: argparse.ArgumentParser) -> None:
    _arguments(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER|OUT.zip")
    parser.add_argument(
        "--link",
        action="store_true",
        help="link to the original study: the objects then CARRY THE PATIENT'S IDENTIFIERS",
    )


def _report(options: argparse.Namespace) -> None:
    """Write one result as a page of A4 (PDF) or as self-contained HTML."""
    kind = options.out.suffix.lower()
    if kind not in _KINDS:
        raise UnknownChoice.of("kind of report", kind or "none", _KINDS)
    refuse_replacing(options.out, options.file, options.model)
    report, _ = _made(options)
    if kind == ".pdf":
        from xray_app.documents.pdf import report_to_pdf

        content = report_to_pdf(report)
    else:
        from xray_app.documents.html import report_to_html

        content = report_to_html(report).encode()
    write_file(options.out, content)
    _tell(report, f"Written: {options.out}")


def _dicom(options: argparse.Namespace) -> None:
    """Write one result as DICOM: secondary capture, structured report, presentation state, PDF."""
    from xray_app.documents.dicom import dicom_export, zipped
    from xray_app.documents.pdf import report_to_pdf

    _refuse_earlier(options.out)
    refuse_replacing(options.out, options.file, options.model)
    source = _source(options)
    report, radiograph = _made(options, source)
    export = dicom_export(report, radiograph, source, report_to_pdf(report))
    if options.out.suffix.lower() == ".zip":
        write_file(options.out, zipped(export.files))
    else:
        make_folder(options.out)
        for name, content in export.files.items():
            write_file(options.out / name, content)
    whose = "with the patient's identifiers" if options.link else "naming no patient"
    _tell(report, f"Written to {options.out}, {whose}: {', '.join(export.files)}", export.note)


def _refuse_earlier(folder: Path) -> None:
    """Refuse a folder with an export in it, so that no two patients' objects come to lie together.

    One export has objects that another lacks, which would stay.
    """
    from xray_app.documents.dicom import NAMES

    found = [name for name in NAMES if (folder / name).exists()]
    if found:
        raise InputError(
            f"Expected a folder without an export, received {folder}, which holds "
            f"{', '.join(found)}. Choose another folder, or move these away."
        )


def _made(options: argparse.Namespace, source: bytes | None = None) -> tuple[Report, Radiograph]:
    if not 0.0 <= options.opacity <= 1.0:
        raise InputError(f"Expected an opacity from 0 to 1, received {options.opacity:g}.")
    if options.colours not in COLOUR_MAPS:
        raise UnknownChoice.of("colour map", options.colours, COLOUR_MAPS)
    origin = "AI-generated sample" if options.file.startswith(SAMPLE_PREFIX) else ""
    setting = Setting(_date(options.date), options.opacity, options.colours, origin)
    radiograph, diagnosis, card = diagnosed(options, source)
    return make_report(radiograph, diagnosis, card, setting), radiograph


def _date(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        date = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"Expected a date such as 2026-01-31T09:30Z, received {text!r}. Write it so."
        ) from error
    if date.year < 1000:  # strftime writes fewer than the four digits that DICOM wants
        raise InputError(f"Expected a year from 1000 to 9999, received {text!r}. Mend the year.")
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _source(options: argparse.Namespace) -> bytes | None:
    if not options.link:
        return None
    if options.file.startswith(SAMPLE_PREFIX):
        raise InputError("Expected a DICOM file to link to, received a sample. Leave --link out.")
    return read_bytes(Path(options.file), options.file)


def _tell(report: Report, *lines: str) -> None:
    print("\n".join([*report.cautions, *filter(None, lines), DISCLAIMER]))


COMMANDS: dict[str, Command] = {
    "report": (_report_arguments, _report),
    "dicom": (_dicom_arguments, _dicom),
}
