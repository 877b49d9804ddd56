"""A time limit for a whole answer: timeouts of sockets begin anew with every byte."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class WatchedAdapter(HTTPAdapter):
    """An adapter that knows the sockets that it opened, and so can end them."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """Make the pools, of connections that tell of their sockets."""
        super().init_poolmanager(*arguments, **named)
        sockets = self._sockets

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                sockets.append(self.sock)

        class Encrypted(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                sockets.append(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class EncryptedPool(HTTPSConnectionPool):
            ConnectionCls = Encrypted

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Hold what happens in the block to a time.

        Raises:
            TimeoutError: of urllib3; the time was over, and the connections were ended.
        """
        is_over = threading.Event()

        def end() -> None:
            is_over.set()
            for one in self._sockets:
                with contextlib.suppress(OSError):  # it is closed already
                    one.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception:
            if is_over.is_set():  # this is why it failed
                raise urllib3.exceptions.TimeoutError from None
            raise
        finally:
            timer.cancel()
        if is_over.is_set():  # what came may be a part
            raise urllib3.exceptions.TimeoutError
