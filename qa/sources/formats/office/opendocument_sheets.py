"""OpenDocument spreadsheets: the cells of each sheet as it shows them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.archives import attribute, local_name
from qa.sources.formats.office.opendocument import Story, open_document, read_meta
from qa.sources.formats.office.sheets import CellCounter, Sheet, workbook_draft

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_COLUMNS, _MAX_ROWS = 16_384, 1_048_576
_ROW_GROUPS = ("table-rows", "table-header-rows", "table-row-group")


def load_opendocument_sheets(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Read a spreadsheet as one draft, each sheet a part. Hidden sheets, filtered rows and comments are left out.

    Raises:
        ArticleUnreadable: it is damaged, locked or too large.
    """
    archive, root = open_document(content, limits)
    hidden = {
        attribute(style, "name")
        for style in root.iterfind("{*}automatic-styles/{*}style")
        for properties in style.iterfind("{*}table-properties")
        if attribute(properties, "display") == "false"
    }
    bold = {
        attribute(style, "name")
        for style in root.iterfind("{*}automatic-styles/{*}style")
        for properties in style.iterfind("{*}text-properties")
        if attribute(properties, "font-weight") in ("bold", "600", "700", "800", "900")
    }
    counter = CellCounter(limits)
    sheets = [
        _read_sheet(table, bold, counter)
        for table in root.iterfind("{*}body/{*}spreadsheet/{*}table")
        if attribute(table, "style-name") not in hidden
    ]
    return [workbook_draft(sheets, read_meta(archive), source)]


def _read_sheet(table: "_Element", bold: set[str], counter: CellCounter) -> Sheet:
    sheet = Sheet(attribute(table, "name"))
    at = 0
    for row in _rows(table):
        n_repeated = _count(row, "number-rows-repeated", _MAX_ROWS)
        cells = _read_row(row, at, sheet, counter) if attribute(row, "visibility") in ("", "visible") else {}
        for n_row in range(at, min(at + n_repeated, _MAX_ROWS)) if cells else ():
            sheet.rows[n_row] = {column: counter.count(text) for column, text in cells.items()}
        if cells and all(
            attribute(cell, "style-name") in bold for cell in row if next(cell.iterfind("{*}p"), None) is not None
        ):
            sheet.bold.add(at)
        at += n_repeated
    return sheet


def _rows(element: "_Element") -> Iterator["_Element"]:
    for child in element:
        name = local_name(child)
        if name == "table-row":
            yield child
        elif name in _ROW_GROUPS:
            yield from _rows(child)


def _read_row(row: "_Element", n_row: int, sheet: Sheet, counter: CellCounter) -> dict[int, str]:
    cells: dict[int, str] = {}
    column = 0
    for cell in row:
        if local_name(cell) not in ("table-cell", "covered-table-cell"):
            continue
        n_repeated = _count(cell, "number-columns-repeated", _MAX_COLUMNS)
        text = " ".join(block.text for block in Story({}).blocks(cell)) if local_name(cell) == "table-cell" else ""
        for number in range(column, min(column + n_repeated, _MAX_COLUMNS)) if text.strip() else ():
            cells[number] = counter.count(text)
        n_spanned = _count(cell, "number-rows-spanned", _MAX_ROWS)
        if text and n_spanned > 1:
            sheet.merged.append((n_row, n_row + n_spanned - 1, column))
        column += n_repeated
    return cells


def _count(element: "_Element", name: str, most: int) -> int:
    value = attribute(element, name)
    return min(int(value), most) if value.isascii() and value.isdigit() and value != "0" else 1
