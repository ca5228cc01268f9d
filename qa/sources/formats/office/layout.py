"""Layout: paragraphs, tables and notes of a document as one text, and where each stands in it."""

from collections.abc import Iterable
from itertools import islice

from qa.types.articles import Part


def table(rows: Iterable[list[list[str]]]) -> list[str]:
    """The paragraphs of a table, given those of each cell of each row: rows one below the other, cells between bars.

    A row with several paragraphs in a cell, and a table of one column, are there for their looks: their paragraphs stand by
    themselves.
    """
    kept = [[[text for text in cell if text] for cell in row] for row in rows]
    is_wide = any(len(row) > 1 for row in kept)
    blocks: list[str] = []
    lines: list[str] = []
    for row in kept:
        while row and not row[-1]:
            row.pop()
        if is_wide and all(len(cell) < 2 for cell in row):
            lines += [" | ".join(cell[0].replace("\n", " ") if cell else "" for cell in row).lstrip()] if row else []
        else:
            blocks += ["\n".join(lines)] if lines else []
            lines = []
            blocks += [text for cell in row for text in cell]
    return [*blocks, "\n".join(lines)] if lines else blocks


def laid_out(blocks: Iterable[str]) -> tuple[str, list[tuple[int, int]]]:
    """Paragraphs as one text with a blank line between them, and where each starts and ends in it."""
    kept = list(blocks)
    places: list[tuple[int, int]] = []
    at = 0
    for block in kept:
        places.append((at, at + len(block)))
        at += len(block) + 2
    return "\n\n".join(kept), places


def note_parts(notes: Iterable[tuple[str, list[str]]], places: Iterable[tuple[int, int]]) -> tuple[Part, ...]:
    """Notes as parts, each from its first paragraph to its last, given the places of all their paragraphs in order."""
    following = iter(places)
    spans = [(name, list(islice(following, len(blocks)))) for name, blocks in notes]
    return tuple(Part(span[0][0], span[-1][1], name) for name, span in spans if span)
