"""JSON-LD: what a page says of its article in structured data, apart from what it says of itself and of other articles.

Source: schema.org; "JSON-LD 1.1" at www.w3.org.
"""

import json
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Item = dict[str, Any]

_ARTICLES = frozenset({"blogposting", "liveblogposting", "report", "socialmediaposting", "discussionforumposting"})
_OTHER_WORKS = frozenset({"claimreview", "creativework", "howto", "podcastepisode", "recipe", "review"})
_ORGANISATIONS = frozenset({"organization", "newsmediaorganization", "corporation"})
_INTO = ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed")  # where the article of a page may stand
_MAX_CHARACTERS = 2_000_000  # of one script
_MAX_ITEMS = 500
_MAX_DEPTH = 6
_COMMENT = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_DAMAGED_TYPE = re.compile(r'"@type"\s*:\s*"(?:\w*Article|BlogPosting|Report)"')
_DAMAGED_DATE = re.compile(r'"datePublished"\s*:\s*"([^"\n]{8,40})"')
_NOT_WORD = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class StructuredArticle:
    """What structured data says of the article of a page. None or "" where it says nothing."""

    title: str
    authors: tuple[str, ...]  # persons
    published: object  # as it stands there
    is_article: bool  # of a type for articles, and not only a work such as a recipe or a review
    is_for_payers: bool = False  # its publisher says that not all of it is free to read
    n_words: int | None = None  # of the whole article


def find_article(root: "HtmlElement", addresses: Collection[str], titles: Collection[str]) -> StructuredArticle | None:
    """Return what the JSON-LD of a page says of its article, or None if it is not clear which one that is.

    Updates of a live blog, comments and lists of other articles are not taken for it.

    Args:
        addresses: that the page gives as its own.
        titles: likewise.
    """
    items = list(_items(root))
    for types, is_article in ((None, True), (_OTHER_WORKS, False)):
        matching = [item for item in items if _is_of_type(item, types) and (item.get("headline") or item.get("datePublished"))]
        item = _main(matching, addresses, titles) or (_damaged_article(root) if is_article and not matching else None)
        if item is not None:
            by_id = {str(other.get("@id")): other for other in items if other.get("@id") and len(other) > 1}
            return StructuredArticle(
                _text(item.get("headline")) or _text(item.get("name")),
                tuple(dict.fromkeys(_names(item.get("author"), by_id))),
                item.get("datePublished"),
                is_article,
                str(item.get("isAccessibleForFree")).rpartition("/")[2].lower() == "false",
                _number(item.get("wordCount")),
            )
    return None


def _number(value: object) -> int | None:
    digits = str(value).strip()
    return int(digits) if digits.isdecimal() and len(digits) < 9 else None


def load(script: str | None) -> Any:
    """Return the data of a script, or None. Slips that browsers' consoles pass over are mended."""
    if not script or len(script) > _MAX_CHARACTERS:
        return None
    text = _COMMENT.sub("", _COMMENT.sub("", script)).strip()
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
        with suppress(ValueError, RecursionError):
            return json.loads(attempt, strict=False)
    return None


def _items(root: "HtmlElement") -> Iterator[Item]:
    n_items = 0
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            for item in _inner(load(script.text)):
                n_items += 1
                if n_items > _MAX_ITEMS:
                    return
                yield item


def _inner(data: Any, depth: int = 0) -> Iterator[Item]:
    """Yield an item and those in it that may be the article, but not what it lists or quotes."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(data, list):
        for part in data:
            yield from _inner(part, depth + 1)
    elif isinstance(data, dict):
        yield data
        for name in _INTO:
            yield from _inner(data.get(name), depth + 1)


def _damaged_article(root: "HtmlElement") -> Item | None:
    """Return the date of the article that a script tells of which is not valid JSON, or None."""
    for script in root.iter("script"):
        text = script.text or ""
        if "ld+json" in (script.get("type") or "").lower() and load(text) is None and _DAMAGED_TYPE.search(text):
            dates = set(_DAMAGED_DATE.findall(text))
            if len(dates) == 1:
                return {"datePublished": dates.pop()}
    return None


def _is_of_type(item: Item, types: Collection[str] | None) -> bool:
    """Tell whether an item is of one of these types, or an article if there are none."""
    declared = item.get("@type")
    names = [re.split("[/:#]", str(name))[-1].lower() for name in (declared if isinstance(declared, list) else [declared])]
    if types is None:
        return any(name in _ARTICLES or name.endswith("article") for name in names)
    return any(name in types for name in names)


def _main(items: list[Item], addresses: Collection[str], titles: Collection[str]) -> Item | None:
    """Return the item that gives an address or a title of the page, else the only one there is."""
    if len(items) < 2:
        return items[0] if items else None
    own, names = {_fold_address(address) for address in addresses}, {_fold(title) for title in titles} - {""}
    for item in items:
        page = item.get("mainEntityOfPage")
        given = [item.get("url"), item.get("@id"), page.get("@id") if isinstance(page, dict) else page]
        if own & {_fold_address(address) for address in given if isinstance(address, str)}:
            return item
    for item in items:
        headline = _fold(_text(item.get("headline")) or _text(item.get("name")))
        if headline and any(headline in name or name in headline for name in names):
            return item
    return items[0] if len({str(item.get("headline")) for item in items}) == 1 else None


def _names(author: Any, by_id: dict[str, Item], depth: int = 0) -> Iterator[str]:
    """Yield the names of authors, given as text, as persons or as references to them."""
    if isinstance(author, str):
        if name := _text(author):
            yield name
    elif isinstance(author, list) and depth < _MAX_DEPTH:
        for one in author:
            yield from _names(one, by_id, depth + 1)
    elif isinstance(author, dict) and depth < _MAX_DEPTH and not _is_of_type(author, _ORGANISATIONS):
        named = author if author.get("name") else by_id.get(str(author.get("@id")), {})
        yield from _names(named.get("name"), by_id, depth + 1)


def _text(value: Any) -> str:
    """Return a text on one line, without the references to characters that some sites leave in it."""
    return " ".join(unescape(value).split()) if isinstance(value, str) else ""


def _fold(title: str) -> str:
    return _NOT_WORD.sub("", title).casefold()


def _fold_address(address: str) -> str:
    return re.sub(r"^https?://(?:www\.)?|[?#].*$", "", address.strip()).rstrip("/").casefold()
