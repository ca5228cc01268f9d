"""Metadata of a web page: title, author and date of its article, each with where the page gives it."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from qa.sources.formats.dates import PUBLISHED, UPDATED, has_date, parse_date, publication_date
from qa.sources.formats.draft import ADDRESS, BYLINE, DATE_LINE, HEAD_TITLE, HEADING, META, STRUCTURED, author_or_none
from qa.sources.formats.page import json_ld
from qa.sources.formats.page.cleaning import is_around
from qa.types.articles import Provenance

if TYPE_CHECKING:
    from lxml.html import HtmlElement
    from trafilatura.settings import Document

# Names of meta tags in lower case without punctuation: those that say when an article was published, and vaguer ones.
_PUBLISHED_TAGS = (
    "articlepublishedtime", "ogarticlepublishedtime", "ogpublishedtime", "articlepublished", "articledateoriginal",
    "datepublished", "publishedtime", "publisheddate", "publishedat", "publishdate", "publicationdate", "pubdate",
    "ogpubdate", "sailthrudate", "parselypubdate", "dcdateissued", "dctermsissued", "dcissued", "citationpublicationdate",
    "citationonlinedate", "citationdate", "prismpublicationdate", "btpubdate", "cxenseparserecspublishtime",
    "originalpublicationdate", "rnewsdatepublished", "vrpublishedtime", "articlecreateat", "dcsextarticlefirstpublished",
    "snpostdate", "displaydate", "articlepublicationdate", "firstpublished", "pdate",
)  # fmt: skip
_VAGUE_TAGS = ("date", "dcdate", "dctermsdate", "articledate", "dctermscreated", "datecreated")
_TITLE_TAGS = ("ogtitle", "twittertitle", "citationtitle", "dctitle", "dctermstitle", "parselytitle", "sailthrutitle")
_NOT_WORD = re.compile(r"[\W_]+")
_PUBLISHED_CLASS = re.compile(
    r"\b(?:dt-published|published|entry-date|pubdate|(?:date|time)-published|publish(?:ed)?-?date)\b", re.I
)
_CHANGED = re.compile(r"updated|modified|dateUpdated|\blm\b|comment", re.I)
_WORKS = re.compile(r"Article|Posting|Report|CreativeWork|Review|Recipe", re.I)
_DAY_IN_ADDRESS = re.compile(
    r"/(?P<year>(?:19|20)\d\d)(?P<sign>[/-])(?P<month>\d\d?|[a-z]{3})(?P=sign)(?P<day>\d\d?)(?=[/_-]|$)"
    r"|/(?P<digits>(?:19|20)\d{6})(?=[/_-]|$)"
)
_TITLE_ORDER = (STRUCTURED, META, HEADING, HEAD_TITLE)
_BAR = re.compile(r"(\s+[|–—·•:-]\s+|\s*[|｜]\s*)")
_MIN_AGREEMENT = 0.7  # share of the longer of two titles that the shorter makes, if it stands in it
_BY = re.compile(r"^by\s+", re.I)
_WHEN = re.compile(  # what trafilatura leaves of a date in a byline
    r"(?:^|\s+)(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September"
    r"|October|November|December)$"
)
_LINES_BEFORE, _LINES_AFTER = 6, 12  # of the heading, in which a date line may stand
_PARAGRAPH = re.compile(r".{60,}[.!?…。！？][\"'”’»)\]]*")
_MAX_LABELLED = 100  # characters of a line such as "Published on 3 May 2019"
_MAX_NEAR = 1_500  # characters between the heading and a date that stands apart


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page says of its article."""

    title: str | None
    author: str | None
    published: str | None  # ISO 8601, a day
    site: str | None
    tags: tuple[str, ...]
    provenance: Provenance
    is_for_payers: bool  # its publisher says that not all of it is free to read
    n_words: int | None  # of the whole article, where its publisher says so


def read_metadata(
    root: "HtmlElement", address: str, languages: Callable[[], tuple[str, ...]], lines: Callable[[], list[str]]
) -> PageMetadata:
    """Read the metadata of a page.

    Args:
        address: that the page was fetched from, or "".
        languages: returns tags of languages that its dates may be written in. It is called only where a date is in words.
        lines: returns the lines that the page shows. It is called only where no other part of the page gives a date.
    """
    return _Page(root, address, languages, lines).read()


