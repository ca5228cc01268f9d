"""Files are found in a fixed order and read whole; nothing else in a folder is opened, followed or waited on."""

import errno
import os
import socket
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.sources import files
from qa.sources.discovery import find_files
from qa.sources.files import LocalFile, source_name
from qa.sources.formats import detection
from qa.sources.formats.limits import Limits
from qa.types.articles import Failure, Skipped
from qa.types.errors import ArticleUnreadable

CONTENT = b"The bridge fell at noon."


def refusal(file: Path | LocalFile, limits: Limits | None = None) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        file.read() if isinstance(file, LocalFile) else files.read(file, limits or Limits())
    return str(caught.value)


def made(folder: Path, name: str, content: bytes | str = CONTENT) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def found(*paths: Path) -> list[str | Failure]:
    items = [item for item in find_files(paths) if not isinstance(item, Skipped)]
    return [item if isinstance(item, Failure) else item.path.name for item in items]


def below(folder: Path) -> list[str]:
    """What is found in a folder, relative to it."""
    return [str(item.path.relative_to(folder)) for item in find_files([folder]) if isinstance(item, LocalFile)]


def test_a_file_is_read_to_the_byte(tmp_path: Path) -> None:
    content = bytes(range(256)) * 300 + b"\r\n\x1a"
    assert files.read(made(tmp_path, "a.txt", content)) == content


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert refusal(made(tmp_path, "a.txt", b"")) == "the file is empty"


def test_a_file_over_the_limit_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path, limits = made(tmp_path, "a.txt", b"a" * 2_000_000), Limits(file_bytes=2_000_000)
    assert files.read(path, limits) == b"a" * 2_000_000
    path.write_bytes(b"a" * 2_600_000)
    assert refusal(path, limits) == "the file has 3 MB; the limit is 2 MB"


def test_a_file_that_grows_over_the_limit_while_it_is_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, opened = made(tmp_path, "a.txt"), os.fstat

    def grow(descriptor: int) -> os.stat_result:
        status = opened(descriptor)
        os.truncate(path, 3_000_000)
        return status

    monkeypatch.setattr("qa.sources.files.os.fstat", grow)
    assert refusal(path, Limits(file_bytes=2_000_000)) == "the file has 2 MB; the limit is 2 MB"


def test_a_sparse_file_of_fifty_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = made(tmp_path, "a.txt")
    os.truncate(path, 50_000_000_000)
    assert refusal(path) == "the file has 50000 MB; the limit is 50 MB"


