"""Radiographs of the PACS as inputs: found by a filter, fetched one at a time, kept nowhere."""

from collections.abc import Iterator

from xray_app.batch.item import Item
from xray_app.pacs import ADDRESS, all_images, pacs_settings, query_of


def check_address(given: str) -> None:
    """Check an address with a filter, and that a PACS is named.

    Raises:
        InputError: there is none, or it can't be looked for.
    """
    pacs_settings()
    query_of(given)


def in_pacs(given: str) -> Iterator[Item]:
    """The radiographs that match an address, named by their UIDs.

    Raises:
        PacsError: the search fails.
    """
    for image in all_images(pacs_settings(), query_of(given)):
        address = f"{ADDRESS}{image.place}"
        yield Item(address, address)
