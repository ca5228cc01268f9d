"""Fetch one page at a time: from public hosts, as robots.txt allows, with pauses, within limits.

Source: RFC 9309 for robots.txt. `Crawl-delay` is not part of it, and is respected too.
"""

import queue
import re
import ssl
import threading
import time
from collections.abc import Callable, Container
from functools import cached_property
from importlib.metadata import PackageNotFoundError, metadata
from typing import Self

import httpx
from httpx import URL
from protego import Protego

from qa.sources.web import WEB_LIMITS, WebLimits, WebPage
from qa.sources.web.addresses import (
    PORTS,
    HostUnreachable,
    IpAddress,
    Resolve,
    check_all_allowed,
    is_public,
    parse_url,
    port_of,
    resolve,
)
from qa.sources.web.http_client import (
    OK,
    BodyLimit,
    Deadline,
    RequestOptions,
    Response,
    StatusError,
    send_request,
    status_error,
)
from qa.types.errors import PageUnreachable

ROBOT = "Pullquote"  # the name in the User-Agent header, which robots.txt may mention
_REDIRECTS = (301, 302, 303, 307, 308)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.I)
_AGENT_LINE = re.compile(r"\s*user[-\s]*agent", re.I)
_MAX_RULES = 2_000_000  # protego stores each rule for each robot it applies to; real files have thousands


def user_agent() -> str:
    """Return our User-Agent: name, version, and the page of the project if the package has one."""
    try:
        package = metadata("pullquote")
    except PackageNotFoundError:
        return ROBOT
    urls = [entry.partition(",")[2].strip() for entry in package.get_all("Project-URL") or ()]
    return f"{ROBOT}/{package['Version']}" + (f" (+{urls[0]})" if urls else "")


