"""Connections to addresses that were looked up and judged before, and to no others, within a time that covers everything.

Imported with the first request: it needs httpcore.
"""

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from qa.sources.web.deadline import Deadline


class Pinned(httpcore.NetworkBackend):
    """Connects to the addresses given, whatever the name; the name stays what the server and its certificate are asked for.

    A second look-up of the name could answer otherwise than the one that was judged (DNS rebinding); so there is none.
    """

    def __init__(self, addresses: list[str], deadline: Deadline) -> None:
        self._addresses, self._deadline = addresses, deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """The first connection that comes about; the addresses share the time, so that a dead one does not use it up."""
        failed: Exception = httpcore.ConnectError("the host has no address")
        for number, address in enumerate(self._addresses):
            try:
                share = self._deadline.left(timeout) / (len(self._addresses) - number)
                return _Timed(self._sockets.connect_tcp(address, port, share, local_address, socket_options), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


class _Timed(httpcore.NetworkStream):
    """A connection whose every step ends when all time is up; else a server could send a byte now and then for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
