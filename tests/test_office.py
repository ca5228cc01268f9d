"""Word, PowerPoint, OpenDocument and RTF files: all that a reader sees of their text, in its order, and nothing else."""

import random
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import ArticleUnreadable
from qa.loaders import Draft
from qa.loaders.limits import LIMITS
from qa.loaders.opendocument import load_opendocument
from qa.loaders.powerpoint import load_powerpoint
from qa.loaders.rtf import load_rtf
from qa.loaders.word import load_word

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn", "Co")), min_size=1)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        act()
    return str(caught.value)


def outcome(load: Callable[..., list[Draft]], content: bytes) -> str:
    """The text, or the reason why there is none."""
    try:
        [draft] = load(content, "/a", LIMITS)
    except ArticleUnreadable as error:
        return str(error)
    return draft.text


def parts_of(draft: Draft) -> list[tuple[str, str]]:
    return [(part.name, draft.text[part.start : part.end]) for part in draft.parts]


def rewritten(content: bytes, change: Callable[[str, bytes], bytes | None], **added: bytes) -> bytes:
    """The same archive with its parts changed, or left out where the change gives nothing."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
        for name, part in added.items():
            new.writestr(name, part)
    return file.getvalue()


# Word


def saved(document: Any) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


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
    assert word(document).text == "The bridge\n\nIt fell at noon.\n\nDead | Hurt\n3 | 12\n\nNobody knows why."


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
    assert (draft.title, draft.author, draft.published, draft.language, draft.tags) == (
        "The Bridge",
        "Ann Rule",
        "2019-05-03T10:02+00:00",
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


# PowerPoint


def powerpoint(presentation: Any) -> Draft:
    [draft] = load_powerpoint(saved(presentation), "/articles/the_bridge.pptx", LIMITS)
    return draft


def test_a_presentation_is_read_slide_by_slide_with_its_notes() -> None:
    from pptx import Presentation

    presentation = Presentation()
    for number, notes in ((1, "Say it slowly."), (2, "")):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = f"Title {number}"
        slide.placeholders[1].text = f"First of {number}.\nSecond of {number}."
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    draft = powerpoint(presentation)
    assert draft.title == "Title 1"
    assert parts_of(draft) == [
        ("slide 1", "Title 1\n\nFirst of 1.\n\nSecond of 1.\n\nSay it slowly."),
        ("notes of slide 1", "Say it slowly."),
        ("slide 2", "Title 2\n\nFirst of 2.\n\nSecond of 2."),
    ]
    assert draft.text == "\n\n".join(text for name, text in parts_of(draft) if name.startswith("slide"))


def test_groups_tables_and_text_boxes_follow_the_title_in_their_order() -> None:
    from pptx import Presentation
    from pptx.util import Inches

    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    title = slide.shapes.title
    group = slide.shapes.add_group_shape()
    for text in ("grouped", "also grouped"):
        group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = text
    cells = slide.shapes.add_table(2, 2, 0, 0, Inches(1), Inches(1)).table
    for at, text in (((0, 0), "Dead"), ((0, 1), "Hurt"), ((1, 0), "3"), ((1, 1), "12")):
        cells.cell(*at).text = text
    slide.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "with a\vbreak"
    title.text = "The bridge"
    title._element.getparent().append(title._element)  # the title is read first wherever it lies
    assert powerpoint(presentation).text == "The bridge\n\ngrouped\n\nalso grouped\n\nDead | Hurt\n3 | 12\n\nwith a\nbreak"


def test_hidden_slides_are_read_and_slides_without_text_are_no_parts() -> None:
    from pptx import Presentation

    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[6])
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Hidden"
    slide._element.set("show", "0")
    assert parts_of(powerpoint(presentation)) == [("slide 2", "Hidden")]


def test_slides_come_in_the_order_in_which_they_are_shown() -> None:
    from pptx import Presentation

    presentation = Presentation()
    for text in ("one", "two"):
        presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = text
    slides = presentation.slides._sldIdLst
    slides.append(slides[0])
    assert powerpoint(presentation).text == "two\n\none"


def test_the_date_footer_and_number_of_a_slide_are_left_out() -> None:
    from pptx import Presentation

    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "The bridge"
    slide.placeholders[1].text = "Page furniture"
    slide.placeholders[1]._element.nvSpPr.nvPr.ph.set("type", "ftr")
    assert powerpoint(presentation).text == "The bridge"


@pytest.mark.parametrize(
    "default", ["PowerPoint Presentation", "PowerPoint-Präsentation", "Présentation PowerPoint", "Slide 1"]
)
def test_what_powerpoint_writes_for_want_of_a_title_is_none(default: str) -> None:
    from pptx import Presentation

    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = "The bridge"
    presentation.core_properties.title = default
    presentation.core_properties.author = "Ann Rule"
    draft = powerpoint(presentation)
    assert (draft.title, draft.author) == ("The bridge", "Ann Rule")


def test_a_diagram_is_read_from_its_own_part() -> None:
    from pptx import Presentation
    from pptx.opc.package import Part as Package
    from pptx.opc.packuri import PackURI
    from pptx.oxml import parse_xml

    a, dgm = "http://schemas.openxmlformats.org/drawingml/2006/main", "http://schemas.openxmlformats.org/drawingml/2006/diagram"
    r, p = (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://schemas.openxmlformats.org/presentationml/2006/main",
    )
    points = "".join(f"<dgm:pt><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>" for text in ("Plan", "Build"))
    data = f'<dgm:dataModel xmlns:dgm="{dgm}" xmlns:a="{a}"><dgm:ptLst>{points}</dgm:ptLst></dgm:dataModel>'
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    part = Package(PackURI("/ppt/diagrams/data1.xml"), "application/xml", slide.part.package, data.encode())
    identifier = slide.part.relate_to(part, f"{r}/diagramData")
    slide.shapes._spTree.append(
        parse_xml(
            f'<p:graphicFrame xmlns:p="{p}" xmlns:a="{a}" xmlns:dgm="{dgm}" xmlns:r="{r}"><a:graphic><a:graphicData>'
            f'<dgm:relIds r:dm="{identifier}"/></a:graphicData></a:graphic></p:graphicFrame>'
        )
    )
    assert powerpoint(presentation).text == "Plan\n\nBuild"


# OpenDocument


def opendocument(document: Any) -> Draft:
    [draft] = load_opendocument(odt(document), "/articles/the_bridge.odt", LIMITS)
    return draft


def odt(document: Any) -> bytes:
    file = BytesIO()
    document.write(file)
    return file.getvalue()


def with_text(xml: str) -> bytes:
    """An OpenDocument text whose body is XML."""
    from odf.opendocument import OpenDocumentText

    return rewritten(
        odt(OpenDocumentText()),
        lambda name, part: (
            part.replace(b"<office:text/>", f"<office:text>{xml}</office:text>".encode()) if name == "content.xml" else part
        ),
    )


def read_odt(xml: str) -> Draft:
    [draft] = load_opendocument(with_text(xml), "/articles/the_bridge.odt", LIMITS)
    return draft


def test_an_opendocument_text_is_read_in_order_with_its_tables_and_lists_in_place() -> None:
    from odf import dc, meta, table, text
    from odf.opendocument import OpenDocumentText

    document = OpenDocumentText()
    for element in (
        dc.Title(text="The Bridge"),
        meta.InitialCreator(text="Ann Rule"),
        dc.Creator(text="Ed Later"),
        dc.Language(text="en-GB"),
        meta.Keyword(text="steel"),
        meta.Keyword(text="river"),
        meta.CreationDate(text="2019-05-03T10:02:11.123456789"),
    ):
        document.meta.addElement(element)
    document.text.addElement(text.H(outlinelevel=1, text="A fall"))
    document.text.addElement(text.P(text="It fell at noon."))
    items = text.List()
    for words in ("one", "two"):
        item = text.ListItem()
        item.addElement(text.P(text=words))
        items.addElement(item)
    document.text.addElement(items)
    cells = table.Table()
    for words in (("Dead", "Hurt"), ("3", "12")):
        row = table.TableRow()
        for word_ in words:
            cell = table.TableCell()
            cell.addElement(text.P(text=word_))
            row.addElement(cell)
        cells.addElement(row)
    document.text.addElement(cells)
    draft = opendocument(document)
    assert draft.text == "A fall\n\nIt fell at noon.\n\none\n\ntwo\n\nDead | Hurt\n3 | 12"
    assert (draft.title, draft.author, draft.published, draft.language, draft.tags) == (
        "The Bridge",
        "Ann Rule",
        "2019-05-03T10:02",
        "en",
        ("steel", "river"),
    )


def test_spaces_tabs_and_breaks_are_kept_and_the_indents_of_the_xml_are_not() -> None:
    xml = "<text:p>\n  a<text:s/><text:s text:c='2'/>b<text:tab/>c<text:line-break/><text:span>d\n  e</text:span>f\n</text:p>"
    assert read_odt(xml).text == "a   b\tc\nd ef"


def test_a_space_counted_in_billions_is_not_written_out() -> None:
    assert len(read_odt("<text:p>a<text:s text:c='4000000000'/>b</text:p>").text) < 200


def test_deleted_text_comments_and_alternative_texts_are_left_out() -> None:
    svg = 'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    xml = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes><text:p>It <office:annotation><text:p>Sure?</text:p></office:annotation>"
        f"fell.<draw:frame><draw:image/><svg:title {svg}>alt</svg:title><svg:desc {svg}>alt</svg:desc></draw:frame></text:p>"
        "<text:p><text:title>The Bridge</text:title></text:p>"
    )
    assert read_odt(xml).text == "It fell.\n\nThe Bridge"


def test_opendocument_notes_and_text_boxes_are_read_after_what_they_hang_on() -> None:
    note = (
        "<text:note text:note-class='{}'><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>{}</text:p></text:note-body></text:note>"
    )
    xml = (
        f"<text:p>It fell{note.format('endnote', 'Not far.')} at noon{note.format('footnote', 'Said Ann.')}."
        "<draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame></text:p><text:p>End.</text:p>"
    )
    draft = read_odt(xml)
    assert draft.text == "It fell at noon.\n\nIn a box.\n\nEnd.\n\nSaid Ann.\n\nNot far."
    assert parts_of(draft) == [("footnote 1", "Said Ann."), ("endnote 1", "Not far.")]


def test_an_opendocument_table_of_contents_is_set_aside_and_a_heading_is_the_title() -> None:
    draft = read_odt(
        "<text:table-of-content><text:index-body><text:p>Fall 3</text:p></text:index-body></text:table-of-content>"
        "<text:h>The Bridge</text:h><text:p>It fell.</text:p>"
    )
    assert draft.title == "The Bridge"
    assert [draft.text[place.start : place.end] for place in draft.set_aside] == ["Fall 3"]


def test_a_locked_opendocument_text_is_refused_with_what_to_do() -> None:
    def locked(name: str, part: bytes) -> bytes:
        return part.replace(b"</manifest:manifest>", b"<manifest:encryption-data/></manifest:manifest>")

    content = rewritten(with_text(""), locked)
    assert refusal(lambda: load_opendocument(content, "/a.odt", LIMITS)) == "it is locked with a password: save it without one"


# RTF


def rtf(content: str | bytes) -> Draft:
    [draft] = load_rtf(content.encode("cp1252") if isinstance(content, str) else content, "/articles/the_bridge.rtf", LIMITS)
    return draft


def body(content: str) -> str:
    return rtf(r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}}" + content + "}").text


def test_an_rtf_document_is_read_with_what_it_says_about_itself() -> None:
    draft = rtf(
        r"{\rtf1\ansi{\info{\title The Bridge}{\author Ann Rule}{\operator Ed}{\keywords steel, river}"
        r"{\creatim\yr2019\mo5\dy3\hr10\min2}{\revtim\yr2021\mo1\dy1}}"
        r"{\header Page furniture\par}\pard It fell at noon.\par Nobody knows why.\par}"
    )
    assert draft.text == "It fell at noon.\n\nNobody knows why."
    assert (draft.title, draft.author, draft.published, draft.tags) == (
        "The Bridge",
        "Ann Rule",
        "2019-05-03T10:02",
        ("steel", "river"),
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (rb"{\rtf1\ansi\ansicpg1252 caf\'e9 \'93yes\'94}", "café “yes”"),
        (rb"{\rtf1\ansi\ansicpg1251 \'cc\'ee\'f1\'f2}", "Мост"),
        (b"{\\rtf1\\ansi\\ansicpg1252 caf\xe9}", "café"),
        (rb"{\rtf1\mac caf\'8e}", "café"),
        (rb"{\rtf1\ansi\ansicpg932 \'8b\'b4}", "橋"),
        (rb"{\rtf1\ansi\ansicpg932 \'83e}", "テ"),
        (rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}}\f0 \'e9 \f1 \'cc\plain\f0 \'e9}", "é Мé"),
        (rb"{\rtf1\ansi\ansicpg99999 caf\'e9}", "café"),
        (rb"{\rtf1\ansi\uc1 \u27211?\u233\'e9 \uc2\u8212--x\uc0\u8212 y}", "橋é —x—y"),
        (rb"{\rtf1\ansi\u-10179?\u-8704?}", "😀"),
        (rb"{\rtf1\ansi lone \u-10179?.}", "lone \ufffd."),
    ],
)
def test_the_characters_of_every_code_page_are_read(content: bytes, text: str) -> None:
    assert rtf(content).text == text


def test_rtf_symbols_are_characters() -> None:
    assert body(r"a\tab b\line c\~d\_e\-f \ldblquote g\rdblquote\emdash h \{\\\}") == "a\tb\nc\xa0d\u2011ef “g”—h {\\}"


def test_rtf_rows_are_lines_and_cells_stand_between_bars() -> None:
    row = r"\trowd\cellx1\cellx2\pard\intbl {}\cell {}\cell\row "
    assert body(row.format("Dead", "Hurt") + row.format("3", "12") + r"\pard After.\par") == "Dead | Hurt\n3 | 12\n\nAfter."
    assert body(row.format(r"It fell.\par Why?", "Box.") + r"\pard After.") == "It fell.\n\nWhy?\n\nBox.\n\nAfter."


def test_rtf_fields_give_their_results_and_no_address() -> None:
    assert body(r'See {\field{\*\fldinst{HYPERLINK "http://a.example/"}}{\fldrslt{\ul our page}}}.') == "See our page."


def test_rtf_deleted_and_hidden_text_comments_and_list_numbers_are_left_out() -> None:
    text = r"{\listtext 1.\tab}It {\deleted stood}{\revised fell}{\v secret}\v secret\v0  at noon{\*\annotation Sure?}.\par"
    assert body(text) == "It fell at noon."
    assert body(r"It fell{\deleted\par} at noon.") == "It fell at noon."


def test_rtf_notes_stand_at_the_end_and_text_boxes_after_their_paragraph() -> None:
    draft = rtf(
        r"{\rtf1\ansi It fell{\footnote\ftnalt {\super\chftn} Not far.} at noon{\footnote Said Ann.}."
        r"{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt In a box.\par}}{\shprslt{\*\do{\dptxbxtext In a box.}}}}\par End.\par}"
    )
    assert draft.text == "It fell at noon.\n\nIn a box.\n\nEnd.\n\nSaid Ann.\n\nNot far."
    assert parts_of(draft) == [("footnote 1", "Said Ann."), ("endnote 1", "Not far.")]


def test_pictures_and_binary_data_in_rtf_are_passed_over() -> None:
    assert body(r"a{\pict\pngblip\bin6 }}{{\\}b\bin3 }}}c{\*\shppict{\pict 89504e47}}d") == "abcd"
    assert body(r"a\bin99999 b") == "a"


@pytest.mark.parametrize(
    "content",
    [
        rb"{\rtf1 " + b"{" * 2_000_000,
        rb"{\rtf1 " + b"{}" * 300_000,
        rb"{\rtf1 " + rb"{\field{\*\fldinst{" * 300,
        rb"{\rtf1 {\fonttbl " + rb"\f1" * 300_000,
        rb"{\rtf1 {\pict " + b"0123456789abcdef" * 300_000,
        rb"{\rtf1 \uc999999999 \u1 x\u-99999999 \ansicpg \u \uc \f \bin-5 \'zz \'",
        b"{\\rtf1 a\\",
        b"{\\rtf1}}}}",
    ],
    ids=["open", "pairs", "fields", "fonts", "picture", "numbers", "end", "closed"],
)
def test_rtf_made_to_hurt_ends_as_text_or_a_reason(content: bytes) -> None:
    ended = outcome(load_rtf, content)
    assert len(ended) < 1_000


@given(st.lists(PLAIN, min_size=1, max_size=8))
def test_every_paragraph_of_an_rtf_document_stands_in_the_text(paragraphs: list[str]) -> None:
    def escaped(character: str) -> str:
        units = character.encode("utf-16-le")
        return "".join(rf"\u{int.from_bytes(units[at : at + 2], 'little', signed=True)}?" for at in range(0, len(units), 2))

    assert body(r"\par ".join("".join(map(escaped, text)) for text in paragraphs)) == "\n\n".join(paragraphs)


@given(
    st.lists(
        st.sampled_from(
            [*r"{}\*'ab 9", r"\par ", r"\'e9", r"\u99?", r"\cell ", r"\row ", r"{\footnote ", r"{\shptxt ", r"{\info"]
        )
    )
)
def test_any_rtf_ends_as_text_or_a_reason(tokens: list[str]) -> None:
    assert load_rtf(("{\\rtf1 " + "".join(tokens)).encode(), "/a.rtf", LIMITS)[0].text is not None


# What all have in common


def samples() -> list[tuple[Callable[..., list[Draft]], bytes]]:
    from docx import Document
    from pptx import Presentation

    document = Document()
    document.add_paragraph("It fell at noon.")
    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = "It fell at noon."
    return [
        (load_word, saved(document)),
        (load_powerpoint, saved(presentation)),
        (load_opendocument, with_text("<text:p>It fell at noon.</text:p>")),
        (load_rtf, rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}}\f0 It fell at noon.\par}"),
    ]


def test_damaged_documents_end_as_text_or_a_reason() -> None:
    chance = random.Random(7)
    for load, content in samples():
        for _ in range(60):
            damaged = bytearray(content)
            for _ in range(chance.randint(1, 20)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            cut = bytes(damaged[: chance.choice([len(damaged), chance.randrange(len(damaged))])])
            assert len(outcome(load, cut)) < 120


def test_documents_whose_xml_is_cut_or_emptied_end_as_text_or_a_reason() -> None:
    chance = random.Random(7)
    for load, content in samples()[:3]:
        names = zipfile.ZipFile(BytesIO(content)).namelist()
        for name in names:
            for made in (None, b"", b"<a/>", b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", chance.randbytes(200)):
                changed = rewritten(content, lambda each, part, name=name, made=made: made if each == name else part)
                assert len(outcome(load, changed)) < 120


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_document_that_unpacks_to_a_hundredfold_is_refused_unread(number: int) -> None:
    load, content = samples()[number]
    mains = ("word/document.xml", "ppt/slides/slide1.xml", "content.xml")
    bomb = rewritten(content, lambda name, part: bytes(60_000_000) if name in mains else part)
    assert refusal(lambda: load(bomb, "/a", LIMITS)) == "a part of it unpacks to more than 50 MB, which is the limit"
