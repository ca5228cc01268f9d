"""Tables: a row is read with the names of its columns, where the file or its cells say which row names them."""

from io import BytesIO

import pytest
from support.office import with_text

from qa.sources.formats.html import load_page
from qa.sources.formats.html_text import html_to_text
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.office.opendocument import load_opendocument
from qa.sources.formats.office.word import load_word
from qa.sources.formats.tables import name_cells, table_paragraphs

PIERS = [["Pier", "Built", "Depth"], ["7", "1931", "17 m"], ["8", "1950", "12 m"]]
NAMED = ["Pier: 7; Built: 1931; Depth: 17 m", "Pier: 8; Built: 1950; Depth: 12 m"]


def test_a_row_names_the_column_of_each_cell() -> None:
    assert table_paragraphs(PIERS) == NAMED
    assert table_paragraphs([["Pier:", "Built:", "Depth:"], ["7", "", "17 m"], ["8", "1950", ""]]) == [
        "Pier: 7; Depth: 17 m",
        "Pier: 8; Built: 1950",
    ]


@pytest.mark.parametrize(
    ("rows", "is_headed"),
    [
        ([["", "2019", "2020"], ["Tugs", "5", "6"]], True),
        ([["", "2019–20", "2020–21"], ["Tugs", "5", "6"]], True),
        ([["Ship", "Captain", "Crew"], ["Vesna", "Ilka Ray", "12"], ["Orlik", "Jon Vane", "9"]], True),
        ([["Length", "240 m"], ["Built", "1931"]], False),
        ([["Opened", "1931"], ["Closed", "1955"]], False),
        ([["Address", "Quay Street"], ["Telephone", "0113 496 0000"], ["Fax", "0113 496 0001"]], False),
        ([["Ann", "Leeds"], ["Bob", "York"], ["Cy", "Hull"]], False),
        ([["Ann", "Leeds", "Ann"], ["1", "2", "3"]], True),
        ([["Total", "Total", "Total"], ["1", "2", "3"]], False),
        ([["It was a long day.", "It was not."], ["1", "2"]], False),
        ([["Pier", "", "Depth"], ["7", "1931", "17 m"]], False),
        ([["Pier", "Depth"]], False),
    ],
)
def test_the_cells_tell_whether_the_first_row_is_a_head(rows: list[list[str]], is_headed: bool) -> None:
    assert (": " in table_paragraphs(rows)[0]) == is_headed


def test_a_table_without_a_head_is_one_paragraph_with_a_line_for_each_row() -> None:
    assert table_paragraphs([["Ann", "Leeds"], ["", "York"], ["", ""], ["Cy", ""]]) == ["Ann | Leeds\n| York\nCy"]
    assert table_paragraphs([]) == table_paragraphs([["", ""]]) == []


def test_a_name_whose_column_is_empty_is_not_lost() -> None:
    assert table_paragraphs([["Pier", "Owner", "Depth"], ["7", "", "17 m"]], True) == [
        "Pier | Owner | Depth",
        "Pier: 7; Depth: 17 m",
    ]


def test_a_long_row_becomes_lines_that_each_say_what_they_are_about() -> None:
    head, row = ["Pier", *(f"Measure {n}" for n in range(40))], ["7", *(f"{n} metres" for n in range(40))]
    lines = name_cells(row, head)
    assert len(lines) > 2
    assert all(line.startswith("Pier: 7; Measure ") and len(line) <= 300 for line in lines)
    assert sum(line.count("Measure") for line in lines) == 40


def html(rows: str) -> str:
    return f"<html><body><table>{rows}</table></body></html>"


HEAD = "<tr><th>Quay</th><th>Pier</th><th>Owner</th></tr>"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (HEAD + "<tr><td>North</td><td>7</td><td>the <b>board</b></td></tr>", "Quay: North; Pier: 7; Owner: the board"),
        (
            HEAD + "<tr><td rowspan=2>North</td><td>7</td><td>A</td></tr><tr><td>8</td><td>B</td></tr>",
            "Quay: North; Pier: 7; Owner: A\n\nQuay: North; Pier: 8; Owner: B",
        ),
        (HEAD + "<tr><td colspan=2>North, all</td><td>B</td></tr>", "Quay | Pier | Owner\n\nQuay: North, all; Owner: B"),
        ("<tr><td>Quay</td><td>Pier</td></tr><tr><td>North</td><td>South</td></tr>", "Quay | Pier\nNorth | South"),
        (HEAD + "<tr><td rowspan=99999999>a</td><td colspan=99999999>b</td></tr>", "Quay | Pier | Owner\n\nQuay: a; Pier: b"),
    ],
)
def test_a_table_of_a_page_names_its_cells(rows: str, expected: str) -> None:
    assert load_page(html(rows), "/a", LIMITS).text == expected


def test_a_table_in_a_message_names_its_cells() -> None:
    assert html_to_text(html(HEAD + "<tr><td>North</td><td>7</td><td>B</td></tr>"))[0] == "Quay: North; Pier: 7; Owner: B"


@pytest.mark.parametrize("mark", ["repeated", "bold", "style"])
def test_word_says_which_row_is_the_head(mark: str) -> None:
    from docx import Document
    from docx.oxml import OxmlElement

    document = Document()
    table = document.add_table(rows=2, cols=2)
    for row, texts in zip(table.rows, (("Quay", "Owner"), ("North", "the board")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.bold = mark == "bold" and row is not table.rows[1] and text in ("Quay", "Owner")
    if mark == "repeated":
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    if mark == "style":
        table.style = "Light List Accent 1"
    file = BytesIO()
    document.save(file)
    assert load_word(file.getvalue(), "/a", LIMITS)[0].text == "Quay: North; Owner: the board"


def cell(*paragraphs: str) -> str:
    return f"<table:table-cell>{''.join(f'<text:p>{text}</text:p>' for text in paragraphs)}</table:table-cell>"


def test_a_row_of_several_paragraphs_does_not_cost_the_others_their_names() -> None:
    rows = [cell("Quay") + cell("Owner"), cell("North") + cell("One.", "Two."), cell("South") + cell("B")]
    head, *body = (f"<table:table-row>{row}</table:table-row>" for row in rows)
    namespace = 'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    table = f"<table:table {namespace}><table:table-header-rows>{head}</table:table-header-rows>{''.join(body)}</table:table>"
    [draft] = load_opendocument(with_text(table), "/a", LIMITS)
    assert draft.text == "North\n\nOne.\n\nTwo.\n\nQuay: South; Owner: B"
