"""Library: the truth, one SQLite database of articles, their versions, passages and vectors, changed in transactions."""

import errno
import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from embeddings import ModelFiles, PassageText, PassageVectors
from embeddings.atomic_write import sync_folder
from qa.library import trash, writes
from qa.library.disk import advise, is_of_disk, primary_code
from qa.library.layout import CALIBRATION, DATABASE, JOURNAL, LOCK, VECTORS, WORDS
from qa.library.lost_changes import LostChanges, find_lost_changes, read_stamps
from qa.library.metadata import write_corrections
from qa.library.migrations import migrate, migrate_with_copy
from qa.library.records import StoredPassage
from qa.library.schema import (
    BUSY_TIMEOUT,
    SCHEMA,
    ReadOnlyConnection,
    connect,
    create_tables,
    set_meta,
)
from qa.library.snapshot import EXPECTED, RowCache, Snapshot
from qa.library.trash import Removed
from qa.library.writes import NewArticle, ReadFile
from qa.text.passages import Window
from qa.text.sentences import CUTTING
from qa.types.articles import Reference
from qa.types.errors import LibraryBusy, LibraryDamaged, LibraryError, LibraryReadOnly

_LOCK_WAIT = 1.0  # seconds that a second writer waits before it gives up
_MISSING = {
    CALIBRATION: "{} is missing, so questions are refused at another confidence than before: restore it from a backup, or run "
    "`pullquote calibrate` again, or with --remove.",
    JOURNAL: "{} is missing, and with it the conversations: restore it from a backup, or go on without, by `pullquote repair`.",
}
_MADE_AFTER = (WORDS, VECTORS, JOURNAL, CALIBRATION)  # only once there is a database
_AT_ONCE = 500  # digests looked up in one statement
_SETTLE_WAIT = 200  # milliseconds that a writer waits for readers, before their leaving settles what it wrote
_SETTLE_AFTER = 2.0  # seconds without a write, after which a reader settles what a writer left

_log = logging.getLogger("pullquote")


