"""A small library of every schema there was, as SQL. `python -m tests.support.schemas` writes that of the present one."""

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SCHEMAS = ROOT / "tests" / "qa" / "library" / "schemas"
DATABASE = "library.db"


def load(schema: str, folder: Path) -> Path:
    """Make a library of a dump, without caches, and return its folder."""
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / DATABASE)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript((SCHEMAS / f"{schema}.sql").read_text(encoding="utf-8"))
    return folder


def dump(folder: Path) -> str:
    """Return a library's database as SQL."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def fill(folder: Path) -> None:
    """Make a library with versions, removals and details of every kind."""
    from support.quick import open_quick, store

    assistant = open_quick(folder)
    store(
        assistant, lock="The lock\n\nThe lock was opened in 1883. Its gates weighed nine tons.", weir="The weir broke in May."
    )
    store(assistant, lock="The lock\n\nThe lock was opened in 1884. Its gates weighed nine tons.")
    store(assistant, mole="The mole\n\nThe mole was built of granite by convicts.", gone="This sentence is removed again.")
    assistant.remove(next(each.id for each in assistant.articles() if "gone" in each.source))
    assistant.library.close()


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from qa.library.schema import SCHEMA

    with tempfile.TemporaryDirectory() as name:
        fill(Path(name) / "library")
        (SCHEMAS / f"{SCHEMA}.sql").write_text(dump(Path(name) / "library"), encoding="utf-8")
