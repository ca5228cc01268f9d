"""The lines of printed pages become paragraphs: what ends at a line's or a page's end for lack of room goes on."""

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
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]\d*†‡]*$")
_LEADERS = re.compile(r"(?:\. ?){5}\s*\w+$")  # the dots and the number of a table of contents
_CAPTION = re.compile(r"(?:Table|Tab|Figure|Fig|Box|Chart|Tabelle|Abbildung|Abb|Tableau)\b", re.I)
_HYPHENATED = re.compile(r"([^\W\d_]+)[-‐]$")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_FOR_A_WORD = re.compile(r"(?:und|oder|bzw|and|or|to|et|ou)\b")  # "pre- and post-war": the hyphen stands for a word
_UNSPACED = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")  # Chinese and Japanese
_NUMERALS = re.compile(r"\d+|\b[ivxlc]+\b", re.I)

_SAME_SIZE = 0.1  # difference in size, as a share, that makes no other kind of text
_GAP = 1.3  # of the page's usual distance between lines, from which on a paragraph ends
_INDENT = 0.7  # of a letter's height
_FULL = 0.85  # of the widest line around, in characters: a line that stays below with the next word ended on purpose
_NEAR = 12  # lines before and behind that say how wide a column is; notes that may stand inside a sentence
_EDGE, _SURE_EDGE = 4, 2  # lines at a page's top or bottom that may belong to every page; those that need no such line outside
_REPEATED = 3  # pages at least, and half of those between the first and the last of them


@dataclass(slots=True)
class _Paragraph:
    lines: list[Line]
    pages: list[int]  # the page of each line
    full: bool = False  # its last line goes to the edge of its column
    runs_on: bool = False  # over the end of a column or page
    rule: str = ""  # why it is set aside

    def goes_on_in(self, other: "_Paragraph") -> bool:
        """Whether what stands in another column or page goes on with a sentence that this one leaves open."""
        last, line = self.lines[-1], other.lines[0]
        if last.turn != line.turn or not _same_size(last, line) or _begins_item(line.text) or _ENDED.search(last.text):
            return False
        if line.text[0].islower():
            return True
        both_long = self.full and len(self.lines) > 1 and len(other.lines) > 1
        return both_long and last.text[-1] not in ":;" and not _CAPTION.match(line.text)

    def is_note_in(self, other: "_Paragraph", usual: float) -> bool:
        """Whether this is small print or turned, and may stand inside a sentence of the other, which has the usual size."""
        line, last = self.lines[0], other.lines[-1]
        open_text = last.size < (1 + _SAME_SIZE) * usual and not _ENDED.search(last.text)
        return open_text and (line.size < (1 - _SAME_SIZE) * last.size or line.turn != last.turn)


def flow(pages: Sequence[Sequence[Line]]) -> tuple[str, list[SetAside], dict[int, tuple[int, int]]]:
    """The text of pages, what of it is not to be quoted, and start and end of each page that has text, by its index.

    A paragraph that is left open at the end of a column or a page goes on where its sentence does; footnotes in between stand
    before it then, headers and footers behind it.
    """
    furniture = _furniture(pages)
    text = _Text(_vocabulary(pages))
    usual = median_low([line.size for page in pages for line in page])
    left_open: _Paragraph | None = None
    waiting: list[_Paragraph] = []
    for number, page in enumerate(pages):
        waiting += [_Paragraph([page[index]], [number], rule=rule) for index, rule in sorted(furniture[number].items())]
        for paragraph in _paragraphs([line for index, line in enumerate(page) if index not in furniture[number]], number):
            if left_open and left_open.goes_on_in(paragraph):
                left_open.lines += paragraph.lines
                left_open.pages += paragraph.pages
                left_open.full, left_open.runs_on = paragraph.full, True
            elif left_open and paragraph.is_note_in(left_open, usual) and len(waiting) < _NEAR:
                waiting.append(paragraph)
            else:
                text.add(left_open, waiting)
                left_open, waiting = paragraph, []
    text.add(left_open, waiting)
    return text.whole(), text.set_aside, text.spans()


class _Text:
    """What is written so far."""

    def __init__(self, words: set[str]) -> None:
        self.set_aside: list[SetAside] = []
        self._words = words
        self._pieces: list[str] = []
        self._length = 0
        self._starts: dict[int, int] = {}
        self._before: _Paragraph | None = None

    def add(self, paragraph: _Paragraph | None, waiting: Sequence[_Paragraph]) -> None:
        """Write a paragraph and what came after it or inside it, notes of its own page first if it runs on."""
        early: list[_Paragraph] = []
        if paragraph and paragraph.runs_on:
            early = [note for note in waiting if not note.rule and note.pages[0] == paragraph.pages[0]]
        for each in (*early, paragraph, *(note for note in waiting if note not in early)):
            if each:
                self._write(each)

    def whole(self) -> str:
        return "".join(self._pieces)

    def spans(self) -> dict[int, tuple[int, int]]:
        """Start and end of each page that has text, the white space between two in neither."""
        text = self.whole()
        pages = sorted(self._starts.items(), key=lambda item: item[1])
        ends = [start for _, start in pages[1:]] + [len(text)]
        return {page: (start, len(text[:end].rstrip())) for (page, start), end in zip(pages, ends, strict=True)}

    def _write(self, paragraph: _Paragraph) -> None:
        if self._before:
            listed = _begins_item(paragraph.lines[0].text) and (
                _begins_item(self._before.lines[0].text) or self._before.lines[-1].text.endswith(":")
            )
            self._put("\n" if listed else "\n\n")
        start = self._length
        written = ""
        for line, page in zip(paragraph.lines, paragraph.pages, strict=True):
            if written:
                kept, between = _join(written, line.text, self._words)
                self._put(kept + between)
            self._starts.setdefault(page, self._length)
            written = line.text
        self._put(written)
        if paragraph.rule:
            self.set_aside.append(SetAside(start, self._length, paragraph.rule))
        self._before = paragraph

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)


