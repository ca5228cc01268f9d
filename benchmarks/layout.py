"""Whether sentences survive the layout of a page: `python -m benchmarks.layout` prints a row for each kind of page.

Data: none; pages are made up from a seed and drawn as PDFs, in one, two and three columns, with footnotes, line numbers, drop
caps, tables and running heads, each drawn column by column and once more line by line across the page. Of each document it
is counted how many of its sentences are quotable whole, and how many quotable sentences its pages do not hold. It takes some
20 seconds. It fails if a bar is missed.
"""

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, repeat

from benchmarks.support.typeset import HEIGHT, LEADING, MARGIN, WIDTH, Column, Placed, break_lines, to_pdf, width_of
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.pdf.document import load_pdf
from qa.text.passages import quotable_sentences

_SIZE, _SMALL = 10.0, 8.0  # points
_LEAST_WHOLE = 0.95
_GUTTER = 18.0  # points
_DOCUMENTS = 3  # of each kind
_ROOM = 28  # lines that the longest paragraph takes in the narrowest column

_PLACES = ("Arnholt", "Bexley", "Carrow", "Dunmore", "Eastwick", "Farrant", "Gorsey", "Hollin", "Ivesham", "Kelder")
_PEOPLE = ("Mara Quill", "Tobias Ferrand", "Ines Calloway", "Henrik Solder", "Priya Nandan", "Owen Tarrant", "Lucia Brandt")
_THINGS = (
    "water tower", "market hall", "grain elevator", "tram depot", "swing bridge", "public library", "lighthouse", "paper mill",
    "observatory", "quarantine station", "telegraph office", "botanical garden",
)  # fmt: skip
_ACTIONS = (
    "was repaired by volunteers from the neighbouring villages", "has been closed to visitors since the inundation",
    "was measured again by a surveyor of the department of public works", "will be transferred to the municipal administration",
    "needs a new foundation of reinforced concrete", "was described as a well-built and long-lasting structure",
    "had been insured by a state-owned company", "received a low-cost roof of corrugated material",
    "remains the most photographed monument of the region", "was demolished without the permission of the government",
)  # fmt: skip
_REASONS = (
    "because the embankment had been undermined by the river", "although the inspector recommended a different solution",
    "after a committee of engineers had examined the documents", "while the neighbours demanded a considerable compensation",
    "since the original contract of sale had never been signed", "before the railway connected the town with the capital",
)  # fmt: skip


class Writer:
    """Writes sentences, no two of them alike."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._n = 0

    def sentence(self) -> str:
        choose = self._random.choice
        self._n += 1
        year = self._random.randint(1851, 2019)
        form = self._random.randrange(4)
        thing, place, action, reason = choose(_THINGS), choose(_PLACES), choose(_ACTIONS), choose(_REASONS)
        if form == 0:
            return f"The {thing} of {place} {action} in {year}, {reason}, as entry {self._n} of the register records."
        if form == 1:
            return f"In {year} {choose(_PEOPLE)} wrote in letter {self._n} that the {thing} near {place} {action}."
        if form == 2:
            return f"{choose(_PEOPLE)} paid {self._n + 300} crowns for the {thing} in {place} {reason}."
        return f"Nobody in {place} knew in {year} that the {thing} numbered {self._n} {action} {reason}."

    def paragraph(self) -> list[str]:
        return [self.sentence() for _ in range(self._random.randint(2, 5))]

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)


@dataclass(slots=True)
class Document:
    """Pages, and what they hold."""

    pages: list[list[Placed]] = field(default_factory=list)
    paragraphs: list[list[str]] = field(default_factory=list)  # their sentences, which should come out whole
    other: list[str] = field(default_factory=list)  # what else the pages hold: notes, rows, heads


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted in a document that was read."""

    sentences: int = 0
    whole: int = 0
    made_up: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.sentences + other.sentences, self.whole + other.whole, self.made_up + other.made_up)


