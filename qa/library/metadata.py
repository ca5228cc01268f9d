"""Metadata: what is stored of an article beside its text. Each row is verified when it is read."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Protocol

from qa.library.schema import checksum, details_from, text_version
from qa.sources.formats.draft import CORRECTION
from qa.types.article_summary import ArticleSummary
from qa.types.articles import Article, Part, Provenance, Reference, SetAside
from qa.types.errors import LibraryDamaged

_VERSION = "v.article_id, v.version, v.title, v.published, v.set_aside"  # the columns of a version without its text
_NO_DETAILS = "{}"  # of a version that was stored before details existed
_TEXT_DETAILS = ("author", "site", "language")
CORRECTABLE = ("title", "author", "published")


class Described(Protocol):
    """An article, stored or not."""

    @property
    def title(self) -> str: ...
    @property
    def published(self) -> str | None: ...
    @property
    def author(self) -> str | None: ...
    @property
    def site(self) -> str | None: ...
    @property
    def language(self) -> str | None: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def set_aside(self) -> tuple[SetAside, ...]: ...
    @property
    def parts(self) -> tuple[Part, ...]: ...
    @property
    def file_date(self) -> str | None: ...
    @property
    def provenance(self) -> Provenance: ...


def to_columns(article: Described) -> tuple[str, str | None, str, str]:
    """Return an article's title, date, places set aside and details, as they are stored."""
    set_aside = json.dumps([[place.start, place.end, place.rule] for place in article.set_aside])
    details: dict[str, Any] = {name: value for name in _TEXT_DETAILS if (value := getattr(article, name)) is not None}
    if article.tags:
        details["tags"] = article.tags
    if article.notes:
        details["notes"] = article.notes
    if article.parts:
        details["parts"] = [_part_columns(part) for part in article.parts]
    if article.file_date:
        details["file_date"] = article.file_date
    if places := {name: place for name, place in asdict(article.provenance).items() if place}:
        details["provenance"] = places
    return article.title, article.published, set_aside, json.dumps(details, ensure_ascii=False)


def _part_columns(part: Part) -> list[Any]:
    return [part.start, part.end, part.name, *([part.read_by] if part.read_by else [])]


def read_references(connection: sqlite3.Connection, clause: str = "", *values: str) -> list[Reference]:
    """Read the articles that a WHERE or ORDER BY clause selects, in their current versions.

    Raises:
        LibraryDamaged: a row is missing or damaged.
    """
    return [reference for reference, _ in _read(connection, clause, *values)]


def read_summaries(connection: sqlite3.Connection, n_passages: Mapping[str, int]) -> list[ArticleSummary]:
    """Read all articles, sorted by source, with the times when they were added and changed.

    Args:
        n_passages: the number of passages by article id.

    Raises:
        LibraryDamaged: a row is missing or damaged.
    """
    return [
        ArticleSummary(
            reference, n_passages.get(reference.id, 0), *_times(details), details.get("file_date"), _provenance(details)
        )
        for reference, details in _read(connection, "ORDER BY a.source")
    ]


def read_article(connection: sqlite3.Connection, current: Reference, version: str, *, corrected: bool = True) -> Article | None:
    """Read an article with its text, or None if that version is not kept.

    Args:
        current: the article in its current version.
        corrected: whether a user's corrections stand in the place of what the source says.

    Raises:
        LibraryDamaged: a row is missing or damaged.
    """
    first, columns, join = _join_details(connection)
    row = connection.execute(
        f"SELECT {_VERSION}, v.checksum, v.text, v.rowid, {columns}"  # noqa: S608 - ours
        f" FROM versions v {join} WHERE v.article_id = ? AND v.version = ?",
        (current.id, version),
    ).fetchone()
    if row is None:
        return None
    *fields, stored, text, rowid, details, details_stored = row
    _, version, title, published, set_aside = fields
    is_text_intact = isinstance(text, str) and text_version(text) == version
    are_details_intact = _are_details_intact(first, rowid, current.id, version, details, details_stored)
    if not is_text_intact or checksum(*fields) != stored or not are_details_intact:
        raise LibraryDamaged(f"The text of article {current.id} ({current.source}) is damaged: add it again from its source.")
    places = tuple(SetAside(*place) for place in json.loads(set_aside))
    data = json.loads(details or _NO_DETAILS)
    if not corrected:
        data.pop("corrections", None)
    parts = tuple(Part(*part) for part in data.get("parts", ()))
    return Article(
        current.id,
        source=current.source,
        version=version,
        text=text,
        set_aside=places,
        parts=parts,
        notes=tuple(data.get("notes", ())),
        provenance=_provenance(data),
        file_date=data.get("file_date"),
        **_described(title, published, data),
    )


