"""FictionBook (fb2): the text of a book in one XML file, its chapters as parts, its notes at the end."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from qa.sources.formats.dates import publication_date
from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.html import language_code
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.archives import attribute, local_name, parse_xml
from qa.sources.formats.office.layout import join_blocks, table_blocks
from qa.sources.formats.office.properties import split_keywords
from qa.types.articles import Part
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_PICTURES = re.compile(rb"<binary\b[^>]*>[^<]*</binary>")  # in base64, which may be more text than the parser takes
_PARAGRAPHS = ("p", "subtitle", "text-author")
_NOTES = ("notes", "comments", "footnotes")


def load_fictionbook(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Read a book as one draft. Each chapter is a part, and so is each note, which stand at the end.

    Source: FictionBook 2.1, gribuser.ru/xml/fictionbook.

    Raises:
        ArticleUnreadable: it is damaged, or has no text.
    """
    root = parse_xml(_PICTURES.sub(b"", content))
    chapters = [chapter for body in root.iterfind("{*}body") for chapter in _chapters(body)]
    if not chapters:
        raise ArticleUnreadable("no text was found in it")
    text, spans = join_blocks(block for _, blocks in chapters for block in blocks)
    remaining = iter(spans)
    parts = []
    for name, blocks in chapters:
        own = [next(remaining) for _ in blocks]
        if name:
            parts.append(Part(own[0][0], own[-1][1], name))
    about = root.find("{*}description/{*}title-info")
    printed = root.find("{*}description/{*}publish-info")
    return [
        Draft(
            source,
            title_or_name(_field(about, "book-title"), source),
            publication_date(_field(about, "date"), ()),
            text,
            author="; ".join(filter(None, map(_name, () if about is None else about.iterfind("{*}author")))) or None,
            site=_field(printed, "publisher") or None,
            language=language_code(_field(about, "lang")),
            tags=split_keywords(_field(about, "keywords")),
            parts=tuple(parts),
        )
    ]


def _chapters(body: "_Element") -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the paragraphs of each outermost section, and of what stands before them."""
    are_notes = attribute(body, "name") in _NOTES
    front = [block for child in body if local_name(child) != "section" for block in _blocks(child)]
    if front and not are_notes:
        yield "", front
    for number, section in enumerate(body.iterfind("{*}section"), start=1):
        if blocks := [block for child in section for block in _blocks(child)]:
            title = section.find("{*}title")
            heading = " ".join(_blocks(title)) if title is not None else ""
            named = f"chapter {re.sub(r'^chapter ', '', heading, flags=re.I)}" if heading else f"section {number}"
            yield f"note {heading.strip('[]') or number}" if are_notes else named, blocks


def _blocks(element: "_Element") -> list[str]:
    """Return the paragraphs of a section, a title, a poem or a quotation. The lines of a verse stay together."""
    name = local_name(element)
    if name in _PARAGRAPHS:
        text = " ".join("".join(element.itertext()).split())
        return [text] if text else []
    if name == "stanza":
        return ["\n".join(text for line in element.iterfind("{*}v") if (text := " ".join("".join(line.itertext()).split())))]
    if name == "table":
        rows = [list(row) for row in element.iterfind("{*}tr")]
        is_headed = bool(rows) and all(local_name(cell) == "th" for cell in rows[0])
        return table_blocks(([["".join(cell.itertext()).strip()] for cell in row] for row in rows), is_headed or None)
    return [] if name == "image" else [block for child in element for block in _blocks(child)]


def _field(element: "_Element | None", name: str) -> str:
    child = None if element is None else element.find(f"{{*}}{name}")
    return "" if child is None else " ".join("".join(child.itertext()).split())


def _name(author: "_Element") -> str:
    parts = (_field(author, part) for part in ("first-name", "middle-name", "last-name"))
    return " ".join(filter(None, parts)) or _field(author, "nickname")
