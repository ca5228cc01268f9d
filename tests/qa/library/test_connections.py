"""Tests that a library holds no more files open than its living threads need."""

import gc
import os
import threading
from pathlib import Path

import pytest
from support.quick import harbours, open_quick, store

from qa import Assistant


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    assistant = open_quick(tmp_path / "library")
    store(assistant, **harbours(0, 2))
    return assistant


def n_open(folder: Path) -> int:
    links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
    return sum(os.path.exists(link) and os.readlink(link).startswith(str(folder)) for link in links)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="open files are counted in /proc")
def test_threads_that_ended_hold_no_file_open(assistant: Assistant) -> None:
    gc.collect()
    gc.disable()  # what waits for the cycle collector may wait for hours
    try:
        before = n_open(assistant.library.folder)
        for _ in range(30):
            thread = threading.Thread(target=assistant.ask, args=("When did harbour 1 freeze?",))
            thread.start()
            thread.join()
        assert n_open(assistant.library.folder) <= before + 3, "the last one's, until another thread reads"
    finally:
        gc.enable()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="open files are counted in /proc")
def test_a_library_that_was_closed_holds_no_file_open_and_opens_again(assistant: Assistant) -> None:
    folder = assistant.library.folder
    assistant.library.close()
    assert [name for name in os.listdir(folder) if name.endswith(("-wal", "-shm"))] == []
    assert len(assistant.articles()) == 2