class _Page:
    def __init__(
        self, root: "HtmlElement", address: str, languages: Callable[[], tuple[str, ...]], lines: Callable[[], list[str]]
    ) -> None:
        self._root, self._address, self._find_languages, self._lines = root, address, languages, lines

    def read(self) -> PageMetadata:
        title, titled_by = next(self._titles(), (None, None))
        published, dated_by = next(((day[:10], where) for day, where in self._dates() if day), (None, None))
        other = self._other
        author, named_by = self._author(other.author)
        return PageMetadata(
            title,
            author,
            published,
            other.sitename or other.hostname,
            tuple(dict.fromkeys([*(other.categories or ()), *(other.tags or ())])),
            Provenance(titled_by, named_by, dated_by),
            self._article is not None and self._article.is_for_payers,
            self._article.n_words if self._article else None,
        )

    @cached_property
    def _languages(self) -> tuple[str, ...]:
        return self._find_languages()

    @cached_property
    def _tags(self) -> dict[str, str]:
        """The contents of meta tags by their names, in lower case without punctuation, the first of each name."""
        tags: dict[str, str] = {}
        for tag in self._root.iter("meta"):
            content = " ".join((tag.get("content") or "").split())
            for name in (tag.get("property"), tag.get("name"), tag.get("itemprop")):
                if name and content:
                    tags.setdefault(_NOT_WORD.sub("", name).lower(), content)
        return tags

    @cached_property
    def _addresses(self) -> list[str]:
        links = [link.get("href") or "" for link in self._root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
        return [address for address in (*links, self._tags.get("ogurl", ""), self._address) if address]

    @cached_property
    def _head_title(self) -> str:
        element = self._root.find(".//title")
        return "" if element is None else " ".join(element.text_content().split())

    @cached_property
    def _headings(self) -> list["HtmlElement"]:
        """The headings of the first level that are not part of what surrounds the article."""
        return [heading for heading in self._root.iter("h1") if _words(heading) and not is_around(heading)]

    @cached_property
    def _article(self) -> json_ld.StructuredArticle | None:
        titles = [self._head_title, self._tags.get("ogtitle", ""), *map(_words, self._headings)]
        return json_ld.find_article(self._root, self._addresses, titles)

    @cached_property
    def _other(self) -> "Document":
        """What trafilatura finds: the site, the tags, and the author where the page does not name one in a standard way."""
        from trafilatura import extract_metadata
        from trafilatura.settings import Document

        with suppress(Exception):  # a page without metadata can still be read
            return extract_metadata(self._root, date_config={"original_date": True, "extensive_search": False})
        return Document()

    def _titles(self) -> Iterator[tuple[str, str]]:
        """Yield titles of the article, those first that the page gives twice. One alone may be the site's."""
        article = self._article
        titles = [(_words(heading), HEADING) for heading in self._headings]
        titles += [(article.title, STRUCTURED)] if article and article.is_article and article.title else []
        titles += [(self._without_site(self._tags[name]), META) for name in _TITLE_TAGS if name in self._tags]
        titles += [(self._without_site(self._head_title), HEAD_TITLE)] if self._head_title else []
        sites = {_fold(name) for name in (self._other.sitename, self._tags.get("ogsitename")) if name}
        own = [title for title in titles if title[0] and _fold(title[0]) not in sites]
        folded = [_fold(title) for title, _ in own]
        for number, title in enumerate(own):
            if any(_agree(folded[number], other) for other in folded[:number] + folded[number + 1 :]):
                yield title
        yield from sorted(own, key=lambda title: _TITLE_ORDER.index(title[1]))
        yield from (title for title in titles if title[0])

    def _without_site(self, title: str) -> str:
        """Return a title without the name of the site after it or before it."""
        names = {_fold(name) for name in (self._other.sitename, self._other.hostname, self._tags.get("ogsitename")) if name}
        parts = _BAR.split(title)
        while len(parts) > 2 and (_fold(parts[-1]) in names or _fold(parts[-1]) in {_host_name(name) for name in names}):
            del parts[-2:]
        return "".join(parts).strip()

    def _author(self, guess: str | None) -> tuple[str | None, str | None]:
        site = {_fold(name) for name in (self._other.sitename, self._tags.get("ogsitename")) if name}
        if self._article and self._article.is_article:
            authors = [_BY.sub("", name) for name in self._article.authors]
            if authors := [name for name in authors if author_or_none(name) and _fold(name) not in site and "://" not in name]:
                return "; ".join(authors), STRUCTURED
        names = [_WHEN.sub("", name).strip() for name in (guess or "").split("; ")]
        guess = "; ".join(name for name in names if author_or_none(name))
        if not guess:
            return None, None
        named = {
            _NOT_WORD.sub("", content).lower() for name, content in self._tags.items() if "author" in name or "creator" in name
        }
        words = _NOT_WORD.sub("", guess).lower()
        return guess, META if any(words in name for name in named) else BYLINE

    def _dates(self) -> Iterator[tuple[str | None, str]]:
        """Yield the dates of publication that the page gives, the surest first. That of its last change is none."""
        if self._article and self._article.is_article:
            yield parse_date(self._article.published), STRUCTURED
        yield from ((self._parse(self._tags.get(name)), META) for name in _PUBLISHED_TAGS)
        yield from ((self._parse(value), STRUCTURED) for value in self._marked())
        if self._article:
            yield parse_date(self._article.published), STRUCTURED
        yield self._beside_heading(), DATE_LINE
        yield from ((self._parse(self._tags.get(name)), META) for name in _VAGUE_TAGS)
        yield self._in_lines(), DATE_LINE
        yield from ((_day_of(address), ADDRESS) for address in self._addresses)

    def _parse(self, value: str | None) -> str | None:
        return (
            next((day for language in (*self._languages, None) if (day := parse_date(value, language))), None)
            if value
            else None
        )

    def _marked(self) -> Iterator[str]:
        """Yield dates that elements are marked with as that of publication, in microdata or by their class."""
        for element in self._root.iterfind(".//body//*[@itemprop='datePublished']"):
            if not is_around(element) and _is_of_work(element):
                yield element.get("content") or element.get("datetime") or _words(element)
        for element in self._root.iter("time", "abbr"):
            marks = f"{element.get('class')} {'pubdate' if element.get('pubdate') is not None else ''}"
            if _PUBLISHED_CLASS.search(marks) and not is_around(element):
                yield element.get("datetime") or element.get("title") or _words(element)

    def _beside_heading(self) -> str | None:
        """Return the first date that stands apart as an element of its own, soon after the heading of the article."""
        from lxml.etree import iterwalk

        heading = self._heading
        if heading is None:
            return None
        n_characters, is_after = 0, False
        for _, element in iterwalk(self._root, events=("start",)):
            if element is heading:
                is_after = True
            elif is_after:
                if element.tag == "time" and not _CHANGED.search(f"{element.get('class')} {element.get('itemprop')}"):
                    words = f"{_words(element.getparent())[:_MAX_LABELLED]} {_words(element)}"
                    day = self._parse(element.get("datetime") or _words(element))
                    if day and not UPDATED.search(words) and not is_around(element):
                        return day
                n_characters += len((element.text or "").strip()) + len((element.tail or "").strip())
                if n_characters > _MAX_NEAR:
                    break
        return None

    @cached_property
    def _heading(self) -> "HtmlElement | None":
        """The heading that is the title of the article."""
        titles = {
            _fold(self._head_title),
            _fold(self._tags.get("ogtitle", "")),
            _fold(self._article.title if self._article else ""),
        }
        for heading in self._headings:
            words = _fold(_words(heading))
            if any(words in title or title in words for title in titles if title):
                return heading
        return self._headings[0] if self._headings else None

    def _in_lines(self) -> str | None:
        """Return the date in the lines around the heading, else the only one that lines say it was published on."""
        lines = self._lines()
        heading = _fold(_words(self._heading)) if self._heading is not None else ""
        at = next((number for number, line in enumerate(lines) if heading and _fold(line) == heading), None)
        if at is None:
            near = "\n".join(lines)
        else:  # up to the first paragraph, since what follows it may be dates of other articles
            after = lines[at + 1 : at + _LINES_AFTER]
            n_after = next((number for number, line in enumerate(after, start=1) if _PARAGRAPH.fullmatch(line)), len(after))
            near = "\n".join(lines[max(0, at - _LINES_BEFORE) : at + 1 + n_after])
        for language in (*self._languages, None):
            if day := publication_date(near, (), language, or_updated=False):
                return day
        labelled = [
            line for line in lines if len(line) <= _MAX_LABELLED and PUBLISHED.search(line) and not UPDATED.search(line)
        ]
        for language in (*self._languages, None):
            days = {publication_date(line, (), language, or_updated=False) for line in labelled if has_date(line, language)}
            if len(days - {None}) == 1:
                return (days - {None}).pop()
        return None


def _words(element: "HtmlElement") -> str:
    return " ".join(element.text_content().split())


def _fold(words: str) -> str:
    return _NOT_WORD.sub("", words).casefold()


def _agree(one: str, two: str) -> bool:
    """Tell whether two folded titles are the same, apart from a few words before or after one."""
    shorter, longer = sorted((one, two), key=len)
    return bool(shorter) and shorter in longer and len(shorter) >= _MIN_AGREEMENT * len(longer)


def _host_name(folded: str) -> str:
    """Return the folded name of a host without what it ends with: "gazettecom" is "gazette"."""
    return re.sub(r"(?:com|org|net|co\w\w)$", "", folded)


def _is_of_work(element: "HtmlElement") -> bool:
    """Tell whether a property is that of an article and not of a comment, a film or the page."""
    kind = next((kind for each in element.iterancestors() if (kind := each.get("itemtype"))), None)
    return kind is None or bool(_WORKS.search(kind))


def _day_of(address: str) -> str | None:
    """Return the day in the path of an address, as in /2019/05/03/ or /2019/may/3/, or None."""
    match = _DAY_IN_ADDRESS.search(re.sub(r"^\w+://[^/]*", "", address).lower())
    if match is None:
        return None
    if match["digits"]:
        return parse_date(match["digits"])
    month = match["month"]
    if month.isdecimal():
        return parse_date(f"{match['year']}-{int(month):02}-{int(match['day']):02}")
    return parse_date(f"{match['day']} {month} {match['year']}")
