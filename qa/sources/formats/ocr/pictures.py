"""Pictures (png, jpg, tiff, webp): the text in them, as OCR has read it."""

from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.limits import Limits
from qa.sources.formats.pdf.document import to_lines
from qa.sources.formats.pdf.paragraphs import flow
from qa.sources.formats.recognized import READ_BY, load_pages
from qa.types.articles import Part
from qa.types.errors import ArticleUnreadable, NeedsOcr, NoArticles

NOT_INSTALLED = "this is a picture: install pullquote[ocr] to read the text in it"


def load_picture(content: bytes, source: str, limits: Limits, recognized: str | None = None) -> list[Draft]:
    """Load the text of a picture as one draft, each page a part.

    Args:
        recognized: its lines, as `recognized.dump_pages` wrote them; empty if they can be read; None if not.

    Raises:
        NeedsOcr: its lines can be read, and were not yet.
        ArticleUnreadable: its lines cannot be read, or there are none.
    """
    if recognized is None:
        raise ArticleUnreadable(NOT_INSTALLED)
    if not recognized:
        raise NeedsOcr("this is a picture whose text was not read yet")
    pages = [to_lines(lines) for _, lines in sorted(load_pages(recognized).items())]
    if not any(pages):
        raise NoArticles("no text was found in this picture")
    text, set_aside, spans = flow(pages)
    names = {index: f"page {index + 1}" if len(pages) > 1 else "picture" for index in spans}
    parts = tuple(Part(start, end, names[index], READ_BY) for index, (start, end) in sorted(spans.items()))
    return [Draft(source, title_or_name(None, source), None, text, tuple(set_aside), parts=parts)]
