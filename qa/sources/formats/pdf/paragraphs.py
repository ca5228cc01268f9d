"""The lines of PDF pages joined to paragraphs, over the ends of lines, columns and pages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median_low, quantiles

from qa.sources.formats.pdf.hyphens import LineEnds
from qa.sources.formats.pdf.lines import Line
from qa.sources.formats.pdf.margins import find_margins
from qa.types.articles import SetAside

_BULLET = re.compile(r"[•●○▪▫‣◦∙■□◆➢✓*\uf0b7–-](\s|$)")
_NUMBER = re.compile(r"(?:\(?\d{1,2}[.)]|\(?[a-z][.)])\s+\S")
_LETTER = re.compile(r"\w")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]\d*†‡]*$")
_LEADERS = re.compile(r"(?:\. ?){5}\s*\w+$")  # the dots and the number of a table of contents
# Words after which no sentence ends, in English, German, French, Spanish, Italian, Portuguese and Dutch
_OPEN = re.compile(
    r"(?:,|\b(?:the|a|an|of|and|or|to|in|at|by|for|from|with|that|which|its|their|his|her|der|die|das|den|dem|des|ein|eine|einer"
    r"|einem|einen|und|oder|von|vom|zum|zur|mit|für|durch|le|la|les|un|une|du|de|et|ou|dans|pour|avec|el|los|las|una|y|con|para"
    r"|por|il|lo|gli|i|e|di|del|della|o|os|as|um|uma|do|da|dos|em|het|een|en|van|voor|met))$",
    re.I,
)
_CAPTION = re.compile(r"(?:Table|Tab|Figure|Fig|Box|Chart|Tabelle|Abbildung|Abb|Tableau)\b", re.I)

_SAME_SIZE = 0.1  # relative difference of font sizes, up to which they count as the same
_GAP = 1.3  # of the usual line distance: a wider one ends a paragraph
_SAME_WIDTH = 0.25  # relative difference of the widths of two columns of one text
_INDENT = 0.7  # of the font size
_FULL = 0.85  # of the widest line nearby, in characters: a line that the next word would not fill was ended on purpose
_NEAR = 12  # lines before and after that show how wide a column is
_MAX_NOTES = 12  # notes that may interrupt one sentence


@dataclass(slots=True)
class _Paragraph:
    lines: list[Line]
    pages: list[int]  # page index of each line
    is_full: bool = False  # whether its last line reaches the edge of its column
    runs_on: bool = False  # whether it continues after the end of a column or page
    rule: str = ""  # why it is set aside

    def continues_in(self, other: "_Paragraph") -> bool:
        """Tell whether a paragraph of another column or page goes on with the last sentence of this one."""
        last, line = self.lines[-1], other.lines[0]
        is_other = last.is_row or line.is_row or last.turn != line.turn or not _same_size(last, line)
        if is_other or _begins_item(line.text) or _SENTENCE_END.search(last.text) or last.is_bold != line.is_bold:
            return False
        if line.text[0].islower() or _OPEN.search(last.text):
            return True
        if last.text[-1] in ":;" or _CAPTION.match(line.text):
            return False
        end = max(line.end for line in self.lines)
        is_next = self.pages[-1] != other.pages[0] or line.x > end  # at the top of the next page or column
        return is_next and self.is_full and len(self.lines) > 1 and len(other.lines) > 1 and self._is_as_wide_as(other)

    def _is_as_wide_as(self, other: "_Paragraph") -> bool:
        one, two = (max(line.end for line in each.lines) - min(line.x for line in each.lines) for each in (self, other))
        return abs(one - two) <= _SAME_WIDTH * max(one, two)

    def is_note_in(self, other: "_Paragraph", usual: float) -> bool:
        """Tell whether this is small or turned print that interrupts a sentence of the other, which has the usual size."""
        line, last = self.lines[0], other.lines[-1]
        is_open = last.size < (1 + _SAME_SIZE) * usual and not _SENTENCE_END.search(last.text)
        return is_open and (line.size < (1 - _SAME_SIZE) * last.size or line.turn != last.turn)


def flow(pages: Sequence[Sequence[Line]]) -> tuple[str, list[SetAside], dict[int, tuple[int, int]]]:
    """Join the lines of pages to a text.

    A paragraph that ends in the middle of a sentence goes on in the next column or page. Small print in between is put before
    it; headers, footers and footnotes after it.

    Args:
        pages: the lines of each page, at least one in all.

    Returns:
        The text, the spans that are set aside, and the start and end of each page with text, by page index.
    """
    text = _Text(LineEnds(line for page in pages for line in page))
    usual = median_low([line.size for page in pages for line in page if not line.rule] or [0.0])
    margins = find_margins(pages, usual)
    last: _Paragraph | None = None
    waiting: list[_Paragraph] = []  # notes, headers and footers since the last paragraph
    for number, (page, rules) in enumerate(zip(pages, margins, strict=True)):
        waiting += _set_aside(page, rules, number)
        for paragraph in _paragraphs([line for index, line in enumerate(page) if index not in rules], number):
            if last and last.continues_in(paragraph):
                last.lines += paragraph.lines
                last.pages += paragraph.pages
                last.is_full, last.runs_on = paragraph.is_full, True
            elif last and paragraph.is_note_in(last, usual) and len(waiting) < _MAX_NOTES:
                waiting.append(paragraph)
            else:
                text.add(last, waiting)
                last, waiting = paragraph, []
    text.add(last, waiting)
    return text.text(), text.set_aside, text.page_spans()


class _Text:
    """The text that is built, paragraph by paragraph."""

    def __init__(self, line_ends: LineEnds) -> None:
        self.set_aside: list[SetAside] = []
        self._line_ends = line_ends
        self._pieces: list[str] = []
        self._length = 0
        self._starts: dict[int, int] = {}  # of each page, by its index
        self._last: _Paragraph | None = None

    def add(self, paragraph: _Paragraph | None, waiting: Sequence[_Paragraph]) -> None:
        """Add a paragraph and the notes, headers and footers that wait for it.

        If it runs on over a page, the notes of the page that it begins on come first.
        """
        early: list[_Paragraph] = []
        if paragraph and paragraph.runs_on:
            early = [note for note in waiting if not note.rule and note.pages[0] == paragraph.pages[0]]
        for block in (*early, paragraph, *(note for note in waiting if note not in early)):
            if block:
                self._write(block)

    def text(self) -> str:
        return "".join(self._pieces)

    def page_spans(self) -> dict[int, tuple[int, int]]:
        """Return start and end of each page with text, without the white space between pages."""
        text = self.text()
        pages = sorted(self._starts.items(), key=lambda item: item[1])
        ends = [start for _, start in pages[1:]] + [len(text)]
        return {page: (start, len(text[:end].rstrip())) for (page, start), end in zip(pages, ends, strict=True)}

    def _write(self, paragraph: _Paragraph) -> None:
        if self._last:
            first, last = paragraph.lines[0], self._last.lines[-1]
            is_item = _begins_item(first.text) and (_begins_item(self._last.lines[0].text) or last.text.endswith(":"))
            is_row = first.is_row and last.is_row and first.cell == last.cell
            self._put("\n" if is_item or is_row else "\n\n")
        start = self._length
        pending = ""  # the line before, without its end, which depends on the next line
        for line, page in zip(paragraph.lines, paragraph.pages, strict=True):
            if pending:
                self._put("".join(self._line_ends.join(pending, line.text)))
            self._starts.setdefault(page, self._length)
            pending = line.text
        self._put(pending)
        if paragraph.rule:
            self.set_aside.append(SetAside(start, self._length, paragraph.rule))
        self._last = paragraph

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)


def _set_aside(page: Sequence[Line], rules: Mapping[int, str], number: int) -> Iterator[_Paragraph]:
    """Yield what stands around the text of a page: each header or footer, then the footnotes in paragraphs."""
    down = sorted(rules, key=lambda index: (rules[index] != "page header", rules[index] == "page footer", rules[index], index))
    for rule, group in groupby(down, key=rules.__getitem__):
        lines = [page[index] for index in group]
        for paragraph in _paragraphs(lines, number) if rule == "footnote" else (_Paragraph([line], [number]) for line in lines):
            paragraph.rule = rule
            yield paragraph


def _paragraphs(lines: Sequence[Line], page: int) -> Iterator[_Paragraph]:
    """Yield the paragraphs of a page.

    One ends at a wider line distance, another font size or another column. It ends at a line that had room for the next word.
    After the end of a sentence, it ends where the next line is indented or goes back to the edge.
    """
    if not lines:
        return
    usual = _usual_distance(lines)
    widest = [_width(lines, index) for index in range(len(lines))]
    current = [lines[0]]
    for index, line in enumerate(lines[1:], start=1):
        if _begins_paragraph(current, line, widest[index - 1], usual):
            yield _Paragraph(current, [page] * len(current), len(current[-1].text) >= _FULL * widest[index - 1])
            current = []
        current.append(line)
    yield _Paragraph(current, [page] * len(current), len(current[-1].text) >= _FULL * widest[-1])


def _begins_paragraph(current: Sequence[Line], line: Line, widest: int, usual: float) -> bool:
    last = current[-1]
    distance = (last.y - line.y) / (line.size or 1)
    if _LEADERS.search(last.text) or last.cell != line.cell or line.is_row:
        return True
    if not _LETTER.search(last.text) and _BULLET.match(last.text):
        return False
    if _BULLET.match(line.text) or last.turn != line.turn or not _same_size(last, line) or not 0 < distance < _GAP * usual:
        return True
    if last.is_bold and not line.is_bold and not line.text[0].islower():
        return True
    ended = bool(_SENTENCE_END.search(last.text))
    short = len(last.text) + 1 + len(line.text.split()[0]) < _FULL * widest
    if short and (ended or not line.text[0].islower()):
        return True
    if ended and _NUMBER.match(line.text):
        return True
    indented = line.x > last.x + _INDENT * line.size and not _begins_item(current[0].text)
    outdented = line.x < last.x - _INDENT * line.size and len(current) > 1
    return ended and (indented or outdented)


def _usual_distance(lines: Sequence[Line]) -> float:
    """Return the distance between the lines of a paragraph, as a multiple of the font size."""
    pairs = [(last, line) for last, line in pairwise(lines) if last.cell == line.cell]
    distances = [distance for last, line in pairs if 0.9 < (distance := (last.y - line.y) / (line.size or 1)) < 4]
    return quantiles(distances, n=4)[0] if len(distances) > 1 else 1.3


def _width(lines: Sequence[Line], index: int) -> int:
    """Return how many characters a line of this column can have, judged by the lines nearby."""
    line = lines[index]
    nearby = lines[max(0, index - _NEAR) : index + _NEAR]
    column = (
        other
        for other in nearby
        if _same_size(other, line) and other.cell == line.cell and abs(other.x - line.x) < 4 * line.size
    )
    return max((len(other.text) for other in column), default=len(line.text))  # a line of size 0 is not near itself


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def _begins_item(text: str) -> bool:
    return bool(_BULLET.match(text) or _NUMBER.match(text))
