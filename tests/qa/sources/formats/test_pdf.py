"""PDF: a page's lines become paragraphs again, each page a part, and what comes again on every page is no article."""

import io
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, Limits
from qa.sources.formats.pdf.document import load_pdf
from qa.types.errors import ArticleUnreadable

Placed = tuple[float, float, str]  # x and y in points, and what is written there
LINES = [
    "The bridge over the river fell at noon on Friday, exam-",
    "ple of many that winter, and nobody was hurt in it at",
    "all.",
]


def page(lines: Sequence[str], *, top: float = 700, more: Sequence[Placed] = ()) -> bytes:
    placed = [(72.0, top - 14 * number, line) for number, line in enumerate(lines)]
    shown = [f"BT /F 12 Tf {x} {y} Td ({line}) Tj ET" for x, y, line in (*placed, *more)]
    return "\n".join(shown).encode("latin-1")


def pdf(*pages: bytes, info: str = "") -> bytes:
    """A file of pages, their content given, written out by hand."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, content in enumerate(pages):
        resources = "<< /Font << /F 3 0 R >> >>"
        contents = f"{5 + 2 * number} 0 R"
        box = "[0 0 612 792]"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Resources {resources} /Contents {contents} >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects.append(f"<< {info} >>".encode())
    file = io.BytesIO(b"%PDF-1.4\n")
    file.seek(0, io.SEEK_END)
    places = []
    for number, written in enumerate(objects, start=1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, written))
    table = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    file.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    file.write(b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, len(objects)))
    file.write(b"startxref\n%d\n%%%%EOF" % table)
    return file.getvalue()


def load(content: bytes, limits: Limits = LIMITS) -> Draft:
    (draft,) = load_pdf(content, "/The_Bridge.pdf", limits)
    return draft


def refusal(content: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        load(content, limits)
    return str(caught.value)


def test_the_lines_of_a_paragraph_flow_and_a_broken_word_is_whole() -> None:
    draft = load(pdf(page([*LINES, "", "Nobody was hurt."])))
    assert draft.text == (
        "The bridge over the river fell at noon on Friday, example of many that winter, and nobody was hurt in it at all."
        "\n\nNobody was hurt."
    )


def test_a_hyphen_that_belongs_to_the_word_stays() -> None:
    lines = [
        "The well-known bridge over the wide and cold river was a well-",
        "known one, said the man who had once owned the great Anglo-",
        "Saxon mill.",
    ]
    assert load(pdf(page(lines))).text.endswith(
        "was a well-known one, said the man who had once owned the great Anglo-Saxon mill."
    )


def test_pages_are_parts_and_a_sentence_may_cross_from_one_to_the_next() -> None:
    draft = load(pdf(page(LINES[:2]), page(["all, the fire brigade said.", "", "The mill burned too."])))
    assert "nobody was hurt in it at all, the fire brigade said.\n\nThe mill burned too." in draft.text
    first, second = draft.parts
    assert (first.name, second.name, first.start, second.end) == ("page 1", "page 2", 0, len(draft.text))
    assert draft.text[second.start :].startswith("all, the fire brigade")
    assert draft.text[first.start : first.end].endswith("hurt in it at")


def test_headers_and_page_numbers_are_set_aside() -> None:
    texts = ["One fell at noon in the storm.", "Two stood until the evening.", "Three were built anew.", "Four burned."]
    pages = [
        page([text], top=500, more=[(72, 760, "The Mill Gazette"), (300, 30, f"Page {number}")])
        for number, text in enumerate(texts, start=1)
    ]
    draft = load(pdf(*pages))
    aside = [draft.text[place.start : place.end] for place in draft.set_aside]
    assert aside.count("The Mill Gazette") == 4
    assert {place.rule for place in draft.set_aside} == {"page header", "page footer"}
    assert all(text in draft.text and text not in aside for text in texts)


def test_what_the_file_says_of_itself_is_read_unless_it_says_nothing() -> None:
    draft = load(pdf(page(LINES), info="/Title (The wall) /Author (Anna Berg) /CreationDate (D:20190503100000Z)"))
    assert (draft.title, draft.author, draft.published) == ("The wall", "Anna Berg", "2019-05-03")
    assert load(pdf(page(LINES), info="/Title (Microsoft Word - x.doc)")).title == "The Bridge"


def written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


@pytest.mark.parametrize(("password", "opens"), [("", True), ("secret", False)])
def test_a_file_with_a_password_is_read_only_where_it_is_empty(password: str, opens: bool) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(page(LINES)))))
    writer.encrypt(password, "owner", algorithm="AES-256")
    locked = written(writer)
    if opens:
        assert load(locked).text.startswith("The bridge over the river")
    else:
        assert refusal(locked) == "the PDF is locked with a password"


def test_a_scan_is_refused_with_what_to_do() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    assert refusal(written(writer)) == "no text was found in it: it is probably a scan, which needs OCR first"


def test_signs_that_stand_for_no_letters_are_refused() -> None:
    assert "needs OCR" in refusal(pdf(page(["/g01/g02/g03/g04 /g05/g06", r"\(cid:12\)\(cid:13\)"])))


def test_more_pages_than_the_limit_are_refused_with_the_number() -> None:
    assert refusal(pdf(*[page(LINES)] * 3), Limits(pages=2)) == "the PDF has 3 pages; the limit is 2"


@pytest.mark.parametrize("content", [b"%PDF-1.4\n%%EOF", b"%PDF-", pdf(page(LINES))[:300], b"%PDF-1.7\n" + b"\x00" * 5_000])
def test_what_is_cut_short_is_refused_with_a_reason(content: bytes) -> None:
    assert "damaged" in refusal(content) or "no text" in refusal(content)


def test_a_page_tree_that_leads_back_to_itself_ends() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(page(LINES)))))
    root = writer._root_object["/Pages"]
    assert isinstance(root.get_object(), DictionaryObject)
    root.get_object()[NameObject("/Kids")].append(root.indirect_reference or root)  # type: ignore[index]
    root.get_object()[NameObject("/Count")] = NumberObject(2)  # type: ignore[index]
    with suppress(ArticleUnreadable):
        assert load(written(writer)).text.startswith("The bridge")


@given(st.data())
def test_damage_anywhere_is_no_more_than_a_reason(data: st.DataObject) -> None:
    content = bytearray(pdf(page(LINES), page(["Nobody was hurt."])))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ArticleUnreadable):
        draft = load(bytes(content))
        assert all(0 <= part.start < part.end <= len(draft.text) for part in (*draft.parts, *draft.set_aside))
