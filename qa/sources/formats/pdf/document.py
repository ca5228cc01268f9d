"""PDF: the text of its pages as paragraphs, each page a part."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from statistics import median_low
from typing import TYPE_CHECKING

from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.limits import Limits
from qa.sources.formats.pdf.lines import Line, clean, read_lines
from qa.sources.formats.pdf.paragraphs import flow
from qa.sources.formats.recognized import READ_BY, RecognizedLine, load_pages
from qa.types.articles import Part
from qa.types.errors import ArticleUnreadable, NeedsOcr

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_LOCKED = "the PDF is locked with a password"
_NO_TEXT = "no text was found in it: it is probably a scan, which `pip install 'pullquote[ocr]'` can read"
_NO_LETTERS = "its fonts do not say which letters their signs stand for, so that its text cannot be read: it needs OCR first"
_SIGN = re.compile(r"\(cid:\d+\)|/?\b(?:[gG]|glyph|cid|uni|index)\d{1,5}(?=/|\s|$)|[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_MAX_SIGNS = 0.3  # share of all that is no white space
_NO_TITLE = re.compile(r"(?i)\s*(untitled.*|microsoft (word|powerpoint|excel)\b.*|title|.*\.(\w{3,4}|md|ai|ps|py))?\s*")
_LABEL = re.compile(r"[\w.:-]{1,12}")
_DATE = re.compile(r"\s*(?:D:)?(\d{4})(\d\d)?(\d\d)?")  # ISO 32000-1, 7.9.4
_TITLE_SIZE, _LONGEST_TITLE = 1.15, 200  # font size as a multiple of the text's; characters


def load_pdf(content: bytes, source: str, limits: Limits, recognized: str | None = None) -> list[Draft]:
    """Read a PDF as one draft: lines joined to paragraphs, repeated headers and footers set aside.

    Args:
        recognized: the lines of pictures, as `recognized.dump_pages` wrote them; empty if they can be read; None if not.

    Raises:
        NeedsOcr: pages are pictures, whose lines can be read and were not yet.
        ArticleUnreadable: it is locked, a scan, damaged or too long, or its fonts do not say which letters they print.
    """
    with open_pdf(content, limits) as document:
        pages = _read_pages(document, limits)
        read_by_ocr = _add_recognized(pages, recognized)
        labels = page_labels(document)
        title, author, published = _read_metadata(document)
    texts = [line.text for page in pages for line in page]
    if not any(character.isalnum() for text in texts for character in text):
        raise ArticleUnreadable(_NO_TEXT)
    if _is_signs(texts):
        raise ArticleUnreadable(_NO_LETTERS)
    text, set_aside, spans = flow(pages)
    parts = tuple(
        Part(start, end, f"page {labels[number]}", READ_BY if number in read_by_ocr else None)
        for number, (start, end) in sorted(spans.items())
    )
    title = title_or_name(title or _largest_lines(pages), source)
    return [Draft(source, title, published, text, tuple(set_aside), author=author, parts=parts)]


def _add_recognized(pages: list[list[Line]], recognized: str | None) -> set[int]:
    """Add to pages that hold no text the lines that OCR has read on them. Return their indexes.

    Raises:
        NeedsOcr: there are such pages, and their lines can be read.
    """
    without_text = [index for index, page in enumerate(pages) if not any(map(str.isalnum, "".join(line.text for line in page)))]
    if recognized == "" and without_text:
        raise NeedsOcr(f"{len(without_text)} of {len(pages)} pages are pictures, whose text was not read yet")
    lines = load_pages(recognized) if recognized else {}
    read = {index for index in without_text if lines.get(index)}
    for index in read:
        pages[index] = to_lines(lines[index])
    return read


def to_lines(lines: Sequence[RecognizedLine]) -> list[Line]:
    """Return lines that OCR has read as a page of a PDF holds them."""
    return [Line(line.text, line.x, line.y, line.size, 0, line.end) for line in lines]


@contextmanager
def open_pdf(content: bytes, limits: Limits) -> "Iterator[PdfDocument]":
    """Open a PDF while a `with` block runs.

    Raises:
        ArticleUnreadable: it is locked or damaged, or has too many pages.
    """
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        document = PdfDocument(content)
    except PdfiumError as error:
        raise _damaged(error) if error.err_code != FPDF_ERR_PASSWORD else ArticleUnreadable(_LOCKED) from error
    with document:
        if not len(document):
            raise ArticleUnreadable("the PDF has no pages: it is damaged or cut short")
        if len(document) > limits.pages:
            raise ArticleUnreadable(f"the PDF has {len(document):,} pages; the limit is {limits.pages:,}")
        yield document


def page_labels(document: "PdfDocument") -> list[str]:
    """Return what each page calls itself, or its number from 1 if it has no label that could be cited."""
    try:
        labels = [document.get_page_label(index) for index in range(len(document))]
    except UnicodeDecodeError:
        labels = [""] * len(document)
    return [label if _LABEL.fullmatch(label) else str(number) for number, label in enumerate(labels, start=1)]


def _read_pages(document: "PdfDocument", limits: Limits) -> list[list[Line]]:
    """Return the lines of each page.

    A page that cannot be read refuses the file: nobody could tell that its text is missing from the article.
    """
    pages: list[list[Line]] = []
    characters = 0
    for index in range(len(document)):
        try:
            page = document[index]
            pages.append(read_lines(page))
        except Exception as error:  # a page may be damaged in any way
            raise _damaged(error, f"page {index + 1} of ") from error
        page.close()
        characters += sum(len(line.text) for line in pages[-1])
        if characters > limits.text_characters:
            raise ArticleUnreadable(f"the text has more than {limits.text_characters:,} characters, which is the limit")
    return pages


def _damaged(error: Exception, where: str = "") -> ArticleUnreadable:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return ArticleUnreadable(f"{where}the PDF is damaged or beyond what can be read ({reason})")


def _is_signs(texts: Sequence[str]) -> bool:
    n_signs = sum(len(sign) for text in texts for sign in _SIGN.findall(text))
    return n_signs > _MAX_SIGNS * sum(len("".join(text.split())) for text in texts)


def _read_metadata(document: "PdfDocument") -> tuple[str | None, str | None, str | None]:
    """Return title, author and day of creation, each None if the file does not say."""
    try:
        metadata = document.get_metadata_dict()
    except UnicodeDecodeError:
        return None, None, None
    title, author = (" ".join(clean(metadata[key]).split()) for key in ("Title", "Author"))
    return None if _NO_TITLE.fullmatch(title) else title, author or None, _iso_date(metadata["CreationDate"])


def _iso_date(text: str) -> str | None:
    match = _DATE.match(text)
    try:
        return date(*(int(group or 1) for group in match.groups())).isoformat() if match else None
    except ValueError:
        return None


def _largest_lines(pages: Sequence[Sequence[Line]]) -> str:
    """Return the first lines in the largest font of the first page with text, if they read like a title."""
    first = next(([line for line in page if line.turn == 0] for page in pages if page), [])
    if not first:
        return ""
    usual, largest = median_low([line.size for page in pages for line in page]), max(line.size for line in first)
    groups = groupby(first, key=lambda line: line.size > 0.98 * largest)
    title = " ".join(line.text for line in next(list(lines) for large, lines in groups if large))
    fits = largest > _TITLE_SIZE * usual and len(title) <= _LONGEST_TITLE
    return title if fits and " " in title and title[0].isalpha() else ""  # neither "Contents" nor "1 Introduction"
