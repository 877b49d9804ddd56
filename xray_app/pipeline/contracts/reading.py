"""Which library a file is of, and what it declares."""

import codecs
from collections.abc import Callable
from pathlib import Path

from xray_app.cards import parse_card
from xray_app.core import UnknownChoice, UnreadableFile, UnsupportedFile, XrayAppError, first_line
from xray_app.pipeline.contracts import hugging_face, monai, timm, torchvision
from xray_app.pipeline.contracts.cards import card_contract
from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.contracts.fields import MOST_BYTES, Fields, decoded
from xray_app.pipeline.contracts.keras_families import keras_family_contract

Reader = Callable[[Fields], InputContract]
# Files are told apart by their fields: the first row of which a field is there. To add a library,
# write a module and a row.
_READERS: tuple[tuple[tuple[str, ...], Reader], ...] = (
    (monai.FIELDS, monai.monai_contract),
    (timm.FIELDS[:1], timm.timm_contract),
    (hugging_face.FIELDS, hugging_face.hugging_face_contract),
    (torchvision.FIELDS, torchvision.torchvision_contract),
    (timm.FIELDS, timm.timm_contract),
)
_OF_A_CARD = {"architecture", "contract", "weights"}
# By a name instead of a file: who is asked.
NAMED: dict[str, Callable[[str], InputContract]] = {
    "torchvision": torchvision.torchvision_weights_contract,
    "keras": keras_family_contract,
}
FILE_NAMES = ("preprocessor_config.json", "config.json", "metadata.json", "configs/metadata.json",
              "../configs/metadata.json")  # fmt: skip


def parse_declared(data: bytes, name: str) -> InputContract:
    """Read a declaration from a file's content, whichever library it is of.

    Args:
        data: JSON of Hugging Face, timm, MONAI, torchvision or a card of this app; or the text that
            torchvision prints of a preset. In UTF-8, or in UTF-16 behind a byte order mark.
        name: what the file is called in messages.

    Raises:
        InputError: it is damaged, too large, of no known library, or a field in it is wrong.
        CardError: it is a card, and a field in it is wrong.

    >>> parse_declared(b'{"interpolation": "bilinear", "input_size": [3, 64, 64]}', "a").size_text
    '64 × 64'
    """
    data = _as_utf8(data)
    if data.lstrip()[:1] not in (b"{", b"["):
        text = data[:MOST_BYTES].decode("utf-8", "replace")
        return torchvision.torchvision_contract(torchvision.printed_preset(text, name))
    content = decoded(data, name)
    if content.keys() >= _OF_A_CARD and "pretrained_cfg" not in content:
        return card_contract(parse_card(content, name))
    for names, reader in _READERS:
        if any(field in content for field in names):
            return reader(Fields(content, name))
    raise UnsupportedFile(
        f"{name} says nothing of preprocessing: expected Hugging Face's preprocessor_config.json, "
        "timm's config.json, a MONAI bundle's metadata.json, or a preset of torchvision."
    )


def _as_utf8(data: bytes) -> bytes:
    """Without the mark that Windows' editors put first, and from UTF-16, as PowerShell writes."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace").encode()
    return data.removeprefix(codecs.BOM_UTF8)


def declared_by_name(text: str) -> InputContract:
    """What goes by a name, not by a file: ``torchvision:NAME`` or ``keras:NAME``.

    Raises:
        UnknownChoice: there is nothing of that name.

    >>> declared_by_name("keras:EfficientNetB4").scheme
    'raw'
    """
    who, colon, name = text.strip().partition(":")
    if not colon or who not in NAMED:
        raise UnknownChoice(
            f"Expected a name such as torchvision:ResNet50 or keras:MobileNetV2, received {text!r}."
        )
    return NAMED[who](name.strip())


def read_declared(text: str) -> InputContract:
    """Read a declaration from a path, or from a name: ``torchvision:NAME``, ``keras:NAME``.

    Raises:
        InputError, CardError: as ``parse_declared``; or the file can't be read.
    """
    if is_named(text):
        return declared_by_name(text)
    path = Path(text)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"Can't read {path.name}: {first_line(error)}.") from error
    return parse_declared(data, path.name)


def declared_beside(model: Path) -> tuple[tuple[InputContract, ...], tuple[str, ...]]:
    """What lies beside a model's file under the names that libraries use.

    A file of such a name that says nothing of preprocessing, as many a ``config.json``, is passed
    over.

    Returns:
        The declarations, and for each file that can't be used the sentence that says why: nobody
        asked for it, so it is no error.
    """
    found, unusable = [], []
    for name in FILE_NAMES:
        path = model.parent / name
        if not path.is_file() or path == model:
            continue
        try:
            found.append(read_declared(str(path)))
        except UnsupportedFile:
            continue
        except XrayAppError as error:
            unusable.append(str(error))
    return tuple(found), tuple(unusable)


def is_named(text: str) -> bool:
    """Whether a text names a declaration, as ``keras:VGG16`` does.

    >>> is_named("keras:VGG16"), is_named("C:/model.json")
    (True, False)
    """
    who, colon, _ = text.partition(":")
    return bool(colon) and who in NAMED


def is_declaration(text: str) -> bool:
    """Whether a command was given a declaration, not a model.

    >>> is_declaration("keras:ResNet50"), is_declaration("model.keras")
    (True, False)
    """
    return is_named(text) or Path(text).suffix.lower() in (".json", ".txt")
