"""Test questions in a table: CSV with named columns."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from qa.evaluation.datasets.questions import TestQuestion, text_of, told_apart
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
_BETWEEN = "|"  # several answers


def load_table(path: Path) -> list[TestQuestion]:
    """Read test questions from a table whose first row names its columns, these apart by comma, semicolon or tab.

    The columns are question (or query), answers (or answer; several apart by "|", none where the articles do not say), source
    (or document) and id; only the first two must be there, and a question without an id goes by its line.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there.
    """
    text = text_of(path)
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    return told_apart(path, _read(path, rows))


def is_table(first_line: str) -> bool:
    """Whether a line names a column of questions and another."""
    names = _names(first_line, _delimiter(first_line))
    return len(names) > 1 and any(name in _COLUMNS["question"] for name in names)


def _read(path: Path, rows: "_csv.Reader") -> Iterator[tuple[int, TestQuestion]]:
    try:
        header = [_plain(name) for name in next(rows, [])]
        places = {field: _place(path, header, names) for field, names in _COLUMNS.items()}
        for needed in ("question", "answers"):
            if places[needed] is None:
                raise QuestionsUnreadable(f"{path}, line 1: no column is named {' or '.join(_COLUMNS[needed])}.")
        before = rows.line_num
        for row in rows:
            number, before = before + 1, rows.line_num
            if any(cell.strip() for cell in row):
                yield number, _question(path, number, row, len(header), places)
    except csv.Error as error:
        raise QuestionsUnreadable(f"{path}, line {rows.line_num}: {error}.") from error


def _question(path: Path, number: int, row: Sequence[str], width: int, places: dict[str, int | None]) -> TestQuestion:
    if len(row) != width:
        raise QuestionsUnreadable(f"{path}, line {number}: {len(row)} cells where the first row names {width} columns.")
    cells = {field: "" if place is None else row[place].strip() for field, place in places.items()}
    if not cells["question"]:
        raise QuestionsUnreadable(f"{path}, line {number}: there is no question.")
    answers = dict.fromkeys(answer.strip() for answer in cells["answers"].split(_BETWEEN) if answer.strip())
    return TestQuestion(cells["id"] or f"line-{number}", cells["question"], tuple(answers), cells["source"] or None)


def _place(path: Path, header: Sequence[str], names: Sequence[str]) -> int | None:
    found = [at for at, name in enumerate(header) if name in names]
    if len(found) > 1:
        raise QuestionsUnreadable(f"{path}, line 1: {len(found)} columns are named {' or '.join(names)}.")
    return found[0] if found else None


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(_DELIMITERS, key=lambda each: len(_names(first, each)))


def _names(first_line: str, delimiter: str) -> list[str]:
    try:
        return [_plain(name) for name in next(csv.reader([first_line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _plain(name: str) -> str:
    return name.strip().lower()
