"""The studies' results inside documents that a person wrote: what stands between two marks."""

from collections.abc import Mapping
from pathlib import Path

from xray_app.study import find_study, read_study, study_markdown

# The document in docs/ and the study in models/study that answers in it.
ANSWERED_BY: Mapping[str, str] = {
    "is-normalization-necessary.md": "compact_resnet_64",
    "pretrained.md": "efficientnet_lite0_160",
    "efficientnetb4.md": "efficientnetb4_64",
    "rescaled-twice.md": "efficientnet_lite0_160_inside",
}
_BEGIN, _END = "<!-- answer -->\n", "<!-- /answer -->"


def study_documents(folder: Path) -> dict[str, str]:
    """Each document as it lies in the folder, with its study's answer put in anew."""
    return {name: _answered(folder / name, study) for name, study in ANSWERED_BY.items()}


def _answered(document: Path, study: str) -> str:
    before, rest = document.read_text(encoding="utf-8").split(_BEGIN)
    _, after = rest.split(_END)
    return f"{before}{_BEGIN}{study_markdown(read_study(find_study(study)))}{_END}{after}"
