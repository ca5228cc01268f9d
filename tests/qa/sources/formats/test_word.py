"""Word files: all that a reader sees of their text, in its order, and nothing else."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.office import PLAIN, parts_of, rewritten, saved

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.office.word import load_word
from qa.sources.formats.parsing import parse

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(document: Any) -> Draft:
    [draft] = load_word(saved(document), "/articles/the_bridge.docx", LIMITS)
    return draft


def with_body(*elements: str) -> Any:
    """A document whose body is WordprocessingML."""
    from docx import Document
    from docx.oxml import parse_xml

    document = Document()
    for element in elements:
        document.element.body.insert(
            len(document.element.body) - 1,
            parse_xml(
                element.replace(
                    ">",
                    f' {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
                    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
                    'xmlns:v="urn:schemas-microsoft-com:vml" '
                    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">',
                    1,
                )
            ),
        )
    return document


def run(text: str, properties: str = "") -> str:
    return f'<w:r>{properties and f"<w:rPr>{properties}</w:rPr>"}<w:t xml:space="preserve">{text}</w:t></w:r>'


def field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def test_a_word_document_is_read_in_order_with_its_tables_in_place() -> None:
    from docx import Document

    document = Document()
    document.add_heading("The bridge", level=1)
    document.add_paragraph("It fell at noon.")
    cells = document.add_table(rows=2, cols=2)
    for row, texts in zip(cells.rows, (("Dead", "Hurt"), ("3", "12")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("Nobody knows why.", style="List Bullet")
    document.add_paragraph("  ")
    document.sections[0].header.paragraphs[0].text = "Page furniture"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    assert word(document).text == "The bridge\n\nIt fell at noon.\n\nDead: 3; Hurt: 12\n\nNobody knows why."


def test_what_a_word_document_says_about_itself_is_kept() -> None:
    from docx import Document

    document = Document()
    document.add_paragraph("It fell at noon.")
    about = document.core_properties
    about.title, about.author, about.language, about.keywords = (
        "The  Bridge",
        "Ann Rule",
        "de-AT",
        "steel, river; Steel bridges,",
    )
    about.created, about.modified = datetime(2019, 5, 3, 10, 2), datetime(2021, 1, 1)
    draft = word(document)
    assert (draft.title, draft.author, draft.file_date, draft.language, draft.tags) == (
        "The Bridge",
        "Ann Rule",
        "2019-05-03",
        "de",
        ("steel", "river", "Steel bridges"),
    )


@pytest.mark.parametrize(("level", "title"), [(0, "The Bridge"), (2, "The Bridge"), (None, "the bridge")])
def test_without_a_title_its_title_or_heading_is_one_else_its_name(level: int | None, title: str) -> None:
    from docx import Document

    document = Document()
    document.add_paragraph("It fell at noon.")
    if level is not None:
        document.add_heading("The Bridge", level=level)
    assert word(document).title == title


def test_a_document_without_properties_is_dated_by_its_text() -> None:
    from docx import Document

    document = Document()
    document.add_paragraph("3 May 2019")
    content = rewritten(saved(document), lambda name, part: None if name == "docProps/core.xml" else part)
    [draft] = load_word(content, "/a.docx", LIMITS)
    assert (draft.published, draft.author) == ("2019-05-03", None)


def test_insertions_are_read_and_deletions_are_not() -> None:
    body = (
        f"<w:p>{run('It ')}<w:ins>{run('fell')}</w:ins><w:del><w:r><w:delText>stood</w:delText></w:r></w:del>"
        f"<w:moveFrom>{run(' gone')}</w:moveFrom><w:moveTo>{run(' there')}</w:moveTo>{run('.')}</w:p>"
    )
    assert word(with_body(body)).text == "It fell there."


def test_a_paragraph_whose_end_was_deleted_runs_on_into_the_next() -> None:
    first = f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('It fell')}</w:p>"
    assert word(with_body(first, f"<w:p>{run(' at noon.')}</w:p>")).text == "It fell at noon."
    assert word(with_body(first)).text == "It fell"


def test_a_deleted_row_is_left_out() -> None:
    row = "<w:tr>{}<w:tc><w:p>{}</w:p></w:tc><w:tc><w:p>{}</w:p></w:tc></w:tr>"
    table = (
        "<w:tbl>"
        + row.format("", run("a"), run("b"))
        + row.format("<w:trPr><w:del/></w:trPr>", run("c"), run("d"))
        + row.format("", "", run("f"))
        + "</w:tbl>"
    )
    assert word(with_body(table)).text == "a | b\n| f"


def test_a_table_that_lays_out_paragraphs_gives_paragraphs() -> None:
    table = (
        f"<w:tbl><w:tr><w:tc><w:p>{run('It fell.')}</w:p><w:p>{run('Nobody knows why.')}</w:p></w:tc>"
        f"<w:tc><w:p>{run('A box.')}</w:p></w:tc></w:tr></w:tbl>"
    )
    assert word(with_body(table)).text == "It fell.\n\nNobody knows why.\n\nA box."


def test_a_text_box_is_read_once_after_the_paragraph_it_hangs_on() -> None:
    box = f"<w:txbxContent><w:p>{run('In a box.')}</w:p></w:txbxContent>"
    both = (
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert word(with_body(f"<w:p>{run('Before ')}<w:r>{both}</w:r>{run('after.')}</w:p>")).text == "Before after.\n\nIn a box."
    old = f"<w:p><w:r><w:pict><v:textbox>{box}</v:textbox></w:pict></w:r></w:p>"
    assert word(with_body(old)).text == "In a box."


def test_a_field_gives_its_result_and_not_its_instruction() -> None:
    instruction = "<w:r><w:instrText>HYPERLINK</w:instrText></w:r>"
    inner = field("begin") + instruction + field("separate") + run("inner") + field("end")
    outer = field("begin") + instruction + inner + field("separate") + run("page 7") + field("end")
    body = f"<w:p>{run('See ')}{outer}{run('.')}</w:p>"
    simple = f'<w:p><w:fldSimple w:instr="DATE">{run("Today")}</w:fldSimple></w:p>'
    assert word(with_body(body, simple)).text == "See page 7.\n\nToday"


def test_a_field_left_open_does_not_swallow_the_document() -> None:
    assert word(with_body(f"<w:p>{field('begin')}{run('lost')}</w:p>", f"<w:p>{run('Kept.')}</w:p>")).text == "Kept."


def test_links_tabs_breaks_hyphens_and_formulas_are_read() -> None:
    body = (
        f'<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="1"/></w:tabs></w:pPr><w:hyperlink>{run("a link")}</w:hyperlink>'
        "<w:r><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t><w:softHyphen/><w:t>e</w:t>"
        '<w:sym w:font="Wingdings" w:char="F0E0"/><w:t>f</w:t></w:r><m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath></w:p>'
    )
    assert word(with_body(body)).text == "a link\tb\nc\u2011de fx=1"


def test_hidden_text_readings_and_empty_form_fields_are_left_out() -> None:
    off = '<w:vanish w:val="0"/>'
    body = (
        f"<w:p>{run('Seen', off)}{run('hidden', '<w:vanish/>')}"
        f"<w:r><w:ruby><w:rt>{run('kana')}</w:rt><w:rubyBase>{run('漢字')}</w:rubyBase></w:ruby></w:r>"
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('Click here')}</w:sdtContent></w:sdt>"
        f"<w:sdt><w:sdtContent>{run('.')}</w:sdtContent></w:sdt></w:p>"
    )
    assert word(with_body(body)).text == "Seen漢字."


def test_comments_are_left_out() -> None:
    from docx import Document

    document = Document()
    document.add_comment(document.add_paragraph("It fell.").runs, text="Sure?", author="Ed")
    assert word(document).text == "It fell."


def test_a_table_of_contents_is_set_aside() -> None:
    from docx import Document
    from docx.enum.style import WD_STYLE_TYPE

    document = Document()
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("The Bridge\t3", style="toc 1")
    document.add_paragraph("It fell at noon.")
    draft = word(document)
    assert [(draft.text[place.start : place.end], place.rule) for place in draft.set_aside] == [
        ("The Bridge\t3", "table of contents")
    ]


def noted(kind: str, *texts: str) -> bytes:
    notes = "".join(
        f'<w:{kind} w:id="{number}"><w:p>{run(text)}</w:p></w:{kind}>' for number, text in enumerate(texts, start=1)
    )
    return (
        f'<w:{kind}s {W}><w:{kind} w:type="separator" w:id="0"><w:p>{run("sep")}</w:p></w:{kind}>{notes}</w:{kind}s>'.encode()
    )


def test_notes_stand_at_the_end_in_the_order_they_are_referred_to() -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part as Package

    reference = '<w:r><w:{}Reference w:id="{}"/></w:r>'
    refs = [reference.format(*each) for each in (("endnote", 1), ("footnote", 2), ("footnote", 1), ("footnote", 9))]
    document = with_body(f"<w:p>{run('It fell')}{refs[0]}{run(' at noon')}{refs[1]}{run('.')}{refs[2]}{refs[3]}</w:p>")
    for kind, texts in (("footnote", ("Said Ann.", "Or later.")), ("endnote", ("Not far.",))):
        part = Package(PackURI(f"/word/{kind}s.xml"), "application/xml", noted(kind, *texts), document.part.package)
        document.part.relate_to(part, f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}s")
    draft = word(document)
    assert draft.text == "It fell at noon.\n\nOr later.\n\nSaid Ann.\n\nNot far."
    assert parts_of(draft) == [("footnote 1", "Or later."), ("footnote 2", "Said Ann."), ("endnote 1", "Not far.")]


def test_a_document_of_the_strict_kind_is_read() -> None:
    from docx import Document

    document = Document()
    document.add_heading("The Bridge")

    def strict(name: str, part: bytes) -> bytes:
        part = part.replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", b"http://purl.oclc.org/ooxml/w/main"
        )
        return part.replace(b"http://schemas.openxmlformats.org/officeDocument/2006/r", b"http://purl.oclc.org/ooxml/r")

    [draft] = load_word(rewritten(saved(document), strict), "/a.docx", LIMITS)
    assert (draft.text, draft.title) == ("The Bridge", "The Bridge")


@given(st.lists(PLAIN, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
@pytest.mark.slow
def test_every_paragraph_of_a_word_document_stands_in_the_text(paragraphs: list[str]) -> None:
    from docx import Document

    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    assert word(document).text == "\n\n".join(paragraphs)


def test_tables_in_tables_as_deep_as_xml_may_be_are_read() -> None:
    inner = f"<w:p>{run('deep')}</w:p>"
    for _ in range(80):
        inner = f"<w:tbl><w:tr><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    assert word(with_body(inner)).text == "deep"


def test_what_a_template_says_is_not_what_the_document_says() -> None:
    from docx import Document

    document = Document()  # python-docx's template names itself as the author, and its own day
    document.add_paragraph("Minutes of the bridge committee")
    document.add_paragraph("The bridge will be painted in May.")
    draft = word(document)
    assert (draft.author, draft.published, draft.file_date) == (None, None, None)
    document.core_properties.modified = datetime(2021, 1, 1)
    assert (word(document).published, word(document).file_date) == (None, "2021-01-01")
    document.add_paragraph("Published 4 May 2021")
    assert (word(document).published, word(document).provenance.published) == ("2021-05-04", "date line")


def with_chunk(content: bytes, name: str = "chunk.html") -> bytes:
    """A document with a paragraph, a file that was inserted whole, and another paragraph."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    document = with_body(f"<w:p>{run('Before.')}</w:p>")
    part = Part(PackURI(f"/word/{name}"), "application/octet-stream", content, document.part.package)
    key = document.part.relate_to(part, RELATIONSHIP_TYPE.A_F_CHUNK)
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    chunk = f'<w:altChunk r:id="{key}" {W} xmlns:r="{relations}"/>'
    from docx.oxml import parse_xml

    document.element.body.insert(1, parse_xml(chunk))
    document.add_paragraph("After.")
    return saved(document)


