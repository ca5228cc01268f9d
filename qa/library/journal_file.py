"""The file of the journal: its tables, how it is opened for reading and for changing, and what its errors come of."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from qa.library.schema import connect
from qa.types.errors import LibraryBusy, LibraryDamaged, LibraryError

_WAIT = 10_000  # milliseconds that a writer waits for another
_TABLES = (
    """CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, title TEXT NOT NULL, begun TEXT NOT NULL,
    changed TEXT NOT NULL, checksum BLOB NOT NULL) STRICT""",
    """CREATE TABLE IF NOT EXISTS answers (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE, asked TEXT NOT NULL, question TEXT NOT NULL,
    answer TEXT NOT NULL, checksum BLOB NOT NULL) STRICT""",
    "CREATE INDEX IF NOT EXISTS answers_by_conversation ON answers (conversation_id)",
    """CREATE TABLE IF NOT EXISTS judgements (answer_id TEXT NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
    rank INTEGER NOT NULL, good INTEGER NOT NULL, checksum BLOB NOT NULL, PRIMARY KEY (answer_id, rank)) STRICT""",
    """CREATE TABLE IF NOT EXISTS drafts (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    answer_id TEXT UNIQUE REFERENCES answers (id) ON DELETE CASCADE, draft TEXT NOT NULL, checksum BLOB NOT NULL) STRICT""",
)
_TROUBLES = {  # what SQLite cannot do with a file that is whole, and what to do then
    sqlite3.SQLITE_PERM: "let this user read and write the file and its folder",
    sqlite3.SQLITE_READONLY: "let this user write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "let this user read and write the file and its folder",
    sqlite3.SQLITE_FULL: "make room on the disk",
    sqlite3.SQLITE_IOERR: "see whether the disk is full or fails",
    sqlite3.SQLITE_NOMEM: "the memory is used up, so close other programs",
}


class JournalFile:
    """A database that is made when it is first changed, and that reading leaves as it is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._making = threading.Lock()

    @contextmanager
    def open(self, *, make: bool = False) -> Iterator[sqlite3.Connection | None]:
        """A connection for one reading or change; None where nothing was ever written."""
        if not make and not self.path.exists():
            yield None
            return
        try:
            with closing(self._connection(make=make)) as db:
                yield db if _is_made(db) else None
        except sqlite3.Error as error:
            raise self._trouble(error) from error
        except UnicodeDecodeError as error:
            raise self.damaged(error) from error

    def _connection(self, *, make: bool) -> sqlite3.Connection:
        with self._making:  # the first of several threads makes the tables
            db = connect(self.path)
            db.execute(f"PRAGMA busy_timeout = {_WAIT}")
            db.execute("PRAGMA secure_delete = ON")
            if make and not _is_made(db):
                for table in _TABLES:
                    db.execute(table)
        return db

    def _trouble(self, error: sqlite3.Error) -> LibraryError:
        """What an error of SQLite comes of: damage only where it is none of what may befall a file that is whole."""
        kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # the rest of the code says more of the same
        if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return LibraryBusy(f"Another process is writing to {self.path}: try again when it is done.")
        if kind not in _TROUBLES:
            return self.damaged(error)
        return LibraryError(f"The conversations in {self.path} cannot be read or changed ({error}): {_TROUBLES[kind]}.")

    def damaged(self, why: object) -> LibraryDamaged:
        """That something in the file is not as it was written."""
        return LibraryDamaged(
            f"The conversations in {self.path} are damaged ({why}): restore the file from a copy, or move it away to begin "
            "anew. The articles are not concerned."
        )


def _is_made(db: sqlite3.Connection) -> bool:
    """Whether all tables are there, of which this one is made last; before, nothing is written."""
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'drafts'").fetchone() is not None
