"""From items to rows: files are decoded in other processes while the model runs in this one.

Three stages wait for one another through queues of fixed length, so memory doesn't grow with the
number of files: threads read files and ask the decoding processes, in the order of the items; what
is decoded is gathered into small batches; each batch runs through the model, several at a time
where the engine keeps a pass to one core.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray_app.batch.decoding import Decoded, Decoder, Size, Wanted
from xray_app.batch.item import Item
from xray_app.batch.model import Result, Scorer
from xray_app.batch.rows import Row, technical_fields
from xray_app.core import InputError, processors
from xray_app.core.images import blend, heat_for_display
from xray_app.engines import Engine
from xray_app.gate import contradiction

# The best size measured for a pass on one core, and as good as any other on two (docs/scale.md).
BATCH = 2
_TOGETHER = 16  # files that one decoding request holds
_PREVIEW_PIXELS = 512


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How to score.

    Attributes:
        scheme: a preset or ``contrast+scale``; None is the one that the model was trained with.
        workers: decoding processes; 0 is one for each processor.
        saliency: whether to make overlays (Grad-CAM of the predicted class).
        preview_pixels: longer side of the small preview that comes with each row; 0 for none.
        passes: how many batches run through the model at a time; more than one is faster only if
            the engine was opened with ``one_core``.
    """

    scheme: str | None = None
    workers: int = 0
    saliency: bool = False
    preview_pixels: int = 0
    passes: int = 1

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InputError: fewer processes than none, or no pass at a time.
        """
        if self.workers < 0:
            raise InputError(
                f"Expected a number of workers from 1, or 0 for one each processor, received "
                f"{self.workers}."
            )
        if self.passes < 1:
            raise InputError(f"Expected at least 1 pass at a time, received {self.passes}.")

    @property
    def processes(self) -> int:
        """How many decoding processes there will be."""
        return self.workers or processors()


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A row, and the images that were asked for: (h, w) and (h, w, 3) uint8, or None.

    Attributes:
        is_last: whether it is the last frame of its file.
    """

    row: Row
    is_last: bool
    preview: NDArray[np.uint8] | None = None
    overlay: NDArray[np.uint8] | None = None


def score_all(
    engine: Engine,
    items: Iterable[Item | Wanted],
    options: BatchOptions = BatchOptions(),
    cancelled: Callable[[], bool] = lambda: False,
) -> Generator[Scored]:
    """Score every frame of every item, in their order, whatever the number of workers.

    Closing the iterator stops the work and ends the processes; so does ``cancelled`` once it says
    True. Only a few items are read ahead of the row that is given.

    Args:
        engine: any engine; it stays open.
        items: may be endless; a ``Wanted`` starts at a later frame.
        options: scheme, workers and images.
        cancelled: asked before each batch.

    Raises:
        UnknownChoice, InputError: the scheme doesn't exist or can't be applied to this model.
        EngineError: the model failed.
        XrayAppError: a decoding process couldn't be started.
    """
    pipeline = Pipeline(engine, options)

    def rows() -> Generator[Scored]:
        with closing(pipeline), closing(pipeline.score(items, cancelled)) as found:
            yield from found

    return rows()


class Pipeline:
    """A model and its decoding processes, for one stream of items after another."""

    def __init__(self, engine: Engine, options: BatchOptions) -> None:
        """Start; as ``score_all``."""
        self._scorer = Scorer(engine, options.scheme)
        self._options = options
        pixels = options.preview_pixels
        pixels = max(pixels, _PREVIEW_PIXELS) if options.saliency else pixels
        size = Size(engine.card.input.geometry, pixels)
        self._decoder = Decoder(options.processes, size)

    def score(
        self, items: Iterable[Item | Wanted], cancelled: Callable[[], bool] = lambda: False
    ) -> Generator[Scored]:
        """As ``score_all``."""
        processes, passes = self._options.processes, self._options.passes
        decoding = ThreadPoolExecutor(processes, thread_name_prefix="decode")
        scoring = ThreadPoolExecutor(passes, thread_name_prefix="score")
        wanted = (item if isinstance(item, Wanted) else Wanted(item) for item in items)
        try:
            ahead = processes + 2
            with closing(decoded_in_order(self._decoder, decoding, wanted, ahead)) as stream:
                yield from self._scored_in_order(scoring, _blocks(stream, cancelled))
        finally:
            for threads in (scoring, decoding):
                threads.shutdown(wait=True, cancel_futures=True)

    def _scored_in_order(
        self, threads: ThreadPoolExecutor, blocks: Iterator[list[Decoded]]
    ) -> Generator[Scored]:
        """Score one batch more than there are passes ahead, so that none waits for its rows."""
        waiting: deque[Future[list[Scored]]] = deque()
        with_overlay = self._options.saliency
        while True:
            for block in islice(blocks, self._options.passes + 1 - len(waiting)):
                waiting.append(threads.submit(score_block, self._scorer, block, with_overlay))
            if not waiting:
                return
            yield from waiting.popleft().result()

    def close(self) -> None:
        """End the decoding processes; the engine stays open."""
        self._decoder.close()


