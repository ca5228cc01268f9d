"""OpenDocument texts: headings, paragraphs, lists, tables and text boxes in order, notes at the end.

The XML is read directly: odfpy builds slow objects of it, and unpacks parts without a limit.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.archives import LOCKED, Archive, attribute, local_name, open_archive, parse_xml
from qa.sources.formats.office.layout import join_blocks, note_parts, table_blocks
from qa.sources.formats.office.properties import Properties, read_properties
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

# Deleted text, comments, readings of Asian characters, labels, forms and what is in pictures.
_LEFT_OUT = ("tracked-changes", "annotation", "ruby-text", "note-citation", "number", "forms", "image", "object")
_ALTERNATIVE = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"  # texts in place of pictures
_CONTENTS = ("table-of-content", "illustration-index", "table-index", "object-index", "alphabetical-index")
_DRAWING = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_MAX_SPACES = 100  # of one element, which gives their number


class Block(NamedTuple):
    """A paragraph or a row."""

    text: str
    kind: str = ""  # "title", "heading" or "table of contents"


def load_opendocument(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Read an OpenDocument text as one draft, without deleted text, comments, headers and footers.

    Raises:
        ArticleUnreadable: it is damaged, locked or too large.
    """
    archive, root = open_document(content, limits)
    story = Story(dict(_parents(root)))
    blocks = [block for body in root.iterfind("{*}body/{*}text") for block in story.blocks(body)]
    notes = story.notes
    text, spans = join_blocks([*(block.text for block in blocks), *(block for _, note in notes for block in note)])
    contents = [span for block, span in zip(blocks, spans, strict=False) if block.kind == "table of contents"]
    properties = read_meta(archive)
    titles = [block.text for kind in ("title", "heading") for block in blocks if block.kind == kind]
    return [properties.draft(source, next(iter(titles), None), text, note_parts(notes, spans[len(blocks) :]), contents)]


def open_document(content: bytes, limits: Limits) -> "tuple[Archive, _Element]":
    """Open an OpenDocument file of any kind. Return it with the root of its content.

    Raises:
        ArticleUnreadable: it is damaged, locked or too large.
    """
    archive = open_archive(content, limits)
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise ArticleUnreadable(LOCKED)
    return archive, parse_xml(archive.read("content.xml"))


def read_meta(archive: Archive) -> Properties:
    """Read the properties of an OpenDocument file."""
    return read_properties(parse_xml(archive.read("meta.xml")) if "meta.xml" in archive else None)


def _parents(root: "_Element") -> Iterator[tuple[str, str]]:
    """Yield each automatic style and the named style that it is based on."""
    for style in root.iterfind("{*}automatic-styles/{*}style"):
        yield attribute(style, "name"), attribute(style, "parent-style-name")


def _is_left_out(element: "_Element") -> bool:
    return local_name(element) in _LEFT_OUT or element.tag.startswith(_ALTERNATIVE)


class Story:
    """The text of a document, read in order, and its notes."""

    def __init__(self, parents: dict[str, str]) -> None:
        self._parents = parents
        self._footnotes: list[list[str]] = []
        self._endnotes: list[list[str]] = []

    @property
    def notes(self) -> list[tuple[str, list[str]]]:
        """Return name and paragraphs of each note: first the footnotes, then the endnotes."""
        both = (("footnote", self._footnotes), ("endnote", self._endnotes))
        return [(f"{kind} {number}", note) for kind, notes in both for number, note in enumerate(notes, start=1)]

    def blocks(self, element: "_Element", kind: str = "") -> list[Block]:
        """Return the paragraphs and tables of a body, a section, a list, a cell, a text box or a note."""
        return [block for child in element for block in self.blocks_of(child, kind)]

    def blocks_of(self, element: "_Element", kind: str = "") -> list[Block]:
        """Return the paragraphs and tables of one element of these: a paragraph itself, a table, a list, a frame."""
        name = local_name(element)
        blocks: list[Block] = []
        if name in ("p", "h"):
            pieces: list[str] = []
            boxes: list[Block] = []
            self._characters(element, pieces, boxes)
            blocks = [Block("".join(pieces).strip(), kind or self._kind(element)), *boxes]
        elif name == "table":
            blocks = [Block(text, kind) for text in table_blocks(self._rows(element), _is_headed(element) or None)]
        elif not _is_left_out(element):
            blocks = self.blocks(element, "table of contents" if name in _CONTENTS else kind)
        return [block for block in blocks if block.text]

    def _kind(self, paragraph: "_Element") -> str:
        style = attribute(paragraph, "style-name")
        if "Title" in (style, self._parents.get(style)):
            return "title"
        return "heading" if local_name(paragraph) == "h" else ""

    def _rows(self, element: "_Element") -> Iterator[list[list[str]]]:
        for child in element:
            if local_name(child) == "table-row":
                yield [[block.text for block in self.blocks(cell)] for cell in child]
            else:
                yield from self._rows(child)

    def _characters(self, element: "_Element", pieces: list[str], boxes: list[Block]) -> None:
        pieces.append(_collapse(element.text))
        for child in element:
            name = local_name(child)
            if name == "s":
                count = attribute(child, "c")
                pieces.append(" " * (min(int(count), _MAX_SPACES) if count.isdecimal() else 1))
            elif name == "tab":
                pieces.append("\t")
            elif name == "line-break":
                pieces.append("\n")
            elif name == "note":
                notes = self._endnotes if attribute(child, "note-class") == "endnote" else self._footnotes
                notes.append([])  # before a note inside it takes its number
                notes[-1].extend(block.text for block in self.blocks(child))
            elif child.tag.startswith(_DRAWING) and name != "a":
                boxes += self.blocks(child)
            elif not _is_left_out(child):
                self._characters(child, pieces, boxes)
            pieces.append(_collapse(child.tail))


def _is_headed(table: "_Element") -> bool:
    """Tell whether rows of a table are marked as its head, which is repeated on each page."""
    return table.find("{*}table-header-rows") is not None


def _collapse(text: str | None) -> str:
    """Replace the line breaks and indents of the XML by single spaces."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")
