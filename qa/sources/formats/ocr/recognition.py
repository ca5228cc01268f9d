"""Optical character recognition (OCR): the lines of text in a picture, or on the pages of a PDF that hold none.

RapidOCR reads them, the extra `pullquote[ocr]`, whose package carries its models. It runs in a sandboxed process of its own,
one page at each call. What it reads is marked wherever it is shown, and never counts as exact.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from qa.sources.formats.limits import Limits
from qa.sources.formats.pdf.document import open_pdf
from qa.sources.formats.recognized import RecognizedLine, RecognizedPage
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from PIL.Image import Image

_DPI = 200
_MAX_PIXELS, _MAX_SIDE = 100_000_000, 3_000  # of a picture as it comes, and as it is read
_MIN_SCORE = 0.6  # how sure it must be of a line, 0 to 1
_SAME_SIZE = 0.3  # share by which the heights of two lines in one font may differ
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP")
_MIN_ROWS, _MIN_LETTERS = 5, 18  # of two columns: lines side by side, and their median length


@cache
def is_installed() -> bool:
    """Tell whether the libraries that read pictures are installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def prepare() -> None:
    """Load the models before the process is confined."""
    _engine()


def recognize(content: bytes, _: str, limits: Limits, *, first: str) -> list[RecognizedPage]:
    """Return the lines of a picture, or of the first page of a PDF that holds no text, from a page on.

    Raises:
        ArticleUnreadable: the file is damaged, or too large.
    """
    pages = _pages_of_pdf(content, limits) if b"%PDF-" in content[:1_024] else _pages_of_picture(content, limits)
    waiting = [index for index in pages.indexes if index >= int(first)]
    if not waiting:
        return [RecognizedPage(int(first), (), None)]
    index = waiting[0]
    lines = _order(_read(*pages.draw(index)))
    return [RecognizedPage(index, tuple(lines), waiting[1] if len(waiting) > 1 else None)]


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of a file that are pictures, and how to draw one: as an image, with its size of a pixel in points."""

    indexes: list[int]
    draw: Any


def _pages_of_pdf(content: bytes, limits: Limits) -> _Pages:
    with open_pdf(content, limits) as document:
        indexes = [
            index
            for index in range(len(document))
            if not any(character.isalnum() for character in document[index].get_textpage().get_text_bounded())
        ]

    def draw(index: int) -> "tuple[Image, float]":
        with open_pdf(content, limits) as document:
            page = document[index]
            scale = min(_DPI / 72, _MAX_SIDE / max(*page.get_size(), 1))
            return page.render(scale=scale).to_pil().convert("RGB"), 1 / scale

    return _Pages(indexes, draw)


def _pages_of_picture(content: bytes, limits: Limits) -> _Pages:
    from PIL import Image as Images
    from PIL import ImageOps

    try:
        picture = Images.open(BytesIO(content), formats=_FORMATS)
        n_pages = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
    except Exception as error:  # damaged in any way
        raise ArticleUnreadable("the picture is damaged or cut short") from error
    if n_pages > limits.pages:
        raise ArticleUnreadable(f"the picture has {n_pages:,} pages; the limit is {limits.pages:,}")

    def draw(index: int) -> "tuple[Image, float]":
        try:
            picture.seek(index)
            if picture.width * picture.height > _MAX_PIXELS:
                raise ArticleUnreadable(
                    f"the picture has more than {_MAX_PIXELS // 1_000_000} million pixels, which is the limit"
                )
            drawn = ImageOps.exif_transpose(picture).convert("RGBA")
        except ArticleUnreadable:
            raise
        except Exception as error:  # damaged in any way
            raise ArticleUnreadable("the picture is damaged or cut short") from error
        paper = Images.new("RGB", drawn.size, "white")
        paper.paste(drawn, mask=drawn)
        scale = min(1.0, _MAX_SIDE / max(paper.size))
        if scale < 1:
            paper = paper.resize((max(1, round(paper.width * scale)), max(1, round(paper.height * scale))))
        return paper, 72 / _DPI

    return _Pages(list(range(n_pages)), draw)


@cache
def _engine() -> Any:
    """Load the models once, for one thread: a confined process may start no others."""
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": _MAX_SIDE,
            "Global.text_score": _MIN_SCORE,
            "Global.use_cls": False,  # it takes lines of letters without stems for turned ones
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _read(image: "Image", unit: float) -> list[RecognizedLine]:
    """Return the lines of an image.

    Args:
        unit: the size of a pixel in points.
    """
    import numpy as np

    result = _engine()(np.asarray(image)[:, :, ::-1])  # blue comes first
    lines = []
    for box, text in zip(result.boxes if result.boxes is not None else (), result.txts or (), strict=True):
        left, top, right, bottom = box[:, 0].min(), box[:, 1].min(), box[:, 0].max(), box[:, 1].max()
        if text.strip():
            place = (left, image.height - bottom, bottom - top, right)
            lines.append(RecognizedLine(" ".join(text.split()), *(round(float(value) * unit, 2) for value in place)))
    return _even_out(lines)


def _even_out(lines: list[RecognizedLine]) -> list[RecognizedLine]:
    """Give lines of about the usual height that height, which depends on their letters: else each would be another font."""
    usual = median(line.size for line in lines) if lines else 0
    return [
        RecognizedLine(
            line.text, line.x, line.y, usual if abs(line.size - usual) <= _SAME_SIZE * usual else line.size, line.end
        )
        for line in lines
    ]


def _order(lines: list[RecognizedLine]) -> list[RecognizedLine]:
    """Put lines in reading order: from the top down, column by column, with lines across columns where they stand."""
    rows = _rows(lines)
    gutter = _gutter(rows)
    if gutter is None:
        return [line for row in rows for line in row]
    ordered: list[RecognizedLine] = []
    left: list[RecognizedLine] = []
    right: list[RecognizedLine] = []
    for line in (line for row in rows for line in row):
        if line.x < gutter < line.end:
            ordered += [*_order(left), *_order(right), line]
            left, right = [], []
        else:
            (left if line.end <= gutter else right).append(line)
    return [*ordered, *_order(left), *_order(right)]


def _rows(lines: list[RecognizedLine]) -> list[list[RecognizedLine]]:
    """Group lines that stand side by side, from the top down and from the left."""
    rows: list[list[RecognizedLine]] = []
    for line in sorted(lines, key=lambda line: -line.y):
        if rows and abs(rows[-1][0].y - line.y) <= 0.5 * max(rows[-1][0].size, line.size):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.x) for row in rows]


def _gutter(rows: list[list[RecognizedLine]]) -> float | None:
    """Return where a column of text ends and the next begins, or None. Short texts side by side are a table, read by rows."""
    gaps = [(a, b) for row in rows for a, b in pairwise(row) if b.x > a.end]
    if len(gaps) < _MIN_ROWS or median(min(len(a.text), len(b.text)) for a, b in gaps) < _MIN_LETTERS:
        return None
    middle = median((a.end + b.x) / 2 for a, b in gaps)
    n_around = sum(a.end <= middle <= b.x for a, b in gaps)
    n_across = sum(line.x < middle < line.end for row in rows for line in row)
    return middle if n_around >= _MIN_ROWS and n_around > n_across else None
