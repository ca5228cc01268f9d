"""Servers on loopback, their responses, and a fetcher that may reach them."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Any

from qa.sources.web import WebLimits
from qa.sources.web.fetching import Fetcher

LOOPBACK = ip_address("127.0.0.1")
Handler = Callable[[socket.socket, str, str], None]  # connection, path, text of the request


@dataclass
class Clock:
    """A clock that advances only when something sleeps."""

    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Server:
    """A server on loopback, and the requests it received."""

    port: int
    scheme: str = "http"
    requests: list[str] = field(default_factory=list)  # paths, in order
    texts: list[str] = field(default_factory=list)  # complete requests

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def pages(self) -> list[str]:
        """The requested paths except robots.txt."""
        return [path for path in self.requests if path != "/robots.txt"]


def answer(content: bytes | str = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Return the bytes of an HTTP response."""
    body = content.encode() if isinstance(content, str) else content
    lines = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
    lines |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body


@contextmanager
def serving(site: dict[str, bytes | Handler], tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve bytes, or what a function writes, by path. Any other path is answered with 404."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(listening.getsockname()[1], "https" if tls else "http")
    threads: list[threading.Thread] = []
    ended = threading.Event()

    def handle(connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(10)
                with tls.wrap_socket(connection, server_side=True) if tls else connection as stream:
                    request = b""
                    while b"\r\n\r\n" not in request and (more := stream.recv(65_536)):
                        request += more
                    text = request.decode("latin-1")
                    path = text.split(" ")[1] if " " in text else ""
                    server.requests.append(path)
                    server.texts.append(text)
                    given = site.get(path, answer("no", "404 Not Found"))
                    stream.sendall(given) if isinstance(given, bytes) else given(stream, path, text)
            except OSError:
                pass  # the client closed the connection, as many tests expect

    def listen() -> None:
        while not ended.is_set():
            connection, _ = listening.accept()
            if ended.is_set():
                connection.close()
                return
            threads.append(threading.Thread(target=handle, args=(connection,), daemon=True))
            threads[-1].start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        ended.set()
        socket.create_connection(("127.0.0.1", server.port)).close()
        for each in (thread, *threads):
            each.join(timeout=10)
        listening.close()


def fetcher(**given: Any) -> Fetcher:
    """Make a fetcher that may reach 127.0.0.1 on any port. By default it sleeps on a fake clock."""
    clock = Clock()
    return Fetcher(
        **{"allow": LOOPBACK.__eq__, "ports": range(65_536), "sleep": clock.sleep, "limits": WebLimits(pause=0.0)} | given
    )


def dated_feed(paths: Sequence[str]) -> str:
    """Write an RSS feed of pages, each a day older than the one before."""
    start = datetime(2024, 5, 1, tzinfo=UTC)
    items = "".join(
        f"<item><link>{path}</link><pubDate>{format_datetime(start - timedelta(days=n))}</pubDate></item>"
        for n, path in enumerate(paths)
    )
    return f"<rss><channel>{items}</channel></rss>"
