"""Schema: the database's tables, its connections, and the checksums of its rows."""

import hashlib
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from qa.library.disk import is_of_disk

BUSY_TIMEOUT = 5_000  # milliseconds that a statement waits for another connection
SCHEMA = 2  # the version that this code writes; newer ones are refused, and older ones migrated

_TABLES = """
-- Every checksum is the SHA-256 of its row: SQLite itself would return a flipped bit without a sign.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    version TEXT NOT NULL,           -- the current one
    checksum BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE versions (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    version TEXT NOT NULL,           -- SHA-256 of the text
    title TEXT NOT NULL,
    published TEXT,
    text TEXT NOT NULL,
    set_aside TEXT NOT NULL,         -- JSON [[start, end, rule], ...]
    checksum BLOB NOT NULL,          -- of the row without its text, which the version is the hash of
    PRIMARY KEY (article_id, version)
) STRICT;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, so that an id never changes its meaning
    article_id TEXT NOT NULL REFERENCES articles (id),
    generation INTEGER NOT NULL,     -- that added it
    sentences BLOB NOT NULL,         -- int32 (n, 2): start and end of each sentence in the article's text
    vector BLOB NOT NULL,            -- float16 (dimension)
    sentence_vectors BLOB NOT NULL,  -- float16 (n, dimension)
    checksum BLOB NOT NULL
) STRICT;
CREATE INDEX passages_by_article ON passages (article_id);
CREATE INDEX passages_by_generation ON passages (generation);
CREATE TABLE removals (passage_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL) STRICT;
CREATE INDEX removals_by_generation ON removals (generation);
"""
_LATER_TABLES = """
-- A library of schema 1 may lack these.
CREATE TABLE IF NOT EXISTS encoded (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    digest BLOB NOT NULL             -- of what was encoded: a hint without a checksum, so whoever follows it compares the texts
) STRICT;
CREATE INDEX IF NOT EXISTS encoded_by_digest ON encoded (digest);
CREATE TABLE IF NOT EXISTS details (
    article_id TEXT NOT NULL,
    version TEXT NOT NULL,
    details TEXT NOT NULL,           -- JSON: author, site, language, tags, notes, parts; added, changed (ISO 8601, UTC),
                                     -- file_date, provenance, and a user's corrections of title, author, published
    checksum BLOB NOT NULL,
    PRIMARY KEY (article_id, version),
    FOREIGN KEY (article_id, version) REFERENCES versions (article_id, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    origin TEXT PRIMARY KEY,         -- an absolute path or an address
    sha256 TEXT NOT NULL,            -- of its bytes
    loaders TEXT NOT NULL,           -- the version of the loaders that read it
    articles TEXT NOT NULL,          -- JSON: the ids of its articles
    checksum BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""


class ReadOnlyConnection(sqlite3.Connection):
    """A connection to a database where SQLite cannot create its own files beside it, as on a full or read-only disk."""

    def __init__(self, path: Path) -> None:
        """Open a database. Without a write-ahead log beside it, SQLite is told that the file never changes."""
        self._path, self._state = path, _file_state(path)
        immutable = "" if self._state[1] else "&immutable=1"
        uri = f"{path.absolute().as_uri()}?mode=ro{immutable}"
        super().__init__(uri, uri=True, isolation_level=None, check_same_thread=False)

    def renewed(self) -> sqlite3.Connection:
        """Return a connection for writing where that has become possible, another one if the file has changed, or this one."""
        try:
            if (connection := _connect_for_writing(self._path)) is not None:
                return connection
            return self if _file_state(self._path) == self._state else ReadOnlyConnection(self._path)
        except OSError:  # the medium was removed; the next read will say so
            return self


def _file_state(path: Path) -> tuple[tuple[int, ...], int]:
    """Return what differs after a change: the database's time, size and inode, and the size of its write-ahead log."""
    status, log = path.stat(), path.with_name(f"{path.name}-wal")
    return (status.st_mtime_ns, status.st_size, status.st_ino), log.stat().st_size if log.exists() else 0


def connect(path: Path) -> sqlite3.Connection:
    """Open a database so that commits survive a power failure. Where nothing can be written it is opened for reading."""
    return _connect_for_writing(path) or ReadOnlyConnection(path)


def _connect_for_writing(path: Path) -> sqlite3.Connection | None:
    """Open a database, or create it. Return None if it is there and nothing can be written beside it."""
    if path.exists() and not os.access(path.parent, os.W_OK):
        return None
    if not path.exists():
        with suppress(OSError):  # SQLite says what is wrong
            path.touch(mode=0o600)  # and gives its files beside it the same permissions
    try:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT / 1000, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # removed text is overwritten, however SQLite was built
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        if is_of_disk(error) and path.exists() and path.stat().st_size:
            return None
        raise
    return connection


def create_tables(connection: sqlite3.Connection) -> None:
    """Create the tables in the open transaction."""
    _execute(connection, _TABLES)


def create_later_tables(connection: sqlite3.Connection) -> None:
    """Create, in the open transaction, the tables that older libraries lack."""
    _execute(connection, _LATER_TABLES)


def details_from(connection: sqlite3.Connection) -> int | None:
    """Return the rowid of the first version with details, or None if none was stored since details exist.

    Raises:
        ValueError: the row is damaged, or missing since schema 2.
    """
    row = connection.execute("SELECT value, checksum FROM meta WHERE key = 'details_from'").fetchone()
    if row is None:
        if connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() != ("1",):
            raise ValueError("details_from")
        return None
    if checksum("details_from", row[0]) != row[1]:
        raise ValueError("details_from")
    return int(row[0])


def _execute(connection: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def set_meta(connection: sqlite3.Connection, **values: str) -> None:
    """Record facts about the library."""
    rows = [(key, value, checksum(key, value)) for key, value in values.items()]
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", rows)


def checksum(*fields: str | bytes | None) -> bytes:
    """Return the SHA-256 of a row's fields, each with its length, so that no two rows hash the same bytes."""
    parts: list[bytes] = []
    for field in fields:
        if field is None:
            parts.append(b"-")
        else:
            data = field.encode() if isinstance(field, str) else field
            parts += (b"%d:" % len(data), data)
    return hashlib.sha256(b"".join(parts)).digest()


def text_version(text: str) -> str:
    """Return the version of a text, its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
