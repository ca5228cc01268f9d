"""Uploads: nobody blocks the others', unused ones go, and no server deletes a living server's files."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.loops import run_alone

from ui.state import uploads
from ui.state.uploads import UploadRefused, UploadStore


async def parts(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


def send(store: UploadStore, tray: str, name: str = "a.txt", owner: str = "", content: bytes = b"The ferry sailed.") -> None:
    run_alone(store.receive(tray, name, parts(content), owner))


def stored(library: Path) -> list[Path]:
    return [file for file in (library / "uploads").rglob("*") if file.is_file() and file.suffix != ".lock"]


def test_empty_trays_block_nobody(tmp_path: Path) -> None:
    store = UploadStore(tmp_path)
    used = store.open("ida")
    send(store, used, owner="ida")
    for _ in range(200):
        last = store.open("ida")
        others = store.open("noor")
    send(store, last, owner="ida")
    send(store, others, owner="noor")
    assert len(store.take(used, "ida").uploads) == 1, "an empty one gave way, not the one with files"
    assert not stored(tmp_path) or len(stored(tmp_path)) == 3


def test_where_all_trays_receive_files_another_is_refused(tmp_path: Path) -> None:
    store = UploadStore(tmp_path)

    async def fill() -> None:
        going_on = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield b"x"
            await going_on.wait()

        trays = [store.open("ida") for _ in range(uploads._MOST_TRAYS)]
        arriving = [asyncio.create_task(store.receive(tray, "a.txt", slowly(), "ida")) for tray in trays]
        await asyncio.sleep(0.2)
        with pytest.raises(UploadRefused, match="under way"):
            store.open("ida")
        store.open("noor")
        going_on.set()
        await asyncio.gather(*arriving)

    run_alone(fill())


def test_unused_trays_are_released_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_EMPTY_FOR", 0.1)
    monkeypatch.setattr(uploads, "_UNUSED_FOR", 0.2)
    store = UploadStore(tmp_path)
    tray = store.open()
    send(store, tray)
    assert stored(tmp_path)
    deadline = time.monotonic() + 10
    while stored(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with pytest.raises(UploadRefused, match="send them again"):
        store.take(tray)


def test_a_tray_is_its_owners_alone(tmp_path: Path) -> None:
    store = UploadStore(tmp_path)
    tray = store.open("ida")
    with pytest.raises(UploadRefused):
        send(store, tray, owner="noor")
    send(store, tray, owner="ida")
    with pytest.raises(UploadRefused):
        store.take(tray, "noor")
    store.release("noor")
    assert len(stored(tmp_path)) == 1
    store.release("ida")
    assert not stored(tmp_path)


def test_one_owner_cannot_take_the_room_of_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_MOST_BYTES", 100)
    store = UploadStore(tmp_path)
    full, other = store.open("ida"), store.open("noor")
    send(store, full, owner="ida", content=b"x" * 90)
    with pytest.raises(UploadRefused, match="more than"):
        send(store, store.open("ida"), owner="ida", content=b"x" * 20)
    send(store, other, owner="noor", content=b"x" * 90)


def test_a_second_server_of_a_library_leaves_the_files_of_the_first(tmp_path: Path) -> None:
    first = UploadStore(tmp_path)
    tray = first.open()
    send(first, tray)
    second = UploadStore(tmp_path)
    other = second.open()
    send(second, other)
    second.close()
    (upload,) = first.take(tray).uploads
    assert upload.path.read_bytes() == b"The ferry sailed."
    first.close()
    assert list((tmp_path / "uploads").iterdir()) == []


def _upload_and_wait(library: Path) -> None:
    store = UploadStore(library)
    send(store, store.open())
    time.sleep(60)


def test_what_a_killed_server_left_is_deleted_by_the_next(tmp_path: Path) -> None:
    killed = multiprocessing.get_context("fork" if os.name == "posix" else "spawn").Process(
        target=_upload_and_wait, args=(tmp_path,)
    )
    killed.start()
    deadline = time.monotonic() + 30
    while not stored(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    UploadStore(tmp_path)
    assert stored(tmp_path), "it lives"
    assert killed.pid
    os.kill(killed.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    killed.join()
    UploadStore(tmp_path)
    assert list((tmp_path / "uploads").iterdir()) == []


def test_folders_of_earlier_versions_go_once_they_are_old(tmp_path: Path) -> None:
    for name in ("old", "young"):
        (tmp_path / "uploads" / name).mkdir(parents=True)
    os.utime(tmp_path / "uploads" / "old", (0, 0))
    UploadStore(tmp_path)
    assert [folder.name for folder in (tmp_path / "uploads").iterdir()] == ["young"]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    store = UploadStore(tmp_path)
    tray = store.open()

    async def full() -> AsyncIterator[bytes]:
        yield b"x"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        run_alone(store.receive(tray, "a.txt", full()))
    assert not stored(tmp_path)
