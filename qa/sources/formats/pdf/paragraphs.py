"""The lines of PDF pages joined to paragraphs, over the ends of lines, columns and pages."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low, quantiles

from qa.sources.formats.pdf.lines import Line
from qa.types.articles import SetAside

_BULLET = re.compile(r"[•●○▪▫‣◦∙■□◆➢✓*\uf0b7–-](\s|$)")
_NUMBER = re.compile(r"(?:\(?\d{1,2}[.)]|\(?[a-z][.)])\s+\S")
_LETTER = re.compile(r"\w")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]\d*†‡]*$")
_LEADERS = re.compile(r"(?:\. ?){5}\s*\w+$")  # the dots and the number of a table of contents
_CAPTION = re.compile(r"(?:Table|Tab|Figure|Fig|Box|Chart|Tabelle|Abbildung|Abb|Tableau)\b", re.I)
_HYPHENATED = re.compile(r"([^\W\d_]+)[-‐]$")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_CONJUNCTION = re.compile(r"(?:und|oder|bzw|and|or|to|et|ou)\b")  # "pre- and post-war": the hyphen stands for a word
_UNSPACED = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")  # Chinese and Japanese
_NUMERALS = re.compile(r"\d+|\b[ivxlc]+\b", re.I)

_SAME_SIZE = 0.1  # relative difference of font sizes, up to which they count as the same
_GAP = 1.3  # of the usual line distance: a wider one ends a paragraph
_INDENT = 0.7  # of the font size
_FULL = 0.85  # of the widest line nearby, in characters: a line that the next word would not fill was ended on purpose
_NEAR = 12  # lines before and after that show how wide a column is
_MAX_NOTES = 12  # notes that may interrupt one sentence
_EDGE = 4  # lines at the top or bottom of a page that may be a header or footer
_SURE_EDGE = 2  # of those, the outermost, which need no other header or footer outside
_MIN_REPEATED = 3  # pages with the same line; at least half of those between the first and the last


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
        if last.turn != line.turn or not _same_size(last, line) or _begins_item(line.text) or _SENTENCE_END.search(last.text):
            return False
        if line.text[0].islower():
            return True
        both_long = self.is_full and len(self.lines) > 1 and len(other.lines) > 1
        return both_long and last.text[-1] not in ":;" and not _CAPTION.match(line.text)

    def is_note_in(self, other: "_Paragraph", usual: float) -> bool:
        """Tell whether this is small or turned print that interrupts a sentence of the other, which has the usual size."""
        line, last = self.lines[0], other.lines[-1]
        is_open = last.size < (1 + _SAME_SIZE) * usual and not _SENTENCE_END.search(last.text)
        return is_open and (line.size < (1 - _SAME_SIZE) * last.size or line.turn != last.turn)


def flow(pages: Sequence[Sequence[Line]]) -> tuple[str, list[SetAside], dict[int, tuple[int, int]]]:
    """Join the lines of pages to a text.

    A paragraph that ends in the middle of a sentence goes on in the next column or page. Footnotes in between are put before
    it, headers and footers after it.

    Args:
        pages: the lines of each page, at least one in all.

    Returns:
        The text, the spans that are set aside, and the start and end of each page with text, by page index.
    """
    headers_and_footers = _headers_and_footers(pages)
    text = _Text(_vocabulary(pages))
    usual = median_low([line.size for page in pages for line in page])
    last: _Paragraph | None = None
    waiting: list[_Paragraph] = []  # notes, headers and footers since the last paragraph
    for number, page in enumerate(pages):
        rules = headers_and_footers[number]
        waiting += [_Paragraph([page[index]], [number], rule=rule) for index, rule in sorted(rules.items())]
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

    def __init__(self, vocabulary: set[str]) -> None:
        self.set_aside: list[SetAside] = []
        self._vocabulary = vocabulary
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
            is_item = _begins_item(paragraph.lines[0].text) and (
                _begins_item(self._last.lines[0].text) or self._last.lines[-1].text.endswith(":")
            )
            self._put("\n" if is_item else "\n\n")
        start = self._length
        pending = ""  # the line before, without its end, which depends on the next line
        for line, page in zip(paragraph.lines, paragraph.pages, strict=True):
            if pending:
                self._put("".join(_join(pending, line.text, self._vocabulary)))
            self._starts.setdefault(page, self._length)
            pending = line.text
        self._put(pending)
        if paragraph.rule:
            self.set_aside.append(SetAside(start, self._length, paragraph.rule))
        self._last = paragraph

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)


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
    if _LEADERS.search(last.text):
        return True
    if not _LETTER.search(last.text) and _BULLET.match(last.text):
        return False
    if _BULLET.match(line.text) or last.turn != line.turn or not _same_size(last, line) or not 0 < distance < _GAP * usual:
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
    distances = [distance for last, line in pairwise(lines) if 0.9 < (distance := (last.y - line.y) / (line.size or 1)) < 4]
    return quantiles(distances, n=4)[0] if len(distances) > 1 else 1.3


def _width(lines: Sequence[Line], index: int) -> int:
    """Return how many characters a line of this column can have, judged by the lines nearby."""
    line = lines[index]
    nearby = lines[max(0, index - _NEAR) : index + _NEAR]
    column = (other for other in nearby if _same_size(other, line) and abs(other.x - line.x) < 4 * line.size)
    return max((len(other.text) for other in column), default=len(line.text))  # a line of size 0 is not near itself


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def _begins_item(text: str) -> bool:
    return bool(_BULLET.match(text) or _NUMBER.match(text))


def _join(left: str, right: str, vocabulary: set[str]) -> tuple[str, str]:
    """Return a line and what stands between it and the next.

    A hyphen at its end is dropped if it only broke a word. It stays before a capital or a digit. It also stays if the document
    has the word with a hyphen elsewhere, and never without.
    """
    if left.endswith("\u00ad"):
        return left[:-1], ""
    if re.search(r"\w[-‐]$", left):
        head, tail = _HYPHENATED.search(left), _LETTERS.match(right)
        if _CONJUNCTION.match(right):
            return left, " "
        if not head or not tail or len(head[1]) < 2 or not head[1][-1].islower() or not tail[0].islower():
            return left, ""
        has_hyphen = f"{head[1]}-{tail[0]}".lower() in vocabulary and (head[1] + tail[0]).lower() not in vocabulary
        return (left if has_hyphen else left[:-1]), ""
    is_unspaced = left.endswith("—") or (_UNSPACED.match(left[-1]) and _UNSPACED.match(right))
    return left, "" if is_unspaced else " "


def _vocabulary(pages: Sequence[Sequence[Line]]) -> set[str]:
    """Return the words of the document in lower case, without those broken at a line's end."""
    return {word.lower() for page in pages for line in page for word in _WORD.findall(_HYPHENATED.sub("", line.text))}


