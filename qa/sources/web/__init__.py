"""Pages are fetched from the web: politely, from public addresses only, within limits; what they say is read elsewhere.

`fetching` fetches one page, `pages` the page or the newest pages of the feed or sitemap at an address. `feeds` reads feeds and
sitemaps; it takes bytes, opens no connection and runs in a process of its own, to which `listing` is the way.
"""

from dataclasses import dataclass

from qa.sources.formats.limits import MB

NEWEST = 20  # pages of a feed or sitemap, unless more or fewer are asked for


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page as the server sent it, decompressed."""

    url: str  # after all redirects
    content: bytes
    content_type: str | None  # in lower case, without parameters: "text/html"
    charset: str | None  # from the Content-Type header, if Python knows it; it may be wrong

    @property
    def source(self) -> str:
        return self.url

    @property
    def n_bytes(self) -> int:
        return len(self.content)

    def read(self) -> bytes:
        """Return the content, as a file does."""
        return self.content


@dataclass(frozen=True, slots=True)
class WebLimits:
    """What fetching a page may take, and how a server is spared."""

    page_bytes: int = 50 * MB  # unpacked
    seconds: float = 30.0  # from looking the host up to the last byte, over all redirects; pauses are not counted
    connect_seconds: float = 10.0  # of one connection, TLS and each way of looking the host up
    redirects: int = 5
    robots_bytes: int = 512_000  # of robots.txt are read; RFC 9309 asks for 500 KiB at least
    robots_seconds: float = 10.0
    pause: float = 1.0  # seconds at least between two requests to a host
    longest_pause: float = 30.0  # seconds; a robots.txt that asks for more is given this


WEB_LIMITS = WebLimits()
