"""What a feed or sitemap names, read from its bytes, in a process of its own as whatever is read of foreign bytes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qa.sources.formats.limits import Limits
from qa.sources.sandbox.validate import optional_text, text
from qa.sources.web.addresses import joined
from qa.sources.web.feeds import MOST_ENTRIES, Entry, entries, sitemaps


@dataclass(frozen=True, slots=True)
class Listing:
    """A feed's or sitemap's pages, or a sitemap of sitemaps' own sitemaps: the newest first, each once."""

    pages: tuple[Entry, ...]
    sitemaps: tuple[Entry, ...]


def read(content: bytes, url: str, _: Limits) -> list[Listing]:
    """The one listing that some bytes from an address are.

    Raises:
        ArticleUnreadable: they are damaged or too large.
    """
    return [Listing(tuple(entries(content, url, MOST_ENTRIES)), tuple(sitemaps(content, url)))]


def checked(given: Any, url: str) -> Listing:
    """What a process says is a listing, if it can be one."""
    return Listing(_entries(given["pages"], url), _entries(given["sitemaps"], url))


def _entries(given: Any, url: str) -> tuple[Entry, ...]:
    if len(given) > MOST_ENTRIES:
        raise ValueError("too many")
    return tuple(_entry(each, url) for each in given)


def _entry(given: Any, url: str) -> Entry:
    address, published = text(given["url"]), optional_text(given["published"])
    if joined(url, address) != address:
        raise ValueError("no address of the web")
    if published is not None:
        datetime.fromisoformat(published)
    return Entry(address, optional_text(given["title"]), published)
