"""The server's connections: idle and slow ones do not shut the page out, and too many requests are told that it is busy."""

import asyncio
import http.client
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from qa import Assistant
from ui.server import app
from ui.server import connections as limits
from ui.server.connections import Connections, Limits, Punctual
from ui.server.overload import BUSY

GET = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"


async def answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{len(await request.body())} bytes")


async def trickle(_: Request) -> StreamingResponse:
    async def parts():  # type: ignore[no-untyped-def]
        for _ in range(40):
            yield b"x"
            await asyncio.sleep(0.05)

    return StreamingResponse(parts())


@contextmanager
def server(n_open: int) -> Iterator[tuple[str, int]]:
    """Serve with limits for so many connections: five eighths of them of one peer, and four fifths of these at work."""
    connections = Connections(Limits(n_open))
    page = Starlette(routes=[Route("/", answer, methods=["GET", "POST"]), Route("/trickle", trickle)])
    page.add_middleware(Punctual, connections=connections)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        served = uvicorn.Server(uvicorn.Config(page, http=connections.protocol(), ws="none", log_level="critical"))
        thread = threading.Thread(target=served.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not served.started:
            time.sleep(0.01)
        try:
            yield listening.getsockname()
        finally:
            served.should_exit = served.force_exit = True
            thread.join(10)


def connect(address: tuple[str, int], sent: bytes = b"") -> socket.socket:
    opened = socket.create_connection(address, timeout=10)
    opened.sendall(sent)
    return opened


def get(address: tuple[str, int]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(*address, timeout=5)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def ended(opened: socket.socket) -> bool:
    """Whether the server closes a connection, after whatever it sends before."""
    try:
        while opened.recv(65_536):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


def test_idle_connections_give_way_the_longest_idle_first() -> None:
    with server(16) as address:  # 10 of one peer
        idle = [connect(address, b"GET / HT") for _ in range(40)]
        for _ in range(5):
            assert get(address) == (200, b"0 bytes")
        assert ended(idle[0])
        idle[-1].sendall(b"TP/1.1\r\nHost: x\r\n\r\n")
        assert idle[-1].recv(15) == b"HTTP/1.1 200 OK"
        for each in idle:
            each.close()


def test_more_requests_at_once_than_are_answered_are_told_so() -> None:
    with server(16) as address:
        working = [connect(address, GET % b"trickle") for _ in range(8)]
        for each in working:
            each.recv(1)
        status, body = get(address)
        assert (status, body.decode()) == (503, BUSY)
        for each in working:
            each.close()
        deadline = time.monotonic() + 5
        while get(address)[0] != 200:
            assert time.monotonic() < deadline


def test_a_head_and_a_body_that_come_too_slowly_are_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.4)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.4)
    with server(800) as address:
        silent, slow = connect(address), connect(address, b"GET / HTTP/1.1\r\nX: ")
        half = connect(address, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
        long = connect(address, GET % b"trickle")
        start = time.monotonic()
        assert half.recv(100).startswith(b"HTTP/1.1 408")
        assert ended(silent)
        assert ended(slow)
        assert time.monotonic() - start < 5
        parts = b""
        while not parts.endswith(b"0\r\n\r\n"):
            parts += long.recv(65_536)
        assert parts.count(b"1\r\nx\r\n") == 40, "an answer that takes its time is not cut off"
        assert ended(long), "but a connection that then stays idle is"
        for each in (silent, slow, half, long):
            each.close()


def test_the_limits_leave_descriptors_for_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    raised = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, given: raised.append(given))
    monkeypatch.setattr(resource, "getrlimit", lambda _: (128, 256))
    assert (Limits.of_process().open, raised) == (192, [(256, 256)])
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    few = Limits.of_process()
    assert few.requests_of_peer < few.open_of_peer < few.open
    assert few.requests_of_peer < few.requests < few.open
    assert few.requests_of_peer >= 200
    assert few.open_of_peer >= 700


def test_a_server_ends_although_a_page_is_open(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_PATIENCE", 0.2)
    addresses: queue.Queue[str] = queue.Queue()
    ended = threading.Event()
    options = {"port": 0, "on_ready": addresses.put, "ended": ended}
    thread = threading.Thread(target=app.serve, args=(assistant,), kwargs=options, daemon=True)
    thread.start()
    port = int(addresses.get(timeout=60).rpartition(":")[2])
    with connect(("127.0.0.1", port), b"GET /gradio_api/heartbeat/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") as page:
        assert page.recv(100).startswith(b"HTTP/1.1 200")
        ended.set()
        thread.join(30)
        assert not thread.is_alive()
