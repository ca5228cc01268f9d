"""Library: the truth, one SQLite database of articles, their versions, passages and vectors, changed in transactions."""

import errno
import sqlite3
import threading
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from embeddings import ModelFiles, PassageText, PassageVectors
from qa.library import trash, writes
from qa.library.metadata import write_corrections
from qa.library.records import StoredPassage
from qa.library.schema import (
    SCHEMA,
    ReadOnlyConnection,
    checksum,
    connect,
    create_later_tables,
    create_tables,
    details_from,
    next_version,
)
from qa.library.snapshot import RowCache, Snapshot
from qa.library.trash import Removed
from qa.library.writes import NewArticle, ReadFile
from qa.text.passages import Window
from qa.types.articles import Reference
from qa.types.errors import LibraryBusy, LibraryDamaged, LibraryError, LibraryReadOnly

DATABASE = "library.db"
_LOCK_WAIT = 1.0  # seconds that a second writer waits before it gives up
_AT_ONCE = 500  # digests looked up in one statement


class Library:
    """A folder of articles. One process changes it at a time, and any number read it.

    Methods that change it expect the caller to hold `writing`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._threads = threading.local()  # a connection for each thread, so that each reads its own transaction
        self._rows = RowCache()
        self._lock = FileLock(folder / "library.lock", timeout=_LOCK_WAIT, thread_local=False)
        self._writing = threading.Lock()

    @classmethod
    def open(cls, folder: Path, model: ModelFiles | None = None) -> "Library":
        """Open a library, or create it if there is none.

        Args:
            model: the encoder's. It is needed to create a library, and compared with the model of an existing one.

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
        """Whether a folder holds a library, or a file in its place. One whose creation was cut short does not count."""
        try:
            return cls(folder)._is_made()
        except (sqlite3.Error, ValueError):  # ValueError: SQLite's message repeats a damaged name that is not UTF-8
            return True  # opening it will say what is wrong

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open one generation of the library. Everything read inside belongs to it, whatever is written meanwhile.

        Raises:
            LibraryDamaged: the database cannot be read.
        """
        connection = self._connection()
        is_outermost = not connection.in_transaction  # one inside another, or inside a change, sees what that one sees
        if is_outermost:
            connection.execute("BEGIN")
        try:
            yield Snapshot(connection, self._row_cache(connection))
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise LibraryDamaged(f"The library in {self.folder} cannot be read ({error}): run `pullquote check`.") from error
        finally:
            if is_outermost and connection.in_transaction:
                connection.execute("ROLLBACK")

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[None]:
        """Hold the library for changing.

        Args:
            wait: whether to wait a second for another writer.

        Raises:
            LibraryBusy: another process, or another thread of this one, is changing it.
            LibraryReadOnly: this user may not change it.
        """
        busy = LibraryBusy(f"Another process is changing the library in {self.folder}: try again when it is done.")
        if not self._writing.acquire(timeout=_LOCK_WAIT if wait else 0):
            raise busy
        try:
            with self._locked(busy, wait):
                yield
        finally:
            self._writing.release()

    def _row_cache(self, connection: sqlite3.Connection) -> RowCache:
        """Return the cache for the metadata that the connection's transaction sees, an empty one after a correction."""
        rows, stamp = self._rows, Snapshot(connection, self._rows).metadata_stamp
        if rows.stamp != stamp:
            rows = self._rows = RowCache(stamp=stamp)
        return rows

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
        """Find intact passages that were probably encoded from these texts, one for each text at most.

        They are read from the disk and not cached. They are found by a hash, so the caller compares the texts.
        """
        digests = [writes.digest(text) for text in texts]
        with self.snapshot():
            connection = self._connection()
            ids: list[int] = []
            for start in range(0, len(digests), _AT_ONCE):
                chunk = digests[start : start + _AT_ONCE]
                marks = ",".join("?" * len(chunk))  # the only thing put into the statement's text
                statement = (
                    "SELECT max(p.id) FROM encoded e JOIN passages p ON p.id = e.passage_id"  # noqa: S608
                    f" WHERE e.digest IN ({marks}) GROUP BY e.digest"
                )
                try:
                    ids += [row[0] for row in connection.execute(statement, chunk)]
                except sqlite3.DatabaseError:  # an older library without the table, or damage that other reads report
                    return []
            return _intact(Snapshot(connection, RowCache()), ids)

    def store(self, articles: Sequence[NewArticle], files: Sequence[ReadFile] = ()) -> list[Reference]:
        """Add articles, or new versions of them, in one transaction.

        Args:
            files: files that were read to their end. Articles that one of them no longer holds are removed.

        Returns:
            The articles that were removed.
        """
        with self._changing() as (connection, generation):
            for article in articles:
                if writes.put_article(connection, generation, article):
                    _set_meta(connection, metadata_changed=str(generation))
            dropped = [article_id for file in files for article_id in writes.put_file(connection, file)]
            return self._remove(connection, generation, dropped)

    def remove(self, article_ids: Sequence[str], origins: Sequence[str] = ()) -> list[Reference]:
        """Remove articles with their versions, and forget files. Unknown ids are ignored.

        Returns:
            The articles that were removed.
        """
        with self.snapshot() as snapshot:
            if not origins and not any(snapshot.exists(article_id) for article_id in article_ids):
                return []
        with self._changing() as (connection, generation):
            for origin in origins:
                writes.forget_file(connection, origin)
            return self._remove(connection, generation, article_ids)

    def correct(self, article_id: str, corrections: Mapping[str, str | None] | None) -> None:
        """Correct an article's title, author or date, or take all corrections back. Text and versions stay as they are.

        Args:
            corrections: by name. None takes back all of them.

        Raises:
            LibraryDamaged: the article's record is damaged.
        """
        with self._changing() as (connection, generation):
            write_corrections(connection, article_id, corrections)
            _set_meta(connection, metadata_changed=str(generation))

    def take_out(self, article_id: str) -> Removed | None:
        """Remove an article and return all its rows for `put_back`, or None if there is no such article.

        Raises:
            LibraryDamaged: the article cannot be read.
        """
        with self.snapshot() as snapshot:
            reference = snapshot.reference(article_id)
        if reference is None:
            return None
        with self._changing() as (connection, generation):
            removed = trash.collect(connection, reference)
            self._remove(connection, generation, [article_id])
        return removed

    def put_back(self, removed: Removed) -> None:
        """Undo `take_out`.

        Raises:
            LibraryError: an article with that source was added in the meantime, or the library has another model.
        """
        with self._changing() as (connection, generation):
            trash.restore(connection, generation, removed)

    def _remove(self, connection: sqlite3.Connection, generation: int, article_ids: Sequence[str]) -> list[Reference]:
        snapshot, removed = Snapshot(connection, self._rows), []
        for article_id in article_ids:
            try:
                reference = snapshot.reference(article_id)
            except LibraryDamaged:  # an unreadable article can still be removed
                reference = Reference(article_id, "", "", None, "")
            if reference is not None:
                writes.remove_article(connection, generation, article_id)
                removed.append(reference)
        return removed

    def replace_passages(
        self, model: ModelFiles, articles: Iterator[tuple[str, Sequence[Window], Sequence[PassageVectors]]]
    ) -> None:
        """Replace the passages of articles, given by their ids, with those of another model, in one transaction."""
        with self._changing() as (connection, generation):
            for article_id, windows, vectors in articles:
                writes.remove_passages(connection, generation, article_id)
                writes.put_passages(connection, generation, article_id, windows, vectors)
            _set_meta(connection, **_model_meta(model))
        self._rows.passages = {}

    @contextmanager
    def _changing(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        """Open a transaction that makes a new generation. It is committed at the end and rolled back after an error."""
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
        if isinstance(connection, ReadOnlyConnection) and not connection.in_transaction and connection.is_outdated():
            connection.close()
            connection = None
        if connection is None:
            connection = self._threads.connection = connect(self.folder / DATABASE)
        return connection

    def _is_made(self) -> bool:
        if not (self.folder / DATABASE).is_file():
            return False
        row = self._connection().execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone()
        return row is not None

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
    """Return passages without those that are missing or damaged."""
    try:
        return snapshot.passages(ids)
    except (LibraryDamaged, sqlite3.Error, UnicodeDecodeError):
        if len(ids) == 1:
            return []
        return [passage for passage_id in ids for passage in _intact(snapshot, [passage_id])]


def _model_meta(model: ModelFiles) -> dict[str, str]:
    return {"model_name": model.name, "model_revision": model.revision, "model_sha256": model.sha256}


def _set_meta(connection: sqlite3.Connection, **values: str) -> None:
    rows = [(key, value, checksum(key, value)) for key, value in values.items()]
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", rows)
