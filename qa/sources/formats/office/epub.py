"""EPUB books: the text of their documents in reading order, with their metadata."""

import re
from collections.abc import Collection, Iterable, Iterator
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from qa.sources.formats.dates import publication_date
from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.html import decode_page, language_code, parse_page, visible_text
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.archives import Archive, attribute, open_archive, parse_xml
from qa.sources.formats.office.layout import join_blocks
from qa.types.articles import Part, SetAside
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")
_CONTENTS = "application/x-dtbncx+xml"  # the table of contents in EPUB 2
_FONT = re.compile(r"\.(?:otf|ttf|ttc|woff2?|eot)\Z", re.I)
_FONT_ONLY = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")  # algorithms that only hide fonts


class _Item(NamedTuple):
    name: str  # in the archive
    kind: str  # MIME type
    is_contents: bool  # whether it is the table of contents in EPUB 3


class _Chapter(NamedTuple):
    name: str  # in the archive
    title: str
    text: str


def load_epub(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Read a book as one draft. Each document with text is a part, and the table of contents is set aside.

    Source: EPUB 3.3 at www.w3.org and OPF 2.0.1 at idpf.org.

    Raises:
        ArticleUnreadable: it is damaged, locked or too large, or has no text.
    """
    archive = open_archive(content, limits)
    _refuse_locked(archive)
    root = parse_xml(archive.read("META-INF/container.xml")).find(".//{*}rootfile")
    path = "" if root is None else root.get("full-path", "")
    package = parse_xml(archive.read(path))
    items = _items(package, path)
    spine = [element.get("idref") for element in package.iterfind(".//{*}spine/{*}itemref")]
    order = dict.fromkeys(items[identifier] for identifier in spine if identifier in items)
    chapters = list(_chapters(archive, order, _titles(archive, items.values())))
    if not chapters:
        raise ArticleUnreadable("no text was found in it")
    text, spans = join_blocks(chapter.text for chapter in chapters)
    guide = package.iterfind(".//{*}guide/{*}reference[@type='toc']")
    contents = {_target(path, element.get("href", "")) for element in guide}
    contents |= {item.name for item in items.values() if item.is_contents}
    draft = Draft(
        source,
        title_or_name(next(_fields(package, "title"), None), source),
        _published(package),
        text,
        tuple(
            SetAside(start, end, "table of contents")
            for chapter, (start, end) in zip(chapters, spans, strict=True)
            if chapter.name in contents
        ),
        author=_author(package),
        site=next(_fields(package, "publisher"), None),
        language=language_code(next(_fields(package, "language"), None)),
        tags=tuple(dict.fromkeys(_fields(package, "subject"))),
        parts=tuple(
            Part(start, end, _part_name(chapter.title, number))
            for number, (chapter, (start, end)) in enumerate(zip(chapters, spans, strict=True), start=1)
        ),
    )
    return [draft]


def _refuse_locked(archive: Archive) -> None:
    """Refuse a book that is encrypted, apart from its fonts.

    Source: META-INF/encryption.xml in EPUB Open Container Format 3.3.
    """
    if "META-INF/encryption.xml" not in archive.names:
        return
    for entry in parse_xml(archive.read("META-INF/encryption.xml")).iter("{*}EncryptedData"):
        method, reference = entry.find("{*}EncryptionMethod"), entry.find(".//{*}CipherReference")
        is_font = method is not None and method.get("Algorithm") in _FONT_ONLY
        if not is_font and (reference is None or not _FONT.search(unquote(reference.get("URI", "")))):
            raise ArticleUnreadable("the book is locked by DRM")


def _items(package: "_Element", path: str) -> dict[str | None, _Item]:
    """Return the parts of a book by identifier, given the path of the package that lists them."""
    return {
        item.get("id"): _Item(
            _target(path, item.get("href", "")), item.get("media-type", ""), "nav" in item.get("properties", "").split()
        )
        for item in package.iterfind(".//{*}manifest/{*}item")
    }


def _target(part: str, reference: str) -> str:
    """Return the name in the archive that a reference in a part points to."""
    return normpath(join(dirname(part), unquote(reference.partition("#")[0]))).lstrip("/")


def _chapters(archive: Archive, items: Iterable[_Item], titles: dict[str, str]) -> Iterator[_Chapter]:
    """Yield the documents with text. The title is the first heading, or else the one in the table of contents."""
    for item in items:
        content = archive.read(item.name) if item.kind in _PAGES else b""
        if not content.strip():
            continue
        page = parse_page(decode_page(content), xhtml=True)
        headings = (visible_text(heading) for heading in page.iter("h1", "h2", "h3", "h4", "h5", "h6"))
        title = next(filter(None, headings), None) or titles.get(item.name, "")
        if text := visible_text(page):
            yield _Chapter(item.name, " ".join(title.split()), text)


def _titles(archive: Archive, items: Collection[_Item]) -> dict[str, str]:
    """Return the titles in the tables of contents, by document. The table of EPUB 3 comes before that of EPUB 2."""
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
    """Return the name of a part, without saying "chapter" twice."""
    if not title:
        return f"section {number}"
    return f"chapter {re.sub(r'^chapter ', '', title, flags=re.I)}"


def _fields(package: "_Element", name: str) -> Iterator[str]:
    """Return the values of a Dublin Core field."""
    return filter(None, (_text(element) for element in package.iterfind(f".//{{*}}metadata//{{*}}{name}")))


def _text(element: "_Element") -> str:
    return " ".join("".join(element.itertext()).split())


def _author(package: "_Element") -> str | None:
    """Return the authors, or all creators of the book if none has that role."""
    creators = list(package.iterfind(".//{*}metadata//{*}creator"))
    authors = [creator for creator in creators if attribute(creator, "role") in ("", "aut")] or creators
    return "; ".join(dict.fromkeys(filter(None, map(_text, authors)))) or None


def _published(package: "_Element") -> str | None:
    """Return the date of publication, or else one of no stated event. A year alone does not count."""
    elements = list(package.iterfind(".//{*}metadata//{*}date"))
    ordered = [element for event in ("publication", "") for element in elements if attribute(element, "event") == event]
    return next(filter(None, (publication_date(_text(element), ()) for element in ordered)), None)
