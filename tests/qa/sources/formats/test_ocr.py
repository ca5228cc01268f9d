"""Text in pictures: read in order, marked as such wherever it goes, and refused plainly where it cannot be read."""

import json
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from support.office import refusal
from support.pdfs import page as pdf_page
from support.pdfs import pdf as pdf_of

from qa.sources import reading
from qa.sources.formats.limits import LIMITS, OCR_LIMITS
from qa.sources.formats.ocr import recognition as ocr
from qa.sources.formats.ocr.recognition import recognize
from qa.sources.formats.parsing import parse
from qa.sources.formats.recognized import RecognizedLine, RecognizedPage, dump_pages, load_pages, validate_page
from qa.sources.sandbox.parser_pool import ParserPool
from qa.sources.sandbox.validate import validate_draft
from qa.types.articles import Part, Quote, Reference
from qa.types.errors import NeedsOcr, NoArticles
from ui.html.citations import bibtex, citation

INSTALL = "install pullquote[ocr]"


def line(text: str, x: float = 72, y: float = 700, end: float = 500) -> RecognizedLine:
    return RecognizedLine(text, x, y, 10, end)


def pdf(*texts: str) -> bytes:
    return pdf_of(*(pdf_page([text] if text else []) for text in texts))


def picture(*texts: str, kind: str = "PNG", **options: object) -> bytes:
    pages = [Image.new("RGB", (620, 120), "white") for _ in texts]
    for page, text in zip(pages, texts, strict=True):
        ImageDraw.Draw(page).text((20, 40), text, fill="black", font=ImageFont.load_default(24))
    file = BytesIO()
    pages[0].save(file, kind, **({"save_all": True, "append_images": pages[1:]} if len(pages) > 1 else {}), **options)
    return file.getvalue()


def scan(*texts: str) -> bytes:
    return picture(*texts, kind="PDF")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, int, int, int]]]:
    """Put a list of texts and their boxes in the place of the models."""
    texts: list[tuple[str, tuple[int, int, int, int]]] = []

    def read(_: object) -> SimpleNamespace:
        boxes = [[[left, top], [right, top], [right, bottom], [left, bottom]] for _, (left, top, right, bottom) in texts]
        return SimpleNamespace(txts=[text for text, _ in texts], boxes=np.array(boxes, float) if boxes else None)

    monkeypatch.setattr(ocr, "_engine", lambda: read)
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    return texts


def test_a_picture_is_one_article_marked_as_read_by_ocr() -> None:
    pages = [RecognizedPage(0, (line("The gate of the north quay is"), line("red.", y=688)), None)]
    [draft] = parse(picture("x"), "/gate.png", LIMITS, recognized=dump_pages(pages))
    assert draft.text == "The gate of the north quay is red."
    assert draft.parts == (Part(0, len(draft.text), "picture", "OCR"),)
    assert draft.title == "gate"


def test_the_pages_of_a_scan_stand_among_those_with_text_and_are_marked() -> None:
    content = pdf("The board met in May.", "", "It met again in June.")
    pages = [RecognizedPage(1, (line("The gate is red."),), None)]
    [draft] = parse(content, "/a.pdf", LIMITS, recognized=dump_pages(pages))
    assert draft.text == "The board met in May.\n\nThe gate is red.\n\nIt met again in June."
    assert [(part.name, part.read_by) for part in draft.parts] == [("page 1", None), ("page 2", "OCR"), ("page 3", None)]


def test_text_of_the_file_is_never_replaced() -> None:
    pages = [RecognizedPage(0, (line("Something else."),), None)]
    [draft] = parse(pdf("The board met in May."), "/a.pdf", LIMITS, recognized=dump_pages(pages))
    assert (draft.text, draft.parts[0].read_by) == ("The board met in May.", None)


def test_pictures_are_refused_with_what_to_install() -> None:
    assert refusal(lambda: parse(picture("x"), "/a.png", LIMITS)) == f"this is a picture: {INSTALL} to read the text in it"
    assert "pip install 'pullquote[ocr]'" in refusal(lambda: parse(scan("x"), "/a.pdf", LIMITS))


def test_pictures_are_asked_for_where_they_can_be_read() -> None:
    for content in (picture("x"), scan("x"), pdf("The board met in May.", "")):
        with pytest.raises(NeedsOcr):
            parse(content, "/a", LIMITS, recognized="")
    with pytest.raises(NoArticles, match="no text was found in this picture"):
        parse(picture("x"), "/a.png", LIMITS, recognized=dump_pages([RecognizedPage(0, (), None)]))


