"""A draft: an article as a loader reads it from a file or a page.

A loader takes the content of a file, its source and the limits. It returns a draft of each article in the file, or raises
`ArticleUnreadable` with a reason for the user. It opens no file and no connection, and starts no process. Loaders run in the
sandbox, which stops one that takes too long or too much memory.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from qa.sources.formats.limits import Limits
from qa.types.articles import Article, Part, Provenance, SetAside

LOADERS_VERSION = 6  # increased when a loader reads something differently, so that unchanged files are read again
_MAX_TITLE = 300  # characters
# Where a title, an author or a date was found. `ui/i18n` translates these.
STRUCTURED, META, HEADING, HEAD_TITLE = "structured data", "meta tag", "heading", "page title"
BYLINE, DATE_LINE, ADDRESS, FIRST_LINES = "byline", "date line", "address", "first lines"
FILE, FRONT_MATTER, MESSAGE, RECORD, CORRECTION = "file properties", "front matter", "message header", "record", "correction"
PLACES = (
    *(STRUCTURED, META, HEADING, HEAD_TITLE, BYLINE, DATE_LINE, ADDRESS, FIRST_LINES),
    *(FILE, FRONT_MATTER, MESSAGE, RECORD, CORRECTION),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as read from its source, not yet stored."""

    source: str  # path or URL; if a file holds several articles, followed by "#" and what identifies this one
    title: str
    published: str | None  # ISO 8601: what the text or its publisher says, never a date of the file
    text: str
    set_aside: tuple[SetAside, ...] = ()
    author: str | None = None
    site: str | None = None  # the publisher, by name or host
    language: str | None = None  # ISO 639-1, if the format gives it
    tags: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()  # pages, slides, chapters, attachments, sorted by start, outer before inner
    notes: tuple[str, ...] = ()  # what the user should know of how it was read, such as pages without text
    file_date: str | None = None  # ISO 8601, a day: when the file was made, as it says itself
    provenance: Provenance = field(default_factory=Provenance)


def dump_draft(draft: Draft | Article) -> dict[str, Any]:
    """Return a draft, or what a draft holds of an article, as JSON values. `sandbox.validate` reads them."""
    names = ("source", "title", "published", "text", "author", "site", "language", "tags", "notes", "file_date")
    places = {
        "set_aside": [(place.start, place.end, place.rule) for place in draft.set_aside],
        "parts": [(part.start, part.end, part.name, part.read_by) for part in draft.parts],
        "provenance": asdict(draft.provenance),
    }
    return {name: getattr(draft, name) for name in names} | places


_NO_AUTHOR = re.compile(
    r"python-(?:docx|pptx)|openpyxl|steve canny|docx4j|apache poi|aspose.*|pandoc|phpword|reportlab|\(?anonymous\)?|un-?named"
    r"|unknown|\(?unspecified\)?|author|authors|editors?|guest|staff|webmaster|(?:microsoft )?office user|windows user"
    r"|user|usuario|benutzer|utilisateur|admin|administrator|owner|root|default",
    re.I,
)

Loader = Callable[[bytes, str, Limits], list[Draft]]


def title_or_name(title: str | None, source: str) -> str:
    """Return a title on one line. Without a title, make one from the name of the file."""
    title = " ".join((title or "").split())
    if title:
        return title[:_MAX_TITLE]
    stem = re.sub(r"\.\w+$", "", re.split(r"[/\\]", source)[-1])
    return re.sub(r"[_\s]+", " ", stem).strip() or source


def author_or_none(name: str | None) -> str | None:
    """Return the name of an author, unless a program wrote its own, an account's or that of its template's maker."""
    name = " ".join((name or "").split())
    return None if not name or _NO_AUTHOR.fullmatch(name) else name


def unique_source(source: str, seen: Counter[str]) -> str:
    """Return the source with a number appended if it was seen before, and count it as seen."""
    name = source
    while seen[name]:
        seen[source] += 1
        name = f"{source}-{seen[source]}"
    seen[name] += 1
    return name
