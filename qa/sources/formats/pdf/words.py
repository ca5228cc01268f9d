"""The words of a PDF page, from PDFium's characters and the places where they are printed."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from ctypes import addressof, byref, c_double, create_string_buffer
from itertools import groupby, pairwise, product
from math import atan2, degrees, hypot, isfinite
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

_UNKNOWN = "\ufffd"
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_NEVER_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufeff]")
_RIGHT_TO_LEFT, _MARK = ("R", "AL"), "NSM"  # bidirectional classes: Hebrew and Arabic letters, combining marks
_BOLD = 600  # weight of a font; regular ones have 400
_BOLD_NAME = re.compile(rb"bold|black|heavy", re.I)
_LONGEST_NAME = 100  # of a font, in bytes
# Distances, as multiples of the font size
_SAME_BASELINE = 0.2
_SCRIPT = 0.55  # between the baselines of a text and its subscripts and superscripts
_SPACE = 0.2  # between two runs of a line, from which on their words are apart
_OVERLAP = 0.5  # by which a script may begin before its text ends
_SAME_PLACE = 0.1  # between two copies of a character; narrow letters side by side are farther apart


class Word(NamedTuple):
    """A word, or a piece of one that a text object prints."""

    text: str
    x: float  # where it begins along the writing direction, in points
    end: float  # where it ends along the writing direction, in points
    y: float  # its baseline across the writing direction, in points; larger is higher
    size: float  # font size in points
    is_apart: bool = False  # whether there is white space before it
    is_bold: bool = False


class Row(NamedTuple):
    """Words that a page prints one after another on a baseline."""

    words: tuple[Word, ...]
    turn: int  # writing direction in degrees, counterclockwise


class _Run(NamedTuple):
    """The words of one text object."""

    words: tuple[Word, ...]
    turn: int
    ends_apart: bool  # whether white space follows
    is_right_to_left: bool

    @property
    def x(self) -> float:
        return min(word.x for word in self.words)

    @property
    def end(self) -> float:
        return max(word.end for word in self.words)

    @property
    def y(self) -> float:
        return self.words[0].y

    @property
    def size(self) -> float:
        return self.words[0].size


class _Character(NamedTuple):
    """A character as PDFium lists it."""

    text: str  # several letters for a ligature
    place: int  # in PDFium's list
    x: float  # its origin, in points of the page
    y: float
    owner: int  # address of its text object


_Box = tuple[float, float, float, float]  # left, bottom, right and top, in points
_Printed = dict[tuple[str, int, int], _Character]


def read_rows(page: "PdfPage") -> list[Row]:
    """Return the words that a page shows, as rows in the order in which they are drawn.

    Text outside the page is left out. A character that is printed twice at the same place, to look bold or as a shadow, is
    read once. U+FFFD stands for one whose font gives no Unicode.
    """
    rows: list[list[_Run]] = []
    for run in _runs(page):
        if rows and _continues(rows[-1][-1], run):
            rows[-1].append(run)
        else:
            rows.append([run])
    return [_row(runs) for runs in rows]


def clean(text: str) -> str:
    """Spell out ligatures and remove what is never text, such as control characters."""
    return _NEVER_TEXT.sub("", text.translate(_LIGATURES))


def _runs(page: "PdfPage") -> list[_Run]:
    from pypdfium2.raw import FPDF_PAGEOBJ_TEXT

    characters = page.get_textpage()
    bounds = page.get_bbox()
    printed: _Printed = {}
    runs = []
    for owner, group in groupby(_in_order(_characters(characters)), key=lambda character: character.owner):
        if run := _run(characters, list(group), bounds, printed):
            runs.append((owner, run))
    if not any(run.is_right_to_left for _, run in runs):  # PDFium knows how to order those, but not turned pages
        drawn = page.get_objects(filter=(FPDF_PAGEOBJ_TEXT,))
        order = {addressof(item.raw.contents): number for number, item in enumerate(drawn)}
        runs.sort(key=lambda pair: order.get(pair[0], 0))
    return [run for _, run in runs]


def _characters(page: "PdfTextPage") -> Iterator[_Character]:
    from pypdfium2 import raw

    x, y = c_double(), c_double()
    owner = 0
    for index in range(page.count_chars()):
        code = raw.FPDFText_GetUnicode(page, index)
        if raw.FPDFText_IsGenerated(page, index) == 1:  # not printed: a space between words, or a line end
            if code == 0x20:
                yield _Character(" ", index, x.value, y.value, owner)
            continue
        raw.FPDFText_GetCharOrigin(page, index, byref(x), byref(y))
        text_object = raw.FPDFText_GetTextObject(page, index)
        owner = addressof(text_object.contents) if text_object else 0
        if raw.FPDFText_IsHyphen(page, index) == 1:  # at a line's end; its code is that of a control character
            text = "-"
        elif raw.FPDFText_HasUnicodeMapError(page, index) == 1:
            text = _UNKNOWN
        else:
            text = clean(chr(code))
        if text:
            yield _Character(text, index, x.value, y.value, owner)


def _in_order(characters: Iterator[_Character]) -> Iterator[_Character]:
    """Put the letters of right-to-left words in order: PDFium reverses those too that a file draws from the right."""
    classes = (*_RIGHT_TO_LEFT, _MARK)
    for _, group in groupby(characters, key=lambda one: unicodedata.bidirectional(one.text[0]) in classes):
        word = list(group)
        is_reversed = word[0].x <= word[-1].x and is_right_to_left("".join(one.text for one in word))
        yield from reversed(word) if is_reversed else word


def _run(
    page: "PdfTextPage",
    characters: Sequence[_Character],
    bounds: _Box,
    printed: _Printed,
) -> _Run | None:
    """Return the characters of one text object as a run, or None if nothing of it shows.

    Args:
        page: the page's characters.
        characters: those of the text object.
        bounds: the page's left, bottom, right and top edge in points.
        printed: the characters on the page so far, by their cells of a grid. Added to.
    """
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(page, characters[0].place, byref(matrix))
    wide, high = hypot(matrix.a, matrix.b) or 1.0, hypot(matrix.c, matrix.d) or 1.0
    size = abs(raw.FPDFText_GetFontSize(page, characters[0].place)) * high
    characters = [one for one in characters if one.text.isspace() or _is_new(one, size, printed)]
    visible = [one for one in characters if not one.text.isspace()]
    if not visible:
        return None
    outer = (visible[0], visible[-1])
    if _is_outside([page.get_charbox(one.place) for one in outer], bounds):
        return None

    def along(x: float, y: float) -> float:
        return float(x * matrix.a + y * matrix.b) / wide

    is_bold = _is_bold(page, visible[0].place)
    words: list[Word] = []
    for is_space, group in groupby(characters, key=lambda one: one.text.isspace()):
        letters = list(group)
        if is_space:
            continue
        outer = (letters[0], letters[-1])
        advances = [page.get_charbox(one.place, loose=True) for one in outer]  # as wide as the font says
        ends = [along(x, y) for left, bottom, right, top in advances for x, y in ((left, bottom), (right, top))]
        start = min(along(one.x, one.y) for one in outer)
        y = (letters[0].x * matrix.c + letters[0].y * matrix.d) / high
        is_apart = bool(words) or characters[0].text.isspace()
        words.append(Word("".join(one.text for one in letters), start, max(ends), y, size, is_apart, is_bold))
    turn = round(degrees(atan2(matrix.b, matrix.a)))
    is_reversed = any(is_right_to_left(word.text) for word in words)
    return _Run(tuple(words), turn, characters[-1].text.isspace(), is_reversed)


def _is_bold(page: "PdfTextPage", place: int) -> bool:
    """Tell whether a character's font is bold by its weight or its name."""
    from pypdfium2 import raw

    name = create_string_buffer(_LONGEST_NAME)
    raw.FPDFText_GetFontInfo(page, place, name, _LONGEST_NAME, None)
    return raw.FPDFText_GetFontWeight(page, place) >= _BOLD or bool(_BOLD_NAME.search(name.value))


