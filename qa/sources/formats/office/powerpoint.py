"""PowerPoint presentations: the title, texts and tables of each slide, followed by the speaker's notes.

The XML is read directly: python-pptx leaves out diagrams and formulas, and unpacks parts without a limit.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from qa.sources.formats.draft import Draft
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
from qa.sources.formats.office.layout import join_blocks, slide_parts, table_blocks
from qa.sources.formats.office.properties import read_properties

if TYPE_CHECKING:
    from lxml.etree import _Element

_TITLES = ("title", "ctrTitle")
_FURNITURE = ("dt", "ftr", "hdr", "sldNum", "sldImg")  # the date, footer and number of a slide, and the slide on its notes


def load_powerpoint(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Read a presentation as one draft, with hidden slides. Each slide is a part, and its notes are a part within it.

    Raises:
        ArticleUnreadable: it is damaged, locked or too large.
    """
    archive = open_archive(content, limits)
    links = relations(archive)
    main = related_name(archive, links, "officeDocument") or "ppt/presentation.xml"
    slides = [(_slide(archive, name), _notes(archive, name)) for name in _slide_names(archive, main)]
    text, spans = join_blocks(block for slide, notes in slides for block in (*slide, *notes))
    properties = read_properties(related_part(archive, links, "core-properties"))
    title = properties.title or ""
    if "PowerPoint" in title and len(title.split()) <= 3:  # what PowerPoint writes without a title
        properties = replace(properties, title=None)
    first_line = next((slide[0] for slide, _ in slides if slide), None)
    return [properties.draft(source, first_line, text, tuple(slide_parts(slides, spans)))]


def diagram_blocks(archive: Archive, links: dict[str, Relation], element: "_Element") -> list[str]:
    """Return the paragraphs of a diagram (SmartArt), which has a part of its own."""
    link = links.get(attribute(element, "dm"))
    return _paragraphs(parse_xml(archive.read(link.name))) if link and link.name in archive else []


def _slide_names(archive: Archive, main: str) -> Iterator[str]:
    links = relations(archive, main)
    for slide in parse_xml(archive.read(main)).iter("{*}sldId"):
        identifier = next((value for key, value in slide.attrib.items() if key.endswith("}id")), "")  # "id" alone is another
        if identifier in links:
            yield links[identifier].name


def _slide(archive: Archive, name: str) -> list[str]:
    first: list[str] = []
    rest: list[str] = []
    for placeholder, blocks in _shapes(archive, relations(archive, name), parse_xml(archive.read(name))):
        if placeholder in _TITLES:
            first += blocks
        elif placeholder not in _FURNITURE:
            rest += blocks
    return first + rest


def _notes(archive: Archive, slide: str) -> list[str]:
    notes = related_part(archive, relations(archive, slide), "notesSlide")
    if notes is None:
        return []
    return [block for placeholder, blocks in _shapes(archive, {}, notes) if placeholder not in _FURNITURE for block in blocks]


def _shapes(archive: Archive, links: dict[str, Relation], element: "_Element") -> Iterator[tuple[str, list[str]]]:
    """Yield the kind of placeholder that each shape fills, and its paragraphs. The file's order is the reading order."""
    for child in element:
        name = local_name(child)
        if name == "sp":
            placeholder = child.find("{*}nvSpPr/{*}nvPr/{*}ph")
            body = child.find("{*}txBody")
            kind = "" if placeholder is None else placeholder.get("type", "")
            yield kind, [] if body is None else _paragraphs(body)
        elif name == "tbl":
            rows = ([_paragraphs(cell) for cell in row.iterfind("{*}tc")] for row in child.iterfind("{*}tr"))
            properties = child.find("{*}tblPr")
            is_headed = properties is not None and properties.get("firstRow") in ("1", "true")
            yield "", table_blocks(rows, is_headed or None)
        elif name == "relIds":
            yield "", diagram_blocks(archive, links, child)
        elif name == "AlternateContent":  # the same content twice, for newer and older programs
            yield from _shapes(archive, links, child[0]) if len(child) else ()
        else:
            yield from _shapes(archive, links, child)


def _paragraphs(element: "_Element") -> list[str]:
    return [text for paragraph in element.iter("{*}p") if (text := _characters(paragraph).strip())]


def _characters(element: "_Element") -> str:
    name = local_name(element)
    if name == "t":
        return element.text or ""
    if name == "br":
        return "\n"
    if name == "fld" and element.get("type", "").startswith("slidenum"):  # in a box of its own after a conversion
        return ""
    if name == "AlternateContent":
        return _characters(element[0]) if len(element) else ""
    return "".join(_characters(child) for child in element)
