"""The properties of an Office or OpenDocument file: title, author, dates, language, keywords."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.sources.formats.dates import parse_date, publication_date
from qa.sources.formats.draft import DATE_LINE, FILE, FIRST_LINES, Draft, author_or_none, title_or_name
from qa.sources.formats.office.archives import local_name
from qa.text.language import identify_language
from qa.types.articles import Part, Provenance, SetAside

if TYPE_CHECKING:
    from lxml.etree import _Element

_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_]|\Z)")
# What programs call a new file.
_NO_TITLE = re.compile(
    r"(?:(?:power)?point presentation|powerpoint-?präsentation|présentation powerpoint|presentación de powerpoint|word document"
    r"|(?:document|presentation|dokument|slide|untitled|unbenannt|sans titre) ?\d*|\(?anonymous\)?|\(?unspecified\)?|no title"
    r"|microsoft (?:word|powerpoint)\b.*)",
    re.I,
)
# When the templates were made that python-docx and python-pptx bring along and that their documents keep as their date.
_TEMPLATE_DATES = ("2013-12-23T23:15", "2013-01-27T09:14", "2013-01-27T09:15")


@dataclass(frozen=True, slots=True)
class Properties:
    """What a document says about itself. None where it says nothing."""

    title: str | None = None
    author: str | None = None
    file_date: str | None = None  # ISO 8601, a day: when it was created, else when it was last saved
    language: str | None = None  # ISO 639-1
    tags: tuple[str, ...] = ()

    def draft(
        self, source: str, heading: str | None, text: str, parts: tuple[Part, ...], contents: Iterable[tuple[int, int]] = ()
    ) -> Draft:
        """Return the draft of a document with these properties.

        Args:
            heading: the title where the properties give none.
            contents: spans of tables of contents.
        """
        published = publication_date(text, (), self.language or identify_language(text), or_updated=False)
        return Draft(
            source,
            title_or_name(self.title or heading, source),
            published,
            text,
            tuple(SetAside(start, end, "table of contents") for start, end in contents),
            author=self.author,
            language=self.language,
            tags=self.tags,
            parts=parts,
            file_date=self.file_date,
            provenance=Provenance(
                FILE if self.title else FIRST_LINES if heading else None,
                FILE if self.author else None,
                DATE_LINE if published else None,
            ),
        )


def read_properties(root: "_Element | None") -> Properties:
    """Read the part of a file that holds its properties, in Dublin Core and other vocabularies."""
    fields: dict[str, list[str]] = {}
    for element in () if root is None else root.iter("*"):
        if text := " ".join((element.text or "").split()):
            fields.setdefault(local_name(element), []).append(text)

    def first(*names: str) -> str | None:
        return next((fields[name][0] for name in names if name in fields), None)

    dates = (parse_date(first(name)) for name in ("created", "creation-date", "modified", "date"))
    language = _LANGUAGE.match(first("language") or "")
    return Properties(
        title=None if _NO_TITLE.fullmatch(first("title") or "") else first("title"),
        author=author_or_none(first("initial-creator", "creator")),  # in OpenDocument, the creator saved the file last
        file_date=next((day[:10] for day in dates if day and not day.startswith(_TEMPLATE_DATES)), None),
        language=language.group(1).lower() if language else None,
        tags=split_keywords(*fields.get("keywords", ()), *fields.get("keyword", ())),
    )


def split_keywords(*lines: str) -> tuple[str, ...]:
    """Return the keywords in lines of them, separated by commas or semicolons, each once."""
    return tuple(dict.fromkeys(word for line in lines for part in re.split("[,;]", line) if (word := part.strip())))
