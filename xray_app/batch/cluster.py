"""The same scorer on a Ray cluster: Ray Data streams items to actors that hold the model.

Each actor is a ``Pipeline``, as on one machine: it decodes in processes apart and scores in small
batches. Rows come back in the order of the items, so that journal, resuming and table are those of
one machine, and a run may go on elsewhere. A file that can't be read is a row; an actor that dies
is started again with what it was at work on; a model that fails stops the run.
"""

import contextlib
import logging
import os
import pickle
import weakref
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xray_app.batch.decoding import Wanted
from xray_app.batch.item import Item
from xray_app.batch.scoring import BatchOptions, Pipeline, Scored
from xray_app.batch.storage import is_remote
from xray_app.core import EngineError, XrayAppError, import_root
from xray_app.engines import open_engine
from xray_app.engines.onnx import has_gpu_runtime

if TYPE_CHECKING:
    import pyarrow as pa

_WAVE = 1_000_000  # items whose names are with the cluster at a time
_BLOCK = 256  # items that are done again if an actor dies at work
_TOGETHER = 32  # items that an actor takes at a time
_RETURNED = 16  # rows that it gives back at a time
# Two actors to a processor at most: as many whole ones would leave Ray none for its own tasks.
_CPUS_AN_ACTOR = 0.5


@dataclass(frozen=True, slots=True)
class Allocation:
    """How a cluster is shared out: actors, and for each GPUs, decoding processes and passes."""

    actors: int
    gpus: int
    decoders: int
    passes: int


def score_on_ray(
    model: str, items: Iterable[Item | Wanted], options: BatchOptions, address: str | None = None
) -> Generator[Scored]:
    """As ``score_all``, on a cluster.

    Args:
        model: its name; every node must have it, and this package.
        items: on disks that every node sees under the same path, or in an object store.
        options: ``workers`` is the number of actors; 0 is one for two processors, or for each GPU
            where ONNX Runtime can use them.
        address: of the cluster; None starts one here and ends it afterwards.

    Raises:
        XrayAppError: Ray is not installed, or no cluster answers.
        EngineError: an actor failed for another reason than a file.
    """
    with _connected(address):
        allocation = _allocated(options.workers)
        stream = iter(items)
        while wave := [_portable(item) for item in islice(stream, _WAVE)]:
            yield from _score_wave(model, wave, options, allocation)


def allocate(cpus: float, gpus: float, workers: int) -> Allocation:
    """Decide how many actors there are and what each gets.

    >>> allocate(cpus=16, gpus=0, workers=0)
    Allocation(actors=8, gpus=0, decoders=1, passes=2)
    """
    whole = max(1, int(cpus))
    if gpus >= 1:
        actors = min(workers or int(gpus), int(gpus))
        return Allocation(actors, 1, max(1, whole // actors - 1), 1)
    actors = min(workers or max(1, whole // 2), whole)
    return Allocation(actors, 0, 1, whole // actors)


class Actor:
    """Holds the model and its decoding processes for as long as the cluster wants it."""

    def __init__(self, model: str, options: BatchOptions) -> None:
        # A node's other actors need its other cores.
        self._pipeline = Pipeline(open_engine(model, one_core=True), options)
        # Ray Data drops the object once there is nothing more to do, and lets the process live on.
        weakref.finalize(self, self._pipeline.close)

    def __call__(self, block: "pa.Table") -> "Iterator[pa.Table]":
        """Turn a block of pickled items into blocks of pickled rows."""
        import pyarrow as pa

        rows = self._pipeline.score(pickle.loads(item) for item in block["item"].to_pylist())
        while group := list(islice(rows, _RETURNED)):
            pickled = pa.array([pickle.dumps(scored) for scored in group], pa.large_binary())
            yield pa.table({"scored": pickled})


def _score_wave(
    model: str, wave: Sequence[Item | Wanted], options: BatchOptions, allocation: Allocation
) -> Generator[Scored]:
    import ray.data

    size = max(1, min(_BLOCK, -(-len(wave) // (4 * allocation.actors))))
    source = ray.data.from_items(
        [{"item": pickle.dumps(item)} for item in wave], override_num_blocks=-(-len(wave) // size)
    )
    scored = source.map_batches(
        Actor,
        fn_constructor_args=(
            model,
            replace(options, workers=allocation.decoders, passes=allocation.passes),
        ),
        batch_size=min(size, _TOGETHER),
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=allocation.actors),
        num_cpus=_CPUS_AN_ACTOR,
        num_gpus=allocation.gpus,
    )
    try:
        for block in scored.iter_batches(batch_size=None, batch_format="pyarrow"):
            for one in block["scored"].to_pylist():
                yield pickle.loads(one)
    except Exception as error:  # Ray wraps whatever an actor raised in types of its own
        raise _told(error) from error


@contextlib.contextmanager
def _connected(address: str | None) -> Iterator[None]:
    """Connect to a cluster, or start one on this machine; quietly, and telling nobody outside."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise XrayAppError(
            "The engine ray needs the package ray[data]; install it, or leave --engine out."
        ) from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    try:
        ray.init(
            address=address or "local",
            log_to_driver=False,
            logging_level=logging.ERROR,
            **_local_settings() if address is None else {},
        )
    except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
        where = f"at {address}" if address else "on this machine"
        raise XrayAppError(
            f"Expected a Ray cluster {where}, received no answer. Check the address, and that it "
            "runs the same versions of Python and Ray."
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _local_settings() -> dict[str, Any]:
    """Of a cluster that is started here: its processes find this package and the same models."""
    variables = {k: v for k, v in os.environ.items() if k == "XRAY_APP_MODELS"}
    paths = [str(import_root()), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables["PYTHONPATH"] = os.pathsep.join(paths)
    return {"include_dashboard": False, "runtime_env": {"env_vars": variables}}


def _allocated(workers: int) -> Allocation:
    import ray

    resources = ray.cluster_resources()
    gpus = resources.get("GPU", 0.0) if has_gpu_runtime() else 0.0
    return allocate(resources.get("CPU", 1.0), gpus, workers)


def _portable(item: Item | Wanted) -> Item | Wanted:
    """With an absolute path: an actor may be in another folder."""
    if isinstance(item, Wanted):
        return replace(item, item=_absolute(item.item))
    return _absolute(item)


def _absolute(item: Item) -> Item:
    if not item.place or is_remote(item.place):
        return item
    return replace(item, place=str(Path(item.place).absolute()))


def _told(error: BaseException) -> XrayAppError:
    """The sentence that an actor raised, or one about what Ray says."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, XrayAppError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = lines[-1] if lines else type(error).__name__
    return EngineError(f"The cluster stopped: {reason[:200]} Run again with --resume.")