def _headers_and_footers(pages: Sequence[Sequence[Line]]) -> list[dict[int, str]]:
    """Find the lines that many pages have at the same edge, apart from the numbers in them.

    Returns:
        For each page the rule, "page header" or "page footer", by the index of the line.
    """
    edges = []
    pages_with: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, page in enumerate(pages):
        down = sorted(range(len(page)), key=lambda index: -page[index].y)
        edges.append({"page header": down[:_EDGE], "page footer": down[::-1][:_EDGE]})
        for rule, indexes in edges[-1].items():
            for key in {_key(page[index].text) for index in indexes}:
                pages_with[rule, key].append(number)
    repeated = {
        (rule, key)
        for (rule, key), on in pages_with.items()
        if key and len(on) >= _MIN_REPEATED and 2 * len(on) > on[-1] - on[0]
    }
    rules: list[dict[int, str]] = []
    for page, edge in zip(pages, edges, strict=True):
        rules.append({})
        for rule, indexes in edge.items():
            for place, index in enumerate(indexes):
                if (rule, _key(page[index].text)) in repeated:
                    rules[-1].setdefault(index, rule)
                elif place >= _SURE_EDGE - 1:
                    break
    is_all = all(len(page) == len(lines) for page, lines in zip(pages, rules, strict=True))
    return [{} for _ in pages] if is_all else rules  # a document has more than headers and footers


def _key(text: str) -> str:
    """Return a line without its numbers, or nothing if it is only numbers, and more of them than a page number has."""
    key = _NUMERALS.sub("#", text)
    return key if _LETTER.search(key) or key.count("#") in (1, 2) else ""
