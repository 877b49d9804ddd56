"""Numbers as a person reads them, the same on the pages, in the terminal and in the documents."""

from collections.abc import Iterable

from xray_app.engines.measuring import Affine


def ends_text(ends: tuple[float, float]) -> str:
    """A range, such as "-2.118 to 2.249"."""
    return f"{ends[0]:.4g} to {ends[1]:.4g}"


def once_if_equal(channels: list[str]) -> list[str]:
    """One text where all channels say the same, else one a channel."""
    return channels[:1] if len(set(channels)) == 1 else channels


def channels_text(values: Iterable[float]) -> str:
    """One number if all channels agree, else "2.09 / 2.113 / 2.108"."""
    return " / ".join(once_if_equal([f"{value:.4g}" for value in values]))


def constants_text(constants: dict[str, tuple[float, ...]]) -> str:
    """A layer's numbers by name; an offset of zero is left out."""
    return ", ".join(
        f"{name} {channels_text(values)}"
        for name, values in constants.items()
        if name != "offset" or any(values)
    )


def affine_text(affine: Affine | None) -> str:
    """Such as "4.234 x - 2.041"; None is a layer that rearranges channels."""
    if affine is None:
        return "channels rearranged"
    lines = [
        f"{gain:.4g} x" + (f" {'-' if offset < 0.0 else '+'} {abs(offset):.4g}" if offset else "")
        for gain, offset in zip(affine.gain, affine.offset, strict=True)
    ]
    return " / ".join(once_if_equal(lines))
