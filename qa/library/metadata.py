"""Labels: what is stored of an article beside its text, as rows, verified when they are read."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from qa.library.schema import checksum, details_from, text_version
from qa.types.article_summary import ArticleSummary
from qa.types.articles import Article, Part, Reference, SetAside
from qa.types.errors import LibraryDamaged

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
    return [reference for reference, _ in _described(connection, where, *values)]


def holdings(connection: sqlite3.Connection, n_passages: Mapping[str, int]) -> list[ArticleSummary]:
    """All articles with when they came, by source.

    Args:
        n_passages: by the article's id.

    Raises:
        LibraryDamaged: as for `references`.
    """
    return [
        ArticleSummary(reference, n_passages.get(reference.id, 0), *_times(details))
        for reference, details in _described(connection, "ORDER BY a.source")
    ]


def _described(connection: sqlite3.Connection, where: str, *values: str) -> list[tuple[Reference, dict[str, Any]]]:
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


def _reference(
    first: int | None, article_id: str, source: str, version: str, stored: bytes, *label: Any
) -> tuple[Reference, dict[str, Any]]:
    *fields, label_stored, rowid, details, details_stored = label
    broken = checksum(article_id, source, version) != stored or None in fields[:3] or checksum(*fields) != label_stored
    if broken or not _is_whole(first, rowid, article_id, version, details, details_stored):
        raise LibraryDamaged(f"The record of article {article_id} ({source}) is damaged: add it again from its source.")
    known = json.loads(details or _NO_DETAILS)
    return Reference(article_id, fields[2], source, fields[3], version, **_known(known)), known


def _is_whole(first: int | None, rowid: int, article_id: str, version: str, details: str | None, stored: bytes | None) -> bool:
    if details is None and stored is None:
        return first is None or rowid < first
    return checksum(article_id, version, details) == stored


def _known(known: Mapping[str, Any]) -> dict[str, Any]:
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
    known = json.loads(details or _NO_DETAILS)
    parts = tuple(Part(*part) for part in known.get("parts", ()))
    return Article(now.id, title, now.source, published, version, text, aside, parts, **_known(known))


def store(connection: sqlite3.Connection, article_id: str, version: str, text: str, fields: Sequence[str | None]) -> None:
    """Write a version of an article, over the same version where there is one.

    Args:
        fields: as `label` gives them.
    """
    title, published, set_aside, details = fields
    details = _dated(connection, article_id, details or _NO_DETAILS)
    row = (article_id, version, title, published, set_aside)
    connection.execute(
        "INSERT OR REPLACE INTO versions (article_id, version, title, published, set_aside, checksum, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*row, checksum(*row), text),
    )
    kept = (article_id, version, details)
    connection.execute("INSERT OR REPLACE INTO details VALUES (?, ?, ?, ?)", (*kept, checksum(*kept)))


def _dated(connection: sqlite3.Connection, article_id: str, details: str) -> str:
    """Details with when the version is stored, and when the article first was."""
    rows = connection.execute("SELECT version, details, checksum FROM details WHERE article_id = ?", (article_id,)).fetchall()
    whole = [json.loads(row[1]) for row in rows if checksum(article_id, row[0], row[1]) == row[2]]
    known = [added for each in whole if (added := _times(each)[0])]
    is_first = connection.execute("SELECT 1 FROM versions WHERE article_id = ?", (article_id,)).fetchone() is None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    times = {"added": min(known) if known else now if is_first else None, "changed": now}
    return json.dumps({**json.loads(details), **times}, ensure_ascii=False)


def _times(details: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """When an article first came and when a version of it did; None of what came before that was noted."""
    return details.get("added"), details.get("changed")
