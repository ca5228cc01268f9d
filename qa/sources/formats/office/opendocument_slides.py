"""OpenDocument presentations: the title, texts and tables of each slide, followed by the speaker's notes."""

from typing import TYPE_CHECKING

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.archives import attribute, local_name
from qa.sources.formats.office.layout import join_blocks, slide_parts
from qa.sources.formats.office.opendocument import Story, open_document, read_meta

if TYPE_CHECKING:
    from lxml.etree import _Element

_FURNITURE = ("header", "footer", "date-time", "page-number", "page", "handout")  # of a slide, and the slide on its notes


def load_opendocument_slides(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Read a presentation as one draft. Each slide is a part, and its notes are a part within it.

    Raises:
        ArticleUnreadable: it is damaged, locked or too large.
    """
    archive, root = open_document(content, limits)
    slides = [
        (_blocks(page), [text for notes in page.iterfind("{*}notes") for text in _blocks(notes)])
        for page in root.iterfind("{*}body/{*}presentation/{*}page")
    ]
    text, spans = join_blocks(block for slide, notes in slides for block in (*slide, *notes))
    first_line = next((slide[0] for slide, _ in slides if slide), None)
    return [read_meta(archive).draft(source, first_line, text, tuple(slide_parts(slides, spans)))]


def _blocks(page: "_Element") -> list[str]:
    """Return the paragraphs of a slide or of its notes, the title first."""
    story = Story({})
    first: list[str] = []
    rest: list[str] = []
    for child in page:
        kind = attribute(child, "class")
        if local_name(child) != "notes" and kind not in _FURNITURE:
            (first if kind == "title" else rest).extend(block.text for block in story.blocks_of(child))
    return [*first, *rest, *(text for _, note in story.notes for text in note)]