class Fetcher:
    """Fetches pages for one thread at a time. It forgets what it knows of sites when its context is left.

    Proxies named in the environment are not used: a proxy would look up the host itself, past the check of its addresses.

    Args:
        allow: tells which IP addresses may be connected to.
        ports: which ports may be connected to.
    """

    def __init__(
        self,
        *,
        limits: WebLimits = WEB_LIMITS,
        allow: Callable[[IpAddress], bool] = is_public,
        ports: Container[int] = PORTS,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits, self._allow, self._ports, self._resolve, self._tls = limits, allow, ports, resolve, tls
        self._clock, self._sleep = clock, sleep
        self._robots: dict[str, Protego | str] = {}  # by site; a string is the reason why nothing may be fetched there
        self._last_request: dict[str, float] = {}  # by host

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._robots.clear()
        self._last_request.clear()

    def fetch(self, address: str) -> WebPage:
        """Fetch the page at an address, and follow redirects.

        Raises:
            PageUnreachable: with a reason for the user.
        """
        url, deadline = parse_url(address, self._ports), Deadline(self._limits.seconds, self._clock)
        return self._follow(url, deadline, BodyLimit(self._limits.page_bytes), ask_robots=True)

    def _follow(self, url: URL, deadline: Deadline, limit: BodyLimit, *, ask_robots: bool) -> WebPage:
        for _ in range(self._limits.redirects + 1):
            with deadline.paused():
                self._pause(url, self._crawl_delay(url) if ask_robots else 0.0)
            response = self._request(url, deadline, limit)
            if response.status not in _REDIRECTS or "location" not in response.headers:
                return _to_page(url, response)
            url = self._redirect(url, response.headers["location"])
        raise PageUnreachable(f"it redirects more than {self._limits.redirects} times")

    def _pause(self, url: URL, crawl_delay: float) -> None:
        """Sleep until the host may be sent another request."""
        pause = max(self._limits.pause, min(crawl_delay, self._limits.longest_pause))
        seconds = self._last_request.get(url.host, float("-inf")) + pause - self._clock()
        if seconds > 0:
            self._sleep(seconds)

    def _request(self, url: URL, deadline: Deadline, limit: BodyLimit) -> Response:
        try:
            addresses = self._look_up(url, deadline)
            check_all_allowed(addresses, self._allow)
            options = RequestOptions(user_agent(), self._tls_context, self._limits.connect_seconds)
            return send_request(url, addresses, options, deadline, limit)
        finally:
            self._last_request[url.host] = self._clock()

    def _redirect(self, url: URL, location: str) -> URL:
        try:
            target = parse_url(str(url.join(location)), self._ports)
        except (httpx.InvalidURL, ValueError) as error:
            raise PageUnreachable(f"it redirects to something that is not a web address ({error})") from error
        except PageUnreachable as error:
            raise PageUnreachable(f"it redirects to {location[:200]!r}: {error}") from error
        if url.scheme == "https" and target.scheme == "http":
            raise PageUnreachable("it redirects from https to http, which anyone on the way could change")
        return target

    @cached_property
    def _tls_context(self) -> ssl.SSLContext:
        return self._tls or httpx.create_ssl_context(trust_env=False)

    def _look_up(self, url: URL, deadline: Deadline) -> list[str]:
        """Look up the host in a thread, since the system's look-up has no time limit and cannot be interrupted."""
        host, port = url.raw_host.decode("ascii"), port_of(url)
        results: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                results.put(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                results.put(error)

        threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
        try:
            addresses = results.get(timeout=deadline.remaining(self._limits.connect_seconds))
        except queue.Empty:
            deadline.remaining()
            raise HostUnreachable(f"{url.host} could not be looked up within {self._limits.connect_seconds:g} s") from None
        if isinstance(addresses, Exception):
            reason = getattr(addresses, "strerror", None) or addresses
            raise HostUnreachable(f"{url.host} cannot be found ({reason})") from addresses
        return addresses

    def _crawl_delay(self, url: URL) -> float:
        """Return the seconds between two requests that the site asks for, or 0.

        Raises:
            PageUnreachable: the page may not be fetched.
        """
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        if site not in self._robots:
            self._robots[site] = self._fetch_robots(f"{site}/robots.txt", url.host)
        robots = self._robots[site]
        if isinstance(robots, str):
            raise PageUnreachable(robots)
        if not robots.can_fetch(str(url), ROBOT):
            raise PageUnreachable(f"robots.txt of {url.host} does not allow it")
        return float(robots.crawl_delay(ROBOT) or 0.0)

    def _fetch_robots(self, address: str, host: str) -> Protego | str:
        """Fetch the rules of a site, or return the reason why nothing may be fetched there."""
        n_bytes = self._limits.robots_bytes
        try:
            url, deadline = parse_url(address, self._ports), Deadline(self._limits.robots_seconds, self._clock)
            content = self._follow(url, deadline, BodyLimit(n_bytes, truncate=True), ask_robots=False).content
        except HostUnreachable as error:
            return str(error)
        except PageUnreachable as error:
            if not isinstance(error, StatusError) or not 400 <= error.status < 500:
                # There may be rules, and we cannot know what they forbid.
                return f"robots.txt of {host} cannot be had, so nothing may be fetched there: {error}"
            content = b""
        if len(content) >= n_bytes:
            content = content[: content.rfind(b"\n") + 1]  # without the line that was cut
        text = content.decode("utf-8-sig", "replace")
        lines = text.splitlines()
        if sum(_AGENT_LINE.match(line) is not None for line in lines) * len(lines) > _MAX_RULES:
            return f"robots.txt of {host} has too many rules for too many robots to be read"
        return Protego.parse(text)


def _to_page(url: URL, response: Response) -> WebPage:
    if response.status not in OK:
        raise status_error(response, time.time)
    header = response.headers.get("content-type", "")
    match = _CHARSET.search(header)
    charset = match.group(1).lower() if match and _is_text_codec(match.group(1)) else None
    return WebPage(str(url), response.content, header.partition(";")[0].strip().lower() or None, charset)


def _is_text_codec(charset: str) -> bool:
    try:
        b"a".decode(charset)  # Python checks the name only if there is something to decode
    except UnicodeError:
        return True  # such as UTF-16, which one byte is not
    except LookupError:
        return False
    return True
