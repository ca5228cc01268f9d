"""Tables in text files: a table with a column of texts holds an article in each row, and a table of figures is one article.

A table of figures is written out with the name of the column before each value, so that a row that is quoted says what its
figures are: "Year: 2004 | Height: 3 m".
"""

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import chain, islice
from typing import NamedTuple

from qa.sources.formats.dates import parse_date
from qa.sources.formats.decoding import decode_with_notes
from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.html_text import remove_control_characters
from qa.sources.formats.limits import MB, Limits
from qa.sources.formats.records import fields
from qa.sources.formats.records.loading import Record, load_records, too_many
from qa.types.articles import Part
from qa.types.errors import ArticleUnreadable, NoArticles

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 200  # rows by which a table is judged
_CELL, _ROW = " | ", "\n\n"  # between cells, as in tables of other formats, and between rows, so that each is a sentence
_MAX_NAMED_ROWS = 10_000  # of an article, each of which is a part; of longer ones, a hundred rows are
_ROWS_PER_PART = 100
# A number with its unit or currency, or a date of figures.
_FIGURE = re.compile(r"[-+−(]?\s*\D{0,3}\d[\d.,'\s/:-]*\D{0,3}\)?")
_YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d")
_NUMERIC_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[ T,]+(\d{1,2}:\d\d)(?::\d\d)?)?")
_MIN_WORDS, _MIN_CHARACTERS = 8, 40  # of a text, in a language with spaces or without
_MIN_TEXTS = 0.6  # share of the rows with a text in a column that is not called one
_SENTENCE_END = re.compile(r"[.!?…。！？]['\"”’»)\]]*\s*$")


class _Table(NamedTuple):
    header: list[str]
    rows: list[list[str]]


