"""A page of a PDF is drawn as it is printed, with the quote marked, as long as its file has not changed."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from support.pdfs import TWO, in_columns, page, pdf

from qa import Assistant
from qa.answer.page_image import draw, draw_page, pages_of
from qa.sources.sandbox.validate import validate_png
from qa.types.articles import Part, Span
from qa.types.errors import ArticleUnreadable, NotPrinted

YELLOW = (251, 229, 154)


def colours(png: bytes) -> dict[tuple[int, int, int], int]:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return {colour: count for count, colour in image.getcolors(1 << 24) or ()}  # type: ignore[misc]


def box_of(png: bytes, *, marked: bool) -> tuple[int, int, int, int]:
    """Return the first column and row, and the last ones, with a marker's yellow, or else with ink."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    rows, columns = np.nonzero((pixels == YELLOW).all(axis=2) if marked else pixels.sum(axis=2) < 300)
    return columns.min(), rows.min(), columns.max(), rows.max()


def test_a_page_is_drawn_in_ink_on_white_at_the_largest_width() -> None:
    png = draw(TWO, "page 1", "")
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.width, image.height) == ("PNG", 1200, round(1200 * 792 / 612))
    counts = colours(png)
    assert counts[255, 255, 255] > 0.9 * image.width * image.height
    assert any(sum(colour) < 150 for colour in counts)
    assert YELLOW not in counts


def test_a_passage_is_marked_over_the_end_of_a_line() -> None:
    png = draw(TWO, "page 1", "fell at noon on Friday, example of many")
    _, top, _, bottom = box_of(png, marked=True)
    height = Image.open(io.BytesIO(png)).height
    assert (1 - (700 + 14) / 792) < top / height < bottom / height < (1 - (700 - 2 * 14) / 792)
    assert YELLOW not in colours(draw(TWO, "page 1", "no such words here"))


def test_a_passage_is_marked_in_its_column_where_the_file_draws_across() -> None:
    left = ["The Kelder mill was sold in 1911 to", "a family of weavers, who put in two", "turbines and a loom of 80 spindles."]
    right = [
        "A school stands on the meadow now,",
        "and the loom is shown in its hall to",
        "visitors who ask for the caretaker.",
    ]
    png = draw(
        pdf(in_columns(left, right, across=True, width=200)), "page 1", "family of weavers, who put in two turbines and a loom"
    )
    first, top, last, bottom = box_of(png, marked=True)
    image = Image.open(io.BytesIO(png))
    assert last / image.width < 240 / 612
    assert first / image.width > 35 / 612
    assert 1 - 700 / 792 < top / image.height < bottom / image.height < 1 - 670 / 792


def turned(content: bytes, by: int, box: tuple[int, int, int, int]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(content))))
    writer.pages[0].rotate(by)
    writer.pages[0].cropbox = RectangleObject(box)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


MARKED = "Nobody was hurt"
OTHERS = [f"This is another line that is printed as number {number}." for number in range(1, 9)]
UPRIGHT = {0: "1 0 0 1 200 400", 90: "0 1 -1 0 250 300", 180: "-1 0 0 -1 350 400", 270: "0 -1 1 0 350 500"}  # once turned


@pytest.mark.slow
@pytest.mark.parametrize("by", [0, 90, 180, 270])
@pytest.mark.parametrize("upright", [True, False])
@pytest.mark.parametrize("box", [(0, 0, 612, 792), (30, 50, 600, 700), (-40, -60, 900, 1000)])
def test_a_passage_is_marked_on_a_page_that_is_turned_or_cropped(
    by: int, upright: bool, box: tuple[int, int, int, int]
) -> None:
    words = f"BT /F 12 Tf {UPRIGHT[by if upright else 0]} Tm ({MARKED}) Tj ET".encode()
    ink = box_of(draw(turned(words, by, box), "page 1", ""), marked=False)
    mark = box_of(draw(turned(page(OTHERS) + b"\n" + words, by, box), "page 1", MARKED), marked=True)
    assert mark[0] <= ink[0]
    assert mark[1] <= ink[1]
    assert mark[2] >= ink[2]
    assert mark[3] >= ink[3]
    assert all(abs(edge - inked) < 12 for edge, inked in zip(mark, ink, strict=True))  # pixels; a line is 15 or more


