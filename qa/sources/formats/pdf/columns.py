"""The columns and tables of a PDF page, told apart by the gaps between their words."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import filterfalse, groupby, pairwise
from statistics import median
from typing import NamedTuple, TypeVar

from qa.sources.formats.pdf.words import Word

_ITEM = re.compile(r"\W*(?:\w{1,3}\W*)?")  # what stands before the text of a list: a bullet, a number, "Q."
_WORDS = 4_000  # on a page; more are a map or a drawing, and comparing all gaps would take too long

# Distances, as multiples of the font size
_SAME_LEVEL = 0.35  # between baselines
_BESIDE = 0.8  # between the baselines of lines that stand side by side
_GAP = 0.75  # between two words, from which on they may belong to different columns
_SAME_EDGE = 0.5  # between the beginnings of a column's lines
_WIDE_GAP = 1.6  # between two lines, from which on they belong to different blocks
_NARROWEST = 8.0  # column of prose

_LEAST_LINES = 3  # of a column that stand beside lines of the next
_FULL = 0.6  # of the widest line
_LEAST_FULL = 0.4  # of the lines of prose, that are as wide as that
_MOST_DIGITS = 0.3  # of the characters of prose
_SAME_ROW = 1.35  # of the smallest line distance of a table: a wider one ends a row
_LEAST_ROWS = 0.6  # of the lines of a table that have something on both sides of a gap


class Cell(NamedTuple):
    """A part of a page that is read from top to bottom: a column, a table, or what is as wide as the page."""

    words: tuple[Word, ...]
    is_table: bool = False  # each line is a row
    is_column: bool = False  # another stands beside it


class _Piece(NamedTuple):
    """Words of a line without a gap that could part columns."""

    words: tuple[Word, ...]
    x: float
    end: float
    y: float
    size: float

    @property
    def width(self) -> float:
        return (self.end - self.x) / (self.size or 1)


_Placed = TypeVar("_Placed", Word, _Piece)


class _Gutter(NamedTuple):
    """A gap that runs down the page, and the pieces on both sides of it."""

    left: list[_Piece]
    right: list[_Piece]
    n_beside: int  # lines on the right that have one on the left beside them
    top: float = 0.0  # of those lines
    bottom: float = 0.0
    is_table: bool = False  # whether it is read by rows


def find_cells(words: Sequence[Word]) -> list[Cell]:
    """Divide the words of a page into the parts that are read one after another, in reading order.

    A gap parts columns if at least three lines stand side by side and are prose on both sides, or share no baselines. Else
    it parts the columns of a table, which is read by rows.
    """
    if len(words) > _WORDS:
        return [Cell(tuple(words))]
    return list(_cut(_pieces(words), is_column=False))


def _cut(pieces: list[_Piece], *, is_column: bool) -> Iterator[Cell]:
    if not pieces:
        return
    gutters = sorted(filterfalse(_is_list, _gutters(pieces)), key=lambda gutter: -gutter.n_beside)
    gutter = next(filter(_parts_columns, gutters), None) or next(map(_without_rest, gutters), None)
    if gutter is None:
        outside = _outside(pieces)
        rest = [piece for piece in pieces if piece not in outside]
        yield Cell(tuple(word for piece in rest for word in piece.words), is_column=is_column or bool(outside))
        if outside:
            yield Cell(tuple(word for piece in outside for word in piece.words), is_column=True)
        return
    top = max(piece.y for piece in (*gutter.left, *gutter.right))
    bottom = min(piece.y for piece in (*gutter.left, *gutter.right))
    inside = {id(piece) for piece in (*gutter.left, *gutter.right)}
    others = [piece for piece in pieces if id(piece) not in inside]
    yield from _cut([piece for piece in others if piece.y > (top + bottom) / 2], is_column=is_column)
    if gutter.is_table:
        yield from _rows_of_table([*gutter.left, *gutter.right])
    else:
        yield from _cut(gutter.left, is_column=True)
        yield from _cut(gutter.right, is_column=True)
    yield from _cut([piece for piece in others if piece.y <= (top + bottom) / 2], is_column=is_column)


def _outside(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Return what stands beyond the right edge of a column: the few lines of another one."""
    levels = [sorted(level, key=lambda piece: piece.x) for level in _levels(sorted(pieces, key=lambda piece: -piece.y))]
    edge = max(level[0].end for level in levels)
    outside = [piece for level in levels for piece in level[1:] if piece.x >= edge + _GAP * piece.size]
    is_few = len(outside) < _LEAST_LINES < len(levels)
    return outside if is_few and _is_prose([level[0] for level in levels]) else []


