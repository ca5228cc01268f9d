"""What of a PDF's page is shown: nothing that stands outside of it, and no letter twice that is printed twice to look bold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import product
from math import hypot, isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PageObject

Matrix = Sequence[float]  # a PDF's six numbers
_AS_IT_IS: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_BELOW, _ABOVE = -0.25, 0.8  # of a letter's height: how far letters reach from the line that they stand on
_SAME_PLACE = 0.1  # of a letter's height; narrow letters side by side are farther from each other
_HEARD = frozenset((b"Tj", b"TJ", b"'", b'"', b"BT", b"Td", b"TD", b"Tm", b"T*", b"Tf", b"q", b"Q", b"Do"))
_PIECES = (str, bytes, int, float)  # of what one operator shows: strings, and how far they stand apart
_ANY_LENGTH = 1e6  # points


def turned_by(*matrices: Matrix) -> Matrix:
    """What some matrices do one after another."""
    return reduce(_product, matrices)


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


@dataclass(slots=True)
class _Form:
    """A page, or a part of one that is drawn as a whole, while it is read."""

    matrix: Matrix  # from its own space to the page's
    resources: Any
    font: tuple[str, float] = ("", 0.0)  # its name and size
    fonts: list[tuple[str, float]] = field(default_factory=list)  # put by
    is_placed: bool = False  # whether the next string begins where the matrices say
    # Place and number of what was printed, by font and string, then by cell of a grid
    printed: dict[Any, dict[tuple[int, int], tuple[float, float, int]]] = field(default_factory=dict)


class Shown:
    """Listens to pypdf while it extracts a page's text, and empties strings that are not shown before they are read.

    Of a string that is printed twice the last one counts: pypdf tells from a string's width whether a space follows.
    """

    def __init__(self, page: "PageObject", hidden: Collection[int] = ()) -> None:
        """Begin with a page.

        Args:
            hidden: numbers of strings, in the order of their drawing, that are not shown.
        """
        self.doubled: set[int] = set()  # the numbers of strings that are printed again at the same place
        self._edges = _edges(page)
        self._hidden = hidden
        self._number = 0
        self._forms = [_Form(_AS_IT_IS, page.get("/Resources"))]
        self._depths: list[int] = []
        self._next: _Form | None = None  # begins with the next operator
        self._emptied: Any = None

    @property
    def matrix(self) -> Matrix:
        """From the space of the form that is read to the page's: pypdf reads each as if it were a page."""
        return self._forms[-1].matrix

    def before(self, operator: bytes, operands: list[Any], outer: Matrix, inner: Matrix) -> None:
        """Take note of an operator that comes, with pypdf's matrices."""
        if self._next:
            self._forms.append(self._next)
            self._next = None
        if operator not in _HEARD:
            return
        form = self._forms[-1]
        if operator in (b"Tj", b"TJ", b"'", b'"'):
            self._number += 1
            if operands and operator in (b"Tj", b"TJ") and self._is_unseen(form, operands[0], outer, inner):
                self._emptied, operands[0] = operands[0], type(operands[0])()
            form.is_placed = False
        elif operator in (b"BT", b"Td", b"TD", b"Tm", b"T*"):
            form.is_placed = True
        elif operator == b"Tf" and len(operands) > 1 and isinstance(operands[1], int | float):
            form.font = (str(operands[0]), float(operands[1]))
        elif operator == b"q":
            form.fonts.append(form.font)
        elif operator == b"Q" and form.fonts:
            form.font = form.fonts.pop()
        elif operator == b"Do" and operands:
            self._depths.append(len(self._forms))
            self._next = _inside(form, operands[0], outer)

    def after(self, operator: bytes, operands: list[Any], *_: Matrix) -> None:
        """Put back what was taken out, since a form may be drawn again elsewhere."""
        if self._emptied is not None:
            operands[0], self._emptied = self._emptied, None
        elif operator == b"Do" and operands and self._depths:
            del self._forms[self._depths.pop() :]
            self._next = None

    def is_outside(self, matrix: Matrix, size: float, length: float = _ANY_LENGTH) -> bool:
        """Whether letters, or letters followed by any others, are wholly beyond an edge of the page.

        Args:
            matrix: from where they begin, to the page.
            size: of the letters, in points of the page.
            length: of all of them, in points of the page.
        """
        if self._edges is None:
            return False
        a, b, c, d, *place = matrix
        (left, right), (bottom, top) = self._edges
        if left < place[0] < right and bottom < place[1] < top:
            return False
        wide, high = hypot(a, b) or 1.0, hypot(c, d) or 1.0
        along, up = (a / wide, b / wide), (c / high, d / high)
        for axis, (low, high) in enumerate(self._edges):
            feet = [place[axis] + size * part * up[axis] for part in (_BELOW, _ABOVE)]
            reach = [*feet, *(foot + length * along[axis] for foot in feet)]
            if min(reach) >= high or max(reach) <= low:
                return True
        return False

    def _is_unseen(self, form: _Form, shown: Any, outer: Matrix, inner: Matrix) -> bool:
        if self._number in self._hidden:
            return True
        if not form.is_placed:
            return False
        matrix = turned_by(inner, outer, form.matrix)
        size = abs(form.font[1]) * hypot(matrix[2], matrix[3])
        if self.is_outside(matrix, size):
            return True
        pieces = shown if isinstance(shown, list) else [shown]
        self._note_double(form, tuple(each for each in pieces if isinstance(each, _PIECES)), matrix, size)
        return False

    def _note_double(self, form: _Form, shown: tuple[Any, ...], matrix: Matrix, size: float) -> None:
        step = _SAME_PLACE * size
        x, y = matrix[4], matrix[5]
        if not step or not isfinite(x / step) or not isfinite(y / step) or not shown:
            return
        across, down = round(x / step), round(y / step)
        printed = form.printed.setdefault((form.font, shown), {})
        around = product((across - 1, across, across + 1), (down - 1, down, down + 1)) if printed else ()
        for cell in around:
            before = printed.get(cell)
            if before and hypot(before[0] - x, before[1] - y) <= step:
                self.doubled.add(before[2])
                del printed[cell]
        printed[across, down] = (x, y, self._number)


