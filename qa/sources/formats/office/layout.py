"""The paragraphs, tables and notes of a document laid out as one text, and their spans in it."""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from qa.sources.formats.tables import body_paragraphs, find_head
from qa.types.articles import Part


def table_blocks(rows: Iterable[list[list[str]]], is_headed: bool | None = None) -> list[str]:
    """Return a table as paragraphs: one for each row under its head, or one with a line for each row if it has no head.

    A table of one column only sets text apart, and so does a row with several paragraphs in a cell. Those paragraphs stay as
    they are.

    Args:
        rows: the paragraphs of each cell of each row.
        is_headed: whether the first row names the columns; None if the file does not say.
    """
    grid = [[[text for text in cell if text] for cell in row] for row in rows]
    grid = [row for row in grid if any(row)]
    if all(len(row) < 2 for row in grid):
        return [text for row in grid for cell in row for text in cell]
    groups = [(fits, list(group)) for fits, group in groupby(grid, _fits_a_line)]
    first = [[*map(_one_line, row)] for row in groups[0][1]] if groups[0][0] else []
    head = first[0] if first and is_headed and len(grid) > 1 else find_head(first, is_headed)
    blocks: list[str] = []
    for number, (fits, group) in enumerate(groups):
        if fits:
            blocks += body_paragraphs([[*map(_one_line, row)] for row in group[1 if head and not number else 0 :]], head)
        else:
            blocks += [text for row in group for cell in row for text in cell]
    return blocks


def _fits_a_line(row: list[list[str]]) -> bool:
    return all(len(cell) < 2 for cell in row)


def _one_line(cell: list[str]) -> str:
    return " ".join(" ".join(cell).split("\n"))


def join_blocks(blocks: Iterable[str]) -> tuple[str, list[tuple[int, int]]]:
    """Join paragraphs with a blank line between them. Return the text, and start and end of each."""
    blocks = list(blocks)
    spans: list[tuple[int, int]] = []
    start = 0
    for block in blocks:
        spans.append((start, start + len(block)))
        start += len(block) + 2
    return "\n\n".join(blocks), spans


def note_parts(notes: Iterable[tuple[str, list[str]]], spans: Iterable[tuple[int, int]]) -> tuple[Part, ...]:
    """Return notes as parts of the text, each from its first paragraph to its last.

    Args:
        notes: the name and the paragraphs of each.
        spans: start and end of all their paragraphs, in order.
    """
    remaining = iter(spans)
    named = [(name, list(islice(remaining, len(blocks)))) for name, blocks in notes]
    return tuple(Part(own[0][0], own[-1][1], name) for name, own in named if own)


def slide_parts(slides: Iterable[tuple[list[str], list[str]]], spans: Iterable[tuple[int, int]]) -> Iterator[Part]:
    """Yield each slide with text as a part, and its notes as a part within it.

    Args:
        slides: the paragraphs of each slide and those of its notes.
        spans: start and end of all of them, in order.
    """
    remaining = iter(spans)
    for number, (slide, notes) in enumerate(slides, start=1):
        on_slide, in_notes = list(islice(remaining, len(slide))), list(islice(remaining, len(notes)))
        both = on_slide + in_notes
        if both:
            yield Part(both[0][0], both[-1][1], f"slide {number}")
        if in_notes:
            yield Part(in_notes[0][0], in_notes[-1][1], f"notes of slide {number}")
