"""Writes: what a transaction writes of articles, their passages and the files they came from."""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings import PassageText, PassageVectors
from qa.library import metadata
from qa.library.schema import checksum, text_version
from qa.sources.formats.draft import Draft
from qa.text.passages import Window

_DIGEST_BYTES = 16  # enough to find a passage by; its text is compared then


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article that was parsed, cut and encoded, ready to be stored."""

    draft: Draft
    windows: Sequence[Window]
    vectors: Sequence[PassageVectors]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file or page that was read to its end."""

    origin: str  # its path or address
    sha256: str  # of its bytes
    loaders: int  # the version of the loaders that read it
    sources: tuple[str, ...]  # of the articles in it


def put_article(connection: sqlite3.Connection, generation: int, new: NewArticle) -> bool:
    """Store an article, or a new version of it. Return whether that version was stored before, with other metadata."""
    draft = new.draft
    row = connection.execute("SELECT id FROM articles WHERE source = ?", (draft.source,)).fetchone()
    version = text_version(draft.text)
    if row:
        article_id = str(row[0])
        remove_passages(connection, generation, article_id)
    else:
        article_id = _unused_id(connection, draft.source)
    is_known = connection.execute(
        "SELECT 1 FROM versions WHERE article_id = ? AND version = ?", (article_id, version)
    ).fetchone()
    article = (article_id, draft.source, version)
    connection.execute(
        "INSERT INTO articles VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET version = excluded.version, checksum = excluded.checksum",
        (*article, checksum(*article)),
    )
    metadata.write_version(connection, article_id, version, draft.text, metadata.to_columns(draft))
    put_passages(connection, generation, article_id, new.windows, new.vectors)
    return is_known is not None


def remove_article(connection: sqlite3.Connection, generation: int, article_id: str) -> None:
    """Remove an article with its versions."""
    remove_passages(connection, generation, article_id)
    connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def put_file(connection: sqlite3.Connection, file: ReadFile) -> list[str]:
    """Record that a file was read.

    Returns:
        The ids of articles that the file held before and does not hold any more.
    """
    row = connection.execute("SELECT * FROM files WHERE origin = ?", (file.origin,)).fetchone()
    before = set(json.loads(row[3])) if row and checksum(*row[:-1]) == row[-1] else set()
    ids = [connection.execute("SELECT id FROM articles WHERE source = ?", (source,)).fetchone() for source in file.sources]
    now = {str(row[0]) for row in ids if row}
    record = (file.origin, file.sha256, str(file.loaders), json.dumps(sorted(now)))
    connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", (*record, checksum(*record)))
    return sorted(before - now)


def forget_file(connection: sqlite3.Connection, origin: str) -> None:
    """Delete the record that a file was read."""
    connection.execute("DELETE FROM files WHERE origin = ?", (origin,))


def put_passages(
    connection: sqlite3.Connection,
    generation: int,
    article_id: str,
    windows: Sequence[Window],
    vectors: Sequence[PassageVectors],
) -> None:
    """Store an article's passages."""
    rows = []
    for window, encoded in zip(windows, vectors, strict=True):
        places = _places([(sentence.start, sentence.end) for sentence in window.sentences])
        vector, sentence_vectors = (each.astype(np.float16).tobytes() for each in (encoded.passage, encoded.sentences))
        row = (article_id, places, vector, sentence_vectors)
        rows.append((*row, generation, checksum(*row)))
    connection.executemany(
        "INSERT INTO passages (article_id, sentences, vector, sentence_vectors, generation, checksum)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        rows,
    )
    ids = connection.execute("SELECT id FROM passages WHERE article_id = ? ORDER BY id", (article_id,)).fetchall()
    hints = [(passage_id, digest(window.encoded)) for (passage_id,), window in zip(ids, windows, strict=True)]
    connection.executemany("INSERT OR REPLACE INTO encoded VALUES (?, ?)", hints)


def remove_passages(connection: sqlite3.Connection, generation: int, article_id: str) -> None:
    """Remove an article's passages, and record their ids for indexes that still hold them."""
    connection.execute("INSERT INTO removals SELECT id, ? FROM passages WHERE article_id = ?", (generation, article_id))
    connection.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))


def digest(text: PassageText) -> bytes:
    """Return what a passage is found by: a hash of the text that was encoded and of its sentences' places."""
    return checksum(text.text, _places(text.sentences))[:_DIGEST_BYTES]


def _places(places: Sequence[tuple[int, int]]) -> bytes:
    return np.array(places, np.int32).tobytes()


def _unused_id(connection: sqlite3.Connection, source: str) -> str:
    """Return the first 12 hexadecimal digits of the source's hash, or more if an article has that id."""
    digits = hashlib.sha256(source.encode()).hexdigest()
    for length in range(12, len(digits) + 1):
        if not connection.execute("SELECT 1 FROM articles WHERE id = ?", (digits[:length],)).fetchone():
            break
    return digits[:length]
