"""Tests that the text of what was removed is not left in the library's files."""

import sqlite3
from pathlib import Path

import pytest
from support.quick import harbours, open_quick, store


class _Forgetful(sqlite3.Connection):
    """A connection of an SQLite that was built without SECURE_DELETE."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.execute("PRAGMA secure_delete = OFF")


def test_removed_text_is_overwritten_however_sqlite_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *arguments, **options: connect(*arguments, **options, factory=_Forgetful))
    assistant = open_quick(tmp_path / "library")
    secret = "The lighthouse keeper Ottilie Brandt was never paid. " * 40
    articles = store(assistant, **harbours(0, 2), secret=secret)
    assistant.remove(next(each.id for each in articles if "secret" in each.source))
    assistant.library.close()
    held = [path.name for path in tmp_path.rglob("*") if path.is_file() and b"Ottilie" in path.read_bytes()]
    assert held == []
