"""OpenDocument texts: all that a reader sees of them, in its order, and nothing else."""

from typing import Any

from support.office import odt, parts_of, refusal, rewritten, with_text

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.office.opendocument import load_opendocument


def opendocument(document: Any) -> Draft:
    [draft] = load_opendocument(odt(document), "/articles/the_bridge.odt", LIMITS)
    return draft


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
    assert draft.text == "A fall\n\nIt fell at noon.\n\none\n\ntwo\n\nDead: 3; Hurt: 12"
    assert (draft.title, draft.author, draft.file_date, draft.language, draft.tags) == (
        "The Bridge",
        "Ann Rule",
        "2019-05-03",
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
