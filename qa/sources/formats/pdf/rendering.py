"""A page of a PDF as a picture, some of its words marked: what is printed, beside what was read of it."""

from base64 import b64encode
from ctypes import c_int
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING

from qa.sources.formats.limits import Limits
from qa.sources.formats.pdf.document import open_pdf, page_labels
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

WIDEST, HIGHEST = 1_200, 2_400  # pixels
_MARK = (251, 229, 154)  # red, green, blue: a marker's yellow
_MOST_CHARACTERS = 100_000  # of a page, looked at for the words
Box = tuple[float, float, float, float]  # left, bottom, right and top, in points, before the page is turned


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as it is printed."""

    png: str  # in base64


def prepare() -> None:
    """Load what `read` needs."""
    import_module("PIL.PngImagePlugin")
    import_module("pypdfium2")


def read(content: bytes, _: str, limits: Limits, *, page: str, words: str) -> list[Picture]:
    """The one picture of a page, no larger than `WIDEST` by `HIGHEST`.

    Args:
        page: as the loader named it: "page iii".
        words: of the page, to be marked where they are found as they stand.

    Raises:
        ArticleUnreadable: it is no PDF that can be drawn, or has no such page.
    """
    from pypdfium2 import PdfiumError

    with open_pdf(content, limits) as document:
        labels = page_labels(document)
        label = page.removeprefix("page ")
        if label not in labels:
            raise ArticleUnreadable(f"the PDF has no {page}")
        try:
            sheet = document[labels.index(label)]
            return [Picture(b64encode(_png(_drawn(sheet, _boxes(sheet, words)))).decode())]
        except PdfiumError as error:
            raise ArticleUnreadable(f"{page} cannot be drawn ({error})") from error


def _drawn(page: "PdfPage", boxes: list[Box]) -> "Image":
    from PIL import ImageChops, ImageDraw

    width, height = page.get_size()
    scale = min(WIDEST / max(width, 1), HIGHEST / max(height, 1))
    picture: Image = page.render(scale=scale, draw_annots=False).to_pil().convert("RGB")
    picture.thumbnail((WIDEST, HIGHEST))  # by a pixel too much at most
    if not boxes:
        return picture
    marker = picture.copy()
    marker.paste((255, 255, 255), (0, 0, *marker.size))
    pen = ImageDraw.Draw(marker)
    for x0, y0, x1, y1 in boxes:
        (left, right), (top, bottom) = map(sorted, zip(*_shown(page, picture.size, (x0, y0), (x1, y1)), strict=True))
        pen.rectangle((left - 2, top - 2, right + 2, bottom + 2), fill=_MARK)
    return ImageChops.multiply(picture, marker)


def _shown(page: "PdfPage", size: tuple[int, int], *places: tuple[float, float]) -> list[tuple[int, int]]:
    """Where places of a page are in its picture: in pixels from the upper left, the page turned and cropped as it says."""
    from pypdfium2.raw import FPDF_PageToDevice

    found = []
    for x, y in places:
        across, down = c_int(), c_int()
        FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        found.append((across.value, down.value))
    return found


def _png(picture: "Image") -> bytes:
    written = BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def _boxes(page: "PdfPage", words: str) -> list[Box]:
    """The boxes of words on a page, a line each; white space, hyphens and the like may differ from what was read."""
    wanted = "".join(character for character in words.casefold() if character.isalnum())
    if not wanted:
        return []
    text = page.get_textpage()
    shown = text.get_text_range(0, min(text.count_chars(), _MOST_CHARACTERS))
    if len(shown) > text.count_chars():  # characters beyond the first plane take two places in one and one in the other
        return []
    letters = [(at, letter) for at, character in enumerate(shown) if character.isalnum() for letter in character.casefold()]
    found = "".join(letter for _, letter in letters).find(wanted)
    if found < 0:
        return []
    first, last = letters[found][0], letters[found + len(wanted) - 1][0]
    return [text.get_rect(index) for index in range(text.count_rects(first, last - first + 1))]
