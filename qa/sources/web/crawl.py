"""Crawl an address: give the page there, or the newest pages of the feed or sitemap there."""

from collections.abc import Generator, Iterator
from dataclasses import replace

from qa.sources.sandbox.parser_pool import ParserPool, shared_pool
from qa.sources.web import NEWEST, WebPage
from qa.sources.web.addresses import canonicalize
from qa.sources.web.feeds import Link, Links, age, detect_kind, newest, parse_links, validate_links
from qa.sources.web.fetching import Fetcher
from qa.types.articles import Failure
from qa.types.errors import ArticleUnreadable, PageUnreachable

MAX_SITEMAPS = 10  # of a sitemap index that are read
_DAY = 86_400.0  # seconds; a sitemap may give a date without a time


def crawl(url: str, *, k: int = NEWEST, fetcher: Fetcher, pool: ParserPool = shared_pool) -> Iterator[WebPage | Failure]:
    """Yield the page at an address, or the k newest pages of the feed or sitemap there, each once.

    Pages have canonical addresses. A page that cannot be fetched gives a failure and stops nothing.

    Args:
        pool: parses feeds and sitemaps.
    """
    links: list[Link] = []
    sitemaps: tuple[Link, ...] = ()
    try:
        first = fetcher.fetch(url)
        kind = detect_kind(first.content, first.content_type)
        if kind != "page":
            parsed = _parse(first, pool)
            links, sitemaps = list(parsed.pages[:k]), parsed.sitemaps
    except (PageUnreachable, ArticleUnreadable) as error:
        yield Failure(url, str(error))
        return
    if kind == "page":
        yield replace(first, url=canonicalize(first.url))
        return
    if sitemaps:
        links = yield from _crawl_sitemaps(url, sitemaps, k, fetcher, pool)
    if not links:
        yield Failure(url, f"the {kind} names no page")
    yield from _fetch_each(links, fetcher)


def _parse(page: WebPage, pool: ParserPool) -> Links:
    return pool.run(parse_links, page.content, page.url, validate_links)[0]


def _crawl_sitemaps(
    url: str, sitemaps: tuple[Link, ...], k: int, fetcher: Fetcher, pool: ParserPool
) -> Generator[WebPage | Failure, None, list[Link]]:
    """Return the k newest pages of several sitemaps. Stop at a sitemap in which all pages must be older."""
    links: list[Link] = []
    for sitemap in sitemaps[:MAX_SITEMAPS]:
        if len(links) >= k and sitemap.published and age(links[-1]) + _DAY < age(sitemap):
            return links
        try:
            page = fetcher.fetch(sitemap.url)
            is_sitemap = detect_kind(page.content, page.content_type) == "sitemap"
            parsed = _parse(page, pool) if is_sitemap else None
            if parsed is None or parsed.sitemaps:
                raise ArticleUnreadable("a sitemap of sitemaps names this, and it is no sitemap of pages")
            links = newest([*links, *parsed.pages], k)
        except (PageUnreachable, ArticleUnreadable) as error:
            yield Failure(sitemap.url, str(error))
    if len(sitemaps) > MAX_SITEMAPS:
        yield Failure(url, f"it names {len(sitemaps):,} sitemaps; only the first {MAX_SITEMAPS} were read, the newest first")
    return links


def _fetch_each(links: list[Link], fetcher: Fetcher) -> Iterator[WebPage | Failure]:
    seen: set[str] = set()
    for link in links:
        try:
            page = fetcher.fetch(link.url)
        except PageUnreachable as error:
            yield Failure(link.url, str(error))
            continue
        url = canonicalize(page.url)
        if url not in seen:  # two addresses may lead to the same page
            seen.add(url)
            yield replace(page, url=url)
