"""Files of the page "Check a pipeline", and the search for what a pipeline did, in turn."""

import hashlib
from collections.abc import Hashable

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import AnyArray
from xray_app.core.normalization import DatasetStatistics
from xray_app.pipeline import PipelineCheck, check_apart
from xray_app.readers import arrays_isolated, as_stored_isolated, is_array_file, read_as_stored
from xray_app.ui.session.cached_work import LONGEST_QUEUE, READERS, once
from xray_app.ui.session.fair_queue import FairQueue

# Each search is a process of its own that gives way to the model, so that nobody waits for it but
# those who want one, too.
_SEARCHES = FairQueue(2, LONGEST_QUEUE)


def pixels_of(key: str, name: str, data: bytes, *, is_sample: bool = False) -> AnyArray:
    """An image as stored, decoded in another process; ``key`` stands for the bytes."""
    read = read_as_stored if is_sample else as_stored_isolated
    return once(
        ("as stored", key), lambda: read(data, name), READERS, st.spinner("Reading the image…")
    )


def arrays_of(key: str, name: str, data: bytes) -> dict[str, AnyArray]:
    """The arrays of a ``.npy`` or ``.npz``, or the one image of another file."""
    if not is_array_file(data):
        return {"": pixels_of(key, name, data)}
    return once(
        ("arrays", key), lambda: arrays_isolated(data, name), READERS, st.spinner("Reading…")
    )


def check_of(
    image: AnyArray,
    tensor: AnyArray,
    expected: ModelCard | str | AnyArray,
    statistics: DatasetStatistics | None,
) -> PipelineCheck:
    """What a pipeline did and should have done, searched for in turn."""
    wanted: Hashable = (
        expected.model_dump_json() if isinstance(expected, ModelCard) else _digest(expected)
    )
    return once(
        ("check", _digest(image), _digest(tensor), wanted, statistics),
        lambda: check_apart(image, tensor, expected, statistics),
        _SEARCHES,
        st.spinner("Looking for the steps, which takes a few seconds…", show_time=True),
    )


def _digest(thing: AnyArray | str) -> Hashable:
    if isinstance(thing, str):
        return thing
    return thing.shape, thing.dtype.str, hashlib.sha256(thing.tobytes()).hexdigest()
