"""Feeds and sitemaps: which pages they name, the newest first. Bytes in, addresses out; nothing is fetched here."""

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

from qa.sources.formats.limits import MB
from qa.sources.web.addresses import canonical, joined
from qa.sources.web.sitemaps import locations
from qa.sources.web.unpacking import MAGIC, unpacked
from qa.types.errors import ArticleUnreadable

SITEMAP_BYTES = 50 * MB  # unpacked; the protocol's limit, as is the next
MOST_ENTRIES = 50_000
FEED_BYTES = 10 * MB
MOST_TAGS = 500_000  # in a feed; those of its articles count, and reading a tag takes up to 25 microseconds
_HEAD = 65_536  # bytes looked at
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAG = re.compile(r"<[^<>]*>")

Kind = Literal["feed", "sitemap", "page"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A page, or another sitemap, that a feed or sitemap names."""

    url: str  # absolute, http or https, without fragment
    title: str | None
    published: str | None  # ISO 8601; of a sitemap's entry when it was last changed


def kind(content: bytes, content_type: str | None) -> Kind:
    """What some bytes are; by themselves, since servers call feeds many things. Their type decides where they are unclear."""
    head = _head(content)
    root = _root(head)
    if root in ("urlset", "sitemapindex"):
        return "sitemap"
    known = {
        "rss": True,
        "rdf": "purl.org/rss/" in head or "my.netscape.com/rdf" in head,
        "feed": "w3.org/2005/atom" in head or "purl.org/atom/" in head,
        "{": "jsonfeed.org/version/" in head.replace("\\/", "/"),
    }
    if known.get(root, False) or (content_type in _FEED_TYPES and root != "html"):
        return "feed"
    return "page"


def entries(content: bytes, url: str, most: int) -> list[Entry]:
    """The newest pages that a feed (RSS 0.9 to 2.0, Atom, JSON Feed) or a sitemap names, each once; those without a date last.

    Of a sitemap of sitemaps there are none: see `sitemaps`. `url` is where the bytes come from; relative links start there.

    Raises:
        ArticleUnreadable: it is damaged or too large.
    """
    content = _plain(content)
    match _root(_head(content)):
        case "sitemapindex":
            return []
        case "urlset":
            found: Iterable[Entry] = _located(content, "url")
        case "{":
            found = _json_feed(content)
        case _:
            found = _feed(content, url)
    return newest(_absolute(islice(found, MOST_ENTRIES), url), most)


def sitemaps(content: bytes, url: str) -> list[Entry]:
    """The sitemaps that a sitemap of sitemaps names, the newest first; of anything else there are none.

    Raises:
        ArticleUnreadable: it is damaged or too large.
    """
    content = _plain(content)
    if _root(_head(content)) != "sitemapindex":
        return []
    return newest(_absolute(_located(content, "sitemap"), url), MOST_ENTRIES)


def _plain(content: bytes) -> bytes:
    if not content.startswith(MAGIC):
        return content
    plain = bytearray()
    try:
        for piece in unpacked([content]):
            plain += piece
            if len(plain) > SITEMAP_BYTES:
                raise ArticleUnreadable(f"it unpacks to more than {SITEMAP_BYTES // MB} MB")
    except (zlib.error, EOFError) as error:
        raise ArticleUnreadable(f"it cannot be unpacked ({error})") from error
    return bytes(plain)


def _head(content: bytes) -> str:
    """The beginning as text in lower case; it is only looked at, so that any encoding does that keeps ASCII apart."""
    if content.startswith(MAGIC):
        try:
            content = next(iter(unpacked([content[:_HEAD]])), b"")
        except (zlib.error, EOFError):
            return ""
    return content[:_HEAD].replace(b"\0", b"").decode("latin-1").lower()


def _root(head: str) -> str:
    """The name of the outermost element, "{" for JSON, "" for neither."""
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


def newest(found: Iterable[Entry], most: int) -> list[Entry]:
    """The newest of some entries, each page once; those without a date come last and in their order."""
    chosen: dict[str, Entry] = {}
    for entry in sorted(found, key=age):
        if len(chosen) >= most:
            break
        chosen.setdefault(canonical(entry.url), entry)
    return list(chosen.values())


def age(entry: Entry) -> float:
    """Greater for older ones, in seconds from a moment in time; endless for those without a date."""
    if entry.published is None:
        return float("inf")
    moment = datetime.fromisoformat(entry.published)
    return (_EPOCH - (moment if moment.tzinfo else moment.replace(tzinfo=UTC))).total_seconds()


def _absolute(found: Iterable[Entry], base: str) -> Iterator[Entry]:
    for entry in found:
        if url := joined(base, entry.url):
            yield replace(entry, url=url)


def _moment(text: object) -> str | None:
    """A date, or date and time to the minute, in ISO 8601; None where there is no whole date."""
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


def _title(text: object, *, html: bool) -> str | None:
    """A title on one line, without markup."""
    if not isinstance(text, str):
        return None
    return " ".join((unescape(_TAG.sub("", text)) if html else text).split()) or None


def _located(content: bytes, element: str) -> list[Entry]:
    if len(content) > SITEMAP_BYTES:
        raise ArticleUnreadable(f"the sitemap has more than {SITEMAP_BYTES // MB} MB")
    return [Entry(url, None, _moment(changed)) for url, changed in locations(content, element, MOST_ENTRIES)]


def _feed(content: bytes, url: str) -> list[Entry]:
    import feedparser

    if len(content) > FEED_BYTES:
        raise ArticleUnreadable(f"the feed has more than {FEED_BYTES // MB} MB")
    if content.count(b"<") > MOST_TAGS:
        raise ArticleUnreadable(f"the feed has more than {MOST_TAGS:,} tags")
    try:
        # In a file, for bytes by themselves it would take for the name of a file, and text for an address to fetch.
        said = {"content-location": url, "content-type": "application/xml"}
        feed = feedparser.parse(BytesIO(content), response_headers=said, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:
        raise ArticleUnreadable(f"the feed cannot be read ({type(error).__name__})") from error
    if not feed.entries and feed.bozo:
        raise ArticleUnreadable(f"the feed is damaged ({str(feed.bozo_exception)[:200]})")
    return [Entry(each["link"], _title_of(each), _date_of(each)) for each in feed.entries if each.get("link")]


def _title_of(entry: Any) -> str | None:
    return _title(entry.get("title"), html="html" in entry.get("title_detail", {}).get("type", ""))


def _date_of(entry: Any) -> str | None:
    when = entry.get("published_parsed") or ("updated_parsed" in entry and entry["updated_parsed"])
    try:
        return datetime.fromtimestamp(timegm(when), UTC).isoformat(timespec="minutes") if when else None
    except (ValueError, OverflowError, OSError):
        return None


def _json_feed(content: bytes) -> list[Entry]:
    if len(content) > FEED_BYTES:
        raise ArticleUnreadable(f"the feed has more than {FEED_BYTES // MB} MB")
    try:
        feed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ArticleUnreadable("the feed is damaged (it is no JSON)") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    found = []
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(link := item.get("url") or item.get("external_url"), str):
            when = _moment(item.get("date_published")) or _moment(item.get("date_modified"))
            found.append(Entry(link, _title(item.get("title"), html=False), when))
    return found