def _blocks(stream: Iterator[Decoded], cancelled: Callable[[], bool]) -> Generator[list[Decoded]]:
    while block := list(islice(stream, BATCH)):
        if cancelled():
            return
        yield block


def decoded_in_order(
    decoder: Decoder, threads: ThreadPoolExecutor, wanted: Iterator[Wanted], ahead: int
) -> Generator[Decoded]:
    """Decode ``ahead`` requests ahead; the frames of a file follow one another."""
    waiting: deque[Future[list[Decoded]]] = deque()
    while True:
        while len(waiting) < ahead and (group := list(islice(wanted, _TOGETHER))):
            waiting.append(threads.submit(decoder.decode, group))
        if not waiting:
            return
        for one in waiting.popleft().result():
            yield one
            if one.wanted.follow and one.frames > one.wanted.frame:
                yield from decoded_in_order(decoder, threads, _later_frames(one), ahead)


def _later_frames(first: Decoded) -> Iterator[Wanted]:
    for frame in range(first.wanted.frame + 1, first.frames + 1):
        yield Wanted(first.wanted.item, frame, follow=False, frames=first.frames)


def score_block(
    scorer: Scorer, block: Sequence[Decoded], with_overlay: bool = False
) -> list[Scored]:
    """Rows of some frames, in order; those without a result say why."""
    whole = [one for one in block if one.display is not None]
    results = scorer.score([one.display for one in whole if one.display is not None], with_overlay)
    by_frame = {id(one): result for one, result in zip(whole, results, strict=True)}
    return [_scored(scorer, one, by_frame.get(id(one))) for one in block]


def _scored(scorer: Scorer, one: Decoded, result: Result | None) -> Scored:
    wanted = one.wanted
    row = Row(
        id=None if one.digest is None else f"{one.digest}-{wanted.frame}",
        name=wanted.item.name,
        frame=wanted.frame,
        model=scorer.engine.card.name,
        scheme=scorer.scheme.name,
        frames=wanted.frames,
    )
    is_last = wanted.frame >= one.frames
    problem = one.error if result is None else result.problem
    if result is None or problem:
        return Scored(replace(row, error=" ".join(problem.split())), is_last, one.preview)
    facts: dict[str, Any] = dict(one.facts or {})
    technical, age = facts.pop("technical", {}), facts.pop("age_years", None)
    fields: dict[str, Any] = result.fields | _stated(scorer, result, technical, age)
    fields |= facts | technical_fields(technical)
    found = replace(row, frames=one.frames, **fields)
    overlay = None
    if result.saliency is not None and one.preview is not None:
        gray = one.preview.astype(np.float32) / np.float32(255.0)
        height, width = gray.shape
        box = scorer.engine.card.input.geometry.box(height, width).within(height, width)
        heat = heat_for_display(result.saliency, result.saliency_scale, height, width, box)
        overlay = blend(gray, heat)
    return Scored(found, is_last, one.preview, overlay)


def _stated(
    scorer: Scorer, result: Result, technical: dict[str, str], age: float | None
) -> dict[str, Any]:
    """The gate closed by the file's own header, where the pixels alone leave it open."""
    said = contradiction(scorer.engine.card.training_data, technical, age)
    if said is None or result.fields.get("gate_verdict") != "open":
        return {}
    return {"gate_verdict": "closed", "gate_finding": said[0]}
