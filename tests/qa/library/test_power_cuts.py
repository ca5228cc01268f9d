"""Tests that a power cut at any system call loses nothing acknowledged, and that a missing sync would be noticed."""

import os
import random
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from support.quick import harbours, open_quick, store

from benchmarks.faults.children import Acknowledge
from benchmarks.faults.operations import LIBRARY, Operation, open_library
from benchmarks.faults.power_cuts import Disk, Event, play, prepare
from qa.library.schema import connect

needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")


def test_a_new_library_has_its_name_on_the_disk_and_so_have_the_folders_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, fsync = set[int](), os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.add(os.fstat(descriptor).st_ino), fsync(descriptor))[1])
    folder = tmp_path / "years" / "library"
    assistant = open_quick(folder)
    assert {each.stat().st_ino for each in (folder, folder.parent, tmp_path)} <= synced
    synced.clear()
    assistant.journal.begin("Harbours")
    assert folder.stat().st_ino in synced


def test_each_commit_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "library.db")) as connection:
        modes = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")]
    assert modes == [2, "wal"], "2 is FULL"


def test_what_was_not_synced_is_lost_and_the_rest_is_there(tmp_path: Path) -> None:
    disk = Disk({1: bytearray(b"old")}, {"/a/old": 1})
    for event in (
        Event("name", 2, "/a/new.tmp"),
        Event("write", 2, data=b"new"),
        Event("rename", path="/a/new.tmp", target="/a/old"),
    ):
        disk.apply(event)
    assert disk.strict() == {"/a/old": b"old"}
    assert {disk.torn(random.Random(seed))["/a/old"] for seed in range(20)} == {b"old", b"new", b""}
    disk.apply(Event("sync", -1, "/a"))
    assert disk.strict() == {"/a/old": b""}, "renamed before its bytes were written"
    disk.apply(Event("sync", 2, "/a/old"))
    assert disk.strict() == {"/a/old": b"new"}


def _make(place: Path) -> None:
    store(open_quick(place / LIBRARY), **harbours(0, 2))


def _remove(place: Path, acknowledge: Acknowledge) -> None:
    assistant = open_library(place / LIBRARY)
    acknowledge(assistant.remove(assistant.articles()[0].id).source)


def _texts(first: int) -> dict[str, str]:
    return {f"/articles/{name}.txt": text for name, text in harbours(first, 2).items()}


@pytest.mark.slow
@needs_strace
def test_no_power_cut_loses_a_removal_and_without_one_sync_it_would(tmp_path: Path) -> None:
    operation = Operation("remove", _make, _remove, lambda place: _texts(0), lambda place: _texts(1))
    place, draw = tmp_path / "place", random.Random(22)
    start, events = prepare(operation, place, tmp_path)
    played = play(operation, place, start, events, draw, torn=1)
    assert played.problems == []
    assert played.states > 20
    (of_database,) = [n for n, each in enumerate(events) if each.kind == "sync" and each.path.endswith("library.db")]
    kept = [*events[:of_database], *events[of_database + 1 :]]
    assert play(operation, place, start, kept, draw, torn=4, first=of_database).problems
