"""What OCR has read in a picture: lines of text with their places, and how they go from one process to another."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

READ_BY = "OCR"  # of the parts of an article, and of the quotes from them


@dataclass(frozen=True, slots=True)
class RecognizedLine:
    """A line of a page, in points from its lower left corner."""

    text: str
    x: float
    y: float  # its lower edge
    size: float  # its height
    end: float


@dataclass(frozen=True, slots=True)
class RecognizedPage:
    """The lines of a page in reading order."""

    index: int  # from 0
    lines: tuple[RecognizedLine, ...]
    next_index: int | None  # of the next page that holds no text; None if this is the last


def dump_pages(pages: Sequence[RecognizedPage]) -> str:
    """Write pages as JSON, for a loader in another process."""
    return json.dumps([asdict(page) for page in pages], ensure_ascii=False)


def load_pages(text: str) -> dict[int, list[RecognizedLine]]:
    """Read what `dump_pages` wrote. Return the lines of each page by its index."""
    return {page["index"]: [RecognizedLine(**line) for line in page["lines"]] for page in json.loads(text)}


def validate_page(data: Any, _: str) -> RecognizedPage:
    """Make a page from an answer of the sandbox.

    Raises:
        TypeError, ValueError, LookupError: it is not valid.
    """
    index, following = data["index"], data["next_index"]
    if type(index) is not int or index < 0 or not (following is None or (type(following) is int and following > index)):
        raise ValueError
    lines = []
    for line in data["lines"]:
        line["text"].encode()
        numbers = {name: float(line[name]) for name in ("x", "y", "size", "end")}
        lines.append(RecognizedLine(line["text"], **numbers))
    return RecognizedPage(index, tuple(lines), following)
