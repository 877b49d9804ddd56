"""HTML from Python calls: whatever is not markup already is escaped."""

from html import escape

VOID = frozenset({"meta", "img"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str | float | None) -> Markup:
    """An element; an attribute of None is left out.

    ``class_`` is written "class", and an underscore inside a name becomes a hyphen, as in
    ``aria_label``.
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in VOID:
        return Markup(f"<{tag}{given}>")
    return Markup(f"<{tag}{given}>{joined(children)}</{tag}>")


def joined(children: tuple[str, ...] | list[str]) -> Markup:
    """Children one after another, text among them escaped."""
    return Markup("".join(c if isinstance(c, Markup) else escape(c, quote=False) for c in children))


def table(head: tuple[str, ...], rows: list[tuple[str, ...]], caption: str) -> Markup:
    """A table whose first column names its rows, in a box that scrolls by itself if need be."""
    columns = [element("th", text, scope="col") for text in head]
    body = [
        element("tr", element("th", row[0], scope="row"), *(element("td", c) for c in row[1:]))
        for row in rows
    ]
    whole = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *columns)),
        element("tbody", *body),
    )
    return element("div", whole, class_="scroll", tabindex="0", role="region", aria_label=caption)
