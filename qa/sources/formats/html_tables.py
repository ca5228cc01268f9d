"""Tables of HTML: their rows become paragraphs that name the column of each cell."""

from itertools import islice
from typing import Any

from qa.sources.formats.tables import find_head, join_cells, name_cells

_ROWS, _CELLS = ("tr", "row"), ("td", "th", "cell")  # the names of HTML, and those of trafilatura
_BLOCKS = (
    *("p", "div", "ul", "ol", "dl", "pre", "blockquote", "table", "h1", "h2", "h3", "h4", "h5", "h6", "article", "section"),
    *("list", "quote", "head", "br", "lb"),
)
LINE_END = "\ufdd0"  # in preformatted text; it is not a character, so no page has it, but XML and trafilatura accept it
_MAX_SPAN = 100  # rows or columns


def name_table_cells(root: Any) -> None:
    """Turn each row under a head into a paragraph: "Pier: 7; Built: 1931". Leave tables without a head, and layouts, alone.

    Args:
        root: of a tree of lxml's, whose hidden elements are removed. It is changed.
    """
    for table in [element for element in root.iter("table") if not _is_layout(element)]:
        rows = [row for row in table.iter(*_ROWS) if any(_cell_texts(row))]
        texts = [_cell_texts(row) for row in rows]
        head = find_head(texts, _is_headed(rows[0]) or None) if rows else None
        if head is None:
            continue
        used = {column for row in texts[1:] for column, cell in enumerate(row) if cell}
        is_lost = any(name and column not in used for column, name in enumerate(head))
        _replace(rows[0], [join_cells(head)] if is_lost else [])
        for row, cells in zip(rows[1:], texts[1:], strict=True):
            _replace(row, name_cells(cells, head))


def expand_spans(root: Any) -> None:
    """Repeat a cell in the rows that it spans, and add empty cells for the columns, so that each cell is in its column."""
    for table in [table for table in root.iter("table") if not _is_layout(table)]:
        if next(table.iterfind(".//*[@rowspan]"), None) is None and next(table.iterfind(".//*[@colspan]"), None) is None:
            continue
        hanging: dict[int, tuple[int, Any]] = {}  # by column: rows that a cell still spans, and the cell
        for row in table.iter("tr"):
            cells = [cell for cell in row if cell.tag in _CELLS]
            for cell in cells:
                row.remove(cell)
            hanging = _fill(row, cells, hanging)


def _fill(row: Any, cells: list[Any], hanging: dict[int, tuple[int, Any]]) -> dict[int, tuple[int, Any]]:
    """Put cells into a row, and copies of those from above that hang into it. Return what hangs into the next row."""
    from copy import deepcopy

    column, below = 0, {}
    waiting = iter(cells)
    cell = next(waiting, None)
    while cell is not None or any(other >= column for other in hanging):
        if column in hanging:
            n_rows, above = hanging[column]
            row.append(deepcopy(above))
            if n_rows > 1:
                below[column] = (n_rows - 1, above)
            column += 1
            continue
        if cell is None:
            row.append(row.makeelement("td"))
            column += 1
            continue
        n_rows, n_columns = _span(cell, "rowspan"), _span(cell, "colspan")
        row.append(cell)
        for offset in range(n_columns):
            if offset:
                row.append(row.makeelement(cell.tag))
            if n_rows > 1:
                below[column + offset] = (n_rows - 1, row[-1])
        column += n_columns
        cell = next(waiting, None)
    return below


def _span(cell: Any, name: str) -> int:
    value = cell.attrib.pop(name, "").strip()
    return max(1, min(int(value), _MAX_SPAN)) if value.isascii() and value.isdigit() else 1


def _is_layout(table: Any) -> bool:
    """Tell whether a table holds others, or a cell of several paragraphs."""
    return any(len(list(islice(cell.iter(*_BLOCKS), 2))) > 1 for cell in table.iter(*_CELLS)) or (
        next(table.iterfind(".//table"), None) is not None
    )


def _is_headed(row: Any) -> bool:
    cells = [cell for cell in row if cell.tag in _CELLS]
    return len(cells) > 1 and all(cell.tag == "th" or cell.get("role") == "head" or not _text(cell) for cell in cells)


def _cell_texts(row: Any) -> list[str]:
    return [_text(cell) for cell in row if cell.tag in _CELLS]


def _text(cell: Any) -> str:
    """Return the text of a cell on one line."""
    return " ".join("".join(cell.itertext()).replace(LINE_END, " ").split())


def _replace(row: Any, lines: list[str]) -> None:
    """Put paragraphs in the place of a row."""
    parent, at = row.getparent(), row.getparent().index(row)
    parent.remove(row)
    for number, line in enumerate(lines):
        paragraph = parent.makeelement("p")
        paragraph.text = line
        parent.insert(at + number, paragraph)
