"""One HTTP request, to IP addresses that were checked before, within a deadline and a size limit.

This uses httpcore, not the client of httpx. That client reads proxies from the environment, and a proxy would look up the host
again. It also decompresses without a limit.
"""

import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpcore
from httpx import URL

from qa.sources.formats.decoding import decompress_gzip
from qa.sources.formats.limits import MB
from qa.sources.web.addresses import HostUnreachable, port_of
from qa.types.errors import PageUnreachable

OK = (200, 203)  # statuses that come with the page
_ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"


class StatusError(PageUnreachable):
    """The server answered with another status than OK."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Deadline:
    """The time limit for a page. It runs from its creation, over every look-up, connection and redirect."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds, self._clock = seconds, clock
        self._end = clock() + seconds

    def remaining(self, at_most: float | None = None) -> float:
        """Return the seconds left for one step.

        Raises:
            PageUnreachable: no time is left.
        """
        seconds = self._end - self._clock()
        if seconds <= 0:
            raise self.error()
        return seconds if at_most is None else min(seconds, at_most)

    def error(self) -> PageUnreachable:
        """Return the error for a deadline that was missed."""
        return PageUnreachable(f"it took longer than {self.seconds:g} s")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do not count the time spent in this block, such as a polite pause."""
        began = self._clock()
        try:
            yield
        finally:
            self._end += self._clock() - began


@dataclass(frozen=True, slots=True)
class Response:
    """A response. Its body is read only if the status is OK."""

    status: int
    headers: dict[str, str]  # names in lower case
    content: bytes


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """How much of a body is read."""

    n_bytes: int  # decompressed
    truncate: bool = False  # ignore what is beyond the limit, instead of refusing the page

    def read(self, chunks: Iterable[bytes]) -> bytes:
        """Read a body, and nothing beyond the limit.

        Raises:
            PageUnreachable: it is too large.
        """
        content = bytearray()
        for chunk in chunks:
            content += chunk
            if len(content) > self.n_bytes:
                if self.truncate:
                    return bytes(content[: self.n_bytes])
                raise PageUnreachable(f"the page has more than {self.n_bytes / MB:g} MB")
        return bytes(content)


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """What all requests have in common."""

    user_agent: str
    tls: ssl.SSLContext
    connect_seconds: float


def send_request(url: URL, addresses: list[str], options: RequestOptions, deadline: Deadline, limit: BodyLimit) -> Response:
    """Request a page over a new connection to one of the IP addresses.

    Raises:
        PageUnreachable: no complete response came.
    """
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port_of(url), target=url.raw_path)
    request_headers: list[tuple[bytes | str, bytes | str]] = [
        ("Host", url.netloc),
        ("User-Agent", options.user_agent),
        ("Accept", _ACCEPT),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
    ]
    timeouts = {"timeout": {"connect": options.connect_seconds}}
    backend = _PinnedBackend(addresses, deadline)
    try:
        with (
            httpcore.HTTPConnection(target.origin, options.tls, network_backend=backend) as connection,
            connection.stream("GET", target, headers=request_headers, extensions=timeouts) as response,
        ):
            headers = {_decode_header(name).lower(): _decode_header(value) for name, value in response.headers}
            content = limit.read(_decompress(response, headers)) if response.status in OK else b""
            return Response(response.status, headers, content)
    except httpcore.ConnectTimeout as error:
        deadline.remaining()  # raises if all time is used up too
        raise HostUnreachable(f"{url.host} did not answer within {options.connect_seconds:g} s") from error
    except httpcore.TimeoutException as error:
        raise deadline.error() from error
    except httpcore.ConnectError as error:
        raise HostUnreachable(f"no connection to {url.host} ({_root_cause(error)})") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise PageUnreachable(f"the connection to {url.host} broke off ({_root_cause(error)})") from error
    except (zlib.error, EOFError) as error:
        raise PageUnreachable(f"the page came packed and cannot be unpacked ({error})") from error


class _PinnedBackend(httpcore.NetworkBackend):
    """Connects to the given IP addresses, whatever the host is called.

    The name is still what the server and its certificate are asked for. It is not looked up again, since a second look-up could
    give another address than the one that was checked (DNS rebinding).
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
        """Try the addresses in turn. They share the time, so that a dead one does not use it up."""
        failure: Exception = httpcore.ConnectError("the host has no address")
        for number, address in enumerate(self._addresses):
            try:
                seconds = self._deadline.remaining(timeout) / (len(self._addresses) - number)
                stream = self._sockets.connect_tcp(address, port, seconds, local_address, socket_options)
                return _DeadlineStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline. Else a server could send one byte now and then for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.remaining(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.remaining(timeout)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _decompress(response: httpcore.Response, headers: dict[str, str]) -> Iterator[bytes]:
    chunks = response.iter_stream()
    match headers.get("content-encoding", "").strip().lower():
        case "" | "identity":
            return chunks
        case "gzip" | "x-gzip":
            return decompress_gzip(chunks)
        case other:
            raise PageUnreachable(f"the page came packed as {other[:40]!r}, which was not asked for")


def _decode_header(header: bytes) -> str:
    """Decode a name or value. Some servers write addresses in UTF-8."""
    try:
        return header.decode("utf-8")
    except UnicodeDecodeError:
        return header.decode("latin-1")


def _root_cause(error: Exception) -> str:
    """Return the message of the system's own error, which the library wraps."""
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__ or inner
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {inner.verify_message}"
    return str((isinstance(inner, OSError) and inner.strerror) or inner or type(inner).__name__)[:200]


def status_error(response: Response, now: Callable[[], float]) -> StatusError:
    """Return an error that names the status, and when the server accepts another try."""
    try:
        status = f"{response.status} ({HTTPStatus(response.status).phrase.lower()})"
    except ValueError:
        status = str(response.status)
    seconds = _parse_retry_after(response.headers.get("retry-after", ""), now)
    again = f" and asks to try again in {seconds} s" if seconds else ""
    return StatusError(response.status, f"the server answered {status}{again}")


def _parse_retry_after(header: str, now: Callable[[], float]) -> int:
    """Return the seconds to wait, from a number or a date. Return 0 if the header is neither."""
    if header.strip().isascii() and header.strip().isdigit() and len(header) < 9:
        return int(header)
    try:
        return max(0, round(parsedate_to_datetime(header).timestamp() - now()))
    except (ValueError, OverflowError, TypeError):
        return 0
