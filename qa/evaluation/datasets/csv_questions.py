"""Test questions in CSV with named columns."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from qa.evaluation.datasets.questions import TestQuestion, check_unique, read_text
from qa.types.errors import QuestionsUnreadable

if TYPE_CHECKING:
    import _csv

_COLUMNS = {
    "id": ("id", "question_id", "qid"),
    "question": ("question", "query"),
    "answers": ("answers", "answer"),
    "source": ("source", "document", "article"),
}
_DELIMITERS = (",", ";", "\t")
_ANSWER_SEPARATOR = "|"


def load_csv(path: Path) -> list[TestQuestion]:
    """Read test questions from CSV whose first row names the columns. Commas, semicolons or tabs separate them.

    - question (or query): required.
    - answers (or answer): required. "|" separates several. An empty cell means that the articles do not answer.
    - source (or document): optional.
    - id: optional. A question without one is named by its line.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there.
    """
    text = read_text(path)
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    return check_unique(path, _parse_rows(path, rows))


def is_csv_header(first_line: str) -> bool:
    """Tell whether a line names a column of questions and another."""
    names = _column_names(first_line, _delimiter(first_line))
    return len(names) > 1 and any(name in _COLUMNS["question"] for name in names)


def _parse_rows(path: Path, rows: "_csv.Reader") -> Iterator[tuple[int, TestQuestion]]:
    try:
        header = [_normalize(name) for name in next(rows, [])]
        columns = {field: _find_column(path, header, names) for field, names in _COLUMNS.items()}
        for required in ("question", "answers"):
            if columns[required] is None:
                raise QuestionsUnreadable(f"{path}, line 1: no column is named {' or '.join(_COLUMNS[required])}.")
        last_line = rows.line_num
        for row in rows:  # a quoted cell may span several lines
            number, last_line = last_line + 1, rows.line_num
            if any(cell.strip() for cell in row):
                yield number, _parse_row(path, number, row, len(header), columns)
    except csv.Error as error:
        raise QuestionsUnreadable(f"{path}, line {rows.line_num}: {error}.") from error


def _parse_row(path: Path, number: int, row: Sequence[str], width: int, columns: dict[str, int | None]) -> TestQuestion:
    if len(row) != width:
        raise QuestionsUnreadable(f"{path}, line {number}: {len(row)} cells where the first row names {width} columns.")
    cells = {field: "" if column is None else row[column].strip() for field, column in columns.items()}
    if not cells["question"]:
        raise QuestionsUnreadable(f"{path}, line {number}: there is no question.")
    answers = dict.fromkeys(answer.strip() for answer in cells["answers"].split(_ANSWER_SEPARATOR) if answer.strip())
    return TestQuestion(cells["id"] or f"line-{number}", cells["question"], tuple(answers), cells["source"] or None)


def _find_column(path: Path, header: Sequence[str], names: Sequence[str]) -> int | None:
    columns = [at for at, name in enumerate(header) if name in names]
    if len(columns) > 1:
        raise QuestionsUnreadable(f"{path}, line 1: {len(columns)} columns are named {' or '.join(names)}.")
    return columns[0] if columns else None


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the first line into the most columns."""
    first = text.split("\n", 1)[0]
    return max(_DELIMITERS, key=lambda delimiter: len(_column_names(first, delimiter)))


def _column_names(first_line: str, delimiter: str) -> list[str]:
    try:
        return [_normalize(name) for name in next(csv.reader([first_line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _normalize(name: str) -> str:
    return name.strip().lower()
