"""The load driver against the real server: each visitor sees the own results, and nobody an error.

It needs no browser. The figures of a load are measured by ``python -m benchmarks.load``.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.load import Outcome, arrive, look
from benchmarks.load_images import VisitorImage, differences, make_images, megabytes

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def images() -> list[VisitorImage]:
    return make_images(2)


def test_two_visitors_at_once_see_their_own_results(
    server: str, images: list[VisitorImage]
) -> None:
    seen = Outcome()

    async def visit(image: VisitorImage) -> None:
        visitor = await arrive(server, image, seen)
        assert visitor is not None, seen.errors
        await look(visitor, image, float("inf"), 6, seen)

    async def both() -> None:
        await asyncio.gather(*map(visit, images))

    # In a thread of its own: Playwright keeps an event loop running in this one.
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, both()).result()
    assert seen.errors == []
    assert seen.foreign == []
    assert len(seen.latencies) == 12
    assert seen.checked == 4


def test_the_driver_notices_a_result_of_another(images: list[VisitorImage]) -> None:
    mine, other = images
    assert 1.8 < megabytes(images) < 2.1
    assert differences(mine, mine.expected["raw"], "raw") == []
    assert "file" in differences(mine, other.expected["raw"], "raw")
    assert "probabilities.normal" in differences(mine, other.expected["raw"], "raw")
    assert "scheme" in differences(mine, mine.expected["zscore"], "raw")