def _paragraphs(lines: Sequence[Line], page: int) -> Iterator[_Paragraph]:
    """The paragraphs of a page's lines; each ends where the page shows it.

    That is at a wider distance, another size of letters or another column; where a line is short though the next word would
    have had room; and, behind the end of a sentence, where the next line is indented or goes back to the edge.
    """
    if not lines:
        return
    usual = _usual_distance(lines)
    widest = [_width(lines, index) for index in range(len(lines))]
    current = [lines[0]]
    for index, line in enumerate(lines[1:], start=1):
        if _begins_another(current, line, widest[index - 1], usual):
            yield _Paragraph(current, [page] * len(current), len(current[-1].text) >= _FULL * widest[index - 1])
            current = []
        current.append(line)
    yield _Paragraph(current, [page] * len(current), len(current[-1].text) >= _FULL * widest[-1])


def _begins_another(current: Sequence[Line], line: Line, widest: int, usual: float) -> bool:
    last = current[-1]
    distance = (last.y - line.y) / (line.size or 1)
    if _LEADERS.search(last.text):
        return True
    if not _LETTER.search(last.text) and _BULLET.match(last.text):
        return False
    if _BULLET.match(line.text) or last.turn != line.turn or not _same_size(last, line) or not 0 < distance < _GAP * usual:
        return True
    ended = bool(_ENDED.search(last.text))
    short = len(last.text) + 1 + len(line.text.split()[0]) < _FULL * widest
    if short and (ended or not line.text[0].islower()):
        return True
    if ended and _NUMBER.match(line.text):
        return True
    indented = line.x > last.x + _INDENT * line.size and not _begins_item(current[0].text)
    outdented = line.x < last.x - _INDENT * line.size and len(current) > 1
    return ended and (indented or outdented)


def _usual_distance(lines: Sequence[Line]) -> float:
    """The distance between lines of a paragraph, as a multiple of their letters' height."""
    distances = [distance for last, line in pairwise(lines) if 0.9 < (distance := (last.y - line.y) / (line.size or 1)) < 4]
    return quantiles(distances, n=4)[0] if len(distances) > 1 else 1.3


def _width(lines: Sequence[Line], index: int) -> int:
    """How many characters a line of this column can have, by the lines around."""
    line = lines[index]
    around = lines[max(0, index - _NEAR) : index + _NEAR]
    column = (each for each in around if _same_size(each, line) and abs(each.x - line.x) < 4 * line.size)
    return max((len(each.text) for each in column), default=len(line.text))  # of no size, it has not even itself around


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def _begins_item(text: str) -> bool:
    return bool(_BULLET.match(text) or _NUMBER.match(text))


def _join(left: str, right: str, words: set[str]) -> tuple[str, str]:
    """A line as it is kept and what stands between it and the next.

    A hyphen at its end is dropped where it only broke a word: not before a capital or a digit, and not where the document has
    the word with its hyphen elsewhere and never without.
    """
    if left.endswith("\u00ad"):
        return left[:-1], ""
    if re.search(r"\w[-‐]$", left):
        head, tail = _HYPHENATED.search(left), _LETTERS.match(right)
        if _FOR_A_WORD.match(right):
            return left, " "
        if not head or not tail or len(head[1]) < 2 or not head[1][-1].islower() or not tail[0].islower():
            return left, ""
        whole = (head[1] + tail[0]).lower()
        return (left, "") if f"{head[1]}-{tail[0]}".lower() in words and whole not in words else (left[:-1], "")
    unspaced = left.endswith("—") or (_UNSPACED.match(left[-1]) and _UNSPACED.match(right))
    return left, "" if unspaced else " "


def _vocabulary(pages: Sequence[Sequence[Line]]) -> set[str]:
    """The words of the document, in lower case, but for those that a line's end breaks."""
    return {word.lower() for page in pages for line in page for word in _WORD.findall(_HYPHENATED.sub("", line.text))}


def _furniture(pages: Sequence[Sequence[Line]]) -> list[dict[int, str]]:
    """By page, the lines that many pages have at the same edge, but for their numbers: headers, footers, page numbers."""
    edges = []
    standing: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, page in enumerate(pages):
        down = sorted(range(len(page)), key=lambda index: -page[index].y)
        edges.append({"page header": down[:_EDGE], "page footer": down[::-1][:_EDGE]})
        for rule, indexes in edges[-1].items():
            for key in {_key(page[index].text) for index in indexes}:
                standing[rule, key].append(number)
    repeated = {each for each, on in standing.items() if each[1] and len(on) >= _REPEATED and 2 * len(on) > on[-1] - on[0]}
    found: list[dict[int, str]] = []
    for page, edge in zip(pages, edges, strict=True):
        found.append({})
        for rule, indexes in edge.items():
            for place, index in enumerate(indexes):
                if (rule, _key(page[index].text)) in repeated:
                    found[-1].setdefault(index, rule)
                elif place >= _SURE_EDGE - 1:
                    break
    return found if any(len(page) > len(its) for page, its in zip(pages, found, strict=True)) else [{} for _ in pages]


def _key(text: str) -> str:
    """A line without its numbers; nothing if it is more numbers than a page's number has."""
    key = _NUMERALS.sub("#", text)
    return key if _LETTER.search(key) or key.count("#") in (1, 2) else ""