def load_csv(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Load the articles of a table, or the table as an article if no column holds texts.

    The first row names the columns, separated by comma, semicolon, tab or bar.

    Raises:
        ArticleUnreadable: it holds too many articles, is empty, or cannot be parsed.
    """
    decoded, notes = decode_with_notes(content)
    text = decoded.removeprefix("\ufeff").lstrip("\r\n").replace("\0", "")
    previous_limit = csv.field_size_limit(limits.text_characters)
    try:
        rows = csv.reader(StringIO(text, newline=""), delimiter=_detect_delimiter(text))
        header = next(rows, [])
        start = list(islice(rows, _SAMPLE))
        column = next((name for name in header if fields.normalize(name) in fields.TEXT), None) or _prose_column(header, start)
        every = chain(start, rows)
        if column is None:
            return list(
                _load_figures(_Table(header, [row for row in every if any(map(str.strip, row))]), source, limits, notes)
            )
        return load_records(_records(header, every, column, limits), source, limits, notes)
    except csv.Error as error:
        raise ArticleUnreadable(f"the table cannot be read ({error})") from error
    finally:
        csv.field_size_limit(previous_limit)


def _detect_delimiter(text: str) -> str:
    """Return the delimiter that makes one column a text, or else the one that makes most columns.

    The names of columns say more than `csv.Sniffer` can guess from articles full of commas.
    """
    headers = {mark: next(csv.reader(StringIO(text, newline=""), delimiter=mark), []) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: (fields.has_text_field(headers[mark]), len(headers[mark])))


def _prose_column(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str | None:
    """Return the column whose cells are texts, whatever its name, or None. Of several, the one with the most text."""
    lengths = {}
    for number, name in enumerate(header):
        cells = [row[number] for row in rows if number < len(row) and row[number].strip()]
        if cells and sum(map(_is_prose, cells)) >= _MIN_TEXTS * len(rows):
            lengths[name] = sum(map(len, cells))
    return max(lengths, key=lambda name: lengths[name]) if lengths else None


def _is_prose(cell: str) -> bool:
    is_long = len(cell.split()) >= _MIN_WORDS or (len(cell) >= _MIN_CHARACTERS and not re.search(r"[a-zA-Z]", cell))
    return is_long and _SENTENCE_END.search(cell) is not None


def _records(header: Sequence[str], rows: Iterator[list[str]], column: str, limits: Limits) -> Sequence[Record]:
    """Return each row as a record. Its text is under a name that is known, and its dates are in ISO 8601."""
    records: list[dict[str, str]] = []
    for row in rows:
        records.append(dict(reversed([*zip(header, row, strict=False)])))  # the first of two columns with the same name
        if len(records) > limits.articles:
            raise too_many(limits)
    for name in header:
        if fields.normalize(name) in fields.DATE:
            day_first = _is_day_first(record.get(name, "") for record in records)
            for record in records:
                record[name] = _iso_date(record.get(name, ""), day_first)
    if fields.normalize(column) not in fields.TEXT:
        records = [{**record, fields.TEXT[0]: record.get(column, "")} for record in records]
    return records


def _is_day_first(dates: Iterator[str]) -> bool | None:
    """Tell whether dates such as 03/04/2019 begin with the day. Return None if no date of the column shows it."""
    for match in filter(None, (_NUMERIC_DATE.fullmatch(date.strip()) for date in dates)):
        first, mark, second = match.group(1, 2, 3)
        if mark == "." or int(first) > 12 or int(second) > 12:
            return mark == "." or int(first) > 12
    return None


def _iso_date(date: str, day_first: bool | None) -> str:
    """Write a numeric date in ISO 8601 if it is clear which number is the day."""
    match = _NUMERIC_DATE.fullmatch(date.strip())
    if match is None or day_first is None:
        return date
    first, _, second, year, clock = match.groups()
    day, month = (first, second) if day_first else (second, first)
    written = f"{year}-{month.zfill(2)}-{day.zfill(2)}" + (f"T{clock.zfill(5)}" if clock else "")
    return parse_date(written) or date


def _load_figures(table: _Table, source: str, limits: Limits, notes: tuple[str, ...]) -> Iterator[Draft]:
    """Yield a table as one article, or as several where it is longer than one may be."""
    if not _has_header(table):
        table = _Table([], [table.header, *table.rows])
    names = [_clean(name) or f"column {number}" for number, name in enumerate(table.header, start=1)]
    lines = [_line(names, row) for row in table.rows]
    if not any(lines):
        raise NoArticles("the table has no rows")
    if sum(map(len, lines)) > limits.file_bytes:
        raise ArticleUnreadable(f"as text the table has more than {limits.file_bytes // MB} million characters: split it")
    first = 0
    while first < len(lines):
        last, length = first, 0
        while last < len(lines) and (last == first or length + len(lines[last]) < limits.text_characters):
            length += len(lines[last]) + len(_ROW)
            last += 1
        is_whole = (first, last) == (0, len(lines))
        own = source if is_whole else f"{source}#rows-{first + 1}-{last}"
        title = title_or_name(None, source) if is_whole else f"{title_or_name(None, source)}, rows {first + 1:,} to {last:,}"
        text = _ROW.join(lines[first:last])
        yield Draft(own, title, None, text, parts=tuple(_row_parts(lines[first:last], first + 1)), notes=notes)
        first = last


def _has_header(table: _Table) -> bool:
    """Tell whether the first row names the columns. Figures name none, except years."""
    for number, name in enumerate(table.header):
        below = [row[number] for row in table.rows[:_SAMPLE] if number < len(row) and row[number].strip()]
        is_figure = _FIGURE.fullmatch(name.strip()) and not _YEAR.fullmatch(name.strip())
        if is_figure and below and all(_FIGURE.fullmatch(cell.strip()) for cell in below):
            return False
    return True


def _line(names: Sequence[str], row: Sequence[str]) -> str:
    cells = []
    for number, cell in enumerate(row):
        if value := _clean(cell):
            name = names[number] if number < len(names) else f"column {number + 1}"
            cells.append(f"{name}: {value}")
    return _CELL.join(cells)


def _clean(cell: str) -> str:
    """Return a cell on one line."""
    return " ".join(remove_control_characters(cell).split())


def _row_parts(lines: Sequence[str], first: int) -> Iterator[Part]:
    """Yield the rows as parts of the text, or runs of a hundred rows if there are very many."""
    step = 1 if len(lines) <= _MAX_NAMED_ROWS else _ROWS_PER_PART
    start = 0
    for begin in range(0, len(lines), step):
        run = lines[begin : begin + step]
        end = start + sum(map(len, run)) + len(_ROW) * (len(run) - 1)
        number = first + begin
        yield Part(start, end, f"row {number}" if step == 1 else f"rows {number} to {number + len(run) - 1}")
        start = end + len(_ROW)
