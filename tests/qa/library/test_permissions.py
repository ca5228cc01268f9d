"""Tests that other users of the machine can read nothing of a library."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.asked import outcome
from support.asked import run as run_of
from support.quick import harbours, open_quick, store

from embeddings.index.vector_index import IndexLimits
from qa import Assistant
from qa.evaluation import save_run
from qa.evaluation.saving import run_file
from qa.library.indexes import IndexCache
from qa.library.layout import LOCK, WORDS
from qa.types.errors import LibraryError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    umask = os.umask(0o022)
    yield
    os.umask(umask)


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    assistant = open_quick(tmp_path / "library")
    assistant.indexes = IndexCache(assistant.library, IndexLimits(recent=3, mapped=1 << 30))  # vectors in two files
    store(assistant, **harbours(0, 8))
    return assistant


def test_everything_that_a_library_holds_is_for_its_owner_alone(assistant: Assistant) -> None:
    folder = assistant.library.folder
    assistant.journal.begin("Harbours")
    save_run(run_of(outcome("q", ("noon",))), run_file(folder, "first"))
    with assistant.library.snapshot():  # while SQLite has its own files beside the database
        modes = {path.relative_to(folder): stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
        folders = {path: mode for path, mode in modes.items() if (folder / path).is_dir()}
        assert set(folders.values()) == {0o700}
        assert {
            path: mode for path, mode in modes.items() if path not in folders and path.parts[0] != WORDS and mode != 0o600
        } == {}
        assert len(modes) > 8


def test_a_folder_that_was_there_before_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o755)
    assistant = open_quick(tmp_path / "mine")
    store(assistant, **harbours(0, 1))
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "mine" / "library.db").stat().st_mode) == 0o600
    assert ["chmod -R go=" in note for note in assistant.check().notes] == [True]


def test_a_private_library_has_no_note(assistant: Assistant) -> None:
    assert assistant.check().notes == ()


def test_a_lock_that_is_a_link_or_a_folder_is_named_and_left_alone(assistant: Assistant, tmp_path: Path) -> None:
    lock, elsewhere = assistant.library.folder / LOCK, tmp_path / "elsewhere"
    lock.unlink(missing_ok=True)
    lock.symlink_to(elsewhere)
    with (
        pytest.raises(LibraryError, match=r"library\.lock is a link or a folder: delete .*library\.lock"),
        assistant.library.writing(),
    ):
        pass
    assert not elsewhere.exists()
    lock.unlink()
    lock.mkdir()
    with pytest.raises(LibraryError, match="is a link or a folder"), assistant.library.writing():
        pass
    lock.rmdir()
    with assistant.library.writing():
        pass
