"""Pages set in columns, as PDFs: drawn column by column, or line by line across the page."""

import re
from collections.abc import Iterator, Sequence
from ctypes import c_float
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

WIDTH, HEIGHT, MARGIN = 595, 842, 56  # points, of A4
_FONTS = {"F": "Times-Roman", "B": "Times-Bold"}
LEADING = 1.2  # of the font size


@dataclass(frozen=True, slots=True)
class Placed:
    """Words on a page."""

    x: float
    y: float
    size: float
    text: str
    font: str = "F"


@dataclass(slots=True)
class Column:
    """A column that is filled from the top down."""

    x: float
    width: float
    top: float
    bottom: float
    y: float = field(init=False)

    def __post_init__(self) -> None:
        self.y = self.top


def width_of(text: str, size: float, font: str = "F") -> float:
    """Return how wide a text is printed, in points."""
    return sum(_letter_width(letter, font) for letter in text) * size


@cache
def _letter_width(letter: str, font: str) -> float:
    from pypdfium2 import PdfDocument, raw

    document = PdfDocument.new()
    loaded = raw.FPDFText_LoadStandardFont(document, _FONTS[font].encode())
    width = c_float()
    raw.FPDFFont_GetGlyphWidth(loaded, ord(letter), 1000, width)
    raw.FPDFFont_Close(loaded)
    return width.value / 1000


def break_lines(text: str, size: float, widths: Iterator[float]) -> Iterator[str]:
    """Break a text into lines, at hyphens and between syllables as well.

    Args:
        widths: of the lines, one after another.
    """
    line, width = "", next(widths)
    for word in text.split(" "):
        rest = word
        while rest:
            begun = f"{line} " if line else ""
            if width_of(begun + rest, size) <= width:
                line, rest = begun + rest, ""
                continue
            breaks = ((head, tail) for head, tail in _breaks(rest) if width_of(begun + head, size) <= width)
            head, rest = next(breaks, ("", rest))
            yield begun + head if head else line or rest
            line, width, rest = "", next(widths), rest if head or line else ""
    if line:
        yield line


def _breaks(word: str) -> Iterator[tuple[str, str]]:
    """Yield what may stand before and after the end of a line, the longest beginning first."""
    if "-" in word:
        yield from ((word[: match.end()], word[match.end() :]) for match in reversed(list(re.finditer(r"-(?=\w)", word))))
        return
    syllable = r"(?<=[a-z][aeiou])(?=[bcdfghklmnprstvw][aeiou][a-z])|(?<=[aeiou][lmnr])(?=[bcdfgkpt][aeiou])"
    for match in reversed(list(re.finditer(syllable, word))):
        head, tail = word[: match.start()], word[match.start() :]
        if len(head) > 1 and len(re.sub(r"\W", "", tail)) > 2 and head.islower():
            yield f"{head}-", tail


def to_pdf(pages: Sequence[Sequence[Placed]], *, across: bool) -> bytes:
    """Draw pages.

    Args:
        across: whether lines are drawn from the top of the page down, those that stand side by side one after another.
            Otherwise words are drawn in the order given.
    """
    writer = PdfWriter()
    fonts = DictionaryObject()
    for name, base in _FONTS.items():
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": f"/{base}", "/Encoding": "/WinAnsiEncoding"}
        fonts[NameObject(f"/{name}")] = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    for page in pages:
        order = sorted(page, key=lambda words: (-words.y, words.x)) if across else page
        sheet = writer.add_blank_page(WIDTH, HEIGHT)
        content = DecodedStreamObject()
        content.set_data("\n".join(map(_draw, order)).encode("cp1252"))
        sheet[NameObject("/Contents")] = writer._add_object(content)
        sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def _draw(words: Placed) -> str:
    escaped = re.sub(r"([\\()])", r"\\\1", words.text)
    return f"BT /{words.font} {words.size} Tf {words.x:.2f} {words.y:.2f} Td ({escaped}) Tj ET"
