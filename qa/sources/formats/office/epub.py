"""EPUB books: the text of their documents in reading order, and what a book says about itself."""

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from qa.sources.formats.dates import publication_date
from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.html import decode_page, language, parse_page, visible_text
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.archives import Archive, open_archive, parse_xml
from qa.sources.formats.office.layout import laid_out
from qa.types.articles import Part, SetAside
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")
_CONTENTS = "application/x-dtbncx+xml"  # the kind of EPUB 2's table of contents
_FONT = re.compile(r"\.(?:otf|ttf|ttc|woff2?|eot)\Z", re.I)
_FOR_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")  # ways to hide fonts and nothing else


class _Item(NamedTuple):
    name: str  # in the archive
    kind: str  # MIME type
    is_contents: bool  # EPUB 3's table of contents


class _Chapter(NamedTuple):
    name: str  # in the archive
    title: str
    text: str


def load_epub(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """A book as one draft, each of its documents that has text a part, and its table of contents set aside.

    Source: EPUB 3.3 at www.w3.org and OPF 2.0.1 at idpf.org.
    """
    archive = open_archive(content, limits)
    _refuse_locked(archive)
    root = parse_xml(archive.read("META-INF/container.xml")).find(".//{*}rootfile")
    at = "" if root is None else root.get("full-path", "")
    package = parse_xml(archive.read(at))
    items = _items(package, at)
    order = [items[each.get("idref")] for each in package.iterfind(".//{*}spine/{*}itemref") if each.get("idref") in items]
    chapters = list(_chapters(archive, list(dict.fromkeys(order)), _titles(archive, list(items.values()))))
    if not chapters:
        raise ArticleUnreadable("no text was found in it")
    text, places = laid_out(chapter.text for chapter in chapters)
    contents = {_target(at, each.get("href", "")) for each in package.iterfind(".//{*}guide/{*}reference[@type='toc']")}
    contents |= {item.name for item in items.values() if item.is_contents}
    draft = Draft(
        source,
        title_or_name(next(_fields(package, "title"), None), source),
        _published(package),
        text,
        tuple(
            SetAside(start, end, "table of contents")
            for chapter, (start, end) in zip(chapters, places, strict=True)
            if chapter.name in contents
        ),
        author=_author(package),
        site=next(_fields(package, "publisher"), None),
        language=language(next(_fields(package, "language"), None)),
        tags=tuple(dict.fromkeys(_fields(package, "subject"))),
        parts=tuple(
            Part(start, end, _part_name(chapter.title, number))
            for number, (chapter, (start, end)) in enumerate(zip(chapters, places, strict=True), start=1)
        ),
    )
    return [draft]


def _refuse_locked(archive: Archive) -> None:
    """Refuse a book that cannot be read without a key; fonts in it may be hidden from those who would copy them.

    Source: META-INF/encryption.xml in EPUB Open Container Format 3.3.
    """
    if "META-INF/encryption.xml" not in archive.names:
        return
    for locked in parse_xml(archive.read("META-INF/encryption.xml")).iter("{*}EncryptedData"):
        method, reference = locked.find("{*}EncryptionMethod"), locked.find(".//{*}CipherReference")
        only_font = method is not None and method.get("Algorithm") in _FOR_FONTS
        if not only_font and (reference is None or not _FONT.search(unquote(reference.get("URI", "")))):
            raise ArticleUnreadable("the book is locked by DRM")


def _items(package: "_Element", at: str) -> dict[str | None, _Item]:
    """The parts of a book by their identifiers, given where the package stands that lists them."""
    return {
        item.get("id"): _Item(
            _target(at, item.get("href", "")), item.get("media-type", ""), "nav" in item.get("properties", "").split()
        )
        for item in package.iterfind(".//{*}manifest/{*}item")
    }


def _target(at: str, reference: str) -> str:
    """The name in the archive that a reference in the part `at` means."""
    return normpath(join(dirname(at), unquote(reference.partition("#")[0]))).lstrip("/")


def _chapters(archive: Archive, items: list[_Item], titles: dict[str, str]) -> Iterator[_Chapter]:
    """The documents with text in them; the title is the first heading, else what the table of contents calls it."""
    for item in items:
        content = archive.read(item.name) if item.kind in _PAGES else b""
        if not content.strip():
            continue
        page = parse_page(decode_page(content), xhtml=True)
        headings = (visible_text(heading) for heading in page.iter("h1", "h2", "h3", "h4", "h5", "h6"))
        title = next(filter(None, headings), None) or titles.get(item.name, "")
        if text := visible_text(page):
            yield _Chapter(item.name, " ".join(title.split()), text)


def _titles(archive: Archive, items: list[_Item]) -> dict[str, str]:
    """What the tables of contents call the documents, the one of EPUB 3 before the one of EPUB 2."""
    titles: dict[str, str] = {}
    for item in items:
        if item.is_contents and item.name in archive.names:
            for link in parse_page(decode_page(archive.read(item.name)), xhtml=True).iter("a"):
                titles.setdefault(_target(item.name, link.get("href", "")), visible_text(link))
    for item in items:
        if item.kind == _CONTENTS and item.name in archive.names:
            for point in parse_xml(archive.read(item.name)).iter("{*}navPoint"):
                label, place = point.find("{*}navLabel/{*}text"), point.find("{*}content")
                if label is not None and place is not None:
                    titles.setdefault(_target(item.name, place.get("src", "")), label.text or "")
    return titles


def _part_name(title: str, number: int) -> str:
    """The name of a part; "Chapter 1" is not called a chapter twice."""
    if not title:
        return f"section {number}"
    return f"chapter {re.sub(r'^chapter ', '', title, flags=re.I)}"


def _fields(package: "_Element", name: str) -> Iterator[str]:
    """The values of a Dublin Core field, white space made one space."""
    return filter(None, (_value(element) for element in package.iterfind(f".//{{*}}metadata//{{*}}{name}")))


def _value(element: "_Element") -> str:
    return " ".join("".join(element.itertext()).split())


def _attribute(element: "_Element", name: str) -> str:
    """An attribute of EPUB 2, with its namespace or, as is often forgotten, without."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _author(package: "_Element") -> str | None:
    """The authors, or whoever made the book where none is called its author."""
    creators = list(package.iterfind(".//{*}metadata//{*}creator"))
    authors = [each for each in creators if _attribute(each, "role") in ("", "aut")] or creators
    return "; ".join(dict.fromkeys(filter(None, map(_value, authors)))) or None


def _published(package: "_Element") -> str | None:
    """The date of publication, else one that is not said to be of anything else; a year alone is none."""
    dates = list(package.iterfind(".//{*}metadata//{*}date"))
    of_event = {event: [each for each in dates if _attribute(each, "event") == event] for event in ("publication", "")}
    return next(filter(None, (publication_date(_value(each), ()) for found in of_event.values() for each in found)), None)
