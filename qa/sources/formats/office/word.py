"""Word documents: paragraphs, tables and text boxes where they stand, tracked changes accepted, notes at the end.

The XML is walked as it is: python-docx passes over text boxes, notes and tracked changes, and unpacks parts unbounded.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from qa.sources.formats.dates import publication_date
from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.archives import Archive, local_name, open_archive, parse_xml
from qa.sources.formats.office.layout import laid_out, note_parts, table
from qa.sources.formats.office.powerpoint import diagram
from qa.sources.formats.office.properties import part_of_kind, properties, related
from qa.types.articles import SetAside

if TYPE_CHECKING:
    from lxml.etree import _Element

_AROUND = ("sdtContent", "customXml", "smartTag", "ins", "moveTo")  # stand around what they hold
_LEFT_OUT = ("del", "moveFrom", "instrText", "delInstrText", "delText", "rt")  # rt: how the characters below it are read
# A symbol (sym) is a picture from a font, and no character.
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "sym": " "}
_CONTENTS = ("toc ", "table of figures")  # how the names of their styles begin, in every language
_OFF = ("0", "false", "off")


class _Block(NamedTuple):
    text: str
    style: str = ""  # the name of its style, in lower case


def load_word(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """A Word document as a draft: what is hidden or deleted left out, as are comments, headers and footers."""
    archive = open_archive(content, limits)
    roots = related(archive)
    main = next((name for kind, name in roots.values() if kind == "officeDocument" and name in archive), "word/document.xml")
    relations = related(archive, main)
    styles = part_of_kind(archive, relations, "styles")
    story = _Story(archive, relations, {} if styles is None else dict(_style_names(styles)))
    blocks = story.blocks(parse_xml(archive.read(main)))
    notes = [(name, [block.text for block in story.blocks(element)]) for name, element in story.notes()]
    text, places = laid_out([*(block.text for block in blocks), *(block for _, note in notes for block in note)])
    contents = [place for block, place in zip(blocks, places, strict=False) if block.style.startswith(_CONTENTS)]
    about = properties(part_of_kind(archive, roots, "core-properties"))
    draft = Draft(
        source,
        title_or_name(about.title or _title(blocks), source),
        about.published or publication_date(text, ()),
        text,
        tuple(SetAside(start, end, "table of contents") for start, end in contents),
        author=about.author,
        language=about.language,
        tags=about.tags,
        parts=note_parts(notes, places[len(blocks) :]),
    )
    return [draft]


def _style_names(styles: "_Element") -> Iterator[tuple[str, str]]:
    """The names of the styles, which are English, by their identifiers, which are of the author's language."""
    for style in styles.iter("{*}style"):
        name = style.find("{*}name")
        if name is not None:
            yield _value(style, "styleId"), _value(name, "val").lower()


def _title(blocks: list[_Block]) -> str | None:
    for start in ("title", "heading "):
        for block in blocks:
            if block.style.startswith(start):
                return block.text
    return None


