"""What was read and computed for the visitors who are here, within one bound for all together.

A visitor's things are found by that visitor alone and go when the visitor leaves. Where they get
too many, those that nobody used for longest go first; they are made again when they are needed.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


class SessionCache:
    """Everybody's things, least recently used first. Safe with threads.

    An array that several things share counts once, until the last of them goes.

    Args:
        max_bytes: of all visitors together; one larger thing is not kept.
        max_each: how many things of one visitor.
    """

    def __init__(self, max_bytes: int, max_each: int) -> None:
        self._max_bytes = max_bytes
        self._max_each = max_each
        self._things: OrderedDict[tuple[Visitor, Hashable], tuple[Any, _Buffers]] = OrderedDict()
        self._holders: Counter[int] = Counter()  # how many things hold each buffer
        self._lock = threading.Lock()
        self._total = 0

    @property
    def total_bytes(self) -> int:
        """What all things take."""
        return self._total

    def get(self, visitor: "Visitor", key: Hashable) -> Any:
        """The thing that this visitor kept under ``key``; None if it is not there."""
        with self._lock:
            if (visitor, key) not in self._things:
                return None
            self._things.move_to_end((visitor, key))
            return self._things[visitor, key][0]

    def put(self, visitor: "Visitor", key: Hashable, thing: Any) -> None:
        """Keep a thing for a visitor, unless the visitor has left."""
        buffers = _buffers(thing, {})
        with self._lock:
            self._remove((visitor, key))
            if visitor.has_left or sum(map(_bytes, buffers.values())) > self._max_bytes:
                return
            own = [other for other in self._things if other[0] is visitor]
            if len(own) >= self._max_each:
                self._remove(own[0])
            self._add((visitor, key), thing, buffers)
            while self._total > self._max_bytes:
                self._remove(next(iter(self._things)))

    def clear(self, visitor: "Visitor") -> None:
        """Drop all things of a visitor, and keep none from now on."""
        with self._lock:
            visitor.has_left = True
            for key in [key for key in self._things if key[0] is visitor]:
                self._remove(key)

    def _add(self, key: tuple["Visitor", Hashable], thing: Any, buffers: "_Buffers") -> None:
        self._total += sum(_bytes(b) for name, b in buffers.items() if name not in self._holders)
        self._holders.update(buffers.keys())
        self._things[key] = (thing, buffers)

    def _remove(self, key: tuple["Visitor", Hashable]) -> None:
        _, buffers = self._things.pop(key, (None, {}))
        for name, buffer in buffers.items():
            self._holders[name] -= 1
            if not self._holders[name]:
                del self._holders[name]
                self._total -= _bytes(buffer)


class Visitor:
    """One visitor's part of the cache."""

    def __init__(self, session_cache: SessionCache) -> None:
        self._session_cache = session_cache
        self.has_left = False

    def get(self, key: Hashable) -> Any:
        """What this visitor kept under ``key``; None if it is not there."""
        return self._session_cache.get(self, key)

    def put(self, key: Hashable, thing: Any) -> None:
        """Keep a thing."""
        self._session_cache.put(self, key, thing)

    def leave(self) -> None:
        """Drop all."""
        self._session_cache.clear(self)


# What owns memory, by its id, which no other object gets while this one is held here.
_Buffers = dict[int, Any]


def size_of(thing: Any) -> int:
    """Bytes of the arrays and strings in a record, a list, a tuple or a mapping; each once."""
    return sum(map(_bytes, _buffers(thing, {}).values()))


def _buffers(thing: Any, found: _Buffers) -> _Buffers:
    if isinstance(thing, np.ndarray | bytes | str):
        owner = _owner(thing)
        found[id(owner)] = owner
    elif isinstance(thing, Mapping):
        _buffers(list(thing.values()), found)
    elif isinstance(thing, list | tuple):
        for part in thing:
            _buffers(part, found)
    elif is_dataclass(thing):
        for field in fields(thing):
            _buffers(getattr(thing, field.name), found)
    return found


def _owner(thing: Any) -> Any:
    """What owns the memory: a view keeps all that it was cut from."""
    base = thing.obj if isinstance(thing, memoryview) else getattr(thing, "base", None)
    return _owner(base) if isinstance(base, np.ndarray | memoryview | bytes) else thing


def _bytes(buffer: Any) -> int:
    return len(buffer) if isinstance(buffer, bytes | str) else int(buffer.nbytes)
