"""Many: vectors in half precision, in lists of which the nearest are read, in FAISS; saved in a file that is verified."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.errors import IndexDamaged
from embeddings.index.flat_index import Block, Hits, Ids, among, one_thread
from embeddings.index.ivf_training import grouped, list_of
from embeddings.model_spec import Vectors


@dataclass(frozen=True, slots=True)
class MainFile:
    """A file that was written once and never changes, named after its content."""

    name: str
    size: int
    sha256: str


class IvfIndex:
    """Vectors in lists by nearness, of which the nearest few are read; with one list, all of them. It never changes."""

    def __init__(self, index: Any, file: MainFile | None = None) -> None:
        self._index = index
        self.file = file  # where it was saved last

    @classmethod
    def made(
        cls, dimension: int, n_lists: int, blocks: Callable[[], Iterator[Block]], like: "IvfIndex | None" = None
    ) -> "IvfIndex":
        """Put vectors into lists.

        Args:
            dimension: of the vectors.
            n_lists: with one, all are compared.
            blocks: all the vectors, as often as it is called.
            like: whose lists are used again where it has as many; else they are trained.
        """
        return cls(grouped(dimension, n_lists, blocks, like._index if like else None))

    @classmethod
    def opened(cls, folder: Path, file: MainFile, mapped_from: int) -> "IvfIndex":
        """Open a saved one, verifying every byte before FAISS sees any; a large file is mapped into memory, not read.

        Raises:
            IndexDamaged: the file is missing, cut short or altered.
        """
        import faiss

        path = folder / file.name
        try:
            with path.open("rb") as content:
                if os.fstat(content.fileno()).st_size != file.size or _sha256(content) != file.sha256:
                    raise IndexDamaged(f"{path} is damaged: its bytes do not have the checksum they were saved with.")
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if file.size >= mapped_from else 0), file)
        except (OSError, RuntimeError) as error:
            raise IndexDamaged(f"{path} is missing or cannot be read.") from error

    def save(self, folder: Path, stem: str) -> MainFile:
        """Write it, without a second copy in memory, unless the folder already holds it."""
        import faiss

        if self.file is not None and _size(folder / self.file.name) == self.file.size:
            return self.file
        temporary = folder / f"{stem}.{os.getpid()}.tmp"
        try:
            faiss.write_index(self._index, str(temporary))
        except RuntimeError as error:  # what FAISS makes of a full disk
            raise OSError(f"{temporary} cannot be written.") from error
        with temporary.open("r+b") as content:
            os.fsync(content.fileno())
            sha256 = _sha256(content)
        file = MainFile(f"{stem}-{sha256[:12]}.faiss", temporary.stat().st_size, sha256)
        replace_whole(temporary, folder / file.name)
        self.file = file
        return file

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def n_lists(self) -> int:
        return int(self._index.nlist)

    @property
    def n_read(self) -> int:
        """How many lists a search reads."""
        return int(self._index.nprobe)

    @cached_property
    def ids(self) -> Ids:
        """All ids, ascending."""
        return np.sort(np.concatenate([ids for ids, _ in self.blocks()]))

    def blocks(self) -> Iterator[Block]:
        """The vectors list by list, where they lie in memory."""
        for number in range(self.n_lists):
            yield list_of(self._index, number)

    def search(self, vector: Vectors, k: int, chosen: Any = None, n_read: int | None = None) -> Hits:
        """The k nearest, best first.

        Args:
            vector: as one row.
            k: how many.
            chosen: what `selector` or `only_these` made of the ids that may be found.
            n_read: how many lists are read; by default as many as find nearly all of the nearest where all may be found.
        """
        import faiss

        parameters: Any = faiss.SearchParametersIVF
        with one_thread():
            scores, ids = self._index.search(vector, k, params=parameters(nprobe=n_read or self.n_read, sel=chosen))
        # FAISS pads short results with id -1, which would be an id like any other.
        return [(int(i), float(score)) for i, score in zip(ids[0], scores[0], strict=True) if i >= 0]


def load_library() -> None:
    """Load FAISS: 10 MB of code and some 100 ms, both only once.

    Raises:
        ImportError: it cannot be loaded.
    """
    import faiss  # noqa: F401


def selector(ids: Ids) -> Any:
    """What keeps these ids from being found."""
    import faiss

    return faiss.IDSelectorNot(faiss.IDSelectorBatch(ids))


def only_these(ids: Ids, gone: Ids) -> Any:
    """What lets some ids be found, less those that are gone, and keeps all others from it; both ascending."""
    chosen = np.zeros(int(ids[-1]) + 1, bool)
    chosen[ids] = True
    chosen[gone[gone < len(chosen)]] = False
    return among(chosen)


def replace_whole(temporary: Path, path: Path) -> None:
    """Give a file that is on the disk its name, so that the name too survives a crash."""
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sha256(content: Any) -> str:
    return hashlib.file_digest(content, "sha256").hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
