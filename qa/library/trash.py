"""Undoing: what is taken out of a library is kept, row by row, for as long as it may be put back."""

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
    """An article as it was taken out, with all its versions and its passages' vectors: put back, it is as it was."""

    reference: Reference
    library: str  # whose id and model it was of
    article: Row
    versions: tuple[Row, ...]  # the oldest first
    details: tuple[Row, ...]
    passages: tuple[tuple[Row, bytes | None], ...]  # each with what it is found by when it is added again


def library_and_model(connection: sqlite3.Connection) -> str:
    """Which library this is and which model its vectors are from."""
    rows = connection.execute("SELECT value FROM meta WHERE key IN ('id', 'model_sha256') ORDER BY key").fetchall()
    return " ".join(str(row[0]) for row in rows)


def kept(connection: sqlite3.Connection, reference: Reference) -> Removed:
    """All rows of an article, before it is taken out."""
    of = (reference.id,)
    versions = "article_id, version, title, published, text, set_aside, checksum"
    passages = connection.execute(
        "SELECT article_id, sentences, vector, sentence_vectors, checksum, digest FROM passages"
        " LEFT JOIN encoded ON passage_id = id WHERE article_id = ? ORDER BY id",
        of,
    )
    return Removed(
        reference,
        library_and_model(connection),
        connection.execute("SELECT id, source, version, checksum FROM articles WHERE id = ?", of).fetchone(),
        tuple(connection.execute(f"SELECT {versions} FROM versions WHERE article_id = ? ORDER BY rowid", of)),  # noqa: S608 - ours
        tuple(connection.execute("SELECT article_id, version, details, checksum FROM details WHERE article_id = ?", of)),
        tuple((row[:-1], row[-1]) for row in passages),
    )


def put_back(connection: sqlite3.Connection, generation: int, removed: Removed) -> None:
    """Write the rows again; the passages get ids that were never given, as all that come do.

    Raises:
        LibraryError: an article of that source came in its place, or the library is encoded with another model by now.
    """
    article_id, source = removed.article[:2]
    title = removed.reference.title or source
    if connection.execute("SELECT 1 FROM articles WHERE id = ? OR source = ?", (article_id, source)).fetchone():
        raise LibraryError(f"“{title}” was added again in the meantime; there is nothing to undo.")
    if library_and_model(connection) != removed.library:
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


def _details(removed: Removed) -> Sequence[Row]:
    """The details, also of versions from before there were any, since what is stored now must have them."""
    has = {row[1] for row in removed.details}
    bare = [(row[0], row[1], _NO_DETAILS) for row in removed.versions if row[1] not in has]
    return [*removed.details, *((*row, checksum(*row)) for row in bare)]
