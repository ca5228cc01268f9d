"""Snapshot: one generation of the library. Each row is verified when it is read."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from embeddings.index.flat_index import Halves, Ids
from qa.library import metadata
from qa.library.records import PassageRow, StoredFile, StoredPassage
from qa.library.schema import checksum
from qa.types.article_summary import ArticleSummary
from qa.types.articles import Article, Reference
from qa.types.errors import LibraryDamaged

EXPECTED = "expected "  # begins the key of a file that belongs to the library
_CACHED_ROWS = 20_000  # passages in memory, some 10 kB each
_AT_ONCE = 500  # rows read by one statement
_VECTORS_AT_ONCE = 2_000  # rows read for their vectors only, some 5 kB each
_LAST_ID = 2**63 - 1
_FILES = "SELECT origin, sha256, loaders, articles, checksum FROM files"


@dataclass(slots=True)
class RowCache:
    """Rows cached between questions. None can be stale: passages never change, and a cache is for one stamp of metadata."""

    passages: dict[int, PassageRow] = field(default_factory=dict)  # with their articles, once those were needed
    articles: WeakValueDictionary[tuple[str, str], Article] = field(
        default_factory=WeakValueDictionary
    )  # by id and version, as long as a cached passage has them
    stamp: str = ""  # `Snapshot.metadata_stamp`


class Snapshot:
    """The library as it was when the transaction of this connection began."""

    def __init__(self, connection: sqlite3.Connection, cache: RowCache) -> None:
        self._connection = connection
        self._cache = cache

    def meta(self, key: str) -> str:
        """Return a fact about the library, such as its id or its model's name.

        Raises:
            LibraryDamaged: the fact is missing or damaged.
        """
        row = self._connection.execute("SELECT value, checksum FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None or checksum(key, row[0]) != row[1]:
            raise LibraryDamaged(f"The library does not say its {key}, or not as written: restore its folder from a copy.")
        return str(row[0])

    def damaged_facts(self) -> list[str]:
        """Return the keys of facts about the library that are not as written."""
        rows = self._connection.execute("SELECT key, value, checksum FROM meta").fetchall()
        return [key for key, value, stored in rows if checksum(key, value) != stored]

    @property
    def cutting(self) -> int:
        """The version of the rules that passages were cut by: 1 in a library made before it was recorded."""
        row = self._connection.execute("SELECT value, checksum FROM meta WHERE key = 'sentences'").fetchone()
        return int(row[0]) if row and checksum("sentences", row[0]) == row[1] else 1

    @cached_property
    def schema(self) -> int:
        """The number of the database's schema."""
        schema = self.meta("schema")
        if not schema.isdecimal():
            raise LibraryDamaged(f"The library's format is not a number but {schema!r}: restore its folder from a copy.")
        return int(schema)

    @cached_property
    def generation(self) -> int:
        """The number of changes that were committed before."""
        generation = self.meta("generation")
        if not generation.isdecimal():
            raise LibraryDamaged(f"The library's generation is not a number but {generation!r}: run `pullquote check`.")
        return int(generation)

    @cached_property
    def metadata_stamp(self) -> str:
        """What differs once the metadata of a stored version has changed."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = 'metadata_changed'").fetchone()
        return str(row[0]) if row else ""

    @cached_property
    def _has_files(self) -> bool:
        """Whether the library was changed since files are recorded, so that it has the table."""
        return (
            self.schema > 1 or self._connection.execute("SELECT 1 FROM meta WHERE key = 'details_from'").fetchone() is not None
        )

    def expected_files(self) -> dict[str, str]:
        """Return the fingerprints of the files beside the database that belong to the library, by name.

        Raises:
            LibraryDamaged: a fingerprint is damaged.
        """
        rows = self._connection.execute("SELECT key FROM meta WHERE key GLOB ?", (f"{EXPECTED}*",)).fetchall()
        return {key.removeprefix(EXPECTED): self.meta(key) for (key,) in rows}

    def count(self) -> tuple[int, int]:
        """Return the number of articles and of passages."""
        rows = self._connection.execute("SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)")
        articles, passages = rows.fetchone()
        return articles, passages

    def version_of(self, source: str) -> tuple[str, str] | None:
        """Return the id and version of a source's article, or None. The version of a damaged row is empty."""
        row = self._connection.execute("SELECT id, version, checksum FROM articles WHERE source = ?", (source,)).fetchone()
        if row is None:
            return None
        return row[0], row[1] if checksum(row[0], source, row[1]) == row[2] else ""

    def file(self, origin: str) -> StoredFile | None:
        """Return the record of a file or page that was read, or None if it was not or the record is damaged."""
        if not self._has_files:
            return None
        row = self._connection.execute(f"{_FILES} WHERE origin = ?", (origin,)).fetchone()
        return _parse_file(*row) if row else None

    def files(self) -> list[StoredFile]:
        """Return the records of all files and pages that were read, but damaged ones."""
        rows = self._connection.execute(_FILES).fetchall() if self._has_files else []
        return [file for row in rows if (file := _parse_file(*row))]

    def has_damaged_files(self) -> bool:
        """Whether the record of a file or page that was read is damaged."""
        return self._has_files and len(self.files()) < self._connection.execute("SELECT count(*) FROM files").fetchone()[0]

    def origins(self) -> dict[str, tuple[str, ...]]:
        """Return the ids of articles by the file or page they came from, or by source if that was not recorded."""
        files = {file.origin: file.articles for file in self.files()}
        recorded = {article_id for ids in files.values() for article_id in ids}
        sources = self._connection.execute("SELECT source, id FROM articles").fetchall()
        return {source: (article_id,) for source, article_id in sources if article_id not in recorded} | files

    def article_ids(self) -> list[str]:
        """Return the ids of all articles, sorted by source."""
        return [row[0] for row in self._connection.execute("SELECT id FROM articles ORDER BY source")]

    def references(self) -> list[Reference]:
        """Return all articles without their texts, sorted by source.

        Raises:
            LibraryDamaged: a row is missing or damaged.
        """
        references = metadata.read_references(self._connection, "ORDER BY a.source")
        if len(references) != self.count()[0]:  # a damaged index of the table hides rows
            raise LibraryDamaged("The list of articles is damaged: run `pullquote check`.")
        return references

    def holdings(self) -> list[ArticleSummary]:
        """Return a summary of each article, sorted by source.

        Raises:
            LibraryDamaged: a row is missing or damaged.
        """
        counts = self._connection.execute("SELECT article_id, count(*) FROM passages GROUP BY article_id")
        return metadata.read_summaries(self._connection, dict(counts.fetchall()))

    def exists(self, article_id: str) -> bool:
        """Whether there is an article with that id, damaged or not."""
        return self._connection.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone() is not None

    def reference(self, article_id: str) -> Reference | None:
        """Return an article without its text, or None. The text is neither read nor verified.

        Raises:
            LibraryDamaged: the row is damaged.
        """
        return next(iter(metadata.read_references(self._connection, "WHERE a.id = ?", article_id)), None)

    def article(self, article_id: str, version: str | None = None, *, corrected: bool = True) -> Article | None:
        """Return an article with its text, in the current or an earlier version, or None.

        Args:
            corrected: whether a user's corrections stand in the place of what the source says.

        Raises:
            LibraryDamaged: the row is damaged.
        """
        current = self.reference(article_id)
        if current is None:
            return None
        version = current.version if version is None else version
        return metadata.read_article(self._connection, current, version, corrected=corrected)

    def versions(self, article_id: str) -> list[str]:
        """Return the versions of an article that are kept, the oldest first."""
        rows = self._connection.execute("SELECT version FROM versions WHERE article_id = ? ORDER BY rowid", (article_id,))
        return [row[0] for row in rows]

    def passages(self, ids: Sequence[int]) -> list[StoredPassage]:
        """Return passages in the order of their ids.

        Raises:
            LibraryDamaged: a row is missing or damaged.
        """
        return [self._with_article(row) for row in self.rows(ids)]

    def rows(self, ids: Sequence[int]) -> list[PassageRow]:
        """Return passages in the order of their ids, without their articles, which are neither read nor verified.

        Raises:
            LibraryDamaged: a row is missing or damaged.
        """
        cached = self._cache.passages
        rows = {passage_id: cached[passage_id] for passage_id in ids if passage_id in cached}
        missing = [passage_id for passage_id in ids if passage_id not in rows]
        if missing:
            new = {row.id: row for row in self._read_rows(missing)}
            if len(cached) + len(new) > _CACHED_ROWS:
                self._cache.passages = cached = {}  # a new dict, since other threads may be reading the old one
            cached.update(new)
            rows.update(new)
        try:
            return [rows[passage_id] for passage_id in ids]
        except KeyError as error:
            raise LibraryDamaged(f"Passage {error} is in an index but not in the library: run `pullquote check`.") from None

    def article_passages(self, article_id: str) -> list[StoredPassage]:
        """Return an article's passages in the order of its text."""
        return self.passages(self._passage_ids(article_id))

    def passage_ids_of(self, article_ids: Collection[str]) -> Ids:
        """Return the ids, ascending, of all passages of some articles."""
        rows = self._connection.execute(
            "SELECT id FROM passages WHERE article_id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(article_ids)),),
        )
        return np.fromiter((row[0] for row in rows), np.int64)

    def article_passages_near(self, passage: StoredPassage) -> list[StoredPassage]:
        """Return a passage with the one before it and the one after it in the same article."""
        rows = self._connection.execute(
            "SELECT id FROM passages WHERE article_id = ? AND id BETWEEN ? AND ? ORDER BY id",
            (passage.article.id, passage.id - 1, passage.id + 1),  # an article's passages have consecutive ids
        )
        return self.passages([row[0] for row in rows])

    def fresh_passages(self, article_id: str) -> Iterator[StoredPassage]:
        """Yield an article's passages, read from the disk even if they are cached."""
        return self._read(self._passage_ids(article_id))

    def integrity(self) -> list[str]:
        """Return what SQLite itself finds wrong."""
        findings = [str(row[0]) for row in self._connection.execute("PRAGMA integrity_check(10)")]
        return [] if findings == ["ok"] else findings

    def latest_sources(self, n_generations: int, k: int) -> list[tuple[int, str]]:
        """Return the sources of the k articles added or changed last in so many generations, each with its generation."""
        rows = self._connection.execute(
            "SELECT DISTINCT p.generation, a.source FROM passages p JOIN articles a ON a.id = p.article_id"
            " WHERE p.generation > ? ORDER BY p.generation DESC, a.source LIMIT ?",
            (self.generation - n_generations, k),
        )
        return rows.fetchall()

    @cached_property
    def removals_known_from(self) -> int:
        """The generation since which it is known which passages were removed. An older index must be made anew."""
        row = self._connection.execute("SELECT 1 FROM meta WHERE key = 'removals_from'").fetchone()
        return int(self.meta("removals_from")) if row else 0

    def earlier_versions(self) -> set[tuple[str, str]]:
        """Return the ids and versions of what articles were before."""
        rows = self._connection.execute(
            "SELECT v.article_id, v.version FROM versions v JOIN articles a ON a.id = v.article_id WHERE v.version <> a.version"
        )
        return set(rows.fetchall())

    def removed_since(self, generation: int) -> list[int]:
        """Return the ids of passages that were removed after a generation."""
        rows = self._connection.execute("SELECT passage_id FROM removals WHERE generation > ?", (generation,))
        return [row[0] for row in rows]

    def n_removed_since(self, generation: int) -> int:
        """Return how many passages were removed after a generation."""
        row = self._connection.execute("SELECT count(*) FROM removals WHERE generation > ?", (generation,))
        return int(row.fetchone()[0])

    def n_added_since(self, generation: int) -> int:
        """Return how many passages were added after a generation and are still there."""
        row = self._connection.execute("SELECT count(*) FROM passages WHERE generation > ?", (generation,))
        return int(row.fetchone()[0])

    def added_since(self, generation: int) -> Iterator[StoredPassage]:
        """Yield the passages that were added after a generation and are still there, a few at a time in memory."""
        for rows in self._since(generation, "generation, id", _AT_ONCE):
            yield from self._read([row[1] for row in rows])

    def vectors_since(self, generation: int) -> Iterator[tuple[list[int], Halves]]:
        """Yield the ids and vectors (n, dimension) of those passages in chunks, without reading their articles.

        Raises:
            LibraryDamaged: a row is damaged.
        """
        columns = "generation, id, checksum, article_id, sentences, vector, sentence_vectors"
        for rows in self._since(generation, columns, _VECTORS_AT_ONCE):
            for _, passage_id, stored, *fields in rows:
                if checksum(*fields) != stored:
                    raise LibraryDamaged(_damaged(passage_id, fields[0]))
            vectors = np.frombuffer(b"".join(row[5] for row in rows), np.float16)
            yield [row[1] for row in rows], vectors.reshape(len(rows), -1)

    def _since(self, generation: int, columns: str, at_once: int) -> Iterator[list[Any]]:
        """Yield chunks of the passages added after a generation. Their columns begin with the generation and the id."""
        last = (generation, _LAST_ID)
        while rows := self._connection.execute(
            f"SELECT {columns} FROM passages WHERE (generation, id) > (?, ?) ORDER BY generation, id LIMIT ?", (*last, at_once)
        ).fetchall():
            yield rows
            last = rows[-1][:2]

    def _passage_ids(self, article_id: str) -> list[int]:
        rows = self._connection.execute("SELECT id FROM passages WHERE article_id = ? ORDER BY id", (article_id,))
        return [row[0] for row in rows]

    def _with_article(self, row: PassageRow) -> StoredPassage:
        if isinstance(row, StoredPassage):
            return row
        article = self._cache.articles.get((row.article_id, row.version)) or self.article(row.article_id, row.version)
        if article is None:
            raise LibraryDamaged(f"The text of article {row.article_id} is missing: add it again from its source.")
        self._cache.articles[row.article_id, row.version] = article
        passage = StoredPassage(row.id, row.article_id, row.version, row.spans, row.vectors, article)
        if row.id in self._cache.passages:
            self._cache.passages[row.id] = passage
        return passage

    def _read(self, ids: Sequence[int]) -> Iterator[StoredPassage]:
        return map(self._with_article, self._read_rows(ids))

    def _read_rows(self, ids: Sequence[int]) -> Iterator[PassageRow]:
        for start in range(0, len(ids), _AT_ONCE):
            chunk = ids[start : start + _AT_ONCE]
            marks = ",".join("?" * len(chunk))  # the only thing put into the statement's text
            rows = self._connection.execute(
                "SELECT p.id, p.article_id, p.sentences, p.vector, p.sentence_vectors, p.checksum, a.version"
                f" FROM passages p JOIN articles a ON a.id = p.article_id WHERE p.id IN ({marks}) ORDER BY p.id",
                chunk,
            )
            yield from (_parse_row(*row) for row in rows.fetchall())


def _parse_row(
    passage_id: int, article_id: str, sentences: bytes, vector: bytes, vectors: bytes, stored: bytes, version: str
) -> PassageRow:
    if checksum(article_id, sentences, vector, vectors) != stored:
        raise LibraryDamaged(_damaged(passage_id, article_id))
    spans = np.frombuffer(sentences, np.int32).reshape(-1, 2)
    stacked = np.frombuffer(vector + vectors, np.float16).reshape(1 + len(spans), -1).astype(np.float32)
    return PassageRow(passage_id, article_id, version, spans, stacked)


def _parse_file(origin: str, sha256: str, loaders: str, articles: str, stored: bytes) -> StoredFile | None:
    if checksum(origin, sha256, loaders, articles) != stored:
        return None  # the file is read again
    return StoredFile(origin, sha256, int(loaders), tuple(json.loads(articles)))


def _damaged(passage_id: int, article_id: str) -> str:
    return f"Passage {passage_id} of article {article_id} is damaged: run `pullquote check`."