def _pieces(words: Sequence[Word]) -> list[_Piece]:
    """Join the words of each line up to the next wide gap. Return them from top to bottom."""
    pieces = []
    for level in _levels(sorted(words, key=lambda word: -word.y)):
        level.sort(key=lambda word: word.x)
        current: list[Word] = []
        for word in level:
            if current and word.x - max(one.end for one in current[-3:]) >= _GAP * min(word.size, current[-1].size):
                pieces.append(_piece(current))
                current = []
            current.append(word)
        pieces.append(_piece(current))
    return pieces


def _piece(words: Sequence[Word]) -> _Piece:
    longest = max(words, key=lambda word: len(word.text))
    x, end = min(word.x for word in words), max(word.end for word in words)
    return _Piece(tuple(words), x, end, longest.y, longest.size)


def _levels(sorted_down: Sequence[_Placed], distance: float = _SAME_LEVEL) -> list[list[_Placed]]:
    """Group what stands on one baseline, or no farther apart than a multiple of the font size."""
    levels: list[list[_Placed]] = []
    for one in sorted_down:
        if levels and levels[-1][0].y - one.y < distance * min(one.size, levels[-1][0].size):
            levels[-1].append(one)
        else:
            levels.append([one])
    return levels


def _gutters(pieces: Sequence[_Piece]) -> Iterator[_Gutter]:
    down = sorted(pieces, key=lambda piece: -piece.y)
    for edge in _left_edges(down):
        left: list[_Piece] = []
        right: list[_Piece] = []
        for piece in (*down, None):
            if piece and piece.x >= edge - _SAME_EDGE * piece.size:
                right.append(piece)
            elif piece and piece.end <= edge - _GAP * piece.size:
                left.append(piece)
            else:  # it stands across, or was the last
                gutter = _trim(left, right, is_last=piece is None)
                if gutter.n_beside >= _LEAST_LINES:
                    yield gutter
                left, right = [], []


def _left_edges(down: Sequence[_Piece]) -> list[float]:
    """Return where several lines begin that have another on their left."""
    starts = sorted(
        piece.x
        for level in _levels(list(down))
        for last, piece in pairwise(sorted(level, key=lambda piece: piece.x))
        if piece.x - last.end >= _GAP * piece.size
    )
    size = median(piece.size for piece in down)
    offset = _edges_of_uneven_lines(down)
    edges: list[float] = []
    for start in sorted({*starts, *offset}):
        n_here = bisect_left(starts, start + _SAME_EDGE * size) - bisect_left(starts, start) + (start in offset) * _LEAST_LINES
        if n_here >= _LEAST_LINES and (not edges or start - edges[-1] >= _SAME_EDGE * size):
            edges.append(start)
    return edges


def _edges_of_uneven_lines(down: Sequence[_Piece]) -> list[float]:
    """Return where lines begin on a page whose columns share no baselines, if those of many lines are the same."""
    starts = sorted(piece.x for piece in down)
    size = median(piece.size for piece in down)
    edges = []
    for start, group in groupby(starts, key=lambda x: round(x / (size or 1))):
        if len(list(group)) >= 2 * _LEAST_LINES:
            edges.append(min(x for x in starts if round(x / (size or 1)) == start))
    return edges[1:]


def _trim(left: list[_Piece], right: list[_Piece], *, is_last: bool) -> _Gutter:
    """Leave out what stands alone above or below the lines that stand side by side, and apart from them.

    Args:
        is_last: whether nothing stands below. Then a column may go on after a gap.
    """
    ys = sorted(piece.y for piece in left)
    beside = [piece for piece in right if _has_near(ys, piece.y, _BESIDE * piece.size)]
    if not beside:
        return _Gutter([], [], 0)
    top = max(piece.y for piece in beside)
    bottom = min(piece.y for piece in beside)
    left, right = (_trim_side(side, top, bottom, is_last=is_last) for side in (left, right))
    return _Gutter(left, right, len(_levels(sorted(beside, key=lambda piece: -piece.y))), top, bottom)


def _has_near(sorted_values: Sequence[float], value: float, distance: float) -> bool:
    place = bisect_left(sorted_values, value - distance)
    return place < len(sorted_values) and sorted_values[place] <= value + distance


def _trim_side(down: Sequence[_Piece], top: float, bottom: float, *, is_last: bool) -> list[_Piece]:
    first = next((index for index, piece in enumerate(down) if piece.y <= top + _BESIDE * piece.size), len(down))
    while first and _follows(down[first - 1], down[first : first + 1]):
        first -= 1
    last = next((index for index in range(len(down), 0, -1) if down[index - 1].y >= bottom - _BESIDE * down[index - 1].size), 0)
    while last < len(down) and (is_last or _follows(down[last - 1], down[last : last + 1])):
        last += 1
    return list(down[first:last])


