"""Feeds and sitemaps: which pages they name, the newest first.

This takes bytes and opens no connection. It runs in the sandbox, so `validate_links` checks what comes back.

Sources: sitemaps.org, "Sitemaps XML format"; jsonfeed.org, version 1.1. RSS and Atom are left to feedparser.
"""

import json
import re
import zlib
from calendar import timegm
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO
from itertools import islice
from typing import Any, Literal
from xml.etree.ElementTree import ParseError

from qa.sources.formats.decoding import GZIP_MAGIC, decompress_gzip
from qa.sources.formats.limits import MB, Limits
from qa.sources.sandbox.validate import optional_text, text
from qa.sources.web.addresses import canonicalize, resolve_link
from qa.types.errors import ArticleUnreadable

SITEMAP_BYTES = 50 * MB  # decompressed; the limit of the protocol, as is the next
MAX_LINKS = 50_000
FEED_BYTES = 10 * MB
MAX_TAGS = 500_000  # of a feed, those in its articles included; parsing one takes up to 25 microseconds
_MAX_DEPTH = 20  # of elements in a sitemap; images, news and translations of a page need four
_MAX_URL = 2_048  # characters, by the sitemap protocol
_HEAD = 65_536  # bytes searched for the root element
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAG = re.compile(r"<[^<>]*>")

Kind = Literal["feed", "sitemap", "page"]


@dataclass(frozen=True, slots=True)
class Link:
    """A page, or another sitemap, that a feed or sitemap names."""

    url: str  # absolute, http or https, without fragment
    title: str | None
    published: str | None  # ISO 8601; in a sitemap, the last change


@dataclass(frozen=True, slots=True)
class Links:
    """The pages of a feed or sitemap, or the sitemaps of a sitemap index: the newest first, each once."""

    pages: tuple[Link, ...]
    sitemaps: tuple[Link, ...]


def detect_kind(content: bytes, content_type: str | None) -> Kind:
    """Tell feeds, sitemaps and pages apart by their content, since servers give feeds many types.

    The content type decides only if the content does not.
    """
    head = _head(content)
    root = _root_element(head)
    if root in ("urlset", "sitemapindex"):
        return "sitemap"
    has_namespace = {
        "rss": True,
        "rdf": "purl.org/rss/" in head or "my.netscape.com/rdf" in head,
        "feed": "w3.org/2005/atom" in head or "purl.org/atom/" in head,
        "{": "jsonfeed.org/version/" in head.replace("\\/", "/"),
    }
    if has_namespace.get(root, False) or (content_type in _FEED_TYPES and root != "html"):
        return "feed"
    return "page"


def parse_links(content: bytes, url: str, _: Limits) -> list[Links]:
    """Parse a feed (RSS 0.9 to 2.0, Atom, JSON Feed), a sitemap or a sitemap index.

    Args:
        content: which may be compressed with gzip.
        url: of the content, which relative links start from.

    Returns:
        One item, as the sandbox expects a list. Links without a date come last.

    Raises:
        ArticleUnreadable: the content is damaged or too large.
    """
    content = _decompress(content)
    match _root_element(_head(content)):
        case "sitemapindex":
            sitemaps = newest(_absolute(_parse_sitemap(content, "sitemap"), url), MAX_LINKS)
            return [Links((), tuple(sitemaps))]
        case "urlset":
            links: Iterable[Link] = _parse_sitemap(content, "url")
        case "{":
            links = _parse_json_feed(content)
        case _:
            links = _parse_xml_feed(content, url)
    return [Links(tuple(newest(_absolute(islice(links, MAX_LINKS), url), MAX_LINKS)), ())]


def validate_links(data: Any, url: str) -> Links:
    """Check the answer of the sandbox.

    Raises:
        TypeError, ValueError, LookupError: it is not valid.
    """
    return Links(_validate_list(data["pages"], url), _validate_list(data["sitemaps"], url))


def _validate_list(data: Any, url: str) -> tuple[Link, ...]:
    if len(data) > MAX_LINKS:
        raise ValueError("too many")
    return tuple(_validate_link(item, url) for item in data)


def _validate_link(data: Any, url: str) -> Link:
    link, published = text(data["url"]), optional_text(data["published"])
    if resolve_link(url, link) != link:
        raise ValueError("not a web address")
    if published is not None:
        datetime.fromisoformat(published)
    return Link(link, optional_text(data["title"]), published)


def newest(links: Iterable[Link], k: int) -> list[Link]:
    """Return the k newest links, each page once. Those without a date come last, in their order."""
    chosen: dict[str, Link] = {}
    for link in sorted(links, key=age):
        if len(chosen) >= k:
            break
        chosen.setdefault(canonicalize(link.url), link)
    return list(chosen.values())


def age(link: Link) -> float:
    """Return the seconds from publication to 1970, so that older links have greater values. Without a date it is infinite."""
    if link.published is None:
        return float("inf")
    moment = datetime.fromisoformat(link.published)
    return (_EPOCH - (moment if moment.tzinfo else moment.replace(tzinfo=UTC))).total_seconds()


def _absolute(links: Iterable[Link], base: str) -> Iterator[Link]:
    for link in links:
        if url := resolve_link(base, link.url):
            yield replace(link, url=url)


def _decompress(content: bytes) -> bytes:
    if not content.startswith(GZIP_MAGIC):
        return content
    decompressed = bytearray()
    try:
        for chunk in decompress_gzip([content]):
            decompressed += chunk
            if len(decompressed) > SITEMAP_BYTES:
                raise ArticleUnreadable(f"it unpacks to more than {SITEMAP_BYTES // MB} MB")
    except (zlib.error, EOFError) as error:
        raise ArticleUnreadable(f"it cannot be unpacked ({error})") from error
    return bytes(decompressed)


