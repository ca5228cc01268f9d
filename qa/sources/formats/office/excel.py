"""Excel workbooks: the cells of each sheet as it shows them, formulas by their last result.

The XML is read directly: openpyxl drops the formats that show a number as a percentage or a date, and unpacks parts without a
limit. What Excel wrote before 2007 is read with xlrd.
"""

import re
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.archives import (
    Archive,
    attribute,
    open_archive,
    parse_xml,
    related_name,
    related_part,
    relations,
)
from qa.sources.formats.office.number_formats import BUILT_IN, shown_number
from qa.sources.formats.office.properties import Properties, read_properties
from qa.sources.formats.office.sheets import CellCounter, Sheet, workbook_draft
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
_MAX_COLUMNS, _MAX_ROWS = 16_384, 1_048_576
_BOLD = 600  # weight of a font
_HIDDEN = ("hidden", "veryHidden")


class _Style(NamedTuple):
    format: str
    is_bold: bool


def load_excel(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Read a workbook as one draft, each sheet a part. Hidden sheets, hidden rows and comments are left out.

    Raises:
        ArticleUnreadable: it is damaged, locked or too large.
    """
    archive = open_archive(content, limits)
    roots = relations(archive)
    main = related_name(archive, roots, "officeDocument") or "xl/workbook.xml"
    links = relations(archive, main)
    workbook = parse_xml(archive.read(main))
    properties = workbook.find("{*}workbookPr")
    from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    reader = _SheetReader(
        _strings(related_part(archive, links, "sharedStrings")),
        _styles(related_part(archive, links, "styles")),
        from_1904,
        CellCounter(limits),
    )
    sheets = []
    for entry in workbook.iterfind("{*}sheets/{*}sheet"):
        link = links.get(next((value for key, value in entry.attrib.items() if key.endswith("}id")), ""))
        is_sheet = link is not None and link.kind == "worksheet" and link.name in archive
        if link and is_sheet and entry.get("state") not in _HIDDEN:
            sheets.append(reader.read(archive, link.name, entry.get("name", "")))
    return [workbook_draft(sheets, read_properties(related_part(archive, roots, "core-properties")), source)]


def _strings(root: "_Element | None") -> list[str]:
    """Return the texts that cells refer to by number, without the readings of Asian characters."""
    return [] if root is None else [_rich_text(item) for item in root.iterfind("{*}si")]


def _rich_text(item: "_Element") -> str:
    return "".join(text.text or "" for text in [*item.iterfind("{*}t"), *item.iterfind("{*}r/{*}t")])


def _styles(root: "_Element | None") -> list[_Style]:
    if root is None:
        return []
    own = root.iterfind("{*}numFmts/{*}numFmt")
    formats = {attribute(element, "numFmtId"): attribute(element, "formatCode") for element in own}
    bold = [_is_bold(font) for font in root.iterfind("{*}fonts/{*}font")]
    styles = []
    for style in root.iterfind("{*}cellXfs/{*}xf"):
        number, font = style.get("numFmtId", "0"), style.get("fontId", "0")
        code = formats.get(number) or (BUILT_IN.get(int(number), "") if number.isdecimal() else "")
        styles.append(_Style(code, font.isdecimal() and int(font) < len(bold) and bold[int(font)]))
    return styles


def _is_bold(font: "_Element") -> bool:
    switch = font.find("{*}b")
    return switch is not None and switch.get("val", "1") not in ("0", "false")


class _SheetReader:
    """Reads the sheets of one workbook."""

    def __init__(self, strings: list[str], styles: list[_Style], from_1904: bool, counter: CellCounter) -> None:
        self._strings, self._styles, self._from_1904, self._counter = strings, styles, from_1904, counter

    def read(self, archive: Archive, part: str, name: str) -> Sheet:
        root = parse_xml(archive.read(part))
        sheet = Sheet(name)
        n_row = -1
        for row in root.iterfind("{*}sheetData/{*}row"):
            number = row.get("r", "")
            n_row = int(number) - 1 if number.isdecimal() and 0 < int(number) <= _MAX_ROWS else n_row + 1
            if row.get("hidden") not in ("1", "true"):
                self._read_row(row, n_row, sheet)
        for area in root.iterfind("{*}mergeCells/{*}mergeCell"):
            corners = [_position(corner) for corner in area.get("ref", "").split(":")]
            if len(corners) == 2 and corners[0] and corners[1]:
                sheet.merged.append((corners[0][0], corners[1][0], corners[0][1]))
        return sheet

    def _read_row(self, row: "_Element", n_row: int, sheet: Sheet) -> None:
        cells: dict[int, str] = {}
        are_bold = True
        column = -1
        for cell in row.iterfind("{*}c"):
            position = _position(cell.get("r", ""))
            column = position[1] if position else column + 1
            number = cell.get("s", "0")
            style = self._styles[int(number)] if number.isdecimal() and int(number) < len(self._styles) else _Style("", False)
            text = self._counter.count(self._value(cell, style.format))
            if text and column < _MAX_COLUMNS:
                cells[column] = text
                are_bold = are_bold and style.is_bold
        if cells:
            sheet.rows[n_row] = cells
            if are_bold:
                sheet.bold.add(n_row)

    def _value(self, cell: "_Element", code: str) -> str:
        kind, value = cell.get("t", "n"), cell.find("{*}v")
        text = "" if value is None else value.text or ""
        if kind == "inlineStr":
            inline = cell.find("{*}is")
            return "" if inline is None else _rich_text(inline)
        if kind == "s":
            return self._strings[int(text)] if text.isdecimal() and int(text) < len(self._strings) else ""
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(text, "")
        if kind in ("str", "d"):
            return text
        if kind == "e":  # the error of a formula
            return ""
        try:
            return shown_number(float(text), code, from_1904=self._from_1904) if text else ""
        except (ValueError, OverflowError):
            return text


def _position(reference: str) -> tuple[int, int] | None:
    """Return row and column, from 0, of a reference such as "B12"."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match.group(1):
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(match.group(2)) - 1, column - 1


def load_old_excel(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Read a workbook of Excel 97 to 2003, or an earlier one, as `load_excel` does.

    Raises:
        ArticleUnreadable: it is damaged, locked or too large.
    """
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=content, logfile=StringIO(), formatting_info=True, on_demand=True)
        sheets = list(_old_sheets(book, CellCounter(limits)))
    except ArticleUnreadable:
        raise
    except xlrd.XLRDError as error:
        reason = "it is locked with a password: save it without one" if "ncrypted" in str(error) else f"it is damaged ({error})"
        raise ArticleUnreadable(reason) from error
    except Exception as error:  # a damaged record may break its reader in any way
        raise ArticleUnreadable(f"it is damaged, or no workbook ({type(error).__name__})") from error
    author = " ".join((book.user_name or "").split()) or None
    return [workbook_draft(sheets, Properties(author=author), source)]


def _old_sheets(book: Any, counter: CellCounter) -> Iterator[Sheet]:
    for number in range(book.nsheets):
        table = book.sheet_by_index(number)
        if table.visibility:
            continue
        sheet = Sheet(table.name, merged=[(low, high - 1, left) for low, high, left, _ in table.merged_cells])
        for n_row in range(table.nrows):
            if n_row not in table.rowinfo_map or not table.rowinfo_map[n_row].hidden:
                _read_old_row(book, table.row(n_row), n_row, sheet, counter)
        book.unload_sheet(number)
        yield sheet


def _read_old_row(book: Any, row: list[Any], n_row: int, sheet: Sheet, counter: CellCounter) -> None:
    styles = [None if cell.xf_index is None else book.xf_list[cell.xf_index] for cell in row]
    texts = [counter.count(_old_value(book, cell, style)) for cell, style in zip(row, styles, strict=True)]
    if any(texts):
        sheet.rows[n_row] = {column: text for column, text in enumerate(texts) if text}
        fonts = (style.font_index if style else 0 for text, style in zip(texts, styles, strict=True) if text)
        if min(book.font_list[font].weight for font in fonts) >= _BOLD:
            sheet.bold.add(n_row)


def _old_value(book: Any, cell: Any, style: Any) -> str:
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        code = book.format_map[style.format_key].format_str if style else ""
        return shown_number(cell.value, code, from_1904=book.datemode == 1)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    return str(cell.value) if cell.ctype == xlrd.XL_CELL_TEXT else ""
