"""Labels: what is stored of an article beside its text, as rows, verified when they are read."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol

from qa.articles import Article, Part, Reference, SetAside
from qa.errors import LibraryDamaged
from qa.schema import checksum, details_from, text_version

_VERSION = "v.article_id, v.version, v.title, v.published, v.set_aside"  # a version's row but for its text
_NO_DETAILS = "{}"  # of a version stored before there were any
_WORDS = ("author", "site", "language")


class Described(Protocol):
    """An article, stored or not yet."""

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
    def set_aside(self) -> tuple[SetAside, ...]: ...
    @property
    def parts(self) -> tuple[Part, ...]: ...


def label(article: Described) -> tuple[str, str | None, str, str]:
    """Title, date, places set aside and details, as they are stored."""
    set_aside = json.dumps([[place.start, place.end, place.rule] for place in article.set_aside])
    details: dict[str, Any] = {name: value for name in _WORDS if (value := getattr(article, name)) is not None}
    if article.tags:
        details["tags"] = article.tags
    if article.parts:
        details["parts"] = [[part.start, part.end, part.name] for part in article.parts]
    return article.title, article.published, set_aside, json.dumps(details, ensure_ascii=False)


def references(connection: sqlite3.Connection, where: str = "", *values: str) -> list[Reference]:
    """The articles that a clause selects, by their current versions.

    Raises:
        LibraryDamaged: a row is missing or is not what was written.
    """
    first, columns, join = _details(connection)
    rows = connection.execute(
        f"SELECT a.id, a.source, a.version, a.checksum, {_VERSION}, v.checksum, v.rowid, {columns}"  # noqa: S608 - ours
        f" FROM articles a LEFT JOIN versions v ON v.article_id = a.id AND v.version = a.version {join} {where}",
        values,
    )
    return [_reference(first, *row) for row in rows]


def _details(connection: sqlite3.Connection) -> tuple[int | None, str, str]:
    """The first version with details, their columns and what they are joined from; of a library without, stand-ins."""
    try:
        first = details_from(connection)
    except ValueError as error:
        raise LibraryDamaged("The library does not say which of its articles have details: run `pullquote check`.") from error
    if first is None:
        return None, "NULL, NULL", ""
    return first, "d.details, d.checksum", "LEFT JOIN details d ON d.article_id = v.article_id AND d.version = v.version"


def _reference(first: int | None, article_id: str, source: str, version: str, stored: bytes, *label: Any) -> Reference:
    *fields, label_stored, rowid, details, details_stored = label
    broken = checksum(article_id, source, version) != stored or None in fields[:3] or checksum(*fields) != label_stored
    if broken or not _is_whole(first, rowid, article_id, version, details, details_stored):
        raise LibraryDamaged(f"The record of article {article_id} ({source}) is damaged: add it again from its source.")
    return Reference(article_id, fields[2], source, fields[3], version, **_known(details))


def _is_whole(first: int | None, rowid: int, article_id: str, version: str, details: str | None, stored: bytes | None) -> bool:
    if details is None and stored is None:
        return first is None or rowid < first
    return checksum(article_id, version, details) == stored


def _known(details: str | None) -> dict[str, Any]:
    known = json.loads(details or _NO_DETAILS)
    return {**{name: known.get(name) for name in _WORDS}, "tags": tuple(known.get("tags", ()))}


def article(connection: sqlite3.Connection, now: Reference, version: str) -> Article | None:
    """An article in one of its versions, with its text; None where that version is not kept.

    Raises:
        LibraryDamaged: a row is missing or is not what was written.
    """
    first, columns, join = _details(connection)
    row = connection.execute(
        f"SELECT {_VERSION}, v.checksum, v.text, v.rowid, {columns}"  # noqa: S608 - ours
        f" FROM versions v {join} WHERE v.article_id = ? AND v.version = ?",
        (now.id, version),
    ).fetchone()
    if row is None:
        return None
    *fields, stored, text, rowid, details, details_stored = row
    _, version, title, published, set_aside = fields
    text_is_whole = isinstance(text, str) and text_version(text) == version
    is_whole = checksum(*fields) == stored and _is_whole(first, rowid, now.id, version, details, details_stored)
    if not text_is_whole or not is_whole:
        raise LibraryDamaged(f"The text of article {now.id} ({now.source}) is damaged: add it again from its source.")
    aside = tuple(SetAside(*place) for place in json.loads(set_aside))
    parts = tuple(Part(*part) for part in json.loads(details or _NO_DETAILS).get("parts", ()))
    return Article(now.id, title, now.source, published, version, text, aside, parts, **_known(details))


def store(connection: sqlite3.Connection, article_id: str, version: str, text: str, fields: Sequence[str | None]) -> None:
    """Write a version of an article, over the same version where there is one.

    Args:
        fields: as `label` gives them.
    """
    title, published, set_aside, details = fields
    row = (article_id, version, title, published, set_aside)
    connection.execute(
        "INSERT OR REPLACE INTO versions (article_id, version, title, published, set_aside, checksum, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*row, checksum(*row), text),
    )
    kept = (article_id, version, details)
    connection.execute("INSERT OR REPLACE INTO details VALUES (?, ?, ?, ?)", (*kept, checksum(*kept)))
