"""Radiographs of the PACS as inputs, by a filter or by address; fetched in turn, kept nowhere."""

from collections.abc import Callable, Iterator

from xray_app.batch.item import Item
from xray_app.pacs import ADDRESS, Place, pacs_settings, place_of, query_of


def check_address(given: str) -> None:
    """Check an address of one image, or one with a filter, and that a PACS is named.

    Raises:
        InputError: there is none, or it can't be looked for.
    """
    pacs_settings()
    if _is_filter(given):
        query_of(given)
    else:
        place_of(given)


def in_pacs(given: str, notice: Callable[[str], None] = lambda _: None) -> Iterator[Item]:
    """The radiographs that an address names, or that match it, named by their UIDs.

    ``notice`` is told if the PACS has more than the limit.

    Raises:
        PacsError: the search fails.
    """
    from xray_app.pacs import all_images, more_sentence

    if not _is_filter(given):
        yield _item(place_of(given))
        return
    query = query_of(given)
    said = more_sentence(query.limit, "raise its limit (limit=N in the address)")
    for image in all_images(pacs_settings(), query, lambda: notice(said)):
        yield _item(image.place)


def _is_filter(given: str) -> bool:
    return "?" in given or given == ADDRESS


def _item(place: Place) -> Item:
    address = f"{ADDRESS}{place}"
    return Item(address, address)
