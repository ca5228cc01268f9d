"""A page of a PDF drawn as an image, with a quote marked on it."""

from base64 import b64encode
from ctypes import c_int
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from qa.sources.formats.limits import Limits
from qa.sources.formats.pdf.document import open_pdf, page_labels
from qa.sources.formats.pdf.lines import read_lines
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

MAX_WIDTH, MAX_HEIGHT = 1_200, 2_400  # pixels
_YELLOW = (251, 229, 154)  # red, green, blue
_ABOVE, _BELOW = 0.8, 0.2  # the baseline: how far letters reach, as multiples of the font size
_MAX_CHARACTERS = 100_000  # of a page, searched for the quote
_Box = tuple[float, float, float, float]  # left, bottom, right and top in points, before the page is turned


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as it is printed."""

    png: str  # in base64, since the sandbox answers in JSON


def prepare() -> None:
    """Load the libraries that `render` needs."""
    import_module("PIL.PngImagePlugin")
    import_module("pypdfium2")


def render(content: bytes, _: str, limits: Limits, *, page: str, words: str) -> list[PageImage]:
    """Draw a page as one image, no larger than `MAX_WIDTH` by `MAX_HEIGHT`.

    Args:
        content: the PDF.
        limits: its largest number of pages.
        page: the page's name, as the loader gives it: "page iii".
        words: a passage of the page, which is marked if it is found.

    Raises:
        ArticleUnreadable: the file is no PDF that can be drawn, or has no such page.
    """
    from pypdfium2 import PdfiumError

    with open_pdf(content, limits) as document:
        labels = page_labels(document)
        label = page.removeprefix("page ")
        if label not in labels:
            raise ArticleUnreadable(f"the PDF has no {page}")
        try:
            sheet = document[labels.index(label)]
            return [PageImage(b64encode(_encode_png(_draw(sheet, _find(sheet, words)))).decode())]
        except PdfiumError as error:
            raise ArticleUnreadable(f"{page} cannot be drawn ({error})") from error


def _draw(page: "PdfPage", marked: list[_Box]) -> "Image":
    from PIL import ImageChops, ImageDraw

    width, height = page.get_size()
    scale = min(MAX_WIDTH / max(width, 1), MAX_HEIGHT / max(height, 1))
    image: Image = page.render(scale=scale, draw_annots=False).to_pil().convert("RGB")
    image.thumbnail((MAX_WIDTH, MAX_HEIGHT))  # rounding may make it a pixel too large
    if not marked:
        return image
    marker = image.copy()
    marker.paste((255, 255, 255), (0, 0, *marker.size))
    pen = ImageDraw.Draw(marker)
    for x0, y0, x1, y1 in marked:
        corners = _to_pixels(page, image.size, x0, y0), _to_pixels(page, image.size, x1, y1)
        (left, right), (top, bottom) = map(sorted, zip(*corners, strict=True))
        pen.rectangle((left - 2, top - 2, right + 2, bottom + 2), fill=_YELLOW)
    return ImageChops.multiply(image, marker)


def _to_pixels(page: "PdfPage", size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    """Return where a point of a page is in its image, in pixels from the upper left."""
    from pypdfium2.raw import FPDF_PageToDevice

    column, row = c_int(), c_int()
    FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, column, row)
    return column.value, row.value


def _encode_png(image: "Image") -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _find(page: "PdfPage", words: str) -> list[_Box]:
    """Return the boxes of a passage on a page, one for each line. Only its letters and digits are compared."""
    passage = "".join(character for character in words.casefold() if character.isalnum())
    if not passage:
        return []
    text = page.get_textpage()
    printed = text.get_text_range(0, min(text.count_chars(), _MAX_CHARACTERS))
    if len(printed) > text.count_chars():  # characters beyond U+FFFF have two indexes in the one and one in the other
        return []
    letters = [(at, letter) for at, character in enumerate(printed) if character.isalnum() for letter in character.casefold()]
    start = "".join(letter for _, letter in letters).find(passage)
    if start < 0:
        return _find_in_lines(page, passage)
    first, last = letters[start][0], letters[start + len(passage) - 1][0]
    return [text.get_rect(index) for index in range(text.count_rects(first, last - first + 1))]


def _find_in_lines(page: "PdfPage", passage: str) -> list[_Box]:
    """Return the boxes of a passage on a page that the file draws across its columns. Only upright lines are searched."""
    lines = [line for line in read_lines(page) if line.turn == 0 and not line.rule]
    letters = [
        (number, place, letter)
        for number, line in enumerate(lines)
        for place, character in enumerate(line.text)
        if character.isalnum()
        for letter in character.casefold()
    ]
    start = "".join(letter for *_, letter in letters).find(passage)
    boxes = []
    for number, group in groupby(letters[start : start + len(passage)] if start >= 0 else (), key=itemgetter(0)):
        places = [place for _, place, _ in group]
        line = lines[number]
        step = (line.end - line.x) / len(line.text)
        left, right = line.x + places[0] * step, line.x + (places[-1] + 1) * step
        boxes.append((left, line.y - _BELOW * line.size, right, line.y + _ABOVE * line.size))
    return boxes
