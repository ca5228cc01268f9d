"""What an Office or OpenDocument file says about itself, and how its parts refer to each other."""

import re
from dataclasses import dataclass
from posixpath import dirname, join, normpath, split
from typing import TYPE_CHECKING

from qa.sources.formats.dates import publication_date
from qa.sources.formats.office.archives import Archive, local_name, parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_]|\Z)")


@dataclass(frozen=True, slots=True)
class Properties:
    """What a document says about itself."""

    title: str | None = None
    author: str | None = None
    published: str | None = None  # ISO 8601: when it was begun, else when it was last saved
    language: str | None = None  # ISO 639-1
    tags: tuple[str, ...] = ()


def related(archive: Archive, part: str = "") -> dict[str, tuple[str, str]]:
    """The kind and name of each part that a part of an Office file refers to, by the identifier it does so with.

    Source: ECMA-376 part 2, relationships; the kind is the last word of a relationship's type.
    """
    folder, name = split(part)
    at = join(folder, "_rels", f"{name}.rels")
    if at not in archive:
        return {}
    return {
        relation.get("Id", ""): (
            relation.get("Type", "").rpartition("/")[2],
            normpath(join("/", dirname(part), relation.get("Target", ""))).lstrip("/"),
        )
        for relation in parse_xml(archive.read(at))
        if relation.get("TargetMode") != "External"
    }


def part_of_kind(archive: Archive, relations: dict[str, tuple[str, str]], kind: str) -> "_Element | None":
    """The root of the first related part of a kind, or None where there is none."""
    name = next((name for found, name in relations.values() if found == kind and name in archive), None)
    return None if name is None else parse_xml(archive.read(name))


def properties(root: "_Element | None") -> Properties:
    """The Dublin Core and other properties in a part of them, as Office and OpenDocument write them."""
    fields: dict[str, list[str]] = {}
    for element in () if root is None else root.iter("*"):
        if text := " ".join((element.text or "").split()):
            fields.setdefault(local_name(element), []).append(text)

    def first(*names: str) -> str | None:
        return next((fields[name][0] for name in names if name in fields), None)

    dates = (publication_date(first(name) or "", ()) for name in ("created", "creation-date", "modified", "date"))
    language = _LANGUAGE.match(first("language") or "")
    return Properties(
        title=first("title"),
        author=first("initial-creator", "creator"),  # in OpenDocument the creator is who saved it last
        published=next(filter(None, dates), None),
        language=language.group(1).lower() if language else None,
        tags=tags(*fields.get("keywords", ()), *fields.get("keyword", ())),
    )


def tags(*keywords: str) -> tuple[str, ...]:
    """The single keywords of lines of them."""
    return tuple(dict.fromkeys(word for line in keywords for each in re.split("[,;]", line) if (word := each.strip())))