class Library:
    """A folder of articles. One process changes it at a time, and any number read it.

    Methods that change it expect the caller to hold `writing`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}  # each thread reads its own transaction
        self._connecting = threading.Lock()
        self._rows = RowCache()
        self._lock = FileLock(folder / LOCK, timeout=_LOCK_WAIT, mode=0o600, thread_local=False)
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
            outer = _nearest_existing(folder.absolute().parent)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            library = cls(folder)
            if not library._is_made():
                if model is None:
                    raise LibraryError(f"There is no library in {folder}: add articles first, with `pullquote add`.")
                with library.writing():
                    if not library._is_made():
                        library._make(model)
                        _sync_folders(folder.absolute(), outer)
            library._verify(model)
        except (OSError, sqlite3.Error, ValueError) as error:
            advice = f": {advise(folder, error)}" if isinstance(error, sqlite3.Error) and is_of_disk(error) else ""
            raise LibraryError(f"The library in {folder} cannot be opened ({error}){advice}.") from error
        if lost := library.lost_changes():
            _log.warning("%s", lost)
        for line in library.missing_files():
            _log.warning("%s", line)
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
                self._settle_when_idle(connection)

    def lost_changes(self) -> LostChanges | None:
        """Return the changes that the caches prove to be missing from the database, or None.

        Raises:
            LibraryDamaged: the database cannot be read.
        """
        stamps = read_stamps(self.folder)
        with self.snapshot() as snapshot:
            return find_lost_changes(self.folder, stamps, snapshot.meta("id"), snapshot.generation)

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
            if error.errno in (errno.ELOOP, errno.EISDIR):
                raise LibraryError(
                    f"The library in {self.folder} cannot be changed, because its {LOCK} is a link or a folder: delete "
                    f"{self.folder / LOCK}. It is made again as a file."
                ) from error
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise self._cannot_be_changed(error) from error
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
                    set_meta(connection, metadata_changed=str(generation))
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
            set_meta(connection, metadata_changed=str(generation))

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
        self, articles: Iterator[tuple[str, Sequence[Window], Sequence[PassageVectors]]], model: ModelFiles | None = None
    ) -> None:
        """Replace the passages of articles, given by their ids, with those cut by today's rules, in one transaction.

        Args:
            model: the encoder's, if it is another one. The passages of all articles are replaced then.
        """
        with self._changing() as (connection, generation):
            for article_id, windows, vectors in articles:
                writes.remove_passages(connection, generation, article_id)
                writes.put_passages(connection, generation, article_id, windows, vectors)
            set_meta(connection, sentences=str(CUTTING), **(_model_meta(model) if model else {}))
        self._rows.passages = {}

    @contextmanager
    def _changing(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        """Open a transaction that makes a new generation. It is committed at the end and rolled back after an error."""
        self._migrate()
        connection = self._connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            if lost := self.lost_changes():  # else the next generation would be taken for the one that was lost
                raise LibraryError(str(lost))
            generation = Snapshot(connection, self._rows).generation + 1
            yield connection, generation
            set_meta(connection, generation=str(generation))
            connection.execute("COMMIT")
            self._settle(connection, _SETTLE_WAIT)
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error | OSError):
                raise self._cannot_be_changed(error) from error
            raise

    def _migrate(self) -> None:
        """Bring a library of an older schema to the present one. It was only read before."""
        with self.snapshot() as snapshot:
            schema = snapshot.schema
        if schema < SCHEMA:
            if lost := self.lost_changes():
                raise LibraryError(str(lost))
            migrate_with_copy(self._connection(), self.folder / DATABASE, schema)

    def _cannot_be_changed(self, error: sqlite3.Error | OSError) -> LibraryError:
        if isinstance(error, sqlite3.Error) and primary_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return LibraryBusy(f"Another process is writing to the library in {self.folder}: try again when it is done.")
        is_known = isinstance(error, OSError) or is_of_disk(error)
        advice = advise(self.folder, error) if is_known else "run `pullquote check`"
        return LibraryError(f"The library in {self.folder} cannot be changed ({error}): {advice}.")

    def replace_passages_of(self, article_id: str, windows: Sequence[Window], vectors: Sequence[PassageVectors]) -> None:
        """Replace the passages of one article, which were damaged."""
        with self._changing() as (connection, generation):
            writes.remove_passages(connection, generation, article_id)
            writes.put_passages(connection, generation, article_id, windows, vectors)
        self._rows.passages = {}

    def remove_versions(self, versions: Sequence[tuple[str, str]]) -> None:
        """Remove earlier versions, given by article id and version. Current ones are ignored."""
        if not versions:
            return
        with self._changing() as (connection, _):
            connection.executemany(
                "DELETE FROM versions WHERE article_id = ? AND version = ?"
                " AND NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = article_id AND a.version = versions.version)",
                versions,
            )

    def skip_to(self, generation: int) -> None:
        """Go on from a later generation, so that no later change is taken for one that was lost."""
        connection = self._connection()
        try:
            with _transaction(connection):
                set_meta(connection, generation=str(generation))
        except sqlite3.Error as error:
            raise self._cannot_be_changed(error) from error
        self._settle(connection, _SETTLE_WAIT)

    def mend_facts(self) -> list[str]:
        """Remove facts about the library that are damaged, and write again what is known without them.

        Returns:
            The keys of those that were damaged.
        """
        with self.snapshot() as snapshot:
            damaged, schema = snapshot.damaged_facts(), snapshot.schema
        if damaged:
            connection = self._connection()
            try:
                with _transaction(connection):
                    connection.executemany("DELETE FROM meta WHERE key = ?", [(key,) for key in damaged])
                    if schema > 1:
                        set_meta(connection, details_from="1")  # every version has details since then
            except sqlite3.Error as error:
                raise self._cannot_be_changed(error) from error
        return damaged

    def forget_removals(self) -> None:
        """Forget which passages were removed. Indexes of earlier generations are made anew from now on."""
        with self._changing() as (connection, generation):
            connection.execute("DELETE FROM removals")
            set_meta(connection, removals_from=str(generation))

    def reindex(self) -> None:
        """Make the indexes of the database's tables anew."""
        self._rewrite("REINDEX")

    def vacuum(self) -> None:
        """Write the database anew, without what is not needed. After a crash or on a full disk it is as it was."""
        self._rewrite("VACUUM")

    def _rewrite(self, statement: str) -> None:
        connection = self._connection()
        try:
            connection.execute(statement)
        except sqlite3.Error as error:
            raise self._cannot_be_changed(error) from error
        self._settle(connection, _SETTLE_WAIT)

    def expect(self, name: str, fingerprint: str | None) -> None:
        """Record that a file beside the database belongs to the library, so that its loss is noticed.

        Args:
            fingerprint: of its content, or None if it does not belong to the library any more.
        """
        connection = self._connection()
        with suppress(sqlite3.Error):  # the file is there; only its loss would not be noticed
            with _transaction(connection):
                if fingerprint is None:
                    connection.execute("DELETE FROM meta WHERE key = ?", (f"{EXPECTED}{name}",))
                else:
                    set_meta(connection, **{f"{EXPECTED}{name}": fingerprint})
            self._settle(connection, _SETTLE_WAIT)

    def missing_files(self) -> list[str]:
        """Return a line for each file that belongs to the library and is gone, with what to do.

        Raises:
            LibraryDamaged: the database cannot be read.
        """
        with self.snapshot() as snapshot:
            expected = snapshot.expected_files()
        paths = {self.folder / name: line for name, line in _MISSING.items() if name in expected}
        return [line.format(path) for path, line in paths.items() if not path.exists()]

    def _settle(self, connection: sqlite3.Connection, wait: int) -> None:
        """Move what was committed out of the write-ahead log, whose loss would lose it, into the database.

        A reader that still needs the log keeps it. Nothing is lost by that, nor by an error: the log holds what was committed.
        """
        with suppress(sqlite3.Error):
            connection.execute(f"PRAGMA busy_timeout = {wait}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")

    def _settle_when_idle(self, connection: sqlite3.Connection) -> None:
        """Settle what a writer had to leave in the log, of this process or another, once nothing is being written."""
        if isinstance(connection, ReadOnlyConnection):
            return
        try:
            status = (self.folder / f"{DATABASE}-wal").stat()
        except OSError:
            return
        if status.st_size and time.time() - status.st_mtime > _SETTLE_AFTER:
            self._settle(connection, 0)

    def close(self) -> None:
        """Close the database. SQLite then deletes its own files beside it. No thread may be reading or writing."""
        with self._connecting:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection. Those of threads that have ended are closed when a thread gets its first."""
        thread = threading.current_thread()
        old = self._connections.get(thread)
        if old is not None and (old.in_transaction or not isinstance(old, ReadOnlyConnection)):
            return old
        connection = old.renewed() if isinstance(old, ReadOnlyConnection) else connect(self.folder / DATABASE)
        if connection is not old:
            with self._connecting:
                for ended in [each for each in self._connections if each is thread or not each.is_alive()]:
                    self._connections.pop(ended).close()
                self._connections[thread] = connection
        return connection

    def _is_made(self) -> bool:
        """Whether the database is there.

        Raises:
            LibraryError: it is missing or empty, and the rest of a library is there.
        """
        tables = "SELECT 1 FROM sqlite_master WHERE name = 'meta'"
        if (self.folder / DATABASE).is_file() and self._connection().execute(tables).fetchone():
            return True
        rest = [name for name in _MADE_AFTER if (self.folder / name).exists()]
        if rest:  # a new library in its place would make the loss look like a beginning
            raise LibraryError(
                f"{self.folder / DATABASE} is missing or empty, but {rest[0]} of the same library is there: restore a backup, "
                "or move the folder away to begin anew."
            )
        return False

    def _make(self, model: ModelFiles) -> None:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        create_tables(connection)
        migrate(connection, 1)
        set_meta(connection, id=uuid.uuid4().hex, generation="0", sentences=str(CUTTING), **_model_meta(model))
        connection.execute("COMMIT")

    def _verify(self, model: ModelFiles | None) -> None:
        with self.snapshot() as snapshot:
            schema, name, sha256 = snapshot.schema, snapshot.meta("model_name"), snapshot.meta("model_sha256")
        if schema > SCHEMA:
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


def _nearest_existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _sync_folders(folder: Path, outer: Path) -> None:
    """See that a new library's name, and those of the folders made for it below another one, are on the disk."""
    for each in (folder, *folder.parents):
        with nullcontext() if each == folder else suppress(PermissionError):  # who may enter a folder may not always read it
            sync_folder(each)
        if each == outer:
            break


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit at once what a block changes of the facts about a library, or undo it. Its generation stays."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
