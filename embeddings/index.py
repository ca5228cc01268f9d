"""VectorIndex: exact nearest vectors by cosine, in FAISS, saved as one file that knows when it is damaged."""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.encoder import Vectors
from embeddings.errors import IndexDamaged

_FORMAT = "pullquote-vectors-1"


class VectorIndex:
    """Vectors under integer ids, searched exactly (inner product, the cosine for unit vectors)."""

    def __init__(self, dimension: int, _index: Any = None) -> None:
        import faiss

        self.dimension = dimension
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)) if _index is None else _index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Add unit vectors, shape (number of ids, dimension), under ids the index does not hold yet.

        Raises:
            ValueError: the shape does not fit; FAISS itself would stop with an assertion and no message.
        """
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError(f"Vectors of shape {vectors.shape} for {len(ids)} ids of dimension {self.dimension}")
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.asarray(ids, np.int64))

    def remove(self, ids: Sequence[int]) -> None:
        """Forget these ids; ones it does not hold are passed over."""
        if len(ids):
            self._index.remove_ids(np.asarray(ids, np.int64))  # type: ignore[arg-type]  # faiss wraps arrays itself

    def search(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """The k nearest ids with their scores, best first; fewer where the index holds fewer."""
        k = min(k, len(self))
        if k <= 0:
            return []
        scores, ids = self._index.search(np.ascontiguousarray(vector, np.float32).reshape(1, -1), k)
        # FAISS pads short results with id -1, which Python would take for the last row.
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def copy(self) -> "VectorIndex":
        """An independent copy, so that one can be searched while the other changes."""
        import faiss

        return VectorIndex(self.dimension, faiss.clone_index(self._index))

    def save(self, path: Path, stamp: dict[str, Any]) -> None:
        """Write the index and a stamp so that the file is, after any crash, the old one or the new one whole.

        FAISS's own file carries no checksum, and a damaged one is served without a sign or crashes the process.
        """
        import faiss

        content = json.dumps({"format": _FORMAT, **stamp}).encode() + b"\n" + faiss.serialize_index(self._index).tobytes()
        write_whole(path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)

    @classmethod
    def load(cls, path: Path) -> tuple["VectorIndex", dict[str, Any]]:
        """Read an index and its stamp, verifying every byte before FAISS sees any.

        Raises:
            IndexDamaged: the file is missing, cut short, altered or of another format.
        """
        import faiss

        try:
            checksum, _, content = path.read_bytes().partition(b"\n")
        except OSError as error:
            raise IndexDamaged(f"{path} is missing or cannot be read.") from error
        if checksum != hashlib.sha256(content).hexdigest().encode():
            raise IndexDamaged(f"{path} is damaged: its bytes do not have the checksum they were saved with.")
        first, _, payload = content.partition(b"\n")
        stamp: dict[str, Any] = json.loads(first)
        if stamp["format"] != _FORMAT:
            raise IndexDamaged(f"{path} is of another format.")
        index = faiss.deserialize_index(np.frombuffer(payload, np.uint8))
        return cls(index.d, index), stamp


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file so that a crash leaves either the old bytes or all the new ones, on the disk and not in a cache."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
