"""View: what one generation of the library holds, each row verified when it is read."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from embeddings.encoder import Vectors
from qa.articles import Article, Reference, SetAside
from qa.errors import LibraryDamaged
from qa.schema import checksum
from qa.words import content_terms

_KEPT_ROWS = 20_000  # passages kept in memory, some 5 kB each; a passage row never changes, so none can be stale
_AT_ONCE = 500  # rows asked for in one statement


@dataclass(frozen=True)
class StoredPassage:
    """A passage as stored; the arrays' first axis runs over its sentences."""

    id: int
    article_id: str
    spans: np.ndarray[Any, np.dtype[np.int32]]  # (n, 2): start and end in the article's text
    vector: Vectors  # (dimension,)
    sentence_vectors: Vectors  # (n, dimension)
    text: str  # the sentences' own, joined by spaces: what is encoded and indexed, not what is shown

    @cached_property
    def start(self) -> int:
        return int(self.spans[0, 0])

    @cached_property
    def end(self) -> int:
        return int(self.spans[-1, 1])

    @cached_property
    def terms(self) -> tuple[frozenset[str], ...]:
        """The content terms of each sentence."""
        terms, at = [], 0
        for start, end in self.spans.tolist():
            terms.append(frozenset(content_terms(self.text[at : at + end - start])))
            at += end - start + 1
        return tuple(terms)


class View:
    """The library as it stood when the transaction behind this began."""

    def __init__(self, connection: sqlite3.Connection, kept: dict[int, StoredPassage]) -> None:
        self._connection = connection
        self._kept = kept

    def meta(self, key: str) -> str:
        """A fact about the library, such as its id or its model's name."""
        return str(self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])

    @cached_property
    def generation(self) -> int:
        """How many changes were committed before."""
        return int(self.meta("generation"))

    def count(self) -> tuple[int, int]:
        """How many articles and passages there are."""
        row = self._connection.execute("SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)")
        articles, passages = row.fetchone()
        return articles, passages

    def version_of(self, source: str) -> tuple[str, str] | None:
        """The id and version of the article that came from a source."""
        row = self._connection.execute("SELECT id, version FROM articles WHERE source = ?", (source,)).fetchone()
        return (row[0], row[1]) if row else None

    def references(self) -> list[Reference]:
        """All articles, by source."""
        rows = self._connection.execute(
            "SELECT a.id, v.title, a.source, v.published, a.version FROM articles a"
            " JOIN versions v ON v.article_id = a.id AND v.version = a.version ORDER BY a.source"
        )
        return [Reference(*row) for row in rows]

    def reference(self, article_id: str) -> Reference | None:
        """One article without its text, or None."""
        article = self.article(article_id)
        return article.reference if article else None

    def article(self, article_id: str, version: str | None = None) -> Article | None:
        """One article with its text, as it is now or in an earlier version; None where there is none.

        Raises:
            LibraryDamaged: the row is not what was written.
        """
        row = self._connection.execute(
            "SELECT v.article_id, v.version, v.title, v.published, v.text, v.set_aside, v.checksum, a.source"
            " FROM articles a JOIN versions v ON v.article_id = a.id AND v.version = ifnull(?, a.version) WHERE a.id = ?",
            (version, article_id),
        ).fetchone()
        if row is None:
            return None
        *fields, stored, source = row
        if checksum(*fields) != stored:
            raise LibraryDamaged(f"The text of article {article_id} ({source}) is damaged: add it again from its source.")
        _, version, title, published, text, set_aside = fields
        places = tuple(SetAside(*place) for place in json.loads(set_aside))
        return Article(article_id, title, source, published, version, text, places)

    def versions(self, article_id: str) -> list[str]:
        """All versions of an article that are kept, the oldest first."""
        rows = self._connection.execute("SELECT version FROM versions WHERE article_id = ? ORDER BY rowid", (article_id,))
        return [row[0] for row in rows]

    def passages(self, ids: Sequence[int]) -> list[StoredPassage]:
        """These passages, in the order of the ids.

        Raises:
            LibraryDamaged: a row is missing or is not what was written.
        """
        missing = [passage_id for passage_id in ids if passage_id not in self._kept]
        read = {passage.id: passage for passage in self._read(missing)} if missing else {}
        if len(self._kept) + len(read) > _KEPT_ROWS:
            self._kept.clear()
        self._kept.update(read)
        try:
            return [read.get(passage_id) or self._kept[passage_id] for passage_id in ids]
        except KeyError as error:
            raise LibraryDamaged(f"Passage {error} is in an index but not in the library: run `pullquote check`.") from None

    def article_passages_near(self, passage: StoredPassage) -> list[StoredPassage]:
        """A passage between the one before it and the one after it in the same article."""
        rows = self._connection.execute(
            "SELECT id FROM passages WHERE article_id = ? AND id BETWEEN ? AND ? ORDER BY id",
            (passage.article_id, passage.id - 1, passage.id + 1),  # an article's passages are stored in a row
        )
        return self.passages([row[0] for row in rows])

    def removed_since(self, generation: int) -> list[int]:
        """Ids of the passages that went after a generation."""
        rows = self._connection.execute("SELECT passage_id FROM removals WHERE generation > ?", (generation,))
        return [row[0] for row in rows]

    def added_since(self, generation: int) -> Iterator[StoredPassage]:
        """The passages that came after a generation and are still there, a few at a time in memory."""
        rows = self._connection.execute("SELECT id FROM passages WHERE generation > ? ORDER BY id", (generation,))
        ids = [row[0] for row in rows]
        for start in range(0, len(ids), _AT_ONCE):
            yield from self._read(ids[start : start + _AT_ONCE])

    def _read(self, ids: Sequence[int]) -> Iterator[StoredPassage]:
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            yield from self._decode(
                self._connection.execute(
                    "SELECT p.id, p.article_id, p.sentences, p.vector, p.sentence_vectors, p.checksum, v.text"
                    " FROM passages p JOIN articles a ON a.id = p.article_id"
                    " JOIN versions v ON v.article_id = a.id AND v.version = a.version"
                    f" WHERE p.id IN ({marks}) ORDER BY p.id",
                    some,
                )
            )

    def _decode(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[StoredPassage]:
        for passage_id, article_id, sentences, vector, sentence_vectors, stored, text in rows:
            if checksum(article_id, sentences, vector, sentence_vectors) != stored:
                raise LibraryDamaged(f"Passage {passage_id} of article {article_id} is damaged: run `pullquote check`.")
            spans = np.frombuffer(sentences, np.int32).reshape(-1, 2)
            vectors = np.frombuffer(sentence_vectors, np.float16).reshape(len(spans), -1)
            yield StoredPassage(
                passage_id,
                article_id,
                spans,
                np.frombuffer(vector, np.float16).astype(np.float32),
                vectors.astype(np.float32),
                " ".join(text[start:end] for start, end in spans.tolist()),
            )
