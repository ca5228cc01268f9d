"""PDF: the text of its pages as paragraphs, each page a part."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import groupby
from math import atan2, degrees, hypot
from statistics import median_low
from typing import TYPE_CHECKING, Any

from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.limits import Limits
from qa.sources.formats.pdf.lines import Line, flow, lines_of
from qa.sources.formats.pdf.shown import Shown, Widths, turned_by
from qa.types.articles import Part
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_LOCKED = "the PDF is locked with a password"
_NO_TEXT = "no text was found in it: it is probably a scan, which needs OCR first"
_NO_LETTERS = "its fonts do not say which letters their signs stand for, so that its text cannot be read: it needs OCR first"
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_NEVER_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufeff]")
_SIGN = re.compile(r"\(cid:\d+\)|/?\b(?:[gG]|glyph|cid|uni|index)\d{1,5}(?=/|\s|$)|[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_MOST_SIGNS = 0.3  # share of all that is no white space
_NO_TITLE = re.compile(r"(?i)\s*(untitled.*|microsoft (word|powerpoint|excel)\b.*|title|.*\.(\w{3,4}|md|ai|ps|py))?\s*")
_LABEL = re.compile(r"[\w.:-]{1,12}")
_BIGGER, _LONGEST_TITLE = 1.15, 200  # a title's letters as a multiple of the text's; characters


def load_pdf(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """A PDF as a draft: lines joined to paragraphs, headers and footers that come again set aside.

    Raises:
        ArticleUnreadable: it is locked, a scan, damaged, too long, or its text is signs without letters.
    """
    with _quiet():
        reader = _opened(content, limits)
        pages = _pages(reader, limits)
        labels = _labels(reader, len(pages))
        title, author, published = _metadata(reader)
    written = [line.text for page in pages for line in page]
    if not any(character.isalnum() for text in written for character in text):
        raise ArticleUnreadable(_NO_TEXT)
    if _is_signs(written):
        raise ArticleUnreadable(_NO_LETTERS)
    text, set_aside, spans = flow(pages)
    parts = tuple(Part(start, end, f"page {labels[number]}") for number, (start, end) in sorted(spans.items()))
    title = title_or_name(title or _biggest(pages), source)
    return [Draft(source, title, published, text, tuple(set_aside), author=author, parts=parts)]


def labels_of(content: bytes, limits: Limits) -> list[str]:
    """What each page calls itself, as the names of parts have it.

    Raises:
        ArticleUnreadable: as for `load_pdf`.
    """
    with _quiet():
        reader = _opened(content, limits)
        return _labels(reader, len(reader.pages))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what pypdf says of a file's faults off the terminal; what matters of it is raised."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _opened(content: bytes, limits: Limits) -> "PdfReader":
    from pypdf import PdfReader

    try:
        reader = PdfReader(BytesIO(content))
        locked = reader.is_encrypted and not reader.decrypt("")
        count = 0 if locked else len(reader.pages)
    except Exception as error:
        raise _damaged(error) from error
    if locked:
        raise ArticleUnreadable(_LOCKED)
    if not count:
        raise ArticleUnreadable("the PDF has no pages: it is damaged or cut short")
    if count > limits.pages:
        raise ArticleUnreadable(f"the PDF has {count:,} pages; the limit is {limits.pages:,}")
    return reader


def _pages(reader: "PdfReader", limits: Limits) -> list[list[Line]]:
    """The lines of each page.

    A page that cannot be read refuses the file: an article with a hole in it would be quoted as if it were whole.
    """
    pages: list[list[Line]] = []
    characters = 0
    widths = Widths()
    for number, page in enumerate(reader.pages, start=1):
        try:
            pages.append(lines_of(_pieces(page, widths)))
        except Exception as error:
            raise _damaged(error, f"page {number} of ") from error
        characters += sum(len(line.text) for line in pages[-1])
        if characters > limits.text_characters:
            raise ArticleUnreadable(f"the text has more than {limits.text_characters:,} characters, which is the limit")
    return pages


def _damaged(error: Exception, where: str = "") -> ArticleUnreadable:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return ArticleUnreadable(f"{where}the PDF is damaged or beyond what can be read ({reason})")


def _pieces(page: "PageObject", widths: Widths) -> list[Line]:
    """What a page shows, in the order of its drawing, each piece with its place along and across the way it is written."""
    shown = Shown(page)
    pieces = _extracted(page, shown, widths)
    return _extracted(page, Shown(page, shown.doubled), widths) if shown.doubled else pieces


def _extracted(page: "PageObject", shown: Shown, widths: Widths) -> list[Line]:
    pieces: list[Line] = []

    def note(text: str, outer: list[float], inner: list[float], font: Any, size: float) -> None:
        matrix = turned_by(inner, outer, shown.matrix)
        a, b, c, d, e, f = matrix
        wide, high = hypot(a, b) or 1.0, hypot(c, d) or 1.0
        along, across = (a / wide, b / wide), (c / high, d / high)
        length = widths.of(text, font) * abs(size) * wide if text.strip() else 0.0
        if length and shown.is_outside(matrix, abs(size) * high, length):
            text = "\n" * text.count("\n")
        x = e * along[0] + f * along[1]
        pieces.append(
            Line(
                _NEVER_TEXT.sub("", text.translate(_LIGATURES)),
                x,
                e * across[0] + f * across[1],
                abs(size) * high,
                round(degrees(atan2(b, a))),
                x + length,
            )
        )

    page.extract_text(visitor_operand_before=shown.before, visitor_operand_after=shown.after, visitor_text=note)
    return pieces


def _is_signs(written: list[str]) -> bool:
    text = "".join("".join(line.split()) for line in written)
    return sum(len(sign) for line in written for sign in _SIGN.findall(line)) > _MOST_SIGNS * len(text)


def _labels(reader: "PdfReader", count: int) -> list[str]:
    """What each page calls itself, or its number where it calls itself nothing that could be cited."""
    try:
        labels = reader.page_labels
    except Exception:  # labels are a nicety, and theirs is the part of a PDF that is most often wrong
        labels = []
    labels = [*labels[:count], *[""] * (count - len(labels))]
    return [label if _LABEL.fullmatch(label) else str(number) for number, label in enumerate(labels, start=1)]


def _metadata(reader: "PdfReader") -> tuple[str | None, str | None, str | None]:
    """Title, author and the day it was made, each if it is there and says anything."""
    try:
        about = reader.metadata
        title, author = (about.title, about.author) if about else (None, None)
        made = about.creation_date if about else None
    except Exception:  # a title that cannot be read is none, and the text is there all the same
        return None, None, None
    title, author = (" ".join(_NEVER_TEXT.sub("", str(each or "")).split()) for each in (title, author))
    return None if _NO_TITLE.fullmatch(title) else title, author or None, made.date().isoformat() if made else None


def _biggest(pages: list[list[Line]]) -> str:
    """The first lines in the largest letters of the first page with text, if they read like a title."""
    first = next(([line for line in page if line.turn == 0] for page in pages if page), [])
    if not first:
        return ""
    usual, largest = median_low([line.size for page in pages for line in page]), max(line.size for line in first)
    groups = groupby(first, key=lambda line: line.size > 0.98 * largest)
    title = " ".join(line.text for line in next(list(lines) for large, lines in groups if large))
    fits = largest > _BIGGER * usual and len(title) <= _LONGEST_TITLE
    return title if fits and " " in title and title[0].isalpha() else ""  # neither "Contents" nor "1 Introduction"
