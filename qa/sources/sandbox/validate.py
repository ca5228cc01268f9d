"""Validate the answers of a sandboxed process, since a file may have taken over its parser."""

import struct
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from qa.sources.formats.draft import Draft
from qa.sources.formats.pdf.rendering import MAX_HEIGHT, MAX_WIDTH
from qa.types.articles import Part, Provenance, SetAside

_Place = TypeVar("_Place", SetAside, Part)


def validate_draft(data: Any, source: str) -> Draft:
    """Make a draft from an answer about a file.

    Raises:
        TypeError, ValueError, LookupError: it is not valid, or about another source.
    """
    words, own_source = text(data["text"]), text(data["source"])
    if own_source != source and not own_source.startswith(source + "#"):
        raise ValueError("of another source")
    return Draft(
        own_source,
        text(data["title"]),
        optional_text(data["published"]),
        words,
        _places(data["set_aside"], SetAside, len(words)),
        optional_text(data["author"]),
        optional_text(data["site"]),
        optional_text(data["language"]),
        tuple(text(tag) for tag in data["tags"]),
        _parts(data["parts"], len(words)),
        tuple(text(note) for note in data["notes"]),
        optional_text(data["file_date"]),
        Provenance(*(optional_text(data["provenance"][name]) for name in ("title", "author", "published"))),
    )


def text(data: Any) -> str:
    """Return a string that can be encoded as UTF-8.

    Raises:
        TypeError, ValueError: it is none.
    """
    if not isinstance(data, str):
        raise TypeError
    data.encode()  # raises ValueError if it cannot be encoded
    return data


def optional_text(data: Any) -> str | None:
    return None if data is None else text(data)


def _places(data: Any, kind: Callable[[int, int, str], _Place], length: int) -> tuple[_Place, ...]:
    """Return spans of a text, sorted by start, outer before inner."""
    places = []
    for start, end, name in data:
        if type(start) is not int or type(end) is not int or not 0 <= start <= end <= length:
            raise ValueError("outside the text")
        places.append(kind(start, end, text(name)))
    return tuple(sorted(places, key=lambda place: (place.start, -place.end)))


def _parts(data: Any, length: int) -> tuple[Part, ...]:
    readers = {(start, end, name): optional_text(read_by) for start, end, name, read_by in data}
    places = _places([place[:3] for place in data], Part, length)
    return tuple(replace(part, read_by=readers[part.start, part.end, part.name]) for part in places)


def validate_png(data: Any, _: str) -> bytes:
    """Make a picture of a page from an answer.

    Raises:
        TypeError, ValueError, LookupError: it is not a PNG, or too large.
    """
    content = b64decode(text(data["png"]), validate=True)
    if content[:16] != b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR":
        raise ValueError("no PNG")
    width, height = struct.unpack(">II", content[16:24])
    if not (0 < width <= MAX_WIDTH and 0 < height <= MAX_HEIGHT):
        raise ValueError("too large")
    return content