def test_a_page_is_found_by_its_label() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(TWO)))
    writer.set_page_label(0, 1, style="/r", start=3)
    file = io.BytesIO()
    writer.write(file)
    assert draw(file.getvalue(), "page iv", "") == draw(TWO, "page 2", "")
    with pytest.raises(ArticleUnreadable, match="the PDF has no page 2"):
        draw(file.getvalue(), "page 2", "")


@pytest.mark.parametrize("content", [b"%PDF-1.4 nothing", b"", TWO[:700]])
def test_a_file_that_is_no_pdf_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(ArticleUnreadable):
        draw(content, "page 1", "")


@pytest.mark.parametrize("box", ["0 0 1 1", "0 0 14400 14400", "0 0 3 14400", "0 0 14400 3", "0 0 0 0", "-100 -100 512 692"])
def test_a_page_of_any_size_is_an_image_within_the_limits_or_refused(box: str) -> None:
    try:
        png = draw(TWO.replace(b"0 0 612 792", box.encode()), "page 1", "bridge")
    except ArticleUnreadable:
        return
    image = Image.open(io.BytesIO(png))
    assert image.width <= 1_200
    assert image.height <= 2_400


@pytest.mark.parametrize("given", ["", "bm8gUE5H", "<script>", "iVBORw0KGgoAAAANSUhEUgAAB9AAAAfQ"])
def test_an_answer_that_is_no_image_is_rejected(given: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        validate_png({"png": given}, "page 1")


@pytest.fixture
def added(assistant: Assistant, tmp_path: Path) -> Path:
    file = tmp_path / "river.pdf"
    file.write_bytes(TWO)
    assert not assistant.add(file).failed
    return file


def test_the_page_of_a_quote_is_drawn_from_the_file_it_was_read_from(assistant: Assistant, added: Path) -> None:
    article = assistant.article(assistant.articles()[0].id)
    first, second = pages_of(article)
    assert (first.name, second.name) == ("page 1", "page 2")
    start = article.text.index("river rose")
    png = draw_page(assistant.library, article, second, Span(start, start + len("river rose")))
    assert YELLOW in colours(png)
    assert YELLOW not in colours(draw_page(assistant.library, article, first, Span(start, start + 5)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.write_bytes(TWO.replace(b"Friday", b"Monday")), "has changed since"),
        (lambda file: file.unlink(), "cannot be read"),
        (lambda file: (file.unlink(), file.mkdir()), "not a regular file"),
    ],
)
def test_a_changed_or_missing_file_is_not_drawn(
    assistant: Assistant, added: Path, change: Callable[[Path], object], said: str
) -> None:
    article = assistant.article(assistant.articles()[0].id)
    change(added)
    with pytest.raises(NotPrinted, match=said):
        draw_page(assistant.library, article, pages_of(article)[0])


def test_an_earlier_version_has_no_page_image(assistant: Assistant, added: Path) -> None:
    article = assistant.article(assistant.articles()[0].id)
    added.write_bytes(TWO.replace(b"Friday", b"Monday"))
    assert assistant.add(added).updated
    with pytest.raises(NotPrinted, match="has changed since"):
        draw_page(assistant.library, article, pages_of(article)[0])


def test_only_a_pdf_has_pages_to_be_drawn(assistant: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "river.txt"
    file.write_text("The river rose again on Friday, which surprised nobody.")
    assistant.add(file)
    article = assistant.article(assistant.articles()[0].id)
    assert pages_of(article) == ()
    with pytest.raises(NotPrinted):
        draw_page(assistant.library, article, Part(0, 5, "page 1"))
