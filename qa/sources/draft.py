"""A file becomes drafts of articles: one module a format, `kinds` knows which.

A loader takes a file's bytes, its source and the limits, and returns a draft of each article in it, or raises
`ArticleUnreadable` with the reason in words for the reader. It opens no file and no connection and starts nothing; it runs in
a process of its own (`isolated`), which ends it when it takes too much.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qa.sources.limits import Limits
from qa.types.articles import Part, SetAside

EDITION = 3  # raised when a loader reads something otherwise than before, so that files are read again that have not changed
_TOO_LONG = 300  # characters of a title that is none


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as read from its source, not yet stored."""

    source: str  # where it came from; of several in one file the file's source, "#" and what tells it apart
    title: str
    published: str | None  # ISO 8601
    text: str
    set_aside: tuple[SetAside, ...] = ()
    author: str | None = None
    site: str | None = None  # who published it, by name or address
    language: str | None = None  # ISO 639-1, where the format says it; else it is guessed later
    tags: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()  # pages, slides, chapters, attachments: in order of their start, inner after outer


Loader = Callable[[bytes, str, Limits], list[Draft]]


def source_name(path: Path) -> str:
    """The absolute path as text, one for each file; bytes of a file name that are no UTF-8 are written as escapes."""
    absolute = os.path.join(os.path.realpath(path.parent), path.name)
    return absolute.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def title_or_name(title: str | None, source: str) -> str:
    """A title on one line, or the file's name as one where there is none."""
    title = " ".join((title or "").split())
    if title:
        return title[:_TOO_LONG]
    stem = re.sub(r"\.\w+$", "", re.split(r"[/\\]", source)[-1])
    return re.sub(r"[_\s]+", " ", stem).strip() or source
