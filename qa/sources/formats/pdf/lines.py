"""The lines of a PDF page in reading order, whichever order the file draws them in."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from qa.sources.formats.pdf.columns import Cell, find_cells
from qa.sources.formats.pdf.line_numbers import find_line_numbers
from qa.sources.formats.pdf.words import Row, Word, is_right_to_left, read_rows

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# Distances, as multiples of the font size
_DROP_CAP = 1.8  # the size of a letter that begins a text, as a multiple of the text's
_SPACE = 0.2  # between two words
_SCRIPT = 0.55  # between the baselines of a text and its subscripts and superscripts
_APART = 0.6  # between words that may belong to different columns
_BESIDE = 1.3  # between the baselines of lines that a file draws in turn, one column after the other
_LEAST_ACROSS = (
    0.3  # of the lines that have another beside them: if so many are drawn before that one, the page is drawn across
)

_SMALLER = 0.9  # the size of subscripts and superscripts, as a multiple of the text's
_LONGEST_SCRIPT = 4  # characters
_NO_CELL = -1


class Line(NamedTuple):
    """A line of a column."""

    text: str
    x: float  # where it begins along the writing direction, in points
    y: float  # its baseline across the writing direction, in points; larger is higher
    size: float  # font size in points
    turn: int  # writing direction in degrees, counterclockwise
    end: float  # where it ends along the writing direction, in points
    cell: int = 0  # the part of the page that it belongs to
    is_row: bool = False  # of a table
    is_bold: bool = False  # all of it
    rule: str = ""  # why it is set aside


class _Part(NamedTuple):
    """The words of a row that belong to one cell."""

    words: tuple[Word, ...]
    turn: int
    cell: int


def read_lines(page: "PdfPage") -> list[Line]:
    """Return the lines of text that a page shows, in reading order.

    Lines come in the order in which the file draws them, unless it draws across columns that stand side by side. Then they
    come column by column.
    """
    rows = read_rows(page)
    main = _main_turn(rows)
    numbers = find_line_numbers([word for row in rows if row.turn == main for word in row.words])
    if numbers:
        rows = _without(rows, numbers)
    cells = _cells(rows, main)
    cell_of = {id(word): number for number, cell in enumerate(cells) for word in cell.words}
    usual = median(word.size for row in rows for word in row.words) if rows else 0.0
    parts = [part for row in rows for part in _parts(row, cell_of, usual)]
    if _is_drawn_across([_line(part) for part in parts], cells):
        parts = _in_columns(parts)
    rows_of = {number for number, cell in enumerate(cells) if cell.is_table}
    lines = [_line(part)._replace(is_row=part.cell in rows_of) for part in parts]
    if numbers:
        counted = _Part(tuple(word._replace(is_apart=True) for word in numbers), main, _NO_CELL)
        lines.append(_line(counted)._replace(rule="line numbers"))
    return lines


def _main_turn(rows: Sequence[Row]) -> int:
    n_words: Counter[int] = Counter()
    for row in rows:
        n_words[row.turn] += len(row.words)
    return n_words.most_common(1)[0][0] if n_words else 0


def _without(rows: Sequence[Row], words: Sequence[Word]) -> list[Row]:
    dropped = {id(word) for word in words}
    rest = [row._replace(words=tuple(word for word in row.words if id(word) not in dropped)) for row in rows]
    return [row for row in rest if row.words]


def _cells(rows: Sequence[Row], main: int) -> list[Cell]:
    """Find the columns of the text that runs in the page's main direction. PDFium orders Hebrew and Arabic by itself."""
    if any(is_right_to_left(word.text) for row in rows for word in row.words):
        return []
    return find_cells([word for row in rows if row.turn == main for word in row.words])


