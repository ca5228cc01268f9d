"""The paragraphs, tables and notes of a document laid out as one text, and their spans in it."""

from collections.abc import Iterable
from itertools import islice

from qa.types.articles import Part


def table_blocks(rows: Iterable[list[list[str]]]) -> list[str]:
    """Return a table as paragraphs: a line for each row, with bars between the cells.

    A table of one column only sets text apart, and so does a row with several paragraphs in a cell. Those paragraphs stay as
    they are.

    Args:
        rows: the paragraphs of each cell of each row.
    """
    grid = [[[text for text in cell if text] for cell in row] for row in rows]
    is_wide = any(len(row) > 1 for row in grid)
    blocks: list[str] = []
    lines: list[str] = []
    for row in grid:
        while row and not row[-1]:
            row.pop()
        if is_wide and all(len(cell) < 2 for cell in row):
            lines += [" | ".join(cell[0].replace("\n", " ") if cell else "" for cell in row).lstrip()] if row else []
        else:
            blocks += ["\n".join(lines)] if lines else []
            lines = []
            blocks += [text for cell in row for text in cell]
    return [*blocks, "\n".join(lines)] if lines else blocks


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
