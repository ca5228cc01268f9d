"""Workbooks: the cells of each sheet as it shows them, whichever program saved them."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from support.compound import compound_file
from support.office import outcome, parts_of, refusal, rewritten, saved

from qa.sources.formats.limits import LIMITS
from qa.sources.formats.office.excel import load_excel, load_old_excel
from qa.sources.formats.office.number_formats import shown_number
from qa.sources.formats.office.opendocument_sheets import load_opendocument_sheets
from qa.sources.formats.parsing import parse

LINES = [
    "Quay list",
    "Survey of the piers",
    "Pier: 7; Built: 1931; Depth: 17 m; Silt: 12.5%; Checked: 2023-04-08",
    "Pier: 8; Built: 1950; Depth: 12 m; Silt: 50.0%; Checked: 2023-04-09",
]
ROWS = [
    ["Survey of the piers"],
    [],
    ["Pier", "Built", "Depth", "Silt", "Checked"],
    [7, 1931, "17 m", 0.125, date(2023, 4, 8)],
    [8, 1950, "12 m", 0.5, date(2023, 4, 9)],
]


def excel() -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = "Quay list"
    for row in ROWS:
        sheet.append(row)
    sheet["D4"].number_format = sheet["D5"].number_format = "0.0%"
    owners = book.create_sheet("Sheet2")
    for owner in (["Name", "Town"], ["Ilka", "Leeds"]):
        owners.append(owner)
    for cell in owners[1]:
        cell.font = Font(bold=True)
    book.create_sheet("Hidden").append(["unseen"])
    book["Hidden"].sheet_state = "hidden"
    return saved(book)


def old_excel() -> bytes:
    from xlwt import Workbook, easyxf

    book = Workbook()
    sheet = book.add_sheet("Quay list")
    styles = {3: easyxf(num_format_str="0.0%"), 4: easyxf(num_format_str="YYYY-MM-DD")}
    for n_row, row in enumerate(ROWS):
        for column, value in enumerate(row):
            sheet.write(n_row, column, value, styles.get(column, easyxf()))
    owners = book.add_sheet("Sheet2")
    for column, (name, value) in enumerate((("Name", "Ilka"), ("Town", "Leeds"))):
        owners.write(0, column, name, easyxf("font: bold on"))
        owners.write(1, column, value)
    hidden = book.add_sheet("Hidden")
    hidden.write(0, 0, "unseen")
    hidden.visibility = 1
    return saved(book)


def opendocument(xml: str = "", styles: str = "") -> bytes:
    from odf.opendocument import OpenDocumentSpreadsheet

    file = BytesIO()
    OpenDocumentSpreadsheet().write(file)
    return rewritten(
        file.getvalue(),
        lambda name, part: (
            part.replace(b"<office:spreadsheet/>", f"<office:spreadsheet>{xml}</office:spreadsheet>".encode()).replace(
                b"<office:automatic-styles/>", f"<office:automatic-styles>{styles}</office:automatic-styles>".encode()
            )
            if name == "content.xml"
            else part
        ),
    )


NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{address}:1.0"'
    for name, address in (("table", "table"), ("fo", "xsl-fo-compatible"), ("style", "style"), ("text", "text"))
)


def ods_table(name: str, *rows: str, style: str = "") -> str:
    return f'<table:table {NAMESPACES} table:name="{name}" table:style-name="{style}">{"".join(rows)}</table:table>'


def ods_row(*cells: str, attributes: str = "") -> str:
    written = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
    return f"<table:table-row {attributes}>{written}</table:table-row>"


@pytest.mark.parametrize(("make", "load"), [(excel, load_excel), (old_excel, load_old_excel)])
def test_a_workbook_is_read_as_its_sheets_show_it(make: Callable[[], bytes], load: Callable) -> None:
    [draft] = load(make(), "/quays.xlsx", LIMITS)
    assert draft.text == "\n\n".join([*LINES, "Name: Ilka; Town: Leeds"])
    assert parts_of(draft) == [("sheet Quay list", "\n\n".join(LINES)), ("sheet Sheet2", "Name: Ilka; Town: Leeds")]
    assert draft.title == "quays"


def test_an_opendocument_spreadsheet_is_read_as_it_shows_it() -> None:
    hidden = f'<style:style {NAMESPACES} style:name="off" style:family="table"><style:table-properties table:display="false"/>'
    table = ods_table(
        "Quay list",
        ods_row("Survey of the piers"),
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>',
        ods_row("Pier", "Built", "Depth"),
        ods_row("7", "1931", "17 m", attributes='table:number-rows-repeated="2"'),
        ods_row("9", "1931", "17 m", attributes='table:visibility="filter"'),
    )
    content = opendocument(table + ods_table("Hidden", ods_row("unseen"), style="off"), f"{hidden}</style:style>")
    [draft] = load_opendocument_sheets(content, "/quays.ods", LIMITS)
    row = "Pier: 7; Built: 1931; Depth: 17 m"
    assert draft.text == "\n\n".join(["Quay list", "Survey of the piers", row, row])


def test_a_cell_over_several_rows_counts_for_each() -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (["Quay", "Pier", "Depth"], ["North", 7, 17], [None, 8, 12], ["South", 9, 3]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    [draft] = load_excel(saved(book), "/a", LIMITS)
    assert draft.text.split("\n\n")[1] == "Quay: North; Pier: 8; Depth: 12"


def test_hidden_rows_and_errors_are_left_out_and_formulas_give_their_last_result() -> None:
    content = rewritten(
        excel(),
        lambda name, part: (
            part.replace(b'<row r="5"', b'<row hidden="1" r="5"').replace(b"<v>1931</v>", b"<f>1930+1</f><v>1931</v>")
            if name == "xl/worksheets/sheet1.xml"
            else part
        ),
    )
    [draft] = load_excel(content, "/a", LIMITS)
    assert "Built: 1931" in draft.text
    assert "Pier: 8" not in draft.text


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        (0.1 + 0.2, "", "0.3"),
        (1931, "General", "1931"),
        (0.125, "0.0%", "12.5%"),
        (1234.5678, "#,##0.00", "1,234.57"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (17, '0" m"', "17 m"),
        (1234.5, "#,##0.00 [$€-407]", "1,234.50 €"),
        (12_345_678, '#,##0,," M"', "12 M"),
        (7, "000", "007"),
        (1.5, "0.##", "1.5"),
        (0, '0;-0;"none"', "none"),
        (12345.6, "0.00E+00", "1.23E+04"),
        (45000, "dd/mm/yyyy", "2023-03-15"),
        (45000.5, "dd.mm.yyyy hh:mm", "2023-03-15 12:00"),
        (45000, "[$-407]d. mmmm yyyy", "2023-03-15"),
        (45000, "mmm-yy", "2023-03"),
        (45000, "yyyy", "2023"),
        (0.5, "h:mm AM/PM", "12:00"),
        (1.5, "[h]:mm", "36:00"),
        (59, "yyyy-mm-dd", "1900-02-28"),
        (-1, "yyyy-mm-dd", "-1"),
        (1e300, "yyyy", "1e+300"),
        (5, ";;", "5"),
    ],
)
def test_a_number_is_read_as_its_cell_shows_it(number: float, code: str, shown: str) -> None:
    assert shown_number(number, code) == shown


def test_days_may_be_counted_from_1904() -> None:
    assert shown_number(0, "yyyy-mm-dd", from_1904=True) == "1904-01-01"


def with_strings(strings: str, cells: str) -> bytes:
    """Return a workbook whose first sheet refers to texts that stand apart, as Excel writes them."""

    def change(name: str, part: bytes) -> bytes:
        if name == "xl/_rels/workbook.xml.rels":
            return part.replace(b"relationships/theme", b"relationships/sharedStrings").replace(b"theme/theme1", b"strings")
        if name == "xl/worksheets/sheet1.xml":
            return f'<worksheet xmlns="x"><sheetData><row>{cells}</row></sheetData></worksheet>'.encode()
        return part

    return rewritten(excel(), change, **{"xl/strings.xml": f'<sst xmlns="x">{strings}</sst>'.encode()})


def test_texts_that_stand_apart_are_read_without_their_readings() -> None:
    strings = "<si><t>North</t></si><si><r><t>Pi</t></r><r><t>er 7</t></r><rPh><t>unseen</t></rPh></si>"
    cells = (
        '<c r="B1" t="s"><v>1</v></c><c t="s"><v>0</v></c><c t="s"><v>9</v></c><c t="b"><v>1</v></c><c t="e"><v>#REF!</v></c>'
    )
    [draft] = load_excel(with_strings(strings, cells), "/a", LIMITS)
    assert draft.text.startswith("Quay list\n\nPier 7 | North | TRUE\n\n")


def test_one_long_text_named_again_and_again_is_refused() -> None:
    content = with_strings(f"<si><t>{'x' * 30_000}</t></si>", '<c t="s"><v>0</v></c>' * 200)
    assert refusal(lambda: load_excel(content, "/a", LIMITS)).startswith("its cells hold more than 5,000,000 characters")


def test_a_cell_far_out_takes_no_room() -> None:
    from openpyxl import Workbook

    book = Workbook()
    for number in range(1, 2_000):
        book.active.cell(number, number * 8, f"cell {number}")
    [draft] = load_excel(saved(book), "/a", LIMITS)
    assert draft.text.startswith("cell 1\ncell 2\n")


def test_rows_repeated_without_end_are_refused() -> None:
    table = ods_table("x", ods_row("word " * 20, attributes='table:number-rows-repeated="9999999"'))
    assert refusal(lambda: load_opendocument_sheets(opendocument(table), "/a", LIMITS)).startswith("its cells hold more than")


def test_what_is_no_workbook_is_refused_in_one_line() -> None:
    for content in (compound_file({"Workbook": bytes(9_000)}), compound_file({"Workbook": b"\x09\x08\x10\0\0\x06\x05\0" * 99})):
        assert "\n" not in refusal(lambda content=content: parse(content, "/a.xls", LIMITS))
    assert len(outcome(load_excel, rewritten(excel(), lambda name, part: b"<a/>" if "sheet1" in name else part))) < 120
