"""Tables as text: each row with the names of its columns, so that a figure reads and is found under its column."""

import re
from collections.abc import Iterable, Sequence

Row = Sequence[str]

_LONGEST_LINE = 300  # characters
_LONGEST_NAME = 60  # characters of a column's name
_YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d(?:\s*[-–/]\s*(?:\d\d){1,2})?")


def table_paragraphs(rows: Sequence[Row], is_headed: bool | None = None) -> list[str]:
    """Return a paragraph for each row, or one with a line for each row where no row names the columns.

    Args:
        rows: the cells, each a text on one line, perhaps empty.
        is_headed: whether the first row names the columns; None if the file does not say, so that the cells must tell.
    """
    rows = [row for row in rows if any(row)]
    head = find_head(rows, is_headed)
    return body_paragraphs(rows[1:] if head else rows, head)


def find_head(rows: Sequence[Row], is_headed: bool | None) -> Row | None:
    """Return the first row if it names the columns of the others."""
    if len(rows) < 2 or is_headed is False:
        return None
    return rows[0] if is_headed or _has_head(rows) else None


def body_paragraphs(rows: Sequence[Row], head: Row | None) -> list[str]:
    """Return the rows below a head, or those of a table without one.

    Rows that say what their figures are stand apart, so that no two are taken for one sentence. The head is left out, unless
    a name would be lost.
    """
    rows = [row for row in rows if any(row)]
    if head is None:
        return ["\n".join(map(join_cells, rows))] if rows else []
    used = {column for row in rows for column, cell in enumerate(row) if cell}
    is_lost = bool(rows) and any(name and column not in used for column, name in enumerate(head))
    return [*([join_cells(head)] if is_lost else []), *(line for row in rows for line in name_cells(row, head))]


def name_cells(row: Row, head: Row) -> list[str]:
    """Return a row with the name of each cell's column before it: "Pier: 7; Depth: 17 m". An empty cell is left out.

    A long row becomes several lines that each begin with its first cell.
    """
    names = [name.rstrip(" :") for name in head]
    cells = [_label(names[column] if column < len(names) else "", cell) for column, cell in enumerate(row) if cell]
    lines = cells[:1]
    for cell in cells[1:]:
        if len(lines[-1]) + len(cell) + 2 > _LONGEST_LINE and lines[-1] != cells[0]:
            lines.append(cells[0])
        lines[-1] += f"; {cell}"
    return lines


def join_cells(row: Row) -> str:
    """Return a row without names: "7 | 1931 | 17 m"."""
    n_cells = max(column for column, cell in enumerate(row, start=1) if cell)
    return " | ".join(row[:n_cells]).lstrip()


def _has_head(rows: Sequence[Row]) -> bool:
    """Tell whether the first row names the columns: it has words, or years after an empty cell, and figures stand below them.

    A table of words alone has no head, since the names of its columns cannot be told from its first entries. Nor has one of
    two columns, if only the second holds figures: it may as well be a list of addresses and telephone numbers.
    """
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    head, *body = rows
    names = [name for name in head[1:] if name]
    if not len(names) == len(head) - 1 == len(set(names)) or not all(map(_is_name, filter(None, head))):
        return False
    figures = [column for column in range(len(head)) if _holds_figures(row[column] for row in body if column < len(row))]
    if not head[0] and all(map(_YEAR.fullmatch, names)):
        return len(figures) > 0
    n_figures = sum(bool(head[column]) for column in figures)
    return not any(map(_is_figure, head)) and (n_figures >= 2 or (n_figures == 1 and len(head) > 2 and len(body) > 1))


def _holds_figures(cells: Iterable[str]) -> bool:
    are_figures = [_is_figure(cell) for cell in cells if cell]
    return bool(are_figures) and 3 * sum(are_figures) >= 2 * len(are_figures)


def _is_name(cell: str) -> bool:
    is_short = len(cell) <= _LONGEST_NAME and not cell.endswith((".", "!", "?"))
    return is_short and (not _is_figure(cell) or _YEAR.fullmatch(cell) is not None)


def _is_figure(cell: str) -> bool:
    """Tell whether a cell holds a number or a date, perhaps with a unit: at least a third of it is digits."""
    n_digits = sum(map(str.isdigit, cell))
    return n_digits > 0 and 3 * n_digits >= len(cell.replace(" ", ""))


def _label(name: str, cell: str) -> str:
    return f"{name}: {cell}" if name else cell
