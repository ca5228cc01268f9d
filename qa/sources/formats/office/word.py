"""Word documents: paragraphs, tables and text boxes in order, with tracked changes accepted and notes at the end.

The XML is read directly: python-docx leaves out text boxes, notes and tracked changes, and unpacks parts without a limit.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from qa.sources.formats.detection import detect_kind
from qa.sources.formats.draft import Draft, Loader
from qa.sources.formats.html import decode_page, parse_page, visible_text
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.archives import (
    Archive,
    Relation,
    attribute,
    local_name,
    open_archive,
    parse_xml,
    related_name,
    related_part,
    relations,
)
from qa.sources.formats.office.layout import join_blocks, note_parts, table_blocks
from qa.sources.formats.office.powerpoint import diagram_blocks
from qa.sources.formats.office.properties import read_properties
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_WRAPPERS = ("sdtContent", "customXml", "smartTag", "ins", "moveTo")
_LEFT_OUT = ("del", "moveFrom", "instrText", "delInstrText", "delText", "rt")  # rt: the reading of Asian characters
# A symbol (sym) is a glyph of a picture font, not a character.
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "sym": " "}
_CONTENTS = ("toc ", "table of figures")  # beginnings of style names, the same in every language
UNREAD_CHUNK = "a file that was inserted into it cannot be read ({error})"
_PLAIN_TABLES = ("", "table grid", "normal table")  # styles that show no head
_OFF = ("0", "false", "off")


class _Block(NamedTuple):
    text: str
    style: str = ""  # name of its style, in lower case


def load_word(content: bytes, source: str, limits: Limits, load_chunk: Loader | None = None) -> list[Draft]:
    """Read a Word document as one draft, without hidden and deleted text, comments, headers and footers.

    Args:
        load_chunk: loads a file that was inserted into the document whole (altChunk). Without it only HTML is.

    Raises:
        ArticleUnreadable: it is damaged, locked or too large.
    """
    archive = open_archive(content, limits)
    roots = relations(archive)
    main = related_name(archive, roots, "officeDocument") or "word/document.xml"
    links = relations(archive, main)
    styles = related_part(archive, links, "styles")
    chunks = _Chunks(archive, links, limits, load_chunk)
    story = _Story(archive, links, {} if styles is None else dict(_style_names(styles)), chunks)
    blocks = story.blocks(parse_xml(archive.read(main)))
    notes = [(name, [block.text for block in story.blocks(element)]) for name, element in story.notes()]
    text, spans = join_blocks([*(block.text for block in blocks), *(block for _, note in notes for block in note)])
    contents = [span for block, span in zip(blocks, spans, strict=False) if block.style.startswith(_CONTENTS)]
    properties = read_properties(related_part(archive, roots, "core-properties"))
    draft = properties.draft(source, _title(blocks), text, note_parts(notes, spans[len(blocks) :]), contents)
    return [replace(draft, notes=tuple(chunks.notes))]


def _style_names(styles: "_Element") -> Iterator[tuple[str, str]]:
    """Yield identifier and name of each style. Names are English. Identifiers are in the author's language."""
    for style in styles.iter("{*}style"):
        name = style.find("{*}name")
        if name is not None:
            yield attribute(style, "styleId"), attribute(name, "val").lower()


def _title(blocks: list[_Block]) -> str | None:
    for start in ("title", "heading "):
        for block in blocks:
            if block.style.startswith(start):
                return block.text
    return None


def _is_on(properties: "_Element | None", name: str) -> bool:
    switch = None if properties is None else properties.find(f"{{*}}{name}")
    return switch is not None and attribute(switch, "val") not in _OFF


def _children(element: "_Element") -> Iterator["_Element"]:
    """Yield the children that are to be read. Of a wrapper, yield its children instead."""
    for child in element:
        name = local_name(child)
        if name in _LEFT_OUT or name.endswith("Pr"):
            continue
        if name == "AlternateContent":  # the same content twice, for newer and older programs
            yield from _children(child[0]) if len(child) else ()
        elif name in _WRAPPERS:
            yield from _children(child)
        elif name == "sdt":
            if not _is_on(child.find("{*}sdtPr"), "showingPlcHdr"):  # an empty form field that shows what to fill in
                yield from _children(child)
        else:
            yield child


class _Chunks:
    """Files that were inserted into a document whole: pages, RTF and other documents. Word converts them when it is opened.

    Source: ECMA-376 part 1, 17.17.2.1, altChunk.
    """

    def __init__(self, archive: Archive, links: dict[str, Relation], limits: Limits, load: Loader | None) -> None:
        self.notes: list[str] = []  # on those that cannot be read
        self._archive, self._links, self._limits, self._load = archive, links, limits, load

    def texts(self, element: "_Element") -> list[str]:
        """Return the paragraphs of the file that an element refers to."""
        link = self._links.get(attribute(element, "id"))
        try:
            content = self._archive.read(link.name if link else "")
            kind = detect_kind(content, link.name if link else "")
            if kind == "HTML":
                return visible_text(parse_page(decode_page(content))).split("\n\n")
            drafts = self._load(content, link.name if link else "", self._limits) if self._load else []
        except ArticleUnreadable as error:
            self.notes.append(UNREAD_CHUNK.format(error=error))
            return []
        return [text for draft in drafts for text in draft.text.split("\n\n")]