def _value(element: "_Element", name: str) -> str:
    """An attribute's value, whatever the namespace."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _is_on(properties: "_Element | None", name: str) -> bool:
    found = None if properties is None else properties.find(f"{{*}}{name}")
    return found is not None and _value(found, "val") not in _OFF


def _inside(element: "_Element") -> Iterator["_Element"]:
    """What an element holds that is to be read, without what only stands around it."""
    for child in element:
        name = local_name(child)
        if name in _LEFT_OUT or name.endswith("Pr"):
            continue
        if name == "AlternateContent":  # the same thing two ways, for newer and for older readers
            yield from _inside(child[0]) if len(child) else ()
        elif name in _AROUND:
            yield from _inside(child)
        elif name == "sdt":
            about = child.find("{*}sdtPr")
            if not _is_on(about, "showingPlcHdr"):  # a form field with nothing in it but what to do
                yield from _inside(child)
        else:
            yield child


class _Story:
    """Reads paragraph after paragraph: a field may begin in one and end in another, and notes are numbered as they come."""

    def __init__(self, archive: Archive, relations: dict[str, tuple[str, str]], styles: dict[str, str]) -> None:
        self._archive = archive
        self._relations = relations
        self._styles = styles
        self._fields: list[bool] = []  # of each open field whether its result has begun
        self._referred: dict[tuple[str, str], None] = {}  # footnotes and endnotes, by kind and identifier

    def notes(self) -> Iterator[tuple[str, "_Element"]]:
        """The notes that were referred to so far, in that order: first the footnotes, then the endnotes."""
        for kind in ("footnote", "endnote"):
            root = part_of_kind(self._archive, self._relations, f"{kind}s")
            found = {} if root is None else {_value(note, "id"): note for note in root.iter(f"{{*}}{kind}")}
            wanted = [name for each, name in self._referred if each == kind]
            for number, name in enumerate(wanted, start=1):
                if name in found:
                    yield f"{kind} {number}", found[name]

    def blocks(self, element: "_Element") -> list[_Block]:
        """The paragraphs and tables of a body, a cell, a text box or a note."""
        found: list[_Block] = []
        kept = ""  # of paragraphs whose end was deleted
        for child in _inside(element):
            name = local_name(child)
            if name == "p":
                text, boxes = self._paragraph(child)
                about = child.find("{*}pPr")
                mark = None if about is None else about.find("{*}rPr")
                style = None if about is None else about.find("{*}pStyle")
                if mark is not None and (mark.find("{*}del") is not None or mark.find("{*}moveFrom") is not None):
                    kept += text
                else:
                    found.append(_Block((kept + text).strip(), "" if style is None else self._style(style)))
                    kept = ""
                found += boxes
            elif name == "tbl":
                found += [_Block(text) for text in table(self._rows(child))]
            else:
                found += self.blocks(child)
        found.append(_Block(kept.strip()))
        return [block for block in found if block.text]

    def _style(self, element: "_Element") -> str:
        identifier = _value(element, "val")
        return self._styles.get(identifier, identifier.lower())

    def _rows(self, element: "_Element") -> Iterator[list[list[str]]]:
        for row in _inside(element):
            if local_name(row) == "tr" and row.find("{*}trPr/{*}del") is None:
                yield [[block.text for block in self.blocks(cell)] for cell in _inside(row) if local_name(cell) == "tc"]

    def _paragraph(self, element: "_Element") -> tuple[str, list[_Block]]:
        """A paragraph's text, and the blocks of the text boxes and diagrams that hang on it."""
        pieces: list[str] = []
        boxes: list[_Block] = []
        self._run(element, pieces, boxes)
        while self._fields and not self._fields[-1]:  # else a field left open would swallow the rest of the document
            self._fields.pop()
        return "".join(pieces), boxes

    def _run(self, element: "_Element", pieces: list[str], boxes: list[_Block], hidden: bool = False) -> None:
        for child in _inside(element):
            name = local_name(child)
            shown = not hidden and all(self._fields)
            if name == "fldChar":
                self._field(_value(child, "fldCharType"))
            elif name == "txbxContent":
                outer, self._fields = self._fields, []
                boxes += self.blocks(child)
                self._fields = outer
            elif name == "relIds":
                boxes += [_Block(text) for text in diagram(self._archive, self._relations, child)]
            elif name in ("footnoteReference", "endnoteReference"):
                if shown:
                    self._referred[name.removesuffix("Reference"), _value(child, "id")] = None
            elif name == "t" or name in _CHARACTERS:
                pieces.append(_CHARACTERS.get(name) or child.text or "" if shown else "")
            else:
                self._run(child, pieces, boxes, hidden or _is_on(child.find("{*}rPr"), "vanish"))

    def _field(self, what: str) -> None:
        if what == "begin":
            self._fields.append(False)
        elif self._fields and what == "separate":
            self._fields[-1] = True
        elif self._fields and what == "end":
            self._fields.pop()
