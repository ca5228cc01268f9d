"""Tests that a library in a read-only folder answers and searches as usual, and refuses changes with a clear message."""

import os
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from support.folders import only_readable
from support.nasty import write

from embeddings import Encoder
from qa import Assistant
from qa.library.bm25_index import Bm25Index
from qa.library.layout import DATABASE
from qa.library.schema import connect
from qa.search.reader.loading import NONE
from qa.types.errors import LibraryError

SAID = {"mill": "The mill burned in 1875. Nobody was hurt.", "wall": "The wall was built by the army."}


@pytest.fixture
def folder(open_to_all: Path, tiny_encoder: Encoder, tmp_path: Path) -> Path:
    Assistant.open(open_to_all / "library", model=tiny_encoder.files.name, reader=NONE)
    made = opened(open_to_all / "library", tiny_encoder)
    made.add(write(tmp_path, **SAID))
    made.ask("When did the mill burn?")  # saves the indexes
    for path in [made.library.folder, *made.library.folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return made.library.folder


def opened(folder: Path, encoder: Encoder) -> Assistant:
    assistant = Assistant.open(folder, reader=NONE)
    assistant._encoder = encoder
    return assistant


def settle(folder: Path) -> None:
    """Move all changes from the WAL file into the database."""
    with closing(connect(folder / DATABASE)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_it_is_asked_and_checked(folder: Path, tiny_encoder: Encoder) -> None:
    expected = opened(folder, tiny_encoder).search("When did the mill burn?")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with only_readable(folder, folder / "words"):
        assistant = opened(folder, tiny_encoder)
        assert assistant.search("When did the mill burn?") == expected
        assert len(assistant.articles()) == len(SAID)
        assert assistant.check().notes == (), "its saved indexes serve, and are not made anew"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_what_would_change_it_says_what_to_do(folder: Path, tiny_encoder: Encoder, tmp_path: Path) -> None:
    with only_readable(folder):
        assistant = opened(folder, tiny_encoder)
        article = assistant.articles()[0]
        with pytest.raises(LibraryError, match=f"{folder} cannot be changed .*let this user write its folder"):
            assistant.remove(article.id)
        assert assistant.articles()[0] == article
    assistant.remove(article.id)
    assert article not in assistant.articles()


def test_a_change_by_someone_who_may_write_is_seen(folder: Path, tiny_encoder: Encoder, tmp_path: Path) -> None:
    settle(folder)
    with only_readable(folder):
        reading = opened(folder, tiny_encoder)
        assert len(reading.articles()) == len(SAID)
    opened(folder, tiny_encoder).add(write(tmp_path / "more", storm="The storm hit the harbour."))
    settle(folder)
    with only_readable(folder):
        assert len(reading.articles()) == len(SAID) + 1
        assert reading.search("What hit the harbour?")[0].article.title


def test_the_copy_of_an_index_goes_with_it(folder: Path, monkeypatch: pytest.MonkeyPatch, open_to_all: Path) -> None:
    copies = open_to_all / "copies"
    copies.mkdir()
    copies.chmod(0o777)
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    with only_readable(folder, folder / "words"):
        index, _ = Bm25Index.load(folder / "words")
        later = index.updated([], [(99, "The storm hit the harbour.")])
        del index
        assert [passage_id for passage_id, _ in later.search(["storm"], 5)] == [99]
        assert len(os.listdir(copies)) == 1
        del later
        assert os.listdir(copies) == []