def inserted(content: bytes, name: str = "chunk.html") -> Draft:
    [draft] = parse(with_chunk(content, name), "/a.docx", LIMITS)
    return draft


def test_files_that_were_inserted_whole_are_read_in_their_place() -> None:
    from docx import Document

    inner = Document()
    inner.add_paragraph("Rosa sold it.")
    chunks = {
        "chunk.html": b"<html><body><h1>The crane</h1><p>Rosa sold it.</p></body></html>",
        "chunk.rtf": rb"{\rtf1\ansi The crane\par Rosa sold it.}",
        "chunk.docx": saved(inner),
        "chunk.txt": b"Rosa sold it.",
    }
    for name, content in chunks.items():
        draft = inserted(content, name)
        assert draft.text.startswith("Before.\n\n")
        assert draft.text.endswith("Rosa sold it.\n\nAfter."), name
        assert draft.notes == ()
    assert (
        inserted(with_chunk(b"<html><p>Rosa.</p></html>"), "c.docx").text == "Before.\n\nBefore.\n\nRosa.\n\nAfter.\n\nAfter."
    )


def test_an_inserted_file_that_cannot_be_read_is_noted() -> None:
    draft = inserted(b"GIF89a", "chunk.gif")
    assert draft.text == "Before.\n\nAfter."
    assert draft.notes == ("a file that was inserted into it cannot be read (this is a picture: save it as PNG)",)
