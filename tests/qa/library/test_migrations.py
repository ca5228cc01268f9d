"""Tests that a library of every schema there was opens, checks clean, answers the same, and is migrated whole or not at all."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support import schemas
from support.disks import fill, small_disk
from support.folders import only_readable
from support.libraries import everything
from support.quick import open_quick, store

from qa import Assistant
from qa.library import migrations
from qa.library.journal import Journal
from qa.library.layout import DATABASE, JOURNAL
from qa.library.migrations import COPY, MIGRATIONS
from qa.library.schema import SCHEMA
from qa.types.errors import LibraryError

SEEN = ["1-first", *map(str, range(1, SCHEMA + 1))]
OLDER = SEEN[:-1]
QUESTION = "When was the lock opened?"


def schema(assistant: Assistant) -> int:
    with assistant.library.snapshot() as snapshot:
        return snapshot.schema


def test_every_schema_has_its_dump_and_every_step_its_number() -> None:
    assert sorted(path.stem for path in schemas.SCHEMAS.glob("*.sql")) == sorted(SEEN)
    assert sorted(MIGRATIONS) == [*range(2, SCHEMA + 1)]


@pytest.mark.parametrize("seen", SEEN)
def test_a_library_of_every_schema_is_read_as_it_is_and_migrated_when_it_is_changed(seen: str, tmp_path: Path) -> None:
    assistant = open_quick(schemas.load(seen, tmp_path / "library"))
    before, answer = everything(assistant), assistant.ask(QUESTION)
    assert [Path(each.source).stem for each in assistant.articles()] == ["lock", "mole", "weir"]
    assert answer.quotes[0].text == "The lock was opened in 1884."
    assert len(before) == 4, "one in two versions"
    assert assistant.check().problems == ()
    assert schema(assistant) == int(seen[0]), "reading changes nothing"
    store(assistant, pier="The pier was closed in winter.")
    assert schema(assistant) == SCHEMA
    assert [article for article in everything(assistant) if "pier" not in article.source] == before
    assert assistant.ask(QUESTION).quotes[0].text == answer.quotes[0].text
    assert assistant.check().problems == ()
    assert (tmp_path / "library" / COPY.format(seen[0])).exists() == (seen in OLDER)
    assert open_quick(tmp_path / "library").check().problems == ()


def test_a_new_library_has_the_tables_of_a_migrated_one(tmp_path: Path) -> None:
    def tables(folder: Path) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(folder / DATABASE)) as connection:
            rows = connection.execute("SELECT type, name, tbl_name FROM sqlite_master ORDER BY name").fetchall()
            return [row for row in rows if not row[1].startswith("sqlite_")]

    open_quick(tmp_path / "new")
    old = open_quick(schemas.load("1-first", tmp_path / "old"))
    store(old, pier="The pier was closed in winter.")
    assert tables(tmp_path / "old") == tables(tmp_path / "new")


def test_the_copy_is_the_library_as_it_was(tmp_path: Path) -> None:
    folder = schemas.load("1", tmp_path / "library")
    before = schemas.dump(folder)
    store(open_quick(folder), pier="The pier was closed in winter.")
    (tmp_path / "copy").mkdir()
    shutil.copy(folder / COPY.format(1), tmp_path / "copy" / DATABASE)
    assert schemas.dump(tmp_path / "copy") == before
    assert (folder / COPY.format(1)).stat().st_mode & 0o777 == 0o600
    assert len(open_quick(tmp_path / "copy").articles()) == 3


def test_a_migration_that_fails_leaves_the_old_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = schemas.load("1-first", tmp_path / "library")
    before = schemas.dump(folder)

    def fail_half_way(connection: sqlite3.Connection) -> None:
        MIGRATIONS[2](connection)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(migrations, "MIGRATIONS", {2: fail_half_way})
    with pytest.raises(LibraryError, match=rf"cannot be brought to format {SCHEMA} \(disk I/O error\)"):
        store(open_quick(folder), pier="The pier was closed in winter.")
    assert schemas.dump(folder) == before
    monkeypatch.undo()
    assert len(store(open_quick(folder), pier="The pier was closed in winter.")) == 4


def test_without_room_for_a_copy_nothing_is_migrated(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 400) as disk:
        folder = schemas.load("1", disk / "library")
        assistant = open_quick(folder)
        before = schemas.dump(folder)
        fill(disk)
        with pytest.raises(LibraryError, match=f"cannot be brought to format {SCHEMA} .*the disk of {disk} is full"):
            store(assistant, pier="The pier was closed in winter.")
        assert len(assistant.articles()) == 3
        assert schemas.dump(folder) == before


def test_a_library_of_an_older_schema_is_read_where_it_may_not_be_written(open_to_all: Path) -> None:
    folder = schemas.load("1-first", open_to_all / "library")
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    with only_readable(folder):
        assistant = open_quick(folder)
        assert assistant.ask(QUESTION).quotes[0].text == "The lock was opened in 1884."
        assert assistant.check().problems == ()


def test_details_that_were_deleted_are_noticed_after_the_migration(tmp_path: Path) -> None:
    assistant = open_quick(schemas.load("1-first", tmp_path / "library"))
    store(assistant, pier="The pier was closed in winter.")
    with closing(sqlite3.connect(tmp_path / "library" / DATABASE)) as connection, connection:
        connection.execute("DELETE FROM details")
    assert open_quick(tmp_path / "library").check().problems != ()


def test_conversations_of_a_newer_pullquote_are_refused_by_name(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin("Locks")
    with closing(sqlite3.connect(tmp_path / JOURNAL)) as connection:
        connection.execute("PRAGMA user_version = 3")
    with pytest.raises(LibraryError, match=r"newer Pullquote \(format 3, this one reads 2\): update Pullquote"):
        journal.conversations()