def _parts(row: Row, cell_of: Mapping[int, int], usual_size: float) -> Iterator[_Part]:
    """Split a row at the gaps between columns, and behind a drop cap."""
    words: dict[tuple[int, bool], list[Word]] = {}
    for chunk in _chunks(row.words, usual_size):
        (cell, _), *_ = Counter(cell_of.get(id(word), _NO_CELL) for word in chunk).most_common(1)
        words.setdefault((cell, _is_drop_cap(chunk[-1], usual_size)), []).extend(chunk)
    for (cell, _), of_cell in words.items():
        yield _Part(tuple(of_cell), row.turn, cell)


def _chunks(words: Sequence[Word], usual_size: float) -> Iterator[list[Word]]:
    """Split a row at its wide gaps and drop caps. Its subscripts and superscripts stay with what they are drawn with."""
    chunk = [words[0]]
    for last, word in pairwise(words):
        if _is_drop_cap(last, usual_size) or abs(word.x - last.end) >= _APART * max(word.size, last.size):
            yield chunk
            chunk = []
        chunk.append(word)
    yield chunk


def _is_drop_cap(word: Word, usual_size: float) -> bool:
    return len(word.text) == 1 and word.text.isalpha() and word.size >= _DROP_CAP * usual_size


def _in_columns(parts: Sequence[_Part]) -> list[_Part]:
    """Sort what is drawn across columns into columns. A script goes with the text that begins or ends at it."""
    placed = [(_line(part), part) for part in parts]
    placed.sort(key=lambda pair: (pair[1].cell, -pair[0].y, pair[0].x))
    joined: list[_Part] = []
    last: Line | None = None
    for line, part in placed:
        is_script = last is not None and joined[-1].cell == part.cell and _touches(last, line)
        if is_script:
            both = sorted((joined[-1].words, part.words), key=lambda words: words[0].x)
            second = both[1][0]._replace(is_apart=both[1][0].x - both[0][-1].end > _SPACE * line.size)
            joined[-1] = part._replace(words=(*both[0], second, *both[1][1:]))
        else:
            joined.append(part)
        last = _line(joined[-1])
    return joined


def _touches(one: Line, other: Line) -> bool:
    """Tell whether one is a script of the other: short, smaller, a little higher or lower, and before or after it."""
    small, large = sorted((one, other), key=lambda line: line.size)
    gap = max(other.x - one.end, one.x - other.end)
    is_beside = abs(one.y - other.y) < _SCRIPT * large.size and -_SPACE * large.size <= gap < _APART * large.size
    return is_beside and small.size < _SMALLER * large.size and len(small.text) <= _LONGEST_SCRIPT


def _line(part: _Part) -> Line:
    """Return words as a line, with the baseline and the font size of most of its characters."""
    words = part.words
    text = words[0].text
    for word in words[1:]:
        text += f" {word.text}" if word.is_apart else word.text
    n_characters: Counter[tuple[float, float]] = Counter()
    for word in words:
        n_characters[word.y, word.size] += len(word.text)
    (y, size), _ = n_characters.most_common(1)[0]
    start, end = min(word.x for word in words), max(word.end for word in words)
    return Line(text, start, y, size, part.turn, end, part.cell, is_bold=all(word.is_bold for word in words))


def _is_drawn_across(lines: Sequence[Line], cells: Sequence[Cell]) -> bool:
    """Tell whether the file draws lines that stand side by side one after another, as if there were no columns."""
    in_columns = [line.cell >= 0 and cells[line.cell].is_column for line in lines]
    columns = [line for line, is_in in zip(lines, in_columns, strict=True) if is_in]
    n_beside = sum(any(_is_beside(line, other) for other in columns) for line in columns)
    drawn = zip(lines, in_columns, strict=True)
    n_across = sum(first and second and _is_beside(last, line) for (last, first), (line, second) in pairwise(drawn))
    return n_across > 0 and n_across >= _LEAST_ACROSS * n_beside / 2


def _is_beside(line: Line, other: Line) -> bool:
    return line.cell != other.cell and abs(line.y - other.y) < _BESIDE * max(line.size, other.size)