def _is_new(character: _Character, size: float, printed: _Printed) -> bool:
    """Tell whether no other text object has printed the character at this place; take note of it if so."""
    step = _SAME_PLACE * size
    if not step or not isfinite(character.x / step) or not isfinite(character.y / step):
        return True
    column, row = round(character.x / step), round(character.y / step)
    for right, up in product((-1, 0, 1), repeat=2):
        other = printed.get((character.text, column + right, row + up))
        if other and other.owner != character.owner and hypot(other.x - character.x, other.y - character.y) <= step:
            return False
    printed[character.text, column, row] = character
    return True


def _is_outside(boxes: Sequence[_Box], bounds: _Box) -> bool:
    """Tell whether boxes are all beyond the same edge of the page; never, if the page's own box is empty."""
    left, bottom, right, top = bounds
    if left >= right or bottom >= top:
        return False
    return (
        all(box[2] <= left for box in boxes)
        or all(box[3] <= bottom for box in boxes)
        or all(box[0] >= right for box in boxes)
        or all(box[1] >= top for box in boxes)
    )


def is_right_to_left(text: str) -> bool:
    """Tell whether a text has Hebrew or Arabic letters."""
    return not text.isascii() and any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)


def _continues(run: _Run, other: _Run) -> bool:
    """Tell whether another run goes on with the row of a run, as a subscript or superscript perhaps."""
    size = max(run.size, other.size)
    if run.turn != other.turn or abs(run.y - other.y) >= _SCRIPT * size:
        return False
    same_baseline = abs(run.y - other.y) < _SAME_BASELINE * size
    is_after = other.x > (run.x if same_baseline else run.end - _OVERLAP * size)
    return is_after or run.is_right_to_left or other.is_right_to_left


def _are_apart(run: _Run, other: _Run) -> bool:
    is_gap = max(other.x - run.end, run.x - other.end) > _SPACE * max(run.size, other.size)
    return is_gap or run.ends_apart or other.words[0].is_apart


def _row(runs: Sequence[_Run]) -> Row:
    words = list(runs[0].words)
    for last, run in pairwise(runs):
        words += [run.words[0]._replace(is_apart=_are_apart(last, run)), *run.words[1:]]
    return Row(tuple(words), runs[0].turn)
