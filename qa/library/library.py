"""Library: the truth, one SQLite database of articles, their versions, passages and vectors, changed in transactions."""

import errno
import sqlite3
import threading
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from embeddings import ModelFiles, PassageText, PassageVectors
from qa.library import trash, writes
from qa.library.records import StoredPassage
from qa.library.schema import SCHEMA, Alone, checksum, connect, create_later_tables, create_tables, details_from, next_version
from qa.library.snapshot import Kept, Snapshot
from qa.library.trash import Removed
from qa.library.writes import NewArticle, ReadFile
from qa.text.passages import Window
from qa.types.articles import Reference
from qa.types.errors import LibraryBusy, LibraryDamaged, LibraryError, LibraryReadOnly

DATABASE = "library.db"
_LOCK_WAIT = 1.0  # seconds until a second writer is told that there is one
_AT_ONCE = 500  # digests looked up in one statement


class Library:
    """A folder of articles: one process changes it at a time, any number read it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._threads = threading.local()  # a connection each, so that each thread reads its own transaction
        self._rows = Kept()
        self._lock = FileLock(folder / "library.lock", timeout=_LOCK_WAIT, thread_local=False)
        self._writing = threading.Lock()

    @classmethod
    def open(cls, folder: Path, model: ModelFiles | None = None) -> "Library":
        """Open a library, making it if there is none.

        Args:
            model: the encoder's; needed to make a library, and compared with the one the library was made with.

        Raises:
            LibraryError: the folder cannot be used, is of a newer Pullquote, or was made with another model.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            library = cls(folder)
            if not library._is_made():
                if model is None:
                    raise LibraryError(f"There is no library in {folder}: add articles first, with `pullquote add`.")
                with library.writing():
                    if not library._is_made():
                        library._make(model)
            library._verify(model)
        except (OSError, sqlite3.Error, ValueError) as error:
            raise LibraryError(f"The library in {folder} cannot be opened: {error}.") from error
        return library

    @classmethod
    def exists(cls, folder: Path) -> bool:
        """Whether a folder holds a library, or a file in its place; not one whose making was cut short."""
        try:
            return cls(folder)._is_made()
        except (sqlite3.Error, ValueError):  # ValueError: a damaged name that SQLite's error repeats is no UTF-8
            return True  # opening it will say what is wrong with it

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open one generation of the library: everything read inside belongs to it, whatever is written meanwhile."""
        connection = self._connection()
        outermost = not connection.in_transaction  # one inside another, or inside a change, sees what that one sees
        if outermost:
            connection.execute("BEGIN")
        try:
            yield Snapshot(connection, self._rows)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise LibraryDamaged(f"The library in {self.folder} cannot be read ({error}): run `pullquote check`.") from error
        finally:
            if outermost and connection.in_transaction:
                connection.execute("ROLLBACK")

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[None]:
        """Hold the library for changing.

        Raises:
            LibraryBusy: another process, or another thread of this one, is changing it.
        """
        busy = LibraryBusy(f"Another process is changing the library in {self.folder}: try again when it is done.")
        if not self._writing.acquire(timeout=_LOCK_WAIT if wait else 0):
            raise busy
        try:
            with self._locked(busy, wait):
                yield
        finally:
            self._writing.release()

    def _locked(self, busy: LibraryBusy, wait: bool) -> AbstractContextManager[object]:
        try:
            return self._lock.acquire(timeout=_LOCK_WAIT if wait else 0)
        except Timeout:
            raise busy from None
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            raise LibraryReadOnly(
                f"The library in {self.folder} cannot be changed ({error.strerror}): let this user write its folder, or copy "
                "it to another."
            ) from error

    def passages_like(self, texts: Collection[PassageText]) -> list[StoredPassage]:
        """Passages that seem to have been encoded from these texts, one for a text at most; those that are damaged left out.

        They are read from the disk and not kept in memory. The caller compares their texts with those it wants.
        """
        digests = [writes.digest(text) for text in texts]
        with self.snapshot():
            connection = self._connection()
            ids: list[int] = []
            for start in range(0, len(digests), _AT_ONCE):
                some = digests[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))  # the only thing put into the statement's text
                statement = (
                    "SELECT max(p.id) FROM encoded e JOIN passages p ON p.id = e.passage_id"  # noqa: S608
                    f" WHERE e.digest IN ({marks}) GROUP BY e.digest"
                )
                try:
                    ids += [row[0] for row in connection.execute(statement, some)]
                except sqlite3.DatabaseError:  # a library from before the table; a damaged one says so where it matters
                    return []
            return _intact(Snapshot(connection, Kept()), ids)

    def store(self, articles: Sequence[NewArticle], files: Sequence[ReadFile] = ()) -> list[Reference]:
        """Add articles, or new versions of them, all in one transaction; the caller holds `writing`.

        Args:
            files: what was read to its end; articles that one held before and does not any more are taken out.

        Returns:
            What was taken out.
        """
        with self._changing() as (connection, generation):
            for article in articles:
                writes.put(connection, generation, article)
            gone = [article_id for file in files for article_id in writes.put_file(connection, file)]
            return self._take_out(connection, generation, gone)

    def remove(self, article_ids: Sequence[str], origins: Sequence[str] = ()) -> list[Reference]:
        """Take articles and their versions out, and forget files; what is not there is passed over.

        The caller holds `writing`.
        """
        with self.snapshot() as snapshot:
            if not origins and not any(snapshot.exists(article_id) for article_id in article_ids):
                return []
        with self._changing() as (connection, generation):
            for origin in origins:
                writes.forget_file(connection, origin)
            return self._take_out(connection, generation, article_ids)

    def take_out(self, article_id: str) -> Removed | None:
        """Take an article out as `remove` does, and give all that there was of it; None where there is none.

        The caller holds `writing`.
        """
        with self.snapshot() as snapshot:
            reference = snapshot.reference(article_id)
        if reference is None:
            return None
        with self._changing() as (connection, generation):
            removed = trash.kept(connection, reference)
            self._take_out(connection, generation, [article_id])
        return removed

    def put_back(self, removed: Removed) -> None:
        """Undo `take_out`; the caller holds `writing`.

        Raises:
            LibraryError: an article of that source came in its place, or another model.
        """
        with self._changing() as (connection, generation):
            trash.put_back(connection, generation, removed)

    def _take_out(self, connection: sqlite3.Connection, generation: int, article_ids: Sequence[str]) -> list[Reference]:
        snapshot, found = Snapshot(connection, self._rows), []
        for article_id in article_ids:
            try:
                reference = snapshot.reference(article_id)
            except LibraryDamaged:  # what cannot be read can still be taken out
                reference = Reference(article_id, "", "", None, "")
            if reference is not None:
                writes.take_out(connection, generation, article_id)
                found.append(reference)
        return found

    def replace_passages(
        self, model: ModelFiles, articles: Iterator[tuple[str, Sequence[Window], Sequence[PassageVectors]]]
    ) -> None:
        """Put the passages of every article, by its id, in anew, as another model made them; the caller holds `writing`."""
        with self._changing() as (connection, generation):
            for article_id, windows, vectors in articles:
                writes.retire(connection, generation, article_id)
                writes.put_passages(connection, generation, article_id, windows, vectors)
            _set_meta(connection, **_model_meta(model))
        self._rows.passages = {}

    @contextmanager
    def _changing(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            create_later_tables(connection)
            if details_from(connection) is None:
                _set_meta(connection, details_from=str(next_version(connection)))
            generation = Snapshot(connection, self._rows).generation + 1
            yield connection, generation
            _set_meta(connection, generation=str(generation))
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise LibraryError(f"The library in {self.folder} cannot be changed ({error}).") from error
            raise

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if isinstance(connection, Alone) and not connection.in_transaction and connection.is_outdated():
            connection.close()
            connection = None
        if connection is None:
            connection = self._threads.connection = connect(self.folder / DATABASE)
        return connection

    def _is_made(self) -> bool:
        if not (self.folder / DATABASE).is_file():
            return False
        found = self._connection().execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone()
        return found is not None

    def _make(self, model: ModelFiles) -> None:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        create_tables(connection)
        _set_meta(connection, schema=str(SCHEMA), id=uuid.uuid4().hex, generation="0", **_model_meta(model))
        connection.execute("COMMIT")

    def _verify(self, model: ModelFiles | None) -> None:
        with self.snapshot() as snapshot:
            schema, name, sha256 = snapshot.meta("schema"), snapshot.meta("model_name"), snapshot.meta("model_sha256")
        if int(schema) > SCHEMA:
            raise LibraryError(
                f"The library in {self.folder} was made by a newer Pullquote (format {schema}, this one reads {SCHEMA}): "
                "update Pullquote."
            )
        if model is not None and model.sha256 != sha256:
            raise LibraryError(
                f"The library in {self.folder} was made with the model {name} (SHA-256 {sha256[:12]}…), not with "
                f"{model.name} ({model.sha256[:12]}…): leave --model out to use it as it is, or encode it anew with "
                f"`pullquote reembed --model {model.name} --library {self.folder}`."
            )


def _intact(snapshot: Snapshot, ids: Sequence[int]) -> list[StoredPassage]:
    """These passages, less those that are missing or damaged."""
    try:
        return snapshot.passages(ids)
    except (LibraryDamaged, sqlite3.Error, UnicodeDecodeError):
        return [] if len(ids) == 1 else [passage for each in ids for passage in _intact(snapshot, [each])]


def _model_meta(model: ModelFiles) -> dict[str, str]:
    return {"model_name": model.name, "model_revision": model.revision, "model_sha256": model.sha256}


def _set_meta(connection: sqlite3.Connection, **values: str) -> None:
    rows = [(key, value, checksum(key, value)) for key, value in values.items()]
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", rows)