def _follows(piece: _Piece, after: Sequence[_Piece]) -> bool:
    """Tell whether the next piece is of the same size and near below."""
    return any(
        abs(other.size - piece.size) <= 0.1 * piece.size and piece.y - other.y <= _WIDE_GAP * piece.size for other in after
    )


def _is_prose(side: Sequence[_Piece]) -> bool:
    """Tell whether many pieces are as wide as a column of text, and few characters are digits."""
    full = max(_NARROWEST, _FULL * max((piece.width for piece in side), default=0.0))
    n_full = sum(piece.width >= full for piece in side)
    text = "".join(word.text for piece in side for word in piece.words)
    return n_full >= max(2, _LEAST_FULL * len(side)) and sum(map(str.isdigit, text)) <= _MOST_DIGITS * len(text)


def _is_list(gutter: _Gutter) -> bool:
    """Tell whether one side holds only the bullets or numbers of a list, names before what they say, or page numbers."""
    left, right = (
        [" ".join(word.text for piece in level for word in piece.words) for level in _levels(side)]
        for side in (gutter.left, gutter.right)
    )
    n_labels = sum(bool(_ITEM.fullmatch(text)) or text.endswith(":") for text in left)
    return n_labels > len(left) / 2 or sum(bool(_ITEM.fullmatch(text)) for text in right) > len(right) / 2


def _parts_columns(gutter: _Gutter) -> bool:
    """Tell whether a gap parts columns: prose stands on both sides, or lines that share no baselines."""
    return (_is_prose(gutter.left) and _is_prose(gutter.right)) or not _is_table(_without_rest(gutter))


def _without_rest(gutter: _Gutter) -> _Gutter:
    """Return the gap of a table, without what stands alone above or below its rows."""
    left, right = (
        [piece for piece in side if gutter.bottom - _BESIDE * piece.size <= piece.y <= gutter.top + _BESIDE * piece.size]
        for side in (gutter.left, gutter.right)
    )
    return gutter._replace(left=left, right=right, is_table=True)


def _is_table(gutter: _Gutter) -> bool:
    """Tell whether most lines of the side with fewer stand on the baselines of the other."""
    levels = _levels(sorted((*gutter.left, *gutter.right), key=lambda piece: -piece.y))
    left = {id(piece) for piece in gutter.left}
    sides = [{id(piece) in left for piece in level} for level in levels]
    n_both = sum(len(side) == 2 for side in sides)
    n_fewer = min(sum(True in side for side in sides), sum(False in side for side in sides))
    return n_both >= _LEAST_LINES and n_both >= _LEAST_ROWS * n_fewer


def _rows_of_table(pieces: Sequence[_Piece]) -> Iterator[Cell]:
    """Yield the rows of a table: those of one line together, those with broken lines cell by cell."""
    levels = _levels(sorted(pieces, key=lambda piece: -piece.y), _BESIDE)
    rows = _group_broken_lines(levels, _columns(pieces))
    for is_broken, group in groupby(rows, key=lambda row: len(row) > 1):
        if not is_broken:
            yield Cell(tuple(word for row in group for level in row for piece in level for word in piece.words), is_table=True)
            continue
        for row in group:
            for column in _columns([piece for level in row for piece in level]):
                yield Cell(tuple(word for piece in column for word in piece.words))


def _group_broken_lines(levels: Sequence[list[_Piece]], columns: Sequence[list[_Piece]]) -> list[list[list[_Piece]]]:
    """Group the lines of a table's rows. A cell may hold several lines of text, which are nearer to each other than rows."""
    distances = [upper[0].y - lower[0].y for upper, lower in pairwise(levels)]
    narrowest = min(distances, default=0.0)
    single = [[level] for level in levels]
    if narrowest > _WIDE_GAP * levels[0][0].size:
        return single
    is_even = all(distance <= _SAME_ROW * narrowest for distance in distances)
    first = {id(piece) for piece in columns[0]}
    rows = [[levels[0]]]
    for distance, level in zip(distances, levels[1:], strict=True):
        if any(id(piece) in first for piece in level) if is_even else distance > _SAME_ROW * narrowest:
            rows.append([])
        rows[-1].append(level)
    return [part for row in rows for part in ([row] if _is_broken(row) else [[level] for level in row])]


def _is_broken(row: Sequence[list[_Piece]]) -> bool:
    """Tell whether lines are those of broken cells: some go on in small letters."""
    return any(piece.words[0].text[0].islower() for level in row[1:] for piece in level)


def _columns(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Group the pieces of a table's row that stand above each other."""
    columns: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.x):
        if columns and piece.x < max(other.end for other in columns[-1]):
            columns[-1].append(piece)
        else:
            columns.append([piece])
    return [sorted(column, key=lambda piece: -piece.y) for column in columns]
