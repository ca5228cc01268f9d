"""Migrations: numbered steps from the first schema to the present one. A step is never changed after it was released.

All steps that a library needs are taken in one transaction, and a new library takes them too. To change what is stored, raise
`SCHEMA`, add a step to the end of `MIGRATIONS`, and keep a dump of the new schema: `python -m tests.support.schemas`.
"""

import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from qa.library.disk import named_errors
from qa.library.schema import SCHEMA, checksum, create_later_tables, set_meta

COPY = "library-schema-{}.db"  # the database as it was before

_log = logging.getLogger("pullquote")


def _add_details(connection: sqlite3.Connection) -> None:
    """Make the tables that were made when a library was next changed, and give each version details, which VACUUM relies on.

    Which versions had none was told by rowids before, and these may change.
    """
    create_later_tables(connection)
    bare = connection.execute(
        "SELECT v.article_id, v.version FROM versions v LEFT JOIN details d"
        " ON d.article_id = v.article_id AND d.version = v.version"
        " WHERE d.version IS NULL AND v.rowid < coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'details_from'),"
        " v.rowid + 1)"
    ).fetchall()
    rows = [(article_id, version, "{}") for article_id, version in bare]
    connection.executemany("INSERT INTO details VALUES (?, ?, ?, ?)", [(*row, checksum(*row)) for row in rows])
    set_meta(connection, details_from="1")


MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {2: _add_details}  # by the schema that each one makes


def migrate(connection: sqlite3.Connection, schema: int) -> None:
    """Bring a database from a schema to the present one, in the open transaction."""
    for number in range(schema + 1, SCHEMA + 1):
        MIGRATIONS[number](connection)
    set_meta(connection, schema=str(SCHEMA))


def migrate_with_copy(connection: sqlite3.Connection, database: Path, schema: int) -> None:
    """Copy a database and bring it to the present schema. After a crash it is of the old schema or of the new one.

    Raises:
        LibraryError: there is no room for the copy.
    """
    copy = database.with_name(COPY.format(schema))
    temporary = copy.with_name(f"{copy.name}.tmp")
    with named_errors(f"The library in {database.parent} cannot be brought to format {SCHEMA}", database.parent):
        temporary.unlink(missing_ok=True)
        temporary.touch(mode=0o600)
        with closing(sqlite3.connect(temporary)) as target:
            connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(copy)
        connection.execute("BEGIN IMMEDIATE")
        try:
            migrate(connection, schema)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    _log.info("The library in %s is of format %s now. %s is a copy from before.", database.parent, SCHEMA, copy.name)
