"""A file's kind is told by its content, then by its name; what nothing reads is refused by what it is."""

from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.sources.formats import parsing
from qa.sources.formats.detection import detect_kind
from qa.types.errors import ArticleUnreadable

TEXT = b"The bridge fell at noon. Nobody was hurt, the mayor of the town said later."
MAIL = b"From: ann@example.org\nSubject: The bridge\n\nIt fell at noon.\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def packed(*names: str, mime: str | None = None) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        if mime:
            archive.writestr("mimetype", mime)
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


WORD = packed("[Content_Types].xml", "word/document.xml")


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        detect_kind(content, name)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (TEXT, "/a.txt", "text"),
        (TEXT, "/a.MD", "Markdown"),
        (TEXT, "/a", "text"),
        (TEXT, "/a.rst", "text"),
        (TEXT, "/a.eml", "mail"),
        (TEXT, "/a.csv", "CSV"),
        (b"{}", "/a.json", "JSON"),
        (b"{}", "/a.jsonl", "JSON Lines"),
        (b"%PDF-1.7\n", "/a.txt", "PDF"),
        (b"junk\r\n%PDF-1.7\n", "/a.pdf", "PDF"),
        (b"{\\rtf1 x}", "/a.doc", "RTF"),
        (WORD, "/a.docx", "Word"),
        (WORD, "/a.txt", "Word"),
        (packed("[Content_Types].xml", "ppt/presentation.xml"), "/a.pptx", "PowerPoint"),
        (packed("content.xml", mime="application/vnd.oasis.opendocument.text"), "/a.odt", "OpenDocument"),
        (packed("META-INF/container.xml", mime="application/epub+zip"), "/a.epub", "EPUB"),
        (packed("META-INF/container.xml"), "/a.epub", "EPUB"),
        (b"<!doctype html><p>x", "/a.txt", "HTML"),
        (packed("[Content_Types].xml", "xl/workbook.xml"), "/a", "Excel"),
        (packed("content.xml", mime="application/vnd.oasis.opendocument.spreadsheet"), "/a", "OpenDocument sheets"),
        (packed("content.xml", mime="application/vnd.oasis.opendocument.presentation"), "/a", "OpenDocument slides"),
        (packed("a.txt"), "/a.docx", "archive"),
        (b"\x1f\x8b\x08", "/a.txt.gz", "archive"),
        (b"\xfd7zXZ\0", "/a", "archive"),
        (bytes(257) + b"ustar\x0000", "/a.tar", "archive"),
        (b"\x89PNG\r\n\x1a\n", "/a.txt", "picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "/a", "picture"),
        (b"<?xml version='1.0'?>\n<FictionBook xmlns='x'>", "/a.xml", "FictionBook"),
        (b"<html><table><tr><td>x", "/a.xls", "HTML"),
        (b"BZh is a name.", "/a.txt", "text"),
        (b"<p>&lt;FictionBook> <FictionBook", "/a.html", "HTML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --> <!-- b -->\n<HTML>", "/a", "HTML"),
        (b"<p>x", "/a.html", "HTML"),
        (b"<!-- x --><p>The bridge", "/a.md", "Markdown"),
        (MAIL, "/a.txt", "mail"),
        (MAIL, "/a", "mail"),
        (b"From ann Mon May  3 10:15:00 2019\n" + MAIL, "/a.txt", "mailbox"),
        (b"From: <Saved by Blink>\nContent-Type: multipart/related\n\n", "/a", "MHTML"),
        (b"From: <Saved by Blink>\nSubject: x\n\n", "/a.mht", "MHTML"),
        (b"BM is the name of the town.", "/a.txt", "text"),
        (b"Rar! said the bird.", "/a.txt", "text"),
    ],
)
def test_the_kind_of_a_file(content: bytes, name: str, kind: str) -> None:
    assert detect_kind(content, name) == kind


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (OLE, "/a.doc", "this is an Office file from before 2007 that is damaged or cut short"),
        (
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "/a.docx",
            "this is an Office file with a password: save it without one",
        ),
        (b"GIF89a", "/a.gif", "this is a picture: save it as PNG"),
        (b"BM\x00\x01", "/a.bmp", "this is a picture: save it as PNG"),
        (b"Rar!\x1a\x07\x01", "/a.txt", "this is an archive: unpack it first"),
        (
            packed("[Content_Types].xml", "xl/workbook.bin"),
            "/a.xlsb",
            "this is a binary Excel workbook: save it as xlsx",
        ),
        (TEXT, "/a.docx", "this is no docx file, whatever its name says, or its beginning is damaged"),
        (TEXT, "/a.pdf", "this is no pdf file, whatever its name says, or its beginning is damaged"),
    ],
)
def test_what_is_no_article_is_refused_by_what_it_is(content: bytes, name: str, reason: str) -> None:
    assert refusal(content, name) == reason


def test_an_unknown_ending_is_refused_with_those_that_are_known() -> None:
    assert refusal(TEXT, "/a.TXT.exe").startswith(".exe files cannot be read; only txt, md, ")


@pytest.mark.parametrize("end", [4, 30, len(WORD) // 2, len(WORD) - 1])
def test_a_zip_file_that_is_cut_short_is_refused(end: int) -> None:
    assert refusal(WORD[:end], "/a.docx").startswith("this is a zip file that is damaged or cut short (")


@given(st.data())
def test_no_damage_to_a_zip_file_is_more_than_a_reason(data: st.DataObject) -> None:
    content = bytearray(packed("[Content_Types].xml", "word/a.xml", mime="application/epub+zip" * 5))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ArticleUnreadable):
        detect_kind(bytes(content), "/a.docx")


@pytest.mark.parametrize(
    "head",
    [b"<!---->" * 500, b"<!-- x --> " * 300 + b"<p>", b"<?xml " * 600, b" " * 4_000, b"From: x\n " * 400, b"X-" + b"-" * 4_000],
)
def test_no_beginning_takes_long_to_look_at(head: bytes) -> None:
    assert detect_kind(head, "/a.txt") in ("text", "mail")  # never ends where what is tried doubles with each comment


@given(st.binary(max_size=300), st.sampled_from(["/a", "/a.txt", "/a.docx", "/a.json", "/a.x", "", ".", "/a.txt/"]))
def test_any_bytes_of_any_name_have_a_kind_or_a_reason(content: bytes, name: str) -> None:
    with suppress(ArticleUnreadable):
        assert detect_kind(content, name) in {*parsing._LOADERS, "archive", "picture", "old Word", "old PowerPoint"}
