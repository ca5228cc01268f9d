"""What a process that reads files says it found, checked: a file may have deceived it."""

import struct
from base64 import b64decode
from collections.abc import Callable
from typing import Any, TypeVar

from qa.sources.formats.draft import Draft
from qa.sources.formats.pdf.rendering import MAX_HEIGHT, MAX_WIDTH
from qa.types.articles import Part, SetAside

_Place = TypeVar("_Place", SetAside, Part)


def draft(given: Any, source: str) -> Draft:
    """What is said to be a draft, if it is one of this source.

    Raises:
        TypeError, ValueError, LookupError: it is none.
    """
    words, own = text(given["text"]), text(given["source"])
    if own != source and not own.startswith(source + "#"):
        raise ValueError("of another source")
    return Draft(
        own,
        text(given["title"]),
        optional_text(given["published"]),
        words,
        _places(given["set_aside"], SetAside, len(words)),
        optional_text(given["author"]),
        optional_text(given["site"]),
        optional_text(given["language"]),
        tuple(text(tag) for tag in given["tags"]),
        _places(given["parts"], Part, len(words)),
    )


def text(given: Any) -> str:
    """What is said to be text, if UTF-8 can hold it."""
    if not isinstance(given, str):
        raise TypeError
    given.encode()  # raises ValueError where UTF-8 cannot hold it
    return given


def optional_text(given: Any) -> str | None:
    """Text or nothing."""
    return None if given is None else text(given)


def _places(given: Any, kind: Callable[[int, int, str], _Place], length: int) -> tuple[_Place, ...]:
    """Places inside a text, in order of their start, inner after outer."""
    places = []
    for start, end, name in given:
        if type(start) is not int or type(end) is not int or not 0 <= start <= end <= length:
            raise ValueError("outside the text")
        places.append(kind(start, end, text(name)))
    return tuple(sorted(places, key=lambda place: (place.start, -place.end)))


def picture(given: Any, _: str) -> bytes:
    """What is said to be a picture, if it is a PNG within the limits.

    Raises:
        TypeError, ValueError, LookupError: it is none.
    """
    content = b64decode(text(given["png"]), validate=True)
    if content[:16] != b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR":
        raise ValueError("no PNG")
    width, height = struct.unpack(">II", content[16:24])
    if not (0 < width <= MAX_WIDTH and 0 < height <= MAX_HEIGHT):
        raise ValueError("too large")
    return content
