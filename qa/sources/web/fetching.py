"""Pages are fetched one at a time: allowed by robots.txt, from public hosts, with pauses, within limits."""

import queue
import re
import ssl
import threading
import time
from collections.abc import Callable, Container
from functools import cached_property
from importlib.metadata import PackageNotFoundError, metadata
from typing import TYPE_CHECKING, Self

from qa.sources.web import WEB_LIMITS, WebLimits, WebPage
from qa.sources.web.addresses import PORTS, Address, HostUnreachable, Resolve, allowed, checked, port_of, public, resolve
from qa.sources.web.deadline import Deadline
from qa.sources.web.http_request import Answer, Asking, Most, exchange, refusal
from qa.sources.web.robots import AGENT, Robots
from qa.types.errors import PageUnreachable

if TYPE_CHECKING:
    from httpx import URL

_REDIRECTS = (301, 302, 303, 307, 308)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.I)


def user_agent() -> str:
    """What we call ourselves: name, version, and the project's page where the package names one."""
    try:
        package = metadata("pullquote")
    except PackageNotFoundError:
        return AGENT
    pages = [each.partition(",")[2].strip() for each in package.get_all("Project-URL") or ()]
    return f"{AGENT}/{package['Version']}" + (f" (+{pages[0]})" if pages else "")


class Fetcher:
    """Fetches pages for one thread at a time; what it knows of sites, it forgets when it is left.

    `allow` says which addresses may be connected to, `ports` which ports. Proxies that the environment names are not used: a
    proxy would look the host up by itself, past that check.
    """

    def __init__(
        self,
        *,
        limits: WebLimits = WEB_LIMITS,
        allow: Callable[[Address], bool] = public,
        ports: Container[int] = PORTS,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits, self._allow, self._ports, self._resolve, self._tls = limits, allow, ports, resolve, tls
        self._clock, self._sleep = clock, sleep
        self._forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._forget()

    def fetch(self, url: str) -> WebPage:
        """The page at an address, or where that leads.

        Raises:
            PageUnreachable: with the reason, in words for the reader.
        """
        return self._follow(url, self._limits.seconds, Most(self._limits.page_bytes), self._robots)

    def _forget(self) -> None:
        self._robots = Robots(self._robots_txt)
        self._asked: dict[str, float] = {}  # when a host was last asked for something

    def _robots_txt(self, url: str) -> bytes:
        """As much of a robots.txt as is read, without the line that is cut through there."""
        most = self._limits.robots_bytes
        content = self._follow(url, self._limits.robots_seconds, Most(most, cut=True), None).content
        return content if len(content) < most else content[: content.rfind(b"\n") + 1]

    def _follow(self, address: str, seconds: float, most: Most, robots: Robots | None) -> WebPage:
        url = checked(address, self._ports)
        deadline = Deadline(seconds, self._clock)
        for _ in range(self._limits.redirects + 1):
            with deadline.stopped():
                self._wait(url, robots.pause(url) if robots else 0.0)
            answer = self._ask(url, deadline, most)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return _page(url, answer)
            url = self._next(url, answer.headers["location"])
        raise PageUnreachable(f"it redirects more than {self._limits.redirects} times")

    def _wait(self, url: "URL", asked_for: float) -> None:
        pause = max(self._limits.pause, min(asked_for, self._limits.longest_pause))
        left = self._asked.get(url.host, float("-inf")) + pause - self._clock()
        if left > 0:
            self._sleep(left)

    def _ask(self, url: "URL", deadline: Deadline, most: Most) -> Answer:
        try:
            addresses = allowed(self._look_up(url, deadline), self._allow)
            asking = Asking(user_agent(), self._trusted, self._limits.connect_seconds)
            return exchange(url, addresses, asking, deadline, most)
        finally:
            self._asked[url.host] = self._clock()

    def _next(self, url: "URL", location: str) -> "URL":
        import httpx

        try:
            following = checked(str(url.join(location)), self._ports)
        except (httpx.InvalidURL, ValueError) as error:
            raise PageUnreachable(f"it redirects to what is no web address ({error})") from error
        except PageUnreachable as error:
            raise PageUnreachable(f"it redirects to {location[:200]!r}: {error}") from error
        if url.scheme == "https" and following.scheme == "http":
            raise PageUnreachable("it redirects from https to http, which anyone on the way could change")
        return following

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        import httpx

        return self._tls or httpx.create_ssl_context(trust_env=False)

    def _look_up(self, url: "URL", deadline: Deadline) -> list[str]:
        """The host's addresses; in a thread, since the system's look-up knows no time limit and cannot be ended."""
        host, port = url.raw_host.decode("ascii"), port_of(url)
        found: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                found.put(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                found.put(error)

        threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
        try:
            addresses = found.get(timeout=deadline.left(self._limits.connect_seconds))
        except queue.Empty:
            deadline.left()
            raise HostUnreachable(f"{url.host} could not be looked up within {self._limits.connect_seconds:g} s") from None
        if isinstance(addresses, Exception):
            words = getattr(addresses, "strerror", None) or addresses
            raise HostUnreachable(f"{url.host} cannot be found ({words})") from addresses
        return addresses


def _page(url: "URL", answer: Answer) -> WebPage:
    if answer.status not in (200, 203):
        raise refusal(answer, time.time)
    said = answer.headers.get("content-type", "")
    match = _CHARSET.search(said)
    charset = match.group(1).lower() if match and _known(match.group(1)) else None
    return WebPage(str(url), answer.content, said.partition(";")[0].strip().lower() or None, charset)


def _known(charset: str) -> bool:
    """Whether it is one of text that Python knows."""
    try:
        b"a".decode(charset)  # of nothing at all, Python does not look at the name
    except UnicodeError:
        return True  # such as UTF-16, which a byte is no text in
    except LookupError:
        return False
    return True
