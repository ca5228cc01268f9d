"""Originals: the files that were uploaded, so that their pages can be shown and they can be read again, as files on disk are.

Each is named by the SHA-256 of its bytes and needed as long as an article that was read from it is in the library.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from embeddings.atomic_write import write_atomically
from qa.library.layout import ORIGINALS
from qa.library.snapshot import Snapshot


class Originals:
    """The originals of a library."""

    def __init__(self, folder: Path) -> None:
        """Take the library's folder."""
        self._folder = folder / ORIGINALS

    def keep(self, content: bytes) -> None:
        """Keep a file. One that is there and undamaged stays as it is.

        Raises:
            OSError: it cannot be written.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        if self.read(sha256) is None:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            write_atomically(self.path(sha256), content)

    def path(self, sha256: str) -> Path:
        """Return where an original lies, if it is kept."""
        return self._folder / sha256

    def read(self, sha256: str) -> bytes | None:
        """Return an original, or None if it is not kept, cannot be read or is damaged."""
        try:
            content = self.path(sha256).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    def has(self, sha256: str) -> bool:
        """Whether an original is kept."""
        return bool(sha256) and self.path(sha256).is_file()

    def paths(self) -> list[Path]:
        """Return where all originals lie."""
        return sorted(path for path in self._folder.glob("?" * 64) if path.is_file())

    def n_bytes(self) -> int:
        """Return the size of all originals. One that goes meanwhile counts as empty."""
        return sum(path.stat().st_size for path in self.paths() if path.exists())

    def prune(self, snapshot: Snapshot) -> None:
        """Delete the originals of which no article is left. None is deleted where the records of files are damaged."""
        if snapshot.has_damaged_files():
            return
        kept = needed(snapshot)
        for path in self.paths():
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def problems(self) -> Iterator[str]:
        """Yield a line for each original that is not as it was written."""
        for path in self.paths():
            if self.read(path.name) is None:
                yield f"The original {path} is damaged: delete it, and upload the file again."


def is_upload(origin: str) -> bool:
    """Whether a file was uploaded: its name is neither an absolute path nor an address."""
    return not Path(origin).is_absolute() and "://" not in origin


def needed(snapshot: Snapshot) -> set[str]:
    """Return the SHA-256 of the uploads whose articles a library holds."""
    articles = set(snapshot.article_ids())
    return {file.sha256 for file in snapshot.files() if is_upload(file.origin) and not articles.isdisjoint(file.articles)}