def _is_bold(row: "_Element") -> bool:
    runs = [run for run in row.iter("{*}r") if any((text.text or "").strip() for text in run.iterfind("{*}t"))]
    return bool(runs) and all(_is_on(run.find("{*}rPr"), "b") for run in runs)


class _Story:
    """The text of a document, read in order: a field may begin in one paragraph and end in another."""

    def __init__(self, archive: Archive, links: dict[str, Relation], styles: dict[str, str], chunks: _Chunks) -> None:
        self._archive = archive
        self._chunks = chunks
        self._links = links
        self._styles = styles
        self._fields: list[bool] = []  # for each open field, whether its result has begun
        self._note_keys: dict[tuple[str, str], None] = {}  # kind and identifier of each note referred to, in order

    def notes(self) -> Iterator[tuple[str, "_Element"]]:
        """Yield name and element of each note referred to so far: first the footnotes, then the endnotes."""
        for kind in ("footnote", "endnote"):
            root = related_part(self._archive, self._links, f"{kind}s")
            notes = {} if root is None else {attribute(note, "id"): note for note in root.iter(f"{{*}}{kind}")}
            identifiers = [identifier for note_kind, identifier in self._note_keys if note_kind == kind]
            for number, identifier in enumerate(identifiers, start=1):
                if identifier in notes:
                    yield f"{kind} {number}", notes[identifier]

    def blocks(self, element: "_Element") -> list[_Block]:
        """Return the paragraphs and tables of a body, a cell, a text box or a note."""
        blocks: list[_Block] = []
        pending = ""  # text of paragraphs whose end was deleted
        for child in _children(element):
            name = local_name(child)
            if name == "p":
                text, boxes = self._paragraph(child)
                end = child.find("{*}pPr/{*}rPr")
                if end is not None and (end.find("{*}del") is not None or end.find("{*}moveFrom") is not None):
                    pending += text
                else:
                    blocks.append(_Block((pending + text).strip(), self._style(child.find("{*}pPr/{*}pStyle"))))
                    pending = ""
                blocks += boxes
            elif name == "tbl":
                blocks += [_Block(text) for text in table_blocks(self._rows(child), self._is_headed(child))]
            elif name == "altChunk":
                blocks += [_Block(text.strip()) for text in self._chunks.texts(child)]
            else:
                blocks += self.blocks(child)
        blocks.append(_Block(pending.strip()))
        return [block for block in blocks if block.text]

    def _style(self, element: "_Element | None") -> str:
        if element is None:
            return ""
        identifier = attribute(element, "val")
        return self._styles.get(identifier, identifier.lower())

    def _is_headed(self, table: "_Element") -> bool | None:
        """Tell whether the first row of a table is its head: it is repeated on each page, styled as such, or alone in bold."""
        rows = list(table.iterfind("{*}tr"))[:2]
        if any(_is_on(row.find("{*}trPr"), "tblHeader") for row in rows[:1]):
            return True
        look, style = table.find("{*}tblPr/{*}tblLook"), self._style(table.find("{*}tblPr/{*}tblStyle"))
        if look is not None and style not in _PLAIN_TABLES and attribute(look, "firstRow") == "1":
            return True
        return True if [_is_bold(row) for row in rows] == [True, False] else None

    def _rows(self, element: "_Element") -> Iterator[list[list[str]]]:
        for row in _children(element):
            if local_name(row) == "tr" and row.find("{*}trPr/{*}del") is None:
                yield [[block.text for block in self.blocks(cell)] for cell in _children(row) if local_name(cell) == "tc"]

    def _paragraph(self, element: "_Element") -> tuple[str, list[_Block]]:
        """Return a paragraph's text, and the blocks of the text boxes and diagrams that are anchored in it."""
        pieces: list[str] = []
        boxes: list[_Block] = []
        self._run(element, pieces, boxes)
        while self._fields and not self._fields[-1]:  # else a field without an end would hide the rest of the document
            self._fields.pop()
        return "".join(pieces), boxes

    def _run(self, element: "_Element", pieces: list[str], boxes: list[_Block], hidden: bool = False) -> None:
        for child in _children(element):
            name = local_name(child)
            is_shown = not hidden and all(self._fields)
            if name == "fldChar":
                self._field(attribute(child, "fldCharType"))
            elif name == "txbxContent":
                outer, self._fields = self._fields, []
                boxes += self.blocks(child)
                self._fields = outer
            elif name == "relIds":
                boxes += [_Block(text) for text in diagram_blocks(self._archive, self._links, child)]
            elif name in ("footnoteReference", "endnoteReference"):
                if is_shown:
                    self._note_keys[name.removesuffix("Reference"), attribute(child, "id")] = None
            elif name == "t" or name in _CHARACTERS:
                pieces.append(_CHARACTERS.get(name) or child.text or "" if is_shown else "")
            else:
                self._run(child, pieces, boxes, hidden or _is_on(child.find("{*}rPr"), "vanish"))

    def _field(self, mark: str) -> None:
        if mark == "begin":
            self._fields.append(False)
        elif self._fields and mark == "separate":
            self._fields[-1] = True
        elif self._fields and mark == "end":
            self._fields.pop()
