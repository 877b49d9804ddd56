"""What a model's makers declared, beside what its layers do."""

from dataclasses import dataclass, replace
from typing import Any

from xray_app.core.normalization import parse_scheme
from xray_app.core.text import ends_text, plain_table
from xray_app.inspection.declared_values import judge_values, reached_by
from xray_app.inspection.inspection import Inspection
from xray_app.inspection.skeleton import FILL_IN
from xray_app.pipeline import InputContract, scale_of

_ANSWERS = {True: "yes", False: "no", None: "can't tell"}


@dataclass(frozen=True, slots=True)
class ComparedAspect:
    """One line of the table: what is declared, what was measured, and whether they agree.

    ``agrees`` is None where the layers can't tell.
    """

    aspect: str
    declared: str
    measured: str
    agrees: bool | None

    @property
    def answer(self) -> str:
        """Whether they agree, in a word or two."""
        return _ANSWERS[self.agrees]


@dataclass(frozen=True, slots=True)
class DeclaredCheck:
    """A declaration against a measured model.

    Attributes:
        message: what follows for the values; begins with whether they fit.
        agrees: of the values; None where the layers can't tell.
    """

    contract: InputContract
    aspects: tuple[ComparedAspect, ...]
    message: str
    agrees: bool | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "contract": self.contract.to_dict(),
            "agrees": self.agrees,
            "message": self.message,
            "table": [
                {"aspect": row.aspect, "declared": row.declared, "measured": row.measured,
                 "agrees": row.agrees}
                for row in self.aspects
            ],
        }  # fmt: skip


def check_declared(contract: InputContract, found: Inspection) -> DeclaredCheck:
    """Compare a declaration with what was measured of a model."""
    agrees, message = judge_values(contract, found.facts.affine, found.expectation)
    return DeclaredCheck(contract, tuple(_aspects(contract, found, agrees)), message, agrees)


def _aspects(
    contract: InputContract, found: Inspection, agrees: bool | None
) -> list[ComparedAspect]:
    height, width, channels = found.facts.input_shape
    layout = found.facts.layout
    size = " × ".join("any" if side is None else str(side) for side in (height, width))
    is_same: bool | None = (contract.height, contract.width) == (height, width)
    if None in (height, width, contract.height, contract.width):
        is_same = None
    expected, reached = found.expectation, reached_by(contract, found.facts.affine)
    told = _made_for(expected.scheme) if expected.scheme else "not told by the layers"
    return [
        ComparedAspect("size", contract.size_text, size, is_same),
        ComparedAspect(
            "channels", _channels_text(contract), str(channels), contract.channels == channels
        ),
        ComparedAspect(
            "axes", contract.layout, _axes_text(contract, layout), contract.layout == layout
        ),
        ComparedAspect("values", _values_text(contract), told, agrees),
        ComparedAspect(
            "at the first convolution",
            ends_text(reached) if reached else "not stated",
            ends_text(expected.reached) if expected.reached else "not told by the layers",
            agrees,
        ),
        ComparedAspect("fit", contract.fit_text, "not in a model's file", None),
        ComparedAspect("kernel", contract.sampling_text, "not in a model's file", None),
    ]


def _made_for(scheme: str) -> str:
    return f"made for {scheme}, {parse_scheme(scheme).output_range}"


def _axes_text(contract: InputContract, layout: str) -> str:
    return layout if contract.layout == layout else f"{layout}: transpose the tensor"


def _channels_text(contract: InputContract) -> str:
    return f"3, {contract.order}" if contract.channels == 3 else "1"


def _values_text(contract: InputContract) -> str:
    ends = f", {ends_text(contract.ends)}" if contract.ends else ""
    return contract.values_text + ends


def contract_to_feed(found: Inspection, declared: InputContract | None = None) -> InputContract:
    """The contract to write code for: geometry from a declaration, values from the layers.

    Where the layers tell which values they are made for, they are believed; else the declaration.
    """
    height, width, channels = found.facts.input_shape
    base = declared or InputContract(f"{found.facts.file}, measured,", layout="NHWC")
    scheme = found.expectation.scheme
    scale, source, order = base.scale, base.source, base.order
    disagrees = declared is None or check_declared(declared, found).agrees is False
    if scheme is not None and (scale is None or disagrees):
        scale = scale_of(parse_scheme(scheme).scale.name, channels)
        order = "BGR" if scheme == "caffe" else "RGB"
        source = f"{found.facts.file}, measured," if declared is None else (
            f"{declared.source} (fit) and {found.facts.file}, measured (values),"
        )  # fmt: skip
    if base.contrast != "none" and scale is not base.scale:
        base = replace(base, contrast="none")
    return replace(
        _of_size(base, height, width), source=source, channels=channels, scale=scale, order=order,
        layout=found.facts.layout,
    )  # fmt: skip


def _of_size(contract: InputContract, height: int | None, width: int | None) -> InputContract:
    """The same fit for the model's own size; what is cropped from grows along."""
    own = replace(contract, height=height or contract.height, width=width or contract.width)
    if contract.is_cropped_by_a_fraction or not (height and contract.height):
        return own
    return replace(own, number=float(round(contract.number * height / contract.height)))


def with_declared(found: Inspection, declared: InputContract) -> Inspection:
    """The inspection with what its card leaves open filled in from a declaration."""
    card = dict(found.card)
    geometry = declared.geometry
    if geometry is not None and str(card["input"].get("fit", "")).startswith(FILL_IN):
        filled = {
            "height": geometry.height, "width": geometry.width, "fit": geometry.fit,
            "kernel": geometry.kernel, "antialias": geometry.antialias,
        }  # fmt: skip
        if geometry.fit == "resize-crop":
            filled["resize_to"] = geometry.resize_to
        card["input"] = filled
    scheme = str(card["contract"]["scheme"])
    if scheme.startswith(FILL_IN) and declared.scheme and declared.ends:
        statistics = declared.statistics
        card["contract"] = card["contract"] | {
            "scheme": declared.scheme, "range": list(declared.ends),
            **({"mean": [statistics.mean], "variance": [statistics.std**2]} if statistics else {}),
        }  # fmt: skip
    return replace(found, card=card)


def describe_declared(contract: InputContract, check: DeclaredCheck | None = None) -> str:
    """A declaration as text; with the table of what was measured, where a model was."""
    of = f" ({contract.library})" if contract.library else ""
    lines = [f"{contract.source}{of}: {contract.text}", *(f"  {note}" for note in contract.notes)]
    if check is not None:
        rows = [(row.aspect, row.declared, row.measured, row.answer) for row in check.aspects]
        table = plain_table([("", "declared", "measured", "agree?"), *rows])
        lines += [check.message, *(f"  {line}" for line in table.splitlines())]
    elif contract.scheme:
        lines.append(f"In this app's words: --scheme {contract.scheme}")
    return "\n".join(lines)
