"""PowerPoint presentations: slide after slide its title, texts and tables as they are read out, then the speaker's notes.

The XML is walked as it is: python-pptx passes over diagrams and formulas, and unpacks parts unbounded.
"""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from qa.sources.formats.dates import publication_date
from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.archives import Archive, local_name, open_archive, parse_xml
from qa.sources.formats.office.layout import laid_out, table
from qa.sources.formats.office.properties import part_of_kind, properties, related
from qa.types.articles import Part

if TYPE_CHECKING:
    from lxml.etree import _Element

_TITLES = ("title", "ctrTitle")
_FURNITURE = ("dt", "ftr", "hdr", "sldNum", "sldImg")  # the date, footer and number of a slide, and the slide on its notes


def load_powerpoint(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """A presentation as a draft, hidden slides and notes included; a slide is a part and its notes are one within it."""
    archive = open_archive(content, limits)
    roots = related(archive)
    main = next((name for kind, name in roots.values() if kind == "officeDocument" and name in archive), "ppt/presentation.xml")
    slides = [(_slide(archive, name), _notes(archive, name)) for name in _slide_names(archive, main)]
    text, places = laid_out(block for slide, notes in slides for block in (*slide, *notes))
    about = properties(part_of_kind(archive, roots, "core-properties"))
    title = about.title or ""
    if title == "Slide 1" or ("PowerPoint" in title and len(title.split()) <= 3):  # written for want of a title
        title = ""
    draft = Draft(
        source,
        title_or_name(title or next((slide[0] for slide, _ in slides if slide), None), source),
        about.published or publication_date(text, ()),
        text,
        author=about.author,
        language=about.language,
        tags=about.tags,
        parts=tuple(_parts(slides, places)),
    )
    return [draft]


def diagram(archive: Archive, relations: dict[str, tuple[str, str]], element: "_Element") -> list[str]:
    """The paragraphs of a diagram (SmartArt), which stand in a part of their own."""
    identifier = next((value for key, value in element.attrib.items() if key.endswith("}dm")), "")
    name = relations.get(identifier, ("", ""))[1]
    return _paragraphs(parse_xml(archive.read(name))) if name in archive else []


def _slide_names(archive: Archive, main: str) -> Iterator[str]:
    relations = related(archive, main)
    for slide in parse_xml(archive.read(main)).iter("{*}sldId"):
        identifier = next((value for key, value in slide.attrib.items() if key.endswith("}id")), "")
        if identifier in relations:
            yield relations[identifier][1]


def _slide(archive: Archive, name: str) -> list[str]:
    relations = related(archive, name)
    first: list[str] = []
    rest: list[str] = []
    for placeholder, blocks in _frames(archive, relations, parse_xml(archive.read(name))):
        if placeholder in _TITLES:
            first += blocks
        elif placeholder not in _FURNITURE:
            rest += blocks
    return first + rest


def _notes(archive: Archive, slide: str) -> list[str]:
    notes = part_of_kind(archive, related(archive, slide), "notesSlide")
    if notes is None:
        return []
    return [block for placeholder, blocks in _frames(archive, {}, notes) if placeholder not in _FURNITURE for block in blocks]


def _parts(slides: list[tuple[list[str], list[str]]], places: list[tuple[int, int]]) -> Iterator[Part]:
    following = iter(places)
    for number, (slide, notes) in enumerate(slides, start=1):
        on_slide, in_notes = list(islice(following, len(slide))), list(islice(following, len(notes)))
        both = on_slide + in_notes
        if both:
            yield Part(both[0][0], both[-1][1], f"slide {number}")
        if in_notes:
            yield Part(in_notes[0][0], in_notes[-1][1], f"notes of slide {number}")


def _frames(archive: Archive, relations: dict[str, tuple[str, str]], element: "_Element") -> Iterator[tuple[str, list[str]]]:
    """The paragraphs of each shape, and the kind of placeholder it fills; in the file's order, which is that of reading."""
    for child in element:
        name = local_name(child)
        if name == "sp":
            placeholder = child.find("{*}nvSpPr/{*}nvPr/{*}ph")
            body = child.find("{*}txBody")
            kind = "" if placeholder is None else placeholder.get("type", "")
            yield kind, [] if body is None else _paragraphs(body)
        elif name == "tbl":
            yield "", table([_paragraphs(cell) for cell in row.iterfind("{*}tc")] for row in child.iterfind("{*}tr"))
        elif name == "relIds":
            yield "", diagram(archive, relations, child)
        elif name == "AlternateContent":  # the same thing two ways, for newer and for older readers
            yield from _frames(archive, relations, child[0]) if len(child) else ()
        else:
            yield from _frames(archive, relations, child)


def _paragraphs(element: "_Element") -> list[str]:
    return [text for paragraph in element.iter("{*}p") if (text := _characters(paragraph).strip())]


def _characters(element: "_Element") -> str:
    name = local_name(element)
    if name == "t":
        return element.text or ""
    if name == "br":
        return "\n"
    if name == "AlternateContent":
        return _characters(element[0]) if len(element) else ""
    return "".join(_characters(child) for child in element)