class Setter:
    """Sets a document in columns."""

    def __init__(self, writer: Writer, n_columns: int, *, n_pages: int = 2, head: bool = False, notes: bool = False) -> None:
        self.document = Document()
        self._writer, self._n_columns, self._n_pages, self._head, self._notes = writer, n_columns, n_pages, head, notes
        self._columns: list[Column] = []
        self._late: list[list[Placed]] = []  # what is drawn after the text of each page
        self._n_notes = 0
        self._new_page()

    def _new_page(self) -> None:
        number = len(self.document.pages) + 1
        self.document.pages.append([])
        self._late.append([])
        width = (WIDTH - 2 * MARGIN - (self._n_columns - 1) * _GUTTER) / self._n_columns
        bottom = MARGIN + (4 * _SMALL * LEADING if self._notes else 0)
        self._columns = [
            Column(MARGIN + place * (width + _GUTTER), width, HEIGHT - MARGIN - 20, bottom) for place in range(self._n_columns)
        ]
        if self._head:
            for x, y, text in ((MARGIN, HEIGHT - 30, "Register of Monuments"), (WIDTH / 2, 28, str(number))):
                self._put(x, y, 9, text, late=True)
            self.document.other += ["Register of Monuments", str(number)]
        if self._notes:
            for column in self._columns:
                self._set_note(column)

    def _set_note(self, column: Column) -> None:
        self._n_notes += 1
        note = f"Inventory of {self._writer.sentence().rstrip('.')}, folio {self._n_notes}."
        lines = list(break_lines(note, _SMALL, repeat(column.width - 8)))[:3]
        y = MARGIN + (len(lines) - 1) * _SMALL * LEADING
        self.document.other.append(f"{self._n_notes} {' '.join(lines)}")
        self.document.other.append(" ".join(lines))
        for place, line in enumerate(lines):
            if not place:
                self._put(column.x, y + 3, 6, str(self._n_notes), late=True)
            self._put(column.x + 6, y - place * _SMALL * LEADING, _SMALL, line, late=True)

    def _put(self, x: float, y: float, size: float, text: str, font: str = "F", *, late: bool = False) -> None:
        (self._late if late else self.document.pages)[-1].append(Placed(x, y, size, text, font))

    def number_lines(self) -> None:
        """Print the number of each line beside it."""
        for page, late in zip(self.document.pages, self._late, strict=True):
            for number, y in enumerate(sorted({words.y for words in page}, reverse=True), start=1):
                late.append(Placed(MARGIN - 14 - width_of(str(number), _SIZE), y, _SIZE, str(number)))

    def shift_columns(self, points: float) -> None:
        """Move every second column, so that no two share their baselines."""
        edges = sorted({words.x for words in self.document.pages[0]})
        middle = (edges[0] + WIDTH - MARGIN) / 2
        for page in self.document.pages:
            page[:] = [replace(words, y=words.y - points) if words.x > middle else words for words in page]

    def finish(self) -> Document:
        for page, late in zip(self.document.pages, self._late, strict=True):
            page += late
        return self.document

    def _next_line(self, leading: float) -> Column | None:
        """Return the column that has room for a line, or None at the end of the last page."""
        while self._columns and self._columns[0].y - leading < self._columns[0].bottom:
            del self._columns[0]
            if not self._columns:
                if len(self.document.pages) == self._n_pages:
                    return None
                self._new_page()
        self._columns[0].y -= leading
        return self._columns[0]

    def lines_left(self) -> int:
        here = sum(int((column.y - column.bottom) / (_SIZE * LEADING)) for column in self._columns)
        return here + 1_000 * (self._n_pages - len(self.document.pages))

    def set_heading(self, text: str) -> None:
        self.document.other.append(text)
        if self._columns and self._columns[0].y < self._columns[0].top:
            self._columns[0].y -= 6
        column = self._next_line(12 * LEADING)
        if column:
            self._put(column.x, column.y, 12, text, "B")
            column.y -= 3

    def set_paragraph(self, sentences: Sequence[str], *, drop_cap: bool = False, indent: float = 0.0) -> None:
        text = " ".join(sentences)
        width = self._columns[0].width
        cap, cap_width = "", 0.0
        if drop_cap:
            cap, text = text[0], text[1:].lstrip()
            cap_width = width_of(cap, 3 * _SIZE, "B") + 3
        widths = chain([width - cap_width - indent], repeat(width - cap_width, 2) if cap else (), repeat(width))
        for place, line in enumerate(break_lines(text, _SIZE, widths)):
            column = self._next_line(_SIZE * LEADING)
            assert column, "set_paragraph past the last page"
            if cap and not place:
                self._put(column.x, column.y - 2 * _SIZE * LEADING, 3 * _SIZE, cap, "B")
            inset = cap_width if cap and place < 3 else 0 if place else indent
            self._put(column.x + inset, column.y, _SIZE, line)
        self.document.paragraphs.append(list(sentences))

    def set_table(self, n_rows: int) -> None:
        column = self._columns[0]
        places = [column.x + share * column.width for share in (0, 0.45, 0.65, 0.85)]
        column.y -= 6
        rows = [("Place", "Spans", "Year", "Cost")]
        rows += [
            (name, str(self._writer.number(2, 40)), str(self._writer.number(1850, 2020)), str(self._writer.number(100, 999)))
            for name in _PLACES[:n_rows]
        ]
        for row in rows:
            column.y -= 14
            for x, cell in zip(places, row, strict=True):
                self._put(x, column.y, 9, cell)
            self.document.other.append(" ".join(row))
        column.y -= 8