def test_lines_are_ordered_by_columns(engine: list) -> None:
    engine += [("The harbour news of this spring", (100, 10, 900, 40))]
    engine += [(f"left column line number {n}", (100, 60 + 30 * n, 450, 84 + 30 * n)) for n in range(6)]
    engine += [(f"right column line number {n}", (520, 61 + 30 * n, 900, 85 + 30 * n)) for n in range(6)]
    engine.sort(key=lambda pair: (pair[1][1] // 30, pair[1][0]))
    [page] = recognize(picture("x"), "/a", LIMITS, first="0")
    texts = [each.text for each in page.lines]
    assert texts[0] == "The harbour news of this spring"
    assert texts[1:7] == [f"left column line number {n}" for n in range(6)]
    assert texts[7:] == [f"right column line number {n}" for n in range(6)]


def test_a_table_is_read_by_rows(engine: list) -> None:
    engine += [
        (f"{name} {n}", (left, 30 * n, left + 90, 24 + 30 * n)) for n in range(6) for name, left in (("a", 100), ("b", 400))
    ]
    [page] = recognize(picture("x"), "/a", LIMITS, first="0")
    assert [each.text for each in page.lines][:4] == ["a 0", "b 0", "a 1", "b 1"]


def test_each_page_is_read_by_a_call_of_its_own(engine: list) -> None:
    engine.append(("The gate is red.", (10, 10, 200, 34)))
    content = picture("a", "b", "c", kind="TIFF")
    pages = [recognize(content, "/a", LIMITS, first=str(first))[0] for first in range(3)]
    assert [page.next_index for page in pages] == [1, 2, None]
    [page] = recognize(pdf("The board met.", "", "It met again."), "/a", LIMITS, first="0")
    assert (page.index, page.next_index, page.lines[0].text) == (1, None, "The gate is red.")
    [page] = recognize(pdf("The board met."), "/a", LIMITS, first="0")
    assert (page.lines, page.next_index) == ((), None)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_pictures_of_all_formats_are_drawn_upright_on_white(kind: str, engine: list) -> None:
    engine.append(("The gate is red.", (10, 10, 200, 34)))
    [page] = recognize(picture("x", kind=kind), "/a", LIMITS, first="0")
    assert page.lines == (RecognizedLine("The gate is red.", 3.6, 30.96, 8.64, 72.0),)


def test_damaged_and_huge_pictures_are_refused(engine: list, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (b"\x89PNG\r\n\x1a\n" + bytes(50), picture("x")[:200], picture("x", kind="TIFF")[:100]):
        assert refusal(lambda content=content: recognize(content, "/a", LIMITS, first="0")) == (
            "the picture is damaged or cut short"
        )
    monkeypatch.setattr(ocr, "_MAX_PIXELS", 1_000)
    assert refusal(lambda: recognize(picture("x"), "/a", LIMITS, first="0")).startswith("the picture has more than 0 million")


def test_an_answer_of_a_parser_that_was_taken_over_is_refused() -> None:
    page = {"index": 1, "lines": [{"text": "a", "x": 1, "y": 2, "size": 3, "end": 4}], "next_index": None}
    assert validate_page(page, "/a").lines[0].text == "a"
    bad_lines = [{**page["lines"][0], **changed} for changed in ({"text": 1}, {"text": "\ud800"}, {"x": "a"})]
    for changed in ({"index": -1}, {"index": True}, {"next_index": 1}, *({"lines": [bad]} for bad in bad_lines)):
        with pytest.raises((TypeError, ValueError, AttributeError)):
            validate_page({**page, **changed}, "/a")
    assert load_pages(dump_pages([validate_page(page, "/a")])) == {1: [RecognizedLine("a", 1, 2, 3, 4)]}
    draft = {
        "source": "/a",
        "title": "t",
        "published": None,
        "text": "abc",
        "author": None,
        "site": None,
        "language": None,
        "tags": [],
        "notes": [],
        "set_aside": [],
        "parts": [[0, 3, "page 1", "OCR"]],
        "file_date": None,
        "provenance": {"title": None, "author": None, "published": None},
    }
    assert validate_draft(json.loads(json.dumps(draft)), "/a").parts == (Part(0, 3, "page 1", "OCR"),)


def test_too_many_pages_are_refused(engine: list, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.append(("The gate is red.", (10, 10, 200, 34)))

    class Pool:
        def parse(self, content: bytes, source: str, charset: str | None, recognized: str | None) -> list:
            return parse(content, source, LIMITS, charset, recognized)

        def run(self, function, content, source, validate, **options) -> list:
            return function(content, source, LIMITS, **options)

    monkeypatch.setattr(reading, "ocr_pool", Pool())
    content = picture("a", "b", "c", kind="TIFF")
    [draft] = reading._Reader(Pool(), LIMITS, has_ocr=True).read(content, "/a.tiff")
    assert [(part.name, part.read_by) for part in draft.parts] == [(f"page {n}", "OCR") for n in (1, 2, 3)]
    reason = refusal(
        lambda: list(reading._Reader(Pool(), replace(LIMITS, scanned_pages=2), has_ocr=True).read(content, "/a.tiff"))
    )
    assert reason == "more than 2 pages of it are pictures, which is the limit: split it"


def test_every_citation_says_that_a_quote_was_read_from_a_picture() -> None:
    reference = Reference("0" * 12, "The gate", "/a.png", None, "0" * 64)
    quote = Quote(1, reference, 0, 4, "Red.", 1.0, 0.9, None, part="picture", read_by="OCR")
    assert "read from a picture" in citation(quote)
    assert "read from a picture" in bibtex(quote)
    assert "read from a picture" not in citation(replace(quote, read_by=None))


@pytest.mark.slow
@pytest.mark.skipif(not ocr.is_installed(), reason="the extra ocr is not installed")
def test_a_picture_is_read_in_the_sandbox() -> None:
    with ParserPool(OCR_LIMITS, processes=1, module=ocr.__name__) as pool:
        [page] = pool.run(recognize, picture("The gate of the quay is red."), "/a.png", validate_page, first="0")
    assert [each.text for each in page.lines] == ["The gate of the quay is red."]