def test_a_pipe_is_refused_and_not_waited_on(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert refusal(tmp_path / "a.txt") == "this is not a regular file"


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a.txt")
        assert refusal(tmp_path / "a.txt") == "this is not a regular file"


def test_a_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("/dev/zero")
    assert refusal(tmp_path / "a.txt") == "this is not a regular file"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "this is not a regular file"


def test_a_file_that_may_not_be_read_is_refused_with_the_systems_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    path = made(tmp_path, "a.txt")
    monkeypatch.setattr("qa.sources.files.os.open", forbid)
    assert refusal(path) == "the file cannot be read (Permission denied)"


def test_a_file_gone_since_it_was_listed_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.txt") == "the file cannot be read (No such file or directory)"


def test_a_link_that_was_named_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(made(tmp_path, "a.md"))
    [file] = find_files([tmp_path / "link.txt"])
    assert isinstance(file, LocalFile)
    assert file.read() == CONTENT


def test_a_link_put_in_the_place_of_a_file_that_was_found_is_not_followed(tmp_path: Path) -> None:
    secret, path = made(tmp_path, "outside/secret.txt"), made(tmp_path, "in/a.txt")
    [item] = find_files([tmp_path / "in"])
    assert isinstance(item, LocalFile)
    path.unlink()
    path.symlink_to(secret)
    assert refusal(item) == "this is not a regular file"
    assert files.read(path) == CONTENT  # as named


def test_a_link_put_there_between_the_look_and_the_opening_is_not_followed_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, path = made(tmp_path, "outside/secret.txt"), made(tmp_path, "in/a.txt")
    [item] = find_files([tmp_path / "in"])
    assert isinstance(item, LocalFile)
    looked_at = os.stat

    def look(*arguments: object, **named: object) -> os.stat_result:
        status = looked_at(*arguments, **named)  # type: ignore[arg-type]
        path.unlink()
        path.symlink_to(secret)
        return status

    monkeypatch.setattr("qa.sources.files.os.stat", look)
    assert refusal(item) == "the file cannot be read (Too many levels of symbolic links)"


def test_a_folders_files_come_in_the_order_of_their_names_before_those_of_its_folders(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "c/d.txt", "c/a/z.txt", "b/x.txt", "notes.xyz"):
        made(tmp_path, name)
    assert below(tmp_path) == ["a.md", "b.txt", "b/x.txt", "c/d.txt", "c/a/z.txt"]


@pytest.mark.parametrize("ending", detection.extensions())
def test_every_kind_of_file_that_can_be_read_is_looked_for_in_capitals_too(tmp_path: Path, ending: str) -> None:
    made(tmp_path, f"a{ending}")
    made(tmp_path, f"B{ending.upper()}")
    assert found(tmp_path) == [f"B{ending.upper()}", f"a{ending}"]


def test_hidden_files_and_links_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    outside = made(tmp_path, "outside/secret.txt").parent
    made(tmp_path, "in/a.txt")
    made(tmp_path, "in/.hidden.txt")
    made(tmp_path, "in/.git/b.txt")
    (tmp_path / "in/link.txt").symlink_to(outside / "secret.txt")
    (tmp_path / "in/folder").symlink_to(outside)
    (tmp_path / "in/loop").symlink_to(tmp_path / "in")
    (tmp_path / "in/up").symlink_to("..")
    (tmp_path / "in/dangling.txt").symlink_to("nowhere")
    assert found(tmp_path / "in") == ["a.txt"]


def test_a_folder_that_was_named_may_be_hidden_or_a_link(tmp_path: Path) -> None:
    made(tmp_path, ".notes/a.txt")
    (tmp_path / "link").symlink_to(".notes")
    assert found(tmp_path / ".notes") == found(tmp_path / "link") == ["a.txt"]


def test_pipes_sockets_and_folders_called_like_articles_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made(tmp_path, "folder.txt/a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.txt")
        assert below(tmp_path) == ["folder.txt/a.txt"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root makes devices")
def test_a_device_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    made(tmp_path, "a.txt")
    try:
        os.mknod(tmp_path / "zero.txt", 0o20666, os.makedev(1, 5))
    except OSError as error:
        pytest.skip(f"no devices here: {error}")
    assert found(tmp_path) == ["a.txt"]


def test_a_file_named_twice_or_by_its_folder_too_comes_once(tmp_path: Path) -> None:
    path = made(tmp_path, "in/a.txt")
    (tmp_path / "link").symlink_to("in")
    assert found(path, tmp_path, path) == ["a.txt"]
    assert found(tmp_path, path) == ["a.txt"]
    assert found(tmp_path / "in", tmp_path / "link", tmp_path / "link/a.txt") == ["a.txt"]


def test_a_folder_without_articles_and_a_missing_path_are_failures(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    missing = Failure(str(tmp_path / "missing"), "there is no such file or folder")
    empty, last = found(tmp_path / "empty", tmp_path / "missing")
    assert last == missing
    assert isinstance(empty, Failure)
    assert empty.reason.startswith("this folder holds no article (.txt, .md, ")


@pytest.mark.parametrize("name", ["x" * 300 + ".txt", "a\0b.txt"])
def test_a_name_no_file_can_have_is_a_failure_and_no_crash(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert found(path) == [Failure(str(path), "there is no such file or folder")]


def test_a_dangling_link_that_was_named_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("nowhere")
    assert found(tmp_path / "a.txt") == ["a.txt"]
    assert refusal(tmp_path / "a.txt") == "the file cannot be read (No such file or directory)"


def test_undecodable_bytes_and_newlines_in_a_name_are_no_hindrance(tmp_path: Path) -> None:
    for name in (b"caf\xe9.txt", b"two\nlines.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(CONTENT)
    paths = [file.path for file in find_files([tmp_path]) if isinstance(file, LocalFile)]
    assert [source_name(path) for path in paths] == [f"{tmp_path}/caf\\xe9.txt", f"{tmp_path}/two\nlines.txt"]
    assert [files.read(path) for path in paths] == [CONTENT, CONTENT]


def test_a_source_is_the_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert source_name(Path("a.txt")) == str(tmp_path / "a.txt")


def test_a_folder_that_cannot_be_read_is_one_failure_and_its_neighbours_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/x.txt", "b/y.txt", "c/z.txt"):
        made(tmp_path, name)
    listed = os.scandir

    def forbid(folder: str) -> object:
        if folder.endswith("b"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return listed(folder)

    monkeypatch.setattr("qa.sources.discovery.os.scandir", forbid)
    assert found(tmp_path) == ["x.txt", Failure(str(tmp_path / "b"), "the folder cannot be read (Permission denied)"), "z.txt"]


def test_what_is_removed_while_its_folder_is_walked_is_not_missed(tmp_path: Path) -> None:
    for name in ("a.txt", "b/y.txt", "c.txt", "d/z.txt"):
        made(tmp_path, name)
    walk = find_files([tmp_path])
    assert isinstance(next(walk), LocalFile)
    (tmp_path / "b/y.txt").unlink()
    (tmp_path / "b").rmdir()
    assert [item.path.name for item in walk if isinstance(item, LocalFile)] == ["c.txt", "z.txt"]


def test_a_folder_that_became_a_file_meanwhile_is_passed_over(tmp_path: Path) -> None:
    for name in ("a.txt", "b/y.txt"):
        made(tmp_path, name)
    walk = find_files([tmp_path])
    next(walk)
    (tmp_path / "b/y.txt").unlink()
    (tmp_path / "b").rmdir()
    made(tmp_path, "b")
    assert list(walk) == []


def test_only_so_many_files_are_found_in_one_call_and_the_number_is_said(tmp_path: Path) -> None:
    for number in range(5):
        made(tmp_path, f"{number}.txt")
    few = find_files([tmp_path / "0.txt", tmp_path], Limits(files=3))
    assert [item if isinstance(item, Failure) else item.path.name for item in few] == [
        *("0.txt", "1.txt", "2.txt"),
        Failure(str(tmp_path), "there are more than 3 files; add the rest folder by folder"),
    ]
    assert len(list(find_files([tmp_path], Limits(files=5)))) == 5


@pytest.mark.slow
def test_twenty_thousand_files_are_found_in_little_memory(tmp_path: Path) -> None:
    for folder in range(20):
        (tmp_path / f"{folder:02}").mkdir()
        for number in range(1_000):
            (tmp_path / f"{folder:02}" / f"{number:03}.txt").touch()
    tracemalloc.start()
    assert sum(isinstance(item, LocalFile) for item in find_files([tmp_path])) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000  # bytes: the names of one folder


def test_a_folder_may_be_deeper_than_calls_can_be(tmp_path: Path) -> None:
    path = tmp_path
    for _ in range(1_500):
        path = path / "a"
        path.mkdir()
    file = made(path, "b.txt")
    assert found(tmp_path) == ["b.txt"]
    file.unlink()
    os.removedirs(path)  # from the inside out: what cleans up after the tests calls itself for each folder, and would not end


def test_what_a_gitignore_names_is_passed_over(tmp_path: Path) -> None:
    made(tmp_path, ".gitignore", "# a comment\n\n*.md\n!kept.md\n/top.txt\nbuild/\nsecret*\n**/deep/*.txt\n")
    for name in ("a.txt", "a.md", "kept.md", "top.txt", "secret.txt", "build/a.txt", "x/top.txt", "x/deep/b.txt", "x/kept.md"):
        made(tmp_path, name)
    assert below(tmp_path) == ["a.txt", "kept.md", "x/kept.md", "x/top.txt"]


def test_a_nearer_gitignore_is_stronger_and_speaks_of_its_own_folder_alone(tmp_path: Path) -> None:
    made(tmp_path, ".gitignore", "*.md\n")
    made(tmp_path, "in/.gitignore", "!*.md\n/a.txt\n")
    for name in ("a.txt", "a.md", "in/a.txt", "in/a.md", "in/b/a.md", "in/b/a.txt", "out/a.md"):
        made(tmp_path, name)
    assert below(tmp_path) == ["a.txt", "in/a.md", "in/b/a.md", "in/b/a.txt"]


def test_all_but_some_can_be_ignored(tmp_path: Path) -> None:
    made(tmp_path, ".gitignore", "*\n!*/\n!*.md\n")
    for name in ("a.txt", "a.md", "in/b.txt", "in/b.md"):
        made(tmp_path, name)
    assert below(tmp_path) == ["a.md", "in/b.md"]


def test_nothing_in_an_ignored_folder_is_taken_back_as_in_git(tmp_path: Path) -> None:
    made(tmp_path, ".gitignore", "build/\n!build/kept.txt\n")
    made(tmp_path, "build/kept.txt")
    assert below(tmp_path) == []


def test_a_file_that_is_named_is_read_though_it_is_ignored(tmp_path: Path) -> None:
    made(tmp_path, ".gitignore", "*.txt\n")
    path = made(tmp_path, "a.txt")
    assert found(tmp_path, path)[-1] == "a.txt"
    assert found(path) == ["a.txt"]


def test_a_gitignore_that_cannot_be_read_is_told_of_and_its_folder_is_read(tmp_path: Path) -> None:
    os.truncate(made(tmp_path, ".gitignore"), 50_000_000_000)
    made(tmp_path, "a.txt")
    assert found(tmp_path) == [
        Failure(str(tmp_path / ".gitignore"), "the file has 50000 MB; the limit is 1 MB"),
        "a.txt",
    ]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\0*", b"!\n/\n[\n\\\nb\\ \n", b"caf\xe9.txt\n", b"\xef\xbb\xbfx.txt\r\n"])
def test_no_gitignore_is_too_odd(tmp_path: Path, content: bytes) -> None:
    made(tmp_path, ".gitignore", content)
    for name in (b"caf\xe9.txt", b"a.txt", b"x.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(CONTENT)
    assert "a.txt" in below(tmp_path)
    assert ("caf\udce9.txt" in below(tmp_path)) == (b"caf" not in content)
    assert ("x.txt" in below(tmp_path)) == (b"x.txt" not in content)


def test_a_gitignore_that_is_a_link_or_a_pipe_is_passed_over_as_in_git(tmp_path: Path) -> None:
    made(tmp_path, "a/a.txt")
    made(tmp_path, "b/b.txt")
    os.mkfifo(tmp_path / "a/.gitignore")
    (tmp_path / "b/.gitignore").symlink_to(made(tmp_path, "rules", "*"))
    assert found(tmp_path) == ["a.txt", "b.txt"]


@pytest.mark.parametrize("line", ["[\x01-\x00]", "[z-a]", "[[]"])
def test_a_line_of_a_gitignore_that_is_no_pattern_is_skipped(tmp_path: Path, line: str) -> None:
    made(tmp_path, ".gitignore", f"{line}\nb.txt\n")
    made(tmp_path, "a.txt"), made(tmp_path, "b.txt")
    assert found(tmp_path) == ["a.txt"]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_gitignore(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        made(Path(folder), ".gitignore", content)
        made(Path(folder), "a/b.txt")
        assert found(Path(folder))[-1] == "b.txt" or isinstance(found(Path(folder))[-1], Failure)
