"""The second extraction reads files of every format by itself, and words that either lacks are counted and named."""

from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from odf import opendocument
from odf.text import P
from pptx import Presentation
from support.epubs import book
from support.pdfs import LINES, page, pdf

from benchmarks.second_opinion import Compared, compare, main, shares, words
from qa.types.errors import ArticleUnreadable

SAID = "The bridge over the river fell at noon. Nobody was hurt, said Mayor Brännström."


def _docx() -> bytes:
    document, file = Document(), BytesIO()
    document.add_paragraph(SAID)
    document.add_table(1, 2).cell(0, 1).text = "Cells hold words too."
    document.save(file)
    return file.getvalue()


def _pptx() -> bytes:
    presentation, file = Presentation(), BytesIO()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "The fall of the bridge", SAID
    slide.notes_slide.notes_text_frame.text = "Pause here."
    presentation.save(file)
    return file.getvalue()


def _odt() -> bytes:
    document, file = opendocument.OpenDocumentText(), BytesIO()
    for text in (SAID, "The ferry sails at six."):
        document.text.addElement(P(text=text))
    document.write(file)
    return file.getvalue()


def _eml(html: str = f"<p>{SAID}</p><script>never()</script>") -> bytes:
    head = "From: a@example.org\nTo: b@example.org\nSubject: Bridge\nMIME-Version: 1.0\n"
    return f"{head}Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{html}\n".encode()


FILES = {
    "a.docx": _docx,
    "a.pptx": _pptx,
    "a.odt": _odt,
    "a.epub": lambda: book({"one.xhtml": f"<html><body><p>{SAID}</p><p>The <b>f</b>erry sails.</p></body></html>"}),
    "a.pdf": lambda: pdf(page(LINES), page(["The ferry sails at six in the morning."])),
    "a.eml": _eml,
}


@pytest.mark.parametrize("name", FILES)
def test_both_extractions_read_the_same_words_of_a_plain_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name]())
    compared = compare(tmp_path / name)
    assert compared.ours == compared.other
    assert compared.other["bridge"] >= 1
    assert shares([compared]) == (1.0, 1.0)


def test_a_mail_in_utf_16_is_decoded_before_it_is_taken_apart(tmp_path: Path) -> None:
    (tmp_path / "wide.eml").write_bytes(_eml().decode().encode("utf-16-le"))
    assert compare(tmp_path / "wide.eml").other == words(SAID)


def test_shares_count_each_word_as_often_as_it_occurs() -> None:
    compared = [Compared("a", words("one two two"), words("ONE two three")), Compared("b", words("four"), words("four five"))]
    assert compared[0].missing == Counter(["three"])
    assert shares(compared) == ((2 + 1) / (3 + 2), (2 + 1) / (3 + 1))
    assert shares([]) == (1.0, 1.0)
    assert words("of\ufb01ce ofﬁce soft\u00adhyphen") == Counter({"office": 2, "softhyphen": 1})


@pytest.mark.slow
def test_the_table_names_what_is_missing_and_what_was_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hidden = '<div style="display:none">Unseenword</div>'  # the second extraction knows no styles
    (tmp_path / "a.eml").write_bytes(_eml(f"<p>{SAID}</p>{hidden}"))
    (tmp_path / "b.docx").write_bytes(b"nothing")
    (tmp_path / "c.txt").write_text("of no such format")
    main([str(tmp_path)])
    out = capsys.readouterr().out
    n = words(SAID).total()
    assert f"| eml | 1 | {n + 1} | {n / (n + 1):.4f} | 1.0000 | a.eml 1 (unseenword) |" in out
    assert "1 could not be compared:\nb.docx: not read by us: " in out
    with pytest.raises(ArticleUnreadable, match=r"^by us: "):
        compare(tmp_path / "b.docx")
