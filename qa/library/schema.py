"""The library's database: its tables, its connections, and the checksums of its rows."""

import hashlib
import os
import sqlite3
from pathlib import Path

SCHEMA = 1  # the version this code writes; a newer one is refused

_TABLES = """
-- Every checksum is the SHA-256 of its row; SQLite itself would serve a flipped bit without a sign.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    version TEXT NOT NULL,           -- the one that answers
    checksum BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE versions (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    version TEXT NOT NULL,           -- SHA-256 of the text
    title TEXT NOT NULL,
    published TEXT,
    text TEXT NOT NULL,
    set_aside TEXT NOT NULL,         -- JSON [[start, end, rule], ...]
    checksum BLOB NOT NULL,          -- of the row but for the text, which the version vouches for
    PRIMARY KEY (article_id, version)
) STRICT;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, so a row never changes its meaning
    article_id TEXT NOT NULL REFERENCES articles (id),
    generation INTEGER NOT NULL,     -- in which it came
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
-- Made when a library is next changed: one from before goes without until then, and an older Pullquote passes over it.
CREATE TABLE IF NOT EXISTS encoded (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    digest BLOB NOT NULL             -- of what was encoded; a hint without a checksum, so whoever follows it looks twice
) STRICT;
CREATE INDEX IF NOT EXISTS encoded_by_digest ON encoded (digest);
CREATE TABLE IF NOT EXISTS details (
    article_id TEXT NOT NULL,
    version TEXT NOT NULL,
    details TEXT NOT NULL,           -- JSON: author, site, language, tags, parts; added, changed (ISO 8601, UTC)
    checksum BLOB NOT NULL,
    PRIMARY KEY (article_id, version),
    FOREIGN KEY (article_id, version) REFERENCES versions (article_id, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    origin TEXT PRIMARY KEY,         -- where it was read: an absolute path or an address
    sha256 TEXT NOT NULL,            -- of its bytes
    loaders TEXT NOT NULL,           -- which edition of our loaders read it
    articles TEXT NOT NULL,          -- JSON: the ids of what it held
    checksum BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""


class Alone(sqlite3.Connection):
    """A connection to a file in a folder that may only be read, where SQLite cannot lay its own files beside it."""

    def __init__(self, path: Path) -> None:
        """Open a file; without changes of others waiting beside it SQLite takes it for one that never changes."""
        self._path, self._was = path, _state(path)
        never_changes = "" if self._was[1] else "&immutable=1"
        address = f"{path.absolute().as_uri()}?mode=ro{never_changes}"
        super().__init__(address, uri=True, isolation_level=None, check_same_thread=False)

    def is_outdated(self) -> bool:
        """Whether someone who may write the file has changed it since, or this user may write it now."""
        try:
            return _state(self._path) != self._was or os.access(self._path.parent, os.W_OK)
        except OSError:  # the medium is gone; reading will say so
            return False


def _state(path: Path) -> tuple[tuple[int, ...], int]:
    """What tells that a database was changed: its file, and how many bytes of changes wait beside it."""
    found, waiting = path.stat(), path.with_name(f"{path.name}-wal")
    return (found.st_mtime_ns, found.st_size, found.st_ino), waiting.stat().st_size if waiting.exists() else 0


def connect(path: Path) -> sqlite3.Connection:
    """Open the database so that what was committed survives the loss of power; where it may only be read, for that."""
    if path.exists() and not os.access(path.parent, os.W_OK):
        return Alone(path)
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables, inside the transaction that is open."""
    _execute(connection, _TABLES)


def create_later_tables(connection: sqlite3.Connection) -> None:
    """Make the tables that came after the first libraries, where they are missing, inside the transaction that is open."""
    _execute(connection, _LATER_TABLES)


def details_from(connection: sqlite3.Connection) -> int | None:
    """The rowid of the first version that has details; None in a library that was not changed since there are any.

    Raises:
        ValueError: the row that says so is not what was written.
    """
    row = connection.execute("SELECT value, checksum FROM meta WHERE key = 'details_from'").fetchone()
    if row is None:
        return None
    if checksum("details_from", row[0]) != row[1]:
        raise ValueError("details_from")
    return int(row[0])


def next_version(connection: sqlite3.Connection) -> int:
    """The rowid of the version that is stored next."""
    return int(connection.execute("SELECT coalesce(max(rowid), 0) + 1 FROM versions").fetchone()[0])


def _execute(connection: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def checksum(*fields: str | bytes | None) -> bytes:
    """SHA-256 of a row's fields, each with its length so that no two rows run together to the same bytes."""
    parts: list[bytes] = []
    for field in fields:
        if field is None:
            parts.append(b"-")
        else:
            data = field.encode() if isinstance(field, str) else field
            parts += (b"%d:" % len(data), data)
    return hashlib.sha256(b"".join(parts)).digest()


def text_version(text: str) -> str:
    """The version of a text: its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()
