"""Trash: the rows of a removed article, kept in memory for as long as it may be restored."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qa.library.schema import checksum
from qa.types.articles import Reference
from qa.types.errors import LibraryError

_NO_DETAILS = "{}"
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """A removed article with all its versions and its passages' vectors. Restored, it is as it was."""

    reference: Reference
    library: str  # the library's id and its model
    article: Row
    versions: tuple[Row, ...]  # the oldest first
    details: tuple[Row, ...]
    passages: tuple[tuple[Row, bytes | None], ...]  # each with the digest of what was encoded
    original: bytes | None = None  # the file that it was uploaded in, unless that is too large


def collect(connection: sqlite3.Connection, reference: Reference) -> Removed:
    """Return all rows of an article, before it is removed."""
    article_id = (reference.id,)
    versions = "article_id, version, title, published, text, set_aside, checksum"
    passages = connection.execute(
        "SELECT article_id, sentences, vector, sentence_vectors, checksum, digest FROM passages"
        " LEFT JOIN encoded ON passage_id = id WHERE article_id = ? ORDER BY id",
        article_id,
    )
    return Removed(
        reference,
        _library_and_model(connection),
        connection.execute("SELECT id, source, version, checksum FROM articles WHERE id = ?", article_id).fetchone(),
        tuple(connection.execute(f"SELECT {versions} FROM versions WHERE article_id = ? ORDER BY rowid", article_id)),  # noqa: S608 - ours
        tuple(
            connection.execute("SELECT article_id, version, details, checksum FROM details WHERE article_id = ?", article_id)
        ),
        tuple((row[:-1], row[-1]) for row in passages),
    )


def restore(connection: sqlite3.Connection, generation: int, removed: Removed) -> None:
    """Write the rows of an article again. Its passages get new ids, as all passages of a new generation do.

    Raises:
        LibraryError: an article with that source was added in the meantime, or the library uses another model by now.
    """
    article_id, source = removed.article[:2]
    title = removed.reference.title or source
    if connection.execute("SELECT 1 FROM articles WHERE id = ? OR source = ?", (article_id, source)).fetchone():
        raise LibraryError(f"“{title}” was added again in the meantime; there is nothing to undo.")
    if _library_and_model(connection) != removed.library:
        raise LibraryError(f"“{title}” cannot be put back, since the library uses another model by now: add it again.")
    connection.execute("INSERT INTO articles VALUES (?, ?, ?, ?)", removed.article)
    connection.executemany(
        "INSERT INTO versions (article_id, version, title, published, text, set_aside, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)",
        removed.versions,
    )
    connection.executemany("INSERT INTO details VALUES (?, ?, ?, ?)", _details(removed))
    for row, digest in removed.passages:
        cursor = connection.execute(
            "INSERT INTO passages (article_id, sentences, vector, sentence_vectors, generation, checksum)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (*row[:-1], generation, row[-1]),
        )
        if digest is not None:
            connection.execute("INSERT INTO encoded VALUES (?, ?)", (cursor.lastrowid, digest))


def _library_and_model(connection: sqlite3.Connection) -> str:
    """Return the library's id and the hash of its model."""
    rows = connection.execute("SELECT value FROM meta WHERE key IN ('id', 'model_sha256') ORDER BY key").fetchall()
    return " ".join(str(row[0]) for row in rows)


def _details(removed: Removed) -> Sequence[Row]:
    """Return the details of all versions. Versions that had none get empty ones, since every version stored now has some."""
    described = {row[1] for row in removed.details}
    bare = [(row[0], row[1], _NO_DETAILS) for row in removed.versions if row[1] not in described]
    return [*removed.details, *((*row, checksum(*row)) for row in bare)]
