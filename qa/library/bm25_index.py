"""Bm25Index: the passages that hold a question's words, ranked by BM25, in tantivy."""

import hashlib
import json
import math
import os
import shutil
import tempfile
import uuid
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from embeddings import IndexDamaged
from embeddings.atomic_write import write_atomically
from embeddings.index.flat_index import Ids
from qa.text.terms import ANALYZER, separate

_STAMP = "stamp.json"
OLD = ".old"  # the suffix of folders that are being deleted
_ANALYZER = "words"
# A word in more than half of the passages is no evidence (its Robertson and Spärck Jones weight is below zero), and a search
# spends most of its time on such words. In a small library there is no time to save.
_COMMON, _MANY_PASSAGES = 0.5, 10_000
_FURTHER = 10  # times k: how many passages are ranked before the search is restricted to the allowed ones
_LARGE = 4_000_000  # bytes of a file; a smaller one is hashed within milliseconds
_MOST_DIGESTS = 1_000
_digests: dict[Path, tuple[tuple[int, ...], bytes]] = {}
_WRITER_HEAP = 32_000_000  # bytes; tantivy wants 15 MB a thread at least


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)  # deleting by an unsigned id deletes nothing in 0.27
    builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


class _TemporaryCopy:
    """A copy of a read-only folder, where tantivy could not create its lock files. It is deleted with its last user."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pullquote-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        for path in folder.iterdir():
            shutil.copyfile(path, self.folder / path.name)  # without its mode, which may be read-only


class Bm25Index:
    """The terms of passages under integer ids, as they were when the index was opened or updated.

    Source: BM25, Robertson and Zaragoza 2009, with tantivy's k1 1.2 and b .75.
    """

    def __init__(self, index: tantivy.Index, copy: "_TemporaryCopy | None" = None) -> None:
        """Wrap a tantivy index.

        Args:
            copy: the temporary folder that the index is in, if it is in one.
        """
        index.register_tokenizer(_ANALYZER, ANALYZER)
        index.reload()
        self._index, self._copy = index, copy
        self._searcher = index.searcher()

    @classmethod
    def in_memory(cls) -> "Bm25Index":
        """Return an empty index in memory."""
        return cls(tantivy.Index(_schema()))

    @classmethod
    def create(cls, folder: Path) -> "Bm25Index":
        """Return an empty index in a folder, whose content is deleted."""
        if folder.exists():  # renamed first, since an index that is still open may write a file while the folder is deleted
            old = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}{OLD}")
            folder.rename(old)
            shutil.rmtree(old, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)  # tantivy's files can be read by whoever may enter
        return cls(tantivy.Index(_schema(), path=str(folder)))

    @classmethod
    def load(cls, folder: Path) -> tuple["Bm25Index", dict[str, Any]]:
        """Open a folder's index and read its stamp. Every byte is verified first.

        Raises:
            IndexDamaged: a file is missing or altered, or the index was changed without its stamp.
        """
        try:
            stamp: dict[str, Any] = json.loads((folder / _STAMP).read_bytes())
            if stamp.pop("sha256") != _checksum(folder, stamp):
                raise IndexDamaged(f"{folder} is damaged: its files do not have the checksum they were saved with.")
            copy = None if os.access(folder, os.W_OK) else _TemporaryCopy(folder)
            return cls(tantivy.Index.open(str(copy.folder if copy else folder)), copy), stamp
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise IndexDamaged(f"{folder} is missing or is not a saved index.") from error

    @staticmethod
    def read_stamp(folder: Path) -> dict[str, Any] | None:
        """Read the stamp of a saved index without verifying it, or return None where it cannot be read."""
        try:
            stamp = json.loads((folder / _STAMP).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return stamp if isinstance(stamp, dict) else None

    def updated(self, removed: Iterable[int], added: Iterable[tuple[int, str]]) -> "Bm25Index":
        """Return an index without some passages and with others. This one stays as it was.

        Adding an id again replaces it, so that an update that was cut short can be repeated.
        """
        writer = self._index.writer(_WRITER_HEAP, num_threads=1)
        for passage_id in removed:
            writer.delete_documents_by_term("id", passage_id)
        for passage_id, text in added:
            writer.delete_documents_by_term("id", passage_id)
            document = tantivy.Document()
            document.add_integer("id", passage_id)
            document.add_text("text", separate(text))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        return Bm25Index(self._index, self._copy)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(self, words: Sequence[str], k: int, only: Ids | None = None) -> list[tuple[int, float]]:
        """Return the ids of the k passages with the highest BM25 scores, and the scores, best first.

        Terms are looked up as they are: nothing in a question is read as query syntax. In a large index, terms that more than
        half of the passages hold are ignored, unless there are no others.

        Args:
            words: the terms, in all of their forms.
            only: the ids of the passages that may be returned. Their scores are those among all passages.
        """
        k = k if only is None else min(k, len(only))
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._index.schema, "text", word, "freq"))
            for word in self._informative(dict.fromkeys(words))
        ]
        if not clauses or k <= 0:
            return []
        query = tantivy.Query.boolean_query(clauses)
        if only is None:
            return self._best(query, k)
        hits = self._best(query, _FURTHER * k)  # faster than a restricted search, and often enough
        is_allowed = np.isin([passage_id for passage_id, _ in hits], only).tolist()
        allowed_hits = [hit for hit, allowed in zip(hits, is_allowed, strict=True) if allowed][:k]
        if len(allowed_hits) == k or len(hits) < _FURTHER * k:
            return allowed_hits
        allowed = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._index.schema, "id", only.tolist()), 0)
        return self._best(tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, allowed)]), k)

    def _best(self, query: tantivy.Query, k: int) -> list[tuple[int, float]]:
        hits = self._searcher.search(query, k, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        return [(int(i), float(score)) for i, (score, _) in zip(ids, hits, strict=True)]

    def _informative(self, words: Iterable[str]) -> Iterable[str]:
        total = len(self)
        if total < _MANY_PASSAGES:
            return words
        return [word for word in words if self._searcher.doc_freq("text", word) <= _COMMON * total] or words

    def n_holding(self, word: str) -> int:
        """Return how many passages hold a term."""
        return int(self._searcher.doc_freq("text", word))

    def rarity(self, word: str) -> float:
        """Return a term's inverse document frequency as in BM25, ln(1 + (N - n + 1/2) / (n + 1/2))."""
        total, holding = len(self), self.n_holding(word)
        return math.log(1 + (max(total - holding, 0) + 0.5) / (holding + 0.5))


def write_stamp(folder: Path, content: dict[str, Any]) -> None:
    """Write a stamp that vouches for a folder's index as it is now, with the checksum of its files."""
    write_atomically(folder / _STAMP, json.dumps({**content, "sha256": _checksum(folder, content)}).encode())


def _checksum(folder: Path, content: dict[str, Any]) -> str:
    """Return the SHA-256 of the stamp's content and the names and bytes of the index's files, without locks."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
    for path in sorted(folder.iterdir()):
        if path.name != _STAMP and not path.name.endswith((".lock", ".tmp")):
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            digest.update(_digest(path))
    return digest.hexdigest()


def _digest(path: Path) -> bytes:
    """Return the SHA-256 of a file. That of a large file is cached until the file's inode, size or times change.

    tantivy never changes a segment, so that updating an index costs reading what is new in it, not what it holds.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        key = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if path in _digests and _digests[path][0] == key:
            return _digests[path][1]
        digest = hashlib.file_digest(file, "sha256").digest()
    if status.st_size >= _LARGE:
        if len(_digests) >= _MOST_DIGESTS:  # most of them of files that tantivy has merged since
            _digests.clear()
        _digests[path] = key, digest
    return digest
