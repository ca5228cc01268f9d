"""PDF: the text of its pages as paragraphs, each page a part."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import groupby
from statistics import median_low
from typing import TYPE_CHECKING

from qa.sources.formats.dates import publication_date
from qa.sources.formats.draft import DATE_LINE, Draft, author_or_none, title_or_name
from qa.sources.formats.limits import Limits
from qa.sources.formats.pdf.drop_caps import join_drop_caps
from qa.sources.formats.pdf.legibility import UNREADABLE, Verdict, describe, judge
from qa.sources.formats.pdf.lines import Line, read_lines
from qa.sources.formats.pdf.paragraphs import flow
from qa.sources.formats.pdf.words import clean
from qa.sources.formats.recognized import READ_BY, RecognizedLine, load_pages
from qa.text.language import identify_language
from qa.types.articles import Part, Provenance
from qa.types.errors import ArticleUnreadable, NeedsOcr

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_LOCKED = "the PDF is locked with a password"
_DAMAGED = "the PDF is damaged: no text can be read on any of its pages"
_NO_TEXT = "no text was found in it: it is probably a scan, which `pip install 'pullquote[ocr]'` can read"
_NO_LETTERS = "its fonts do not say which letters their signs stand for, so that its text cannot be read: it needs OCR first"
_NO_TITLE = re.compile(
    r"\s*(untitled.*|\(?(?:anonymous|unspecified|untitled)\)?|microsoft (word|powerpoint|excel)\b.*|title"
    r"|.*\.(\w{3,4}|md|ai|ps|py))?\s*",
    re.I,
)
_LABEL = re.compile(r"[\w.:-]{1,12}")
_DATE = re.compile(r"\s*(?:D:)?(\d{4})(\d\d)?(\d\d)?")  # ISO 32000-1, 7.9.4
_TITLE_SIZE, _LONGEST_TITLE = 1.15, 200  # font size as a multiple of the text's; characters


def load_pdf(content: bytes, source: str, limits: Limits, recognized: str | None = None) -> list[Draft]:
    """Read a PDF as one draft: lines joined to paragraphs, headers, footers and footnotes set aside.

    A page that is damaged, a scan or printed in signs without letters costs only its own text, and a note tells of it.

    Args:
        recognized: the lines of pictures, as `recognized.dump_pages` wrote them; empty if they can be read; None if not.

    Raises:
        NeedsOcr: pages are pictures, whose lines can be read and were not yet.
        ArticleUnreadable: it is locked, a scan, damaged or too long, or its fonts do not say which letters they print.
    """
    with open_pdf(content, limits) as document:
        pages, verdicts = _read_pages(document, limits)
        read_by_ocr = _add_recognized(pages, recognized)
        verdicts = {index: verdict for index, verdict in verdicts.items() if index not in read_by_ocr}
        labels = page_labels(document)
        title, author, created = _read_metadata(document)
    if not any(character.isalnum() for page in pages for line in page for character in line.text):
        raise ArticleUnreadable(_DAMAGED if Verdict.DAMAGED in verdicts.values() else _NO_TEXT)
    if all(line.rule == UNREADABLE for page in pages for line in page):
        raise ArticleUnreadable(_NO_LETTERS)
    pages = join_drop_caps(pages)
    text, set_aside, spans = flow(pages)
    parts = tuple(
        Part(start, end, f"page {labels[number]}", READ_BY if number in read_by_ocr else None)
        for number, (start, end) in sorted(spans.items())
    )
    title = title_or_name(title or _largest_lines(pages), source)
    published = publication_date(text, set_aside, identify_language(text), or_updated=False)
    author = author_or_none(author)
    draft = Draft(source, title, published, text, tuple(set_aside), author=author, parts=parts, file_date=created)
    provenance = Provenance(published=DATE_LINE if published else None)
    return [replace(draft, provenance=provenance, notes=tuple(describe(verdicts, len(pages))))]


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


def _read_pages(document: "PdfDocument", limits: Limits) -> tuple[list[list[Line]], dict[int, Verdict]]:
    """Return the lines of each page, and what those pages hold whose text cannot be read, by their indexes."""
    pages: list[list[Line]] = []
    verdicts: dict[int, Verdict] = {}
    characters = 0
    for index in range(len(document)):
        try:
            page = document[index]
            lines = read_lines(page)
            verdict = judge(page, lines)
        except MemoryError:
            raise
        except Exception as error:  # a page may be damaged in any way
            if len(document) == 1:
                raise _damaged(error) from error
            lines, verdict = [], Verdict.DAMAGED
        else:
            page.close()
        if verdict:
            verdicts[index] = verdict
        if verdict is Verdict.SIGNS:
            lines = [line._replace(rule=UNREADABLE) for line in lines]
        pages.append(lines)
        characters += sum(len(line.text) for line in lines)
        if characters > limits.text_characters:
            raise ArticleUnreadable(f"the text has more than {limits.text_characters:,} characters, which is the limit")
    return pages, verdicts


def _damaged(error: Exception) -> ArticleUnreadable:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return ArticleUnreadable(f"the PDF is damaged or beyond what can be read ({reason})")


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
