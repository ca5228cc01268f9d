"""The connections of the server: how many there may be, and how long each may take. None of them may shut the page out.

uvicorn counts all connections together and refuses the newest, so that whoever holds enough idle ones shuts the page out. Here
the one that has been idle for longest gives way to a new one, and only requests that are being answered are refused for their
number. A request is cut off that comes too slowly, or whose answer is not read.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from ui.i18n.language import gettext as _
from ui.i18n.language import use_language_of
from ui.server.overload import BUSY

_MOST_OPEN = 1_600
_MOST_REQUESTS = 600  # each may hold a body of 1 MB in memory
_DESCRIPTORS = 2_400  # asked for; as many as this process is given, the library needs a quarter of them
HEAD_SECONDS = 20.0  # until a whole head of a request has come
BODY_SECONDS = 20.0  # without progress
SLOWEST_BODY = 1_000  # bytes a second
READ_SECONDS = 60.0  # until a part of an answer is read
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections may be open, and how many requests may be answered at once: of one peer, and of all."""

    open: int = _MOST_OPEN

    @classmethod
    def of_process(cls) -> "Limits":
        """Return limits that fit the number of files that this process may open, which is raised as far as it may be."""
        try:
            import resource
        except ImportError:  # Windows
            return cls()
        most, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if most == resource.RLIM_INFINITY:
            return cls()
        if most < _DESCRIPTORS:
            most = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return cls(max(20, min(_MOST_OPEN, most * 3 // 4)))

    @property
    def open_of_peer(self) -> int:
        return self.open * 5 // 8

    @property
    def requests(self) -> int:
        return min(_MOST_REQUESTS, self.open * 3 // 4)

    @property
    def requests_of_peer(self) -> int:
        # fewer than connections, so that one is always idle and can give way
        return min(_MOST_REQUESTS * 2 // 3, self.open_of_peer * 4 // 5)


@dataclass(slots=True, eq=False)
class _Connection:
    """A connection. It is idle until a whole head has come, and again once the answer is sent."""

    transport: asyncio.Transport
    peer: str
    n_answering: int = 0  # requests; the next may begin before the one before is put away
    has_asked: bool = False
    timer: asyncio.TimerHandle | None = None

    def watch(self, seconds: float | None) -> None:
        """Close the connection after some seconds, or not at all (None)."""
        if self.timer:
            self.timer.cancel()
        self.timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, self.transport.abort)


class _TooSlowError(Exception):
    """A request's body comes too slowly."""


class Connections:
    """The open connections of one server, all in its event loop."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits.of_process()
        self._open: dict[Address, _Connection] = {}  # those that have been idle for longest come first
        self._n_open: Counter[str] = Counter()
        self._n_answering: Counter[str] = Counter()

    def protocol(self) -> type[asyncio.Protocol]:
        """Return uvicorn's protocol, with its connections counted here."""
        connections = self

        class CountedProtocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                self._counted = transport
                connections.opened(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                connections.closed(self._counted)
                super().connection_lost(exc)

        return CountedProtocol

    def opened(self, transport: asyncio.Transport) -> None:
        """Count a connection. If there are too many, the one that has been idle for longest gives way to it."""
        if (address := _address(transport)) is None:
            return
        peer = address[0]
        if self._n_open[peer] >= self._limits.open_of_peer:
            self._close_idle(lambda connection: connection.peer == peer)
        elif len(self._open) >= self._limits.open:
            self._close_idle(lambda _connection: True)
        connection = self._open[address] = _Connection(transport, peer)
        self._n_open[peer] += 1
        connection.watch(HEAD_SECONDS)

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """Forget a connection."""
        if (address := _address(transport)) is None:
            return
        connection = self._open.get(address)
        if connection and connection.transport is transport:
            self._forget(address)

    def begin(self, address: Address | None) -> Callable[[], None] | None:
        """Count a request that is answered from now on, and return what ends it. Return None if there are too many."""
        connection = self._open.get(address) if address else None
        if connection is None:
            return lambda: None
        peer = connection.peer
        too_many = self._n_answering[peer] >= self._limits.requests_of_peer
        if too_many or self._n_answering.total() >= self._limits.requests:
            return None
        self._n_answering[peer] += 1
        connection.n_answering += 1
        connection.has_asked = True
        connection.watch(None)

        def end() -> None:
            self._n_answering[peer] -= 1
            self._n_answering += Counter()  # drops what is zero
            connection.n_answering -= 1
            if not connection.n_answering and address and self._open.get(address) is connection:
                self._open[address] = self._open.pop(address)
                connection.watch(HEAD_SECONDS)

        return end

    def abort(self, address: Address | None) -> None:
        """Cut off a connection at once."""
        if address and (connection := self._open.get(address)):
            connection.transport.abort()

    def close_all(self) -> None:
        """Cut off every connection, so that a server can end whose pages are open: each of them waits for news all the time."""
        for connection in list(self._open.values()):
            connection.transport.abort()

    def _close_idle(self, is_meant: Callable[[_Connection], bool]) -> None:
        """Close the one that has been idle for longest, of those that have asked nothing if there are any."""
        idle = [entry for entry in self._open.items() if not entry[1].n_answering and is_meant(entry[1])]
        if not idle:
            return
        address, connection = next((entry for entry in idle if not entry[1].has_asked), idle[0])
        self._forget(address)
        connection.transport.abort()

    def _forget(self, address: Address) -> None:
        connection = self._open.pop(address)
        connection.watch(None)
        self._n_open[connection.peer] -= 1
        if not self._n_open[connection.peer]:
            del self._n_open[connection.peer]


class Punctual:
    """Middleware that says that the page is busy where too many requests are being answered, and cuts off slow ones."""

    def __init__(self, app: ASGIApp, connections: Connections) -> None:
        self._app, self._connections = app, connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address: Address | None = scope.get("client")
        end = self._connections.begin(address)
        if end is None:
            with use_language_of(Headers(scope=scope)):
                response = PlainTextResponse(_(BUSY), 503, {"retry-after": "5", "connection": "close"})
            await response(scope, receive, send)
            return
        started = False

        async def send_in_time(message: Message) -> None:
            nonlocal started
            started = True
            timer = asyncio.get_running_loop().call_later(READ_SECONDS, self._connections.abort, address)
            try:
                await send(message)
            finally:
                timer.cancel()

        try:
            await self._app(scope, _receive_in_time(receive), send_in_time)
        except _TooSlowError:
            if started:
                self._connections.abort(address)
            else:
                response = PlainTextResponse("The request came too slowly.", 408, {"connection": "close"})
                await response(scope, receive, send)
        finally:
            end()


def _receive_in_time(receive: Receive) -> Receive:
    """Return a `receive` that waits for a body only as long as it comes. Time that the page takes does not count."""
    left, is_whole = BODY_SECONDS, False

    async def receive_in_time() -> Message:
        nonlocal left, is_whole
        if is_whole:  # what comes next is the end of the connection
            return await receive()
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            async with asyncio.timeout(left):
                message = await receive()
        except TimeoutError:
            raise _TooSlowError from None
        n_bytes = len(message.get("body", b""))
        left = min(BODY_SECONDS, left - (loop.time() - start) + n_bytes / SLOWEST_BODY)
        is_whole = not message.get("more_body")
        return message

    return receive_in_time


def _address(transport: asyncio.BaseTransport) -> Address | None:
    """Return the peer's address as uvicorn gives it to the application."""
    name = transport.get_extra_info("peername")
    return (str(name[0]), int(name[1])) if isinstance(name, (list, tuple)) else None
