"""The page at an address, or the newest pages of the feed or sitemap there."""

from collections.abc import Generator, Iterator
from dataclasses import replace

from qa.sources.sandbox.parser_pool import ParserPool, shared_pool
from qa.sources.web import NEWEST, WebPage
from qa.sources.web.addresses import canonical
from qa.sources.web.feed_listing import Listing, checked
from qa.sources.web.feeds import Entry, age, kind, newest
from qa.sources.web.fetching import Fetcher
from qa.types.articles import Failure
from qa.types.errors import ArticleUnreadable, PageUnreachable

MOST_SITEMAPS = 10  # of a sitemap of sitemaps that are read
_DAY = 86_400.0  # seconds; a sitemap's date may leave the hour out


def pages(
    url: str, *, newest: int | None = None, fetcher: Fetcher, readers: ParserPool = shared_pool
) -> Iterator[WebPage | Failure]:
    """The page at an address, or the newest pages (20 unless told) of the feed or sitemap there, which `readers` read.

    A page comes under its canonical address, each once. What cannot be had comes as a failure and stops nothing.
    """
    wanted = NEWEST if newest is None else newest
    found: list[Entry] = []
    nested: tuple[Entry, ...] = ()
    try:
        first = fetcher.fetch(url)
        what = kind(first.content, first.content_type)
        if what != "page":
            listing = _listing(first, readers)
            found, nested = list(listing.pages[:wanted]), listing.sitemaps
    except (PageUnreachable, ArticleUnreadable) as error:
        yield Failure(url, str(error))
        return
    if what == "page":
        yield replace(first, url=canonical(first.url))
        return
    if nested:
        found = yield from _of_sitemaps(url, nested, wanted, fetcher, readers)
    if not found:
        yield Failure(url, f"the {what} names no page")
    yield from _each(found, fetcher)


def _listing(fetched: WebPage, readers: ParserPool) -> Listing:
    """What a feed or sitemap names, read in another process."""
    return readers.run("qa.sources.web.feed_listing", fetched.content, fetched.url, checked)[0]


def _of_sitemaps(
    url: str, nested: tuple[Entry, ...], wanted: int, fetcher: Fetcher, readers: ParserPool
) -> Generator[WebPage | Failure, None, list[Entry]]:
    """The newest pages of several sitemaps; a sitemap is left out when all in it must be older."""
    found: list[Entry] = []
    for each in nested[:MOST_SITEMAPS]:
        if len(found) >= wanted and each.published and age(found[-1]) + _DAY < age(each):
            return found
        try:
            fetched = fetcher.fetch(each.url)
            is_sitemap = kind(fetched.content, fetched.content_type) == "sitemap"
            listing = _listing(fetched, readers) if is_sitemap else None
            if listing is None or listing.sitemaps:
                raise ArticleUnreadable("a sitemap of sitemaps names this, and it is no sitemap of pages")
            found = newest([*found, *listing.pages], wanted)
        except (PageUnreachable, ArticleUnreadable) as error:
            yield Failure(each.url, str(error))
    if len(nested) > MOST_SITEMAPS:
        yield Failure(url, f"it names {len(nested):,} sitemaps; only the first {MOST_SITEMAPS} were read, the newest first")
    return found


def _each(found: list[Entry], fetcher: Fetcher) -> Iterator[WebPage | Failure]:
    seen: set[str] = set()
    for entry in found:
        try:
            page = fetcher.fetch(entry.url)
        except PageUnreachable as error:
            yield Failure(entry.url, str(error))
            continue
        source = canonical(page.url)
        if source not in seen:  # else two addresses lead to it
            seen.add(source)
            yield replace(page, url=source)