def _head(content: bytes) -> str:
    """Return the beginning as text in lower case. It is only searched, so any encoding that keeps ASCII apart will do."""
    if content.startswith(GZIP_MAGIC):
        try:
            content = next(iter(decompress_gzip([content[:_HEAD]])), b"")
        except (zlib.error, EOFError):
            return ""
    return content[:_HEAD].replace(b"\0", b"").decode("latin-1").lower()


def _root_element(head: str) -> str:
    """Return the name of the root element, "{" for JSON, or "" for anything else."""
    text = head.lstrip("\xef\xbb\xbf\xfe\xff \t\r\n")
    if not text.startswith("<"):
        return "{" if text.startswith("{") else ""
    at = 0
    while (at := text.find("<", at)) >= 0:
        ends = {"<!--": "-->", "<?": "?>", "<!": ">"}
        start = next((start for start in ends if text.startswith(start, at)), None)
        if start is None:
            match = _ROOT.match(text, at)
            return match.group(1) if match else ""
        at = text.find(ends[start], at + len(start))
        if at < 0:
            break
    return ""


def _parse_xml_feed(content: bytes, url: str) -> list[Link]:
    import feedparser

    if len(content) > FEED_BYTES:
        raise ArticleUnreadable(f"the feed has more than {FEED_BYTES // MB} MB")
    if content.count(b"<") > MAX_TAGS:
        raise ArticleUnreadable(f"the feed has more than {MAX_TAGS:,} tags")
    try:
        # Passed as a file: feedparser would take bytes for the name of a file, and text for an address to fetch.
        headers = {"content-location": url, "content-type": "application/xml"}
        feed = feedparser.parse(BytesIO(content), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:
        raise ArticleUnreadable(f"the feed cannot be read ({type(error).__name__})") from error
    if not feed.entries and feed.bozo:
        raise ArticleUnreadable(f"the feed is damaged ({str(feed.bozo_exception)[:200]})")
    return [Link(entry["link"], _title_of(entry), _date_of(entry)) for entry in feed.entries if entry.get("link")]


def _title_of(entry: Any) -> str | None:
    return _clean_title(entry.get("title"), is_html="html" in entry.get("title_detail", {}).get("type", ""))


def _date_of(entry: Any) -> str | None:
    moment = entry.get("published_parsed") or ("updated_parsed" in entry and entry["updated_parsed"])
    try:
        return datetime.fromtimestamp(timegm(moment), UTC).isoformat(timespec="minutes") if moment else None
    except (ValueError, OverflowError, OSError):
        return None


def _parse_json_feed(content: bytes) -> list[Link]:
    if len(content) > FEED_BYTES:
        raise ArticleUnreadable(f"the feed has more than {FEED_BYTES // MB} MB")
    try:
        feed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ArticleUnreadable("the feed is damaged (it is no JSON)") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    links = []
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(url := item.get("url") or item.get("external_url"), str):
            published = _parse_date(item.get("date_published")) or _parse_date(item.get("date_modified"))
            links.append(Link(url, _clean_title(item.get("title"), is_html=False), published))
    return links


def _clean_title(title: object, *, is_html: bool) -> str | None:
    """Return a title on one line, without markup."""
    if not isinstance(title, str):
        return None
    return " ".join((unescape(_TAG.sub("", title)) if is_html else title).split()) or None


def _parse_date(text: object) -> str | None:
    """Return a date, or a date and time to the minute, in ISO 8601. Return None if there is no complete date."""
    if not isinstance(text, str):
        return None
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip()).isoformat(timespec="minutes")
    except ValueError:
        return None


def _parse_sitemap(content: bytes, element: str) -> list[Link]:
    """Parse the `url` or `sitemap` elements as they stream by. No tree is built, and no entity is resolved."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    if len(content) > SITEMAP_BYTES:
        raise ArticleUnreadable(f"the sitemap has more than {SITEMAP_BYTES // MB} MB")
    target = _SitemapTarget(element)
    parser = DefusedXMLParser(target=target)
    try:
        parser.feed(content)
        parser.close()
    except DefusedXmlException as error:
        raise ArticleUnreadable("the sitemap declares entities, which are not read") from error
    except (ParseError, ValueError, LookupError) as error:
        raise ArticleUnreadable(f"the sitemap is damaged ({error})") from error
    return target.links


class _SitemapTarget:
    """Receives the events of the XML parser."""

    def __init__(self, element: str) -> None:
        self.links: list[Link] = []
        self._element = element
        self._path: list[str] = []
        self._fields: dict[str, str] = {}

    def start(self, tag: str, _: dict[str, str]) -> None:
        self._path.append(tag)
        if len(self._path) > _MAX_DEPTH:
            raise ArticleUnreadable("the sitemap is damaged (elements are too deep in one another)")

    def data(self, text: str) -> None:
        # The address of the page is in the third element from outside; that of an image is deeper.
        if len(self._path) == 3:
            name = self._path[-1].rpartition("}")[2]
            if name in ("loc", "lastmod") and len(self._fields.get(name, "")) < _MAX_URL:
                self._fields[name] = self._fields.get(name, "") + text

    def end(self, _: str) -> None:
        if len(self._path) == 2:
            if self._path[-1].rpartition("}")[2] == self._element and "loc" in self._fields:
                self.links.append(Link(self._fields["loc"].strip(), None, _parse_date(self._fields.get("lastmod"))))
            self._fields = {}
            if len(self.links) > MAX_LINKS:
                raise ArticleUnreadable(f"the sitemap holds more than {MAX_LINKS:,} entries")
        self._path.pop()

    def close(self) -> None:
        """Do nothing: the parser requires this method."""
