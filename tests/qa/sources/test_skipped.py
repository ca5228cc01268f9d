"""What a folder holds beside articles is counted by kind, with the reason."""

import os
from pathlib import Path

import pytest

from qa.ingest.batches import skip_line
from qa.sources.discovery import discover, find_files
from qa.sources.formats.detection import ending, reason_to_skip
from qa.types.articles import Failure, Skipped


def skipped(*paths: Path) -> list[Skipped]:
    return [item for item in find_files(paths) if isinstance(item, Skipped)]


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("The mill stood.")
    return folder


def test_files_that_are_not_taken_are_counted_by_their_ending(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", *(f"b/{n}.GIF" for n in range(5)), "old.xlsb", "b/old.xlsb", "plan.dwg", "readme")
    first, second, *others = skipped(tmp_path)
    assert first == Skipped(str(tmp_path), ".gif", reason_to_skip(".gif"), 5, ("b/0.GIF", "b/1.GIF", "b/2.GIF"))
    assert (second.kind, second.n, set(second.examples)) == (".xlsb", 2, {"old.xlsb", "b/old.xlsb"})
    assert {each.kind: each.reason for each in others} == {
        ".dwg": "files of this kind are not read",
        "no ending": "read only when named, since nothing tells what they are",
    }
    assert skip_line(first) == "5 × .gif (b/0.GIF, b/1.GIF, b/2.GIF, …): pictures, in which no text is read"
    assert skip_line(others[0]).startswith("1 × .dwg (plan.dwg): ")


def test_hidden_linked_and_ignored_files_are_counted(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", ".notes/a.txt", "draft.txt", "cache/1.txt", "cache/2.txt")
    (tmp_path / "link.txt").symlink_to("a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / ".gitignore").write_text("cache/\ndraft*\n")
    counts = {each.kind: (each.n, each.examples) for each in skipped(tmp_path)}
    assert counts == {
        "hidden": (1, (".notes",)),
        "a link": (1, ("link.txt",)),
        "no regular file": (1, ("pipe.txt",)),
        "ignored": (2, ("draft.txt", "cache")),
    }


def test_what_is_named_beside_its_folder_is_not_skipped(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "readme")
    assert skipped(tmp_path, tmp_path / "readme") == []
    assert [each.kind for each in skipped(tmp_path)] == ["no ending"]


def test_a_folder_without_articles_says_what_it_holds(tmp_path: Path) -> None:
    failure, group = find_files([write(tmp_path, "plan.svg")])
    assert isinstance(failure, Failure)
    assert isinstance(group, Skipped)
    assert (group.kind, group.n) == (".svg", 1)


def test_skipped_files_do_not_count_among_those_to_read(tmp_path: Path) -> None:
    sources = discover([write(tmp_path, "a.txt", "plan.svg")], 20)
    assert (sources.n, sources.n_bytes) == (1, len("The mill stood."))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.TXT", ".txt"), (".profile", "no ending"), ("a", "no ending"), ("a.b c", "no ending"), ("a.t.gz", ".gz")],
)
def test_an_ending_is_what_follows_the_last_dot(name: str, expected: str) -> None:
    assert ending(name) == expected
