"""WordIndex: which passages hold the question's words, ranked by BM25, in tantivy."""

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
from qa.text.terms import ANALYZER

_STAMP = "stamp.json"
OLD = ".old"  # how the names of folders end that are being deleted
_ANALYZER = "words"
# A word in more than half of the passages is evidence of nothing (its Robertson and Spärck Jones weight is below zero), and
# the time that a search takes is mostly spent on such words; in small libraries there is none to be saved.
_COMMON, _MANY_PASSAGES = 0.5, 10_000
_FURTHER = 10  # times as many passages are looked at as are wanted of some, before only those are searched
_LARGE = 4_000_000  # bytes of a file; smaller ones are read within milliseconds
_MOST_DIGESTS = 1_000
_digests: dict[Path, tuple[tuple[int, ...], bytes]] = {}
_WRITER_HEAP = 32_000_000  # bytes; tantivy wants 15 MB a thread at least


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)  # deletion by an unsigned id deletes nothing in 0.27
    builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


class _Copy:
    """A copy of a folder that may only be read, in which tantivy could not lay its locks; deleted when it is used no more."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pullquote-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        for path in folder.iterdir():
            shutil.copyfile(path, self.folder / path.name)  # without its mode, which may be that it is only read


class Bm25Index:
    """Passages' terms under integer ids, as they stood when the index was opened or last updated.

    Source: BM25, Robertson and Zaragoza 2009, with tantivy's k1 1.2 and b .75.
    """

    def __init__(self, index: tantivy.Index, copy: "_Copy | None" = None) -> None:
        """Take an index.

        Args:
            copy: the folder that it is in, where that goes with the index.
        """
        index.register_tokenizer(_ANALYZER, ANALYZER)
        index.reload()
        self._index, self._copy = index, copy
        self._searcher = index.searcher()

    @classmethod
    def in_memory(cls) -> "Bm25Index":
        """An empty index that goes with the process."""
        return cls(tantivy.Index(_schema()))

    @classmethod
    def create(cls, folder: Path) -> "Bm25Index":
        """An empty index in a folder; what was there is deleted."""
        if folder.exists():  # moved first: an index that is still open may write a last file while it is deleted
            old = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}{OLD}")
            folder.rename(old)
            shutil.rmtree(old, ignore_errors=True)
        folder.mkdir(parents=True)
        return cls(tantivy.Index(_schema(), path=str(folder)))

    @classmethod
    def load(cls, folder: Path) -> tuple["Bm25Index", dict[str, Any]]:
        """Open a folder's index and read its stamp, verifying every byte first.

        Raises:
            IndexDamaged: a file is missing, altered, or the index was changed without its stamp.
        """
        try:
            stamp: dict[str, Any] = json.loads((folder / _STAMP).read_bytes())
            if stamp.pop("sha256") != _checksum(folder, stamp):
                raise IndexDamaged(f"{folder} is damaged: its files do not have the checksum they were saved with.")
            copy = None if os.access(folder, os.W_OK) else _Copy(folder)
            return cls(tantivy.Index.open(str(copy.folder if copy else folder)), copy), stamp
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise IndexDamaged(f"{folder} is missing or is no saved index.") from error

    def updated(self, removed: Iterable[int], added: Iterable[tuple[int, str]]) -> "Bm25Index":
        """Take passages out and put others in; the index returned sees them, this one still does not.

        Adding an id again replaces it, so that an update cut short can be done again.
        """
        writer = self._index.writer(_WRITER_HEAP, num_threads=1)
        for passage_id in removed:
            writer.delete_documents_by_term("id", passage_id)
        for passage_id, text in added:
            writer.delete_documents_by_term("id", passage_id)
            document = tantivy.Document()
            document.add_integer("id", passage_id)
            document.add_text("text", text)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        return Bm25Index(self._index, self._copy)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(self, words: Sequence[str], k: int, only: Ids | None = None) -> list[tuple[int, float]]:
        """The k passages that fit the terms best with their BM25 scores, best first.

        Terms are looked up as they are; nothing in a question is ever read as query syntax. Of many passages, terms that most
        of them hold are left out, unless there are no others.

        Args:
            words: the terms, in all of their forms.
            k: how many.
            only: ids of which alone any are to be found, with the scores they have among all.
        """
        k = k if only is None else min(k, len(only))
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._index.schema, "text", word, "freq"))
            for word in self._telling(dict.fromkeys(words))
        ]
        if not clauses or k <= 0:
            return []
        query = tantivy.Query.boolean_query(clauses)
        if only is None:
            return self._best(query, k)
        found = self._best(query, _FURTHER * k)  # asks for less time than a search among some, and is often enough
        chosen = np.isin([passage_id for passage_id, _ in found], only)
        among = [hit for hit, is_chosen in zip(found, chosen.tolist(), strict=True) if is_chosen][:k]
        if len(among) == k or len(found) < _FURTHER * k:
            return among
        these = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._index.schema, "id", only.tolist()), 0)
        return self._best(tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, these)]), k)

    def _best(self, query: tantivy.Query, k: int) -> list[tuple[int, float]]:
        hits = self._searcher.search(query, k, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        return [(int(i), float(score)) for i, (score, _) in zip(ids, hits, strict=True)]

    def _telling(self, words: Iterable[str]) -> Iterable[str]:
        total = len(self)
        if total < _MANY_PASSAGES:
            return words
        return [word for word in words if self._searcher.doc_freq("text", word) <= _COMMON * total] or words

    def n_holding(self, word: str) -> int:
        """How many passages hold a term."""
        return int(self._searcher.doc_freq("text", word))

    def rarity(self, word: str) -> float:
        """Inverse document frequency of a term, as BM25 weighs it: ln(1 + (N - n + 1/2) / (n + 1/2))."""
        total, holding = len(self), self.n_holding(word)
        return math.log(1 + (max(total - holding, 0) + 0.5) / (holding + 0.5))


def stamp(folder: Path, content: dict[str, Any]) -> None:
    """Vouch for a folder's index as it now is, with the checksum of its files."""
    write_atomically(folder / _STAMP, json.dumps({**content, "sha256": _checksum(folder, content)}).encode())


def _checksum(folder: Path, content: dict[str, Any]) -> str:
    """SHA-256 over what the stamp says and the names and bytes of the index's files, locks left out."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
    for path in sorted(folder.iterdir()):
        if path.name != _STAMP and not path.name.endswith((".lock", ".tmp")):
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            digest.update(_digest(path))
    return digest.hexdigest()


def _digest(path: Path) -> bytes:
    """SHA-256 of a file, of a large one that this process has read once and that nobody touched since as it was then.

    tantivy never changes a segment, so that a change of the index costs what is new in it and not what it holds.
    """
    with path.open("rb") as file:
        facts = os.fstat(file.fileno())
        seen = (facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
        if path in _digests and _digests[path][0] == seen:
            return _digests[path][1]
        digest = hashlib.file_digest(file, "sha256").digest()
    if facts.st_size >= _LARGE:
        if len(_digests) >= _MOST_DIGESTS:  # of files that tantivy has merged away, most of them
            _digests.clear()
        _digests[path] = seen, digest
    return digest
