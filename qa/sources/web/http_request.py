"""One request and its answer, and what went wrong in words for the reader."""

import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from qa.sources.formats.limits import MB
from qa.sources.web.addresses import HostUnreachable, port_of
from qa.sources.web.deadline import Deadline
from qa.sources.web.unpacking import unpacked
from qa.types.errors import PageUnreachable

if TYPE_CHECKING:
    from httpcore import Response
    from httpx import URL

_WITH_PAGE = (200, 203)
_ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"


class Answered(PageUnreachable):
    """The server answered with something else than the page."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: of a page all, of anything else the status and headers."""

    status: int
    headers: dict[str, str]  # names in lower case
    content: bytes


@dataclass(frozen=True, slots=True)
class Most:
    """How much of a page is taken, and whether there may be more of it."""

    size: int  # bytes, unpacked
    cut: bool = False  # what is beyond is left out; else the page is refused

    def of(self, chunks: Iterable[bytes]) -> bytes:
        """The bytes of a page; nothing beyond is read."""
        content = bytearray()
        for chunk in chunks:
            content += chunk
            if len(content) > self.size:
                if self.cut:
                    return bytes(content[: self.size])
                raise PageUnreachable(f"the page has more than {self.size / MB:g} MB")
        return bytes(content)


@dataclass(frozen=True, slots=True)
class Asking:
    """How a server is asked for a page."""

    agent: str  # what we call ourselves
    tls: ssl.SSLContext
    connect_seconds: float


def exchange(url: "URL", addresses: list[str], asking: Asking, deadline: Deadline, most: Most) -> Answer:
    """Ask for a page over a connection of its own, to one of the addresses.

    Raises:
        PageUnreachable: no whole answer came.
    """
    import httpcore

    from qa.sources.web.pinned_backend import Pinned

    # httpcore and not httpx's client: that one reads proxies from the environment, which would look the name up again, and
    # unpacks what it was not asked to, without a limit.
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port_of(url), target=url.raw_path)
    headers: list[tuple[bytes | str, bytes | str]] = [
        ("Host", url.netloc),
        ("User-Agent", asking.agent),
        ("Accept", _ACCEPT),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
    ]
    times = {"timeout": {"connect": asking.connect_seconds}}
    try:
        with (
            httpcore.HTTPConnection(target.origin, asking.tls, network_backend=Pinned(addresses, deadline)) as connection,
            connection.stream("GET", target, headers=headers, extensions=times) as response,
        ):
            said = {_text(name).lower(): _text(value) for name, value in response.headers}
            content = most.of(_body(response, said)) if response.status in _WITH_PAGE else b""
            return Answer(response.status, said, content)
    except httpcore.ConnectTimeout as error:
        deadline.left()  # or is all time up too?
        raise HostUnreachable(f"{url.host} did not answer within {asking.connect_seconds:g} s") from error
    except httpcore.TimeoutException as error:
        raise deadline.missed() from error
    except httpcore.ConnectError as error:
        raise HostUnreachable(f"no connection to {url.host} ({_cause(error)})") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise PageUnreachable(f"the connection to {url.host} broke off ({_cause(error)})") from error
    except (zlib.error, EOFError) as error:
        raise PageUnreachable(f"the page came packed and cannot be unpacked ({error})") from error


def _body(response: "Response", headers: dict[str, str]) -> Iterator[bytes]:
    chunks = response.iter_stream()
    match headers.get("content-encoding", "").strip().lower():
        case "" | "identity":
            return chunks
        case "gzip" | "x-gzip":
            return unpacked(chunks)
        case other:
            raise PageUnreachable(f"the page came packed as {other[:40]!r}, which was not asked for")


def _text(header: bytes) -> str:
    """Part of a header; some servers write addresses into it in UTF-8."""
    try:
        return header.decode("utf-8")
    except UnicodeDecodeError:
        return header.decode("latin-1")


def _cause(error: Exception) -> str:
    """The system's own words, which the library wraps."""
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__ or inner
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {inner.verify_message}"
    return str((isinstance(inner, OSError) and inner.strerror) or inner or type(inner).__name__)[:200]


def refusal(answer: Answer, now: Callable[[], float]) -> Answered:
    """What the server said instead of the page, and when it wants to be asked again."""
    try:
        words = f"{answer.status} ({HTTPStatus(answer.status).phrase.lower()})"
    except ValueError:
        words = str(answer.status)
    wait = _seconds_to_wait(answer.headers.get("retry-after", ""), now)
    again = f" and asks to try again in {wait} s" if wait else ""
    return Answered(answer.status, f"the server answered {words}{again}")


def _seconds_to_wait(retry_after: str, now: Callable[[], float]) -> int:
    """Seconds, from a number of them or a date; 0 where neither stands there."""
    if retry_after.strip().isascii() and retry_after.strip().isdigit() and len(retry_after) < 9:
        return int(retry_after)
    try:
        return max(0, round(parsedate_to_datetime(retry_after).timestamp() - now()))
    except (ValueError, OverflowError, TypeError):
        return 0