class Widths:
    """How wide letters are, by their fonts."""

    def __init__(self) -> None:
        self._fonts: dict[int, tuple[Any, dict[str, float]]] = {}  # with the font itself, or another could get its id

    def of(self, text: str, font: Any) -> float:
        """The width of a text without line ends, as a multiple of the size of its letters."""
        if id(font) not in self._fonts:
            self._fonts[id(font)] = (font, _widths(font))
        widths = self._fonts[id(font)][1]
        usual = widths["default"]
        return sum(widths.get(character, usual) for character in text if character != "\n") / 1000


def _widths(font: Any) -> dict[str, float]:
    """Thousandths of a letter's height, by letter as it is read, and "default" for all others."""
    usual = {"default": 500.0}
    try:
        from pypdf.generic._font import Font

        known = Font.from_font_resource(font)
        codes = known.encoding if isinstance(known.encoding, dict) else {}
        read = {code: codes.get(ord(code), code) for code in known.character_widths if len(code) == 1}
        return usual | {
            str(known.character_map.get(read.get(code, code), read.get(code, code))): float(width)
            for code, width in known.character_widths.items()
        }
    except Exception:  # a font may be damaged in any way, and its text is read all the same
        return usual


def _edges(page: "PageObject") -> tuple[tuple[float, float], tuple[float, float]] | None:
    """From left to right and from bottom to top what of the page is shown; None where it does not say so soundly."""
    boxes = [[float(each) for each in box] for box in (page.mediabox, page.cropbox)]
    (left, right), (bottom, top) = (
        (max(min(box[low], box[low + 2]) for box in boxes), min(max(box[low], box[low + 2]) for box in boxes)) for low in (0, 1)
    )
    return ((left, right), (bottom, top)) if left < right and bottom < top else None


def _inside(form: _Form, name: Any, outer: Matrix) -> _Form | None:
    """The form of a name, if it is one."""
    try:
        found = form.resources["/XObject"][name].get_object()
        matrix = [float(each) for each in found.get("/Matrix", _AS_IT_IS)]
        if len(matrix) != 6:
            return None
        return _Form(turned_by(matrix, outer, form.matrix), found.get("/Resources") or form.resources)
    except Exception:  # whatever is wrong with it, pypdf says so or passes over it
        return None
