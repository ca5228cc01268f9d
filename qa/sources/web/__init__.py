"""The web: pages are fetched from public hosts only, within limits, and as robots.txt allows.

`crawl` gives the page at an address, or the newest pages of the feed or sitemap there. `fetching` fetches one page. `feeds`
parses feeds and sitemaps. It takes bytes, opens no connection, and runs in the sandbox.
"""

from dataclasses import dataclass

from qa.sources.formats.limits import MB

NEWEST = 20  # pages of a feed or sitemap, by default


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
    """The limits on fetching a page, and the pauses that spare a server."""

    page_bytes: int = 50 * MB  # decompressed
    seconds: float = 30.0  # from looking up the host to the last byte, over all redirects; pauses are not counted
    connect_seconds: float = 10.0  # for looking up a host, and again for connecting to it, TLS included
    redirects: int = 5
    robots_bytes: int = 512_000  # of robots.txt that are read; RFC 9309 asks for at least 500 KiB
    robots_seconds: float = 10.0
    pause: float = 1.0  # minimum seconds between two requests to a host
    longest_pause: float = 30.0  # seconds, if robots.txt asks for more


WEB_LIMITS = WebLimits()
