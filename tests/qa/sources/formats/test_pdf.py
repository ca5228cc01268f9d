"""PDF files: lines are joined to paragraphs, each page is a part, and repeated headers and footers are set aside."""

import io
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject
from support.pdfs import HELVETICA, LINES, load, page, pdf, refusal, written

from qa.sources.formats.limits import MB, Limits
from qa.sources.sandbox.parser_pool import ParserPool
from qa.types.errors import ArticleUnreadable


def test_the_lines_of_a_paragraph_are_joined_and_so_is_a_broken_word() -> None:
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


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["The county sold its share of the state-", "owned mill to a well-", "meaning weaver near Thorn-", "bury."],
            "state-owned",
        ),
        (
            ["The county sold its share of the state-", "owned mill to a well-", "meaning weaver near Thorn-", "bury."],
            "well-meaning",
        ),
        (["The weir at Thornbury is old. The road to Thorn-", "bury is newer, and so is the mill."], "to Thornbury is"),
        (
            ["The weir is old, and the road in the val-", "ley is newer than the mill be-", "hind it."],
            "the valley is newer than the mill behind it",
        ),
        (["The re-used weir is old, and the mill was re-", "used as well."], "was re-used as"),
        (["Die Brücke stand in der Nähe der alten Bundes-", "straße und wurde nach dem Hochwasser gesperrt."], "Bundesstraße"),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_goes_by_the_words_of_the_document_and_of_english(
    lines: list[str], expected: str
) -> None:
    assert expected in load(pdf(page(lines))).text


def test_a_document_that_breaks_no_words_keeps_its_hyphens() -> None:
    lines = ["The board of the mill re-", "examined the books of the weaver."]
    assert "the mill re-examined the books" in load(pdf(page(lines))).text
    assert "the mill reexamined the books" in load(pdf(page([*lines, "It met in the val-", "ley of the river."]))).text


def test_the_title_that_a_program_puts_in_is_none() -> None:
    for title in ("(anonymous)", "untitled", "(unspecified)"):
        escaped = title.replace("(", r"\(").replace(")", r"\)")
        assert load(pdf(page(LINES), info=f"/Title ({escaped})")).title == "The Bridge"


def test_pages_are_parts_and_a_sentence_may_run_over_a_page() -> None:
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


def test_metadata_is_read_except_a_meaningless_title() -> None:
    draft = load(pdf(page(LINES), info="/Title (The wall) /Author (Anna Berg) /CreationDate (D:20190503100000Z)"))
    assert (draft.title, draft.author, draft.published, draft.file_date) == ("The wall", "Anna Berg", None, "2019-05-03")
    assert load(pdf(page(LINES), info="/Title (Microsoft Word - x.doc)")).title == "The Bridge"


@pytest.mark.parametrize(("password", "opens"), [("", True), ("secret", False)])
def test_an_encrypted_file_is_read_only_if_the_password_is_empty(password: str, opens: bool) -> None:
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
    assert (
        refusal(written(writer))
        == "no text was found in it: it is probably a scan, which `pip install 'pullquote[ocr]'` can read"
    )


def test_a_text_of_glyph_names_is_refused() -> None:
    assert "needs OCR" in refusal(pdf(page(["/g01/g02/g03/g04 /g05/g06", r"\(cid:12\)\(cid:13\)"])))


def test_more_pages_than_the_limit_are_refused_with_the_number() -> None:
    assert refusal(pdf(*[page(LINES)] * 3), Limits(pages=2)) == "the PDF has 3 pages; the limit is 2"


@pytest.mark.parametrize("content", [b"%PDF-1.4\n%%EOF", b"%PDF-", pdf(page(LINES))[:300], b"%PDF-1.7\n" + b"\x00" * 5_000])
def test_a_file_cut_short_is_refused_with_a_reason(content: bytes) -> None:
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
def test_damage_anywhere_ends_as_text_or_a_reason(data: st.DataObject) -> None:
    content = bytearray(pdf(page(LINES), page(["Nobody was hurt."])))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ArticleUnreadable):
        draft = load(bytes(content))
        assert all(0 <= part.start < part.end <= len(draft.text) for part in (*draft.parts, *draft.set_aside))


def in_font(encoding: str, ordering: str) -> str:
    """Return a font whose characters have two bytes each."""
    letters = f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /A /CIDSystemInfo << /Registry (Adobe) /Ordering ({ordering}) "
    letters += "/Supplement 0 >> /FontDescriptor << /Type /FontDescriptor /FontName /A /Flags 4 >> >>"
    return f"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /{encoding} /DescendantFonts [{letters}] >>"


@pytest.mark.parametrize(
    ("encoding", "ordering", "codec", "text"),
    [
        ("KSC-EUC-H", "Korea1", "euc-kr", "김민수 시장은 월요일 새 다리를 개통했다."),
        ("KSCms-UHC-H", "Korea1", "cp949", "건설비는 420억 원이었다."),
        ("EUC-H", "Japan1", "euc-jp", "市長の佐藤健一は月曜日、新しい橋を開通させた。"),
        ("GBK-EUC-H", "GB1", "gbk", "市长星期一开通了新桥。"),
    ],
)
def test_fonts_of_asian_encodings_are_read(encoding: str, ordering: str, codec: str, text: str) -> None:
    shown = f"BT /F 12 Tf 72 700 Td <{text.encode(codec).hex()}> Tj ET"
    assert load(pdf(shown.encode(), font=in_font(encoding, ordering))).text == text


def test_unused_codes_of_winansi_are_bullets() -> None:
    shown = rb"BT /F 12 Tf 72 700 Td (\177 The pier was not inspected.) Tj ET"
    assert load(pdf(shown)).text == "• The pier was not inspected."


@pytest.mark.parametrize("from_left", [True, False])
def test_hebrew_is_in_reading_order_whichever_side_it_is_drawn_from(from_left: bool) -> None:
    words = ["הגשר", "נפל", "בצהריים"]
    letters = sorted(set("".join(words)))
    names = " ".join(f"/uni{ord(letter):04X}" for letter in letters)  # the glyphs of the codes from "A" on
    codes = ["".join(chr(65 + letters.index(letter)) for letter in word) for word in words]
    shown = []
    for place, word in enumerate(codes):
        if from_left:
            shown.append(f"BT /F 12 Tf 1 0 0 1 {400 - 60 * place} 700 Tm ({word[::-1]}) Tj ET")
        else:
            moved = " 700 ".join(f"({code})" for code in word)  # each letter is put before the last one
            shown.append(f"BT /F 12 Tf 1 0 0 1 {430 - 60 * place} 700 Tm [{moved}] TJ ET")
    font = HELVETICA.replace("/WinAnsiEncoding", f"<< /Type /Encoding /Differences [65 {names}] >>")
    assert load(pdf("\n".join(shown).encode(), font=font)).text == " ".join(words)


@pytest.mark.slow
def test_a_page_that_unpacks_to_more_than_the_memory_limit_is_refused() -> None:
    packed = zlib.compressobj(1)
    spaces = b"".join(packed.compress(b" " * 2**20) for _ in range(150)) + packed.flush()
    content = pdf(spaces).replace(b"<< /Length %d >>" % len(spaces), b"<< /Length %d /Filter /FlateDecode >>" % len(spaces))
    with ParserPool(Limits(memory_bytes=100 * MB)) as pool, pytest.raises(ArticleUnreadable):
        pool.parse(content, "/bomb.pdf")
