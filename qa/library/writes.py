"""Changes: what a transaction writes of articles, their passages and the files they came from."""

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

_DIGEST_BYTES = 16  # enough to find; what is found is compared


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article read, cut and encoded, ready to be stored."""

    draft: Draft
    windows: Sequence[Window]
    vectors: Sequence[PassageVectors]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file or page that was read to its end."""

    origin: str  # its path or address
    sha256: str  # of its bytes
    loaders: int  # which edition of the loaders read it
    sources: tuple[str, ...]  # of the articles in it


def put(connection: sqlite3.Connection, generation: int, new: NewArticle) -> None:
    """Store an article, or a new version of it."""
    draft = new.draft
    found = connection.execute("SELECT id FROM articles WHERE source = ?", (draft.source,)).fetchone()
    version = text_version(draft.text)
    if found:
        article_id = str(found[0])
        retire(connection, generation, article_id)
    else:
        article_id = _free_id(connection, draft.source)
    row = (article_id, draft.source, version)
    connection.execute(
        "INSERT INTO articles VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET version = excluded.version, checksum = excluded.checksum",
        (*row, checksum(*row)),
    )
    metadata.store(connection, article_id, version, draft.text, metadata.label(draft))
    put_passages(connection, generation, article_id, new.windows, new.vectors)


def put_file(connection: sqlite3.Connection, file: ReadFile) -> list[str]:
    """Note that a file was read; the ids of articles that it held before and does not any more."""
    before = connection.execute("SELECT * FROM files WHERE origin = ?", (file.origin,)).fetchone()
    held = set(json.loads(before[3])) if before and checksum(*before[:-1]) == before[-1] else set()
    ids = [connection.execute("SELECT id FROM articles WHERE source = ?", (source,)).fetchone() for source in file.sources]
    now = {str(row[0]) for row in ids if row}
    row = (file.origin, file.sha256, str(file.loaders), json.dumps(sorted(now)))
    connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", (*row, checksum(*row)))
    return sorted(held - now)


def forget_file(connection: sqlite3.Connection, origin: str) -> None:
    """Take out the note that a file was read."""
    connection.execute("DELETE FROM files WHERE origin = ?", (origin,))


def take_out(connection: sqlite3.Connection, generation: int, article_id: str) -> None:
    """Remove an article with its versions."""
    retire(connection, generation, article_id)
    connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def _free_id(connection: sqlite3.Connection, source: str) -> str:
    digest = hashlib.sha256(source.encode()).hexdigest()
    for digits in range(12, len(digest) + 1):
        if not connection.execute("SELECT 1 FROM articles WHERE id = ?", (digest[:digits],)).fetchone():
            break
    return digest[:digits]


def retire(connection: sqlite3.Connection, generation: int, article_id: str) -> None:
    """Take an article's passages out, leaving a note for indexes that still hold them."""
    connection.execute("INSERT INTO removals SELECT id, ? FROM passages WHERE article_id = ?", (generation, article_id))
    connection.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))


def put_passages(
    connection: sqlite3.Connection,
    generation: int,
    article_id: str,
    windows: Sequence[Window],
    vectors: Sequence[PassageVectors],
) -> None:
    """Store an article's passages."""
    rows = []
    for window, of_window in zip(windows, vectors, strict=True):
        places = _places([(sentence.start, sentence.end) for sentence in window.sentences])
        vector, sentence_vectors = (each.astype(np.float16).tobytes() for each in (of_window.passage, of_window.sentences))
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


def _places(places: Sequence[tuple[int, int]]) -> bytes:
    return np.array(places, np.int32).tobytes()


def digest(text: PassageText) -> bytes:
    """What a passage is found by that was encoded from a text with its sentences in the same places."""
    return checksum(text.text, _places(text.sentences))[:_DIGEST_BYTES]