def write_version(
    connection: sqlite3.Connection, article_id: str, version: str, text: str, columns: tuple[str, str | None, str, str]
) -> None:
    """Write a version of an article, replacing the same version if there is one.

    Args:
        columns: as `to_columns` returns them.
    """
    title, published, set_aside, details = columns
    details = _carry_over(connection, article_id, details)
    row = (article_id, version, title, published, set_aside)
    connection.execute(
        "INSERT OR REPLACE INTO versions (article_id, version, title, published, set_aside, checksum, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*row, checksum(*row), text),
    )
    details_row = (article_id, version, details)
    connection.execute("INSERT OR REPLACE INTO details VALUES (?, ?, ?, ?)", (*details_row, checksum(*details_row)))


def write_corrections(connection: sqlite3.Connection, article_id: str, corrections: Mapping[str, str | None] | None) -> None:
    """Correct the metadata of an article, in all its versions, and keep what its source says beside it.

    Args:
        corrections: by name, of those in `CORRECTABLE`. They are added to those before. None takes back all of them.

    Raises:
        LibraryDamaged: a row is damaged.
    """
    rows = connection.execute(
        "SELECT v.version, d.details, d.checksum FROM versions v LEFT JOIN details d"
        " ON d.article_id = v.article_id AND d.version = v.version WHERE v.article_id = ?",
        (article_id,),
    ).fetchall()
    for version, details, stored in rows:
        if stored is not None and checksum(article_id, version, details) != stored:
            raise LibraryDamaged(f"The record of article {article_id} is damaged: add it again from its source.")
        data = json.loads(details or _NO_DETAILS)
        before = data.pop("corrections", {})
        if corrections is not None:
            data["corrections"] = {**before, **corrections}
        row = (article_id, version, json.dumps(data, ensure_ascii=False))
        connection.execute("INSERT OR REPLACE INTO details VALUES (?, ?, ?, ?)", (*row, checksum(*row)))


def _read(connection: sqlite3.Connection, clause: str, *values: str) -> list[tuple[Reference, dict[str, Any]]]:
    first, columns, join = _join_details(connection)
    rows = connection.execute(
        f"SELECT a.id, a.source, a.version, a.checksum, {_VERSION}, v.checksum, v.rowid, {columns}"  # noqa: S608 - ours
        f" FROM articles a LEFT JOIN versions v ON v.article_id = a.id AND v.version = a.version {join} {clause}",
        values,
    )
    return [_parse(first, row) for row in rows]


def _join_details(connection: sqlite3.Connection) -> tuple[int | None, str, str]:
    """Return the first version with details, their columns and their join, or stand-ins for a library without details."""
    try:
        first = details_from(connection)
    except ValueError as error:
        raise LibraryDamaged("The library does not say which of its articles have details: run `pullquote check`.") from error
    if first is None:
        return None, "NULL, NULL", ""
    return first, "d.details, d.checksum", "LEFT JOIN details d ON d.article_id = v.article_id AND d.version = v.version"


def _parse(first: int | None, row: Sequence[Any]) -> tuple[Reference, dict[str, Any]]:
    article_id, source, version, stored, *fields, version_stored, rowid, details, details_stored = row
    is_intact = (
        checksum(article_id, source, version) == stored
        and None not in fields[:3]  # there is such a version
        and checksum(*fields) == version_stored
        and _are_details_intact(first, rowid, article_id, version, details, details_stored)
    )
    if not is_intact:
        raise LibraryDamaged(f"The record of article {article_id} ({source}) is damaged: add it again from its source.")
    _, _, title, published, _ = fields
    data = json.loads(details or _NO_DETAILS)
    return Reference(article_id, source=source, version=version, **_described(title, published, data)), data


def _are_details_intact(
    first: int | None, rowid: int, article_id: str, version: str, details: str | None, stored: bytes | None
) -> bool:
    if details is None and stored is None:
        return first is None or rowid < first
    return checksum(article_id, version, details) == stored


def _described(title: str, published: str | None, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of an article, with a user's corrections in the place of what its source says."""
    own = {"title": title, "published": published, **{name: data.get(name) for name in _TEXT_DETAILS}}
    return {**own, "tags": tuple(data.get("tags", ())), **data.get("corrections", {})}


def _provenance(data: Mapping[str, Any]) -> Provenance:
    return Provenance(**{**data.get("provenance", {}), **dict.fromkeys(data.get("corrections", ()), CORRECTION)})


def _carry_over(connection: sqlite3.Connection, article_id: str, details: str) -> str:
    """Add to details when this version is stored, when the article first was, and what a user corrected of it."""
    rows = connection.execute("SELECT version, details, checksum FROM details WHERE article_id = ?", (article_id,)).fetchall()
    intact = [json.loads(text) for other, text, stored in rows if checksum(article_id, other, text) == stored]
    earlier = [added for data in intact if (added := _times(data)[0])]
    is_first = connection.execute("SELECT 1 FROM versions WHERE article_id = ?", (article_id,)).fetchone() is None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    times = {"added": min(earlier) if earlier else now if is_first else None, "changed": now}
    corrections = next(({"corrections": data["corrections"]} for data in intact if "corrections" in data), {})
    return json.dumps({**json.loads(details), **times, **corrections}, ensure_ascii=False)


def _times(data: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return when an article was added and changed. Older libraries did not record it."""
    return data.get("added"), data.get("changed")
