"""Tests that a file is replaced whole or not at all, and that a file a user named stays the user's."""

import os
import signal
import stat
import threading
from pathlib import Path

import pytest
from support.disks import fill, small_disk

from embeddings.atomic_write import replacing, sweep, working_folder, write_atomically, write_output


@pytest.mark.parametrize("write", [write_atomically, write_output])
def test_on_a_full_disk_the_old_file_stays_and_nothing_else_is_left(tmp_path: Path, write: type[write_output]) -> None:
    with small_disk(tmp_path / "disk", 100) as disk:
        (disk / "report.html").write_bytes(b"yesterday's")
        fill(disk)
        with pytest.raises(OSError, match="No space left"):
            write(disk / "report.html", b"x" * 10_000)
        assert (disk / "report.html").read_bytes() == b"yesterday's"
        assert sorted(path.name for path in disk.iterdir()) == ["filler", "report.html"]


def test_only_its_owner_may_read_a_file_of_the_library(tmp_path: Path) -> None:
    write_atomically(tmp_path / "stamp.json", b"{}")
    assert stat.S_IMODE((tmp_path / "stamp.json").stat().st_mode) == 0o600


def test_an_output_has_the_permissions_that_the_user_wants(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        write_output(tmp_path / "new.html", b"1")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "new.html").stat().st_mode) == 0o640
    (tmp_path / "new.html").chmod(0o664)
    write_output(tmp_path / "new.html", b"2")
    assert stat.S_IMODE((tmp_path / "new.html").stat().st_mode) == 0o664


def test_an_output_follows_a_link_and_a_file_of_the_library_does_not(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"old")
    (tmp_path / "link").symlink_to("there")
    write_output(tmp_path / "link", b"new")
    assert (tmp_path / "there").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()
    write_atomically(tmp_path / "link", b"newer")
    assert (tmp_path / "there").read_bytes() == b"new"
    assert not (tmp_path / "link").is_symlink()


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_output(pipe, b"a report")
    reader.join(10)
    assert read == [b"a report"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    write_output(tmp_path / ("n" * 250 + ".html"), b"1")
    assert len(list(tmp_path.iterdir())) == 1


def killed_while_writing(path: Path) -> None:
    """Write a file and a folder beside it in a process that is killed meanwhile."""
    pid = os.fork()
    if pid == 0:
        try:
            with replacing(path) as file, working_folder(path.parent, ".copy-") as folder:
                file.write(b"half")
                (folder / "library.db").write_bytes(b"half")
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    os.waitpid(pid, 0)


def test_what_a_killed_writer_left_is_deleted_by_the_next_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    path, folder = tmp_path / "back[up].zip", tmp_path / "new"
    killed_while_writing(path)
    (tmp_path / "back[up].zip.old.tmp").touch()  # the user's own
    assert len([*tmp_path.iterdir()]) == 3
    with replacing(path) as living, working_folder(tmp_path, ".copy-") as working:
        assert not [*working.iterdir()]
        write_atomically(path, b"another writer's")
        with working_folder(tmp_path, ".copy-"):
            pass
        living.write(b"whole")
        working.rename(folder)
    assert path.read_bytes() == b"whole"
    assert {each.name for each in tmp_path.iterdir()} == {path.name, "back[up].zip.old.tmp", "new"}


@pytest.mark.parametrize("write", [write_atomically, write_output])
def test_bytes_are_on_the_disk_before_their_name_and_then_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: type[write_output]
) -> None:
    steps, fsync, replace = list[str](), os.fsync, os.replace

    def sync(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else f"{os.fstat(descriptor).st_size} bytes")
        fsync(descriptor)

    def rename(source: str, target: str) -> None:
        steps.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", rename)
    write(tmp_path / "stamp.json", b"12345")
    assert steps == ["5 bytes", "rename", "folder"]


def test_sweeping_deletes_no_link_and_waits_for_no_pipe(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "link.tmp").symlink_to("kept")
    os.mkfifo(tmp_path / "pipe.tmp")
    sweep([*tmp_path.glob("*.tmp"), tmp_path / "gone.tmp"])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kept", "link.tmp"]
