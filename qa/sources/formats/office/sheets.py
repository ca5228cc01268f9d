"""The sheets of a workbook laid out as one article: each a part, its rows read with the names of their columns."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.layout import join_blocks
from qa.sources.formats.office.properties import Properties
from qa.sources.formats.tables import Row, body_paragraphs, find_head
from qa.types.articles import Part
from qa.types.errors import ArticleUnreadable

# What programs call a sheet that nobody named, in the languages they speak.
_UNNAMED = re.compile(
    r"(?:sheet|tabelle|feuil(?:le)?|hoja|foglio|planilha|folha|лист|аркуш|blad|ark|list|munka|arkusz|sayfa|シート|工作表|시트)"
    r"\s?\d*",
    re.I,
)
_MAX_CELLS = 2_000_000  # of a table with its empty ones


@dataclass(slots=True)
class Sheet:
    """The cells of a sheet as it shows them."""

    name: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)  # by row and column, from 0; without empty cells
    bold: set[int] = field(default_factory=set)  # rows whose cells are all bold
    merged: list[tuple[int, int, int]] = field(default_factory=list)  # first row, last row and column of cells merged into one

    def fill_merged(self) -> None:
        """Repeat a merged cell in the rows that it spans."""
        for first, last, column in self.merged:
            text = self.rows.get(first, {}).get(column)
            for row in range(first + 1, last + 1) if text else ():
                if row in self.rows:
                    self.rows[row].setdefault(column, text or "")


class CellCounter:
    """Counts the characters of cells, since a file may name one long text a million times."""

    def __init__(self, limits: Limits) -> None:
        self._most = self._left = limits.text_characters

    def count(self, text: str) -> str:
        """Return a text on one line.

        Raises:
            ArticleUnreadable: all texts together are too long.
        """
        text = " ".join(text.split())
        self._left -= len(text) + 1
        if self._left < 0:
            raise ArticleUnreadable(f"its cells hold more than {self._most:,} characters, which is the limit: split it")
        return text


def workbook_draft(sheets: Iterable[Sheet], properties: Properties, source: str) -> Draft:
    """Return the draft of a workbook: one article, with the name of each sheet that has one above its tables."""
    filled: list[tuple[str, list[str]]] = []
    for sheet in sheets:
        sheet.fill_merged()
        if blocks := list(_blocks(sheet)):
            name = " ".join(sheet.name.split())
            heading = [] if _UNNAMED.fullmatch(name) or blocks[0] == name else [name]
            filled.append((name, [*heading, *blocks]))
    text, spans = join_blocks(block for _, blocks in filled for block in blocks)
    remaining = iter(spans)
    parts = []
    for name, blocks in filled:
        own = [next(remaining) for _ in blocks]
        parts.append(Part(own[0][0], own[-1][1], f"sheet {name}"))
    return properties.draft(source, None, text, tuple(parts))


def _blocks(sheet: Sheet) -> Iterator[str]:
    """Yield the paragraphs of a sheet. An empty row ends a table."""
    numbers = sorted(sheet.rows)
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        yield from _table([number for _, number in run], sheet)


def _table(numbers: Sequence[int], sheet: Sheet) -> Iterator[str]:
    """Yield the paragraphs of rows that follow each other. A cell alone in a row is a paragraph: a title or a note."""
    columns = sorted({column for number in numbers for column in sheet.rows[number]})
    if len(columns) * len(numbers) > _MAX_CELLS:
        yield "\n".join(" | ".join(text for _, text in sorted(sheet.rows[number].items())) for number in numbers)
        return
    head: Row | None = None
    is_first = True
    for is_alone, group in groupby(numbers, key=lambda number: len(sheet.rows[number]) == 1 < len(columns)):
        own = list(group)
        rows = [[sheet.rows[number].get(column, "") for column in columns] for number in own]
        if len(columns) == 1 or is_alone:
            yield from (next(filter(None, row)) for row in rows)
            continue
        if is_first:
            head = find_head(rows, True if len(own) > 1 and own[0] in sheet.bold and own[1] not in sheet.bold else None)
        yield from body_paragraphs(rows[1:] if is_first and head else rows, head)
        is_first = False