def _text(writer: Writer, n_columns: int, *, head: bool = False, notes: bool = False, n_pages: int = 2) -> Setter:
    setter = Setter(writer, n_columns, n_pages=n_pages, head=head, notes=notes)
    setter.set_heading("The state of the monuments")
    _fill(setter, writer)
    return setter


def _fill(setter: Setter, writer: Writer) -> None:
    while setter.lines_left() > _ROOM:
        setter.set_paragraph(writer.paragraph(), indent=10)


def _plain(writer: Writer, n_columns: int) -> Document:
    return _text(writer, n_columns).finish()


def _with_heads(writer: Writer, n_columns: int) -> Document:
    return _text(writer, n_columns, head=True, n_pages=3).finish()


def _with_notes(writer: Writer, n_columns: int) -> Document:
    return _text(writer, n_columns, head=True, notes=True, n_pages=3).finish()


def _with_line_numbers(writer: Writer, n_columns: int) -> Document:
    setter = Setter(writer, n_columns)
    _fill(setter, writer)
    setter.number_lines()
    return setter.finish()


def _with_drop_caps(writer: Writer, n_columns: int) -> Document:
    setter = Setter(writer, n_columns)
    while setter.lines_left() > 3 * _ROOM:
        setter.set_paragraph(writer.paragraph(), drop_cap=True)
        setter.set_paragraph(writer.paragraph(), indent=10)
    return setter.finish()


def _with_tables(writer: Writer, n_columns: int) -> Document:
    setter = Setter(writer, n_columns, n_pages=1)
    setter.set_paragraph(writer.paragraph(), indent=10)
    setter.set_table(6)
    _fill(setter, writer)
    return setter.finish()


def _uneven(writer: Writer, n_columns: int) -> Document:
    setter = _text(writer, n_columns)
    setter.shift_columns(5)
    return setter.finish()


_KINDS: tuple[tuple[str, Callable[[Writer, int], Document], Sequence[int]], ...] = (
    ("text", _plain, (1, 2, 3)),
    ("columns without common baselines", _uneven, (2,)),
    ("running heads, page numbers", _with_heads, (1, 2)),
    ("footnotes", _with_notes, (1, 2)),
    ("line numbers", _with_line_numbers, (1, 2)),
    ("drop caps", _with_drop_caps, (1, 2, 3)),
    ("tables", _with_tables, (1, 2)),
)


def measure(document: Document, *, across: bool) -> Counts:
    """Read a document and count its sentences."""
    draft, *_ = load_pdf(to_pdf(document.pages, across=across), "/monuments.pdf", LIMITS)
    quotable = [draft.text[span.start : span.end].strip() for span in quotable_sentences(draft.text, draft.set_aside)]
    sentences = list(chain.from_iterable(document.paragraphs))
    held = "\n".join([*map(" ".join, document.paragraphs), *document.other])
    made_up = [sentence for sentence in quotable if sentence not in held]
    return Counts(len(sentences), len({*sentences} & {*quotable}), len(made_up))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    print("| page | columns | pages | drawn | sentences | whole | sentences that no page holds |")
    print("|---|---|---|---|---|---|---|")
    total, n_pages = Counts(), 0
    for name, compose, columns in _KINDS:
        for n_columns in columns:
            documents = [compose(Writer(seed * 1_000 + number), n_columns) for number in range(_DOCUMENTS)]
            n_here = sum(len(document.pages) for document in documents)
            for across in (False, True):
                counts = sum((measure(document, across=across) for document in documents), Counts())
                how = "line by line across" if across else "column by column"
                print(f"| {name} | {n_columns} | {n_here} | {how} | {_cells(counts)} |", flush=True)
                total += counts
                n_pages += n_here
    print(f"| all | | {n_pages} | | {_cells(total)} |")
    if total.made_up or total.whole < _LEAST_WHOLE * total.sentences:
        sys.exit(f"a bar is missed: at least {_LEAST_WHOLE} whole, and no sentence that no page holds")


def _cells(counts: Counts) -> str:
    return f"{counts.sentences} | {counts.whole / counts.sentences:.3f} | {counts.made_up}"


if __name__ == "__main__":
    main()
