"""Tests of the commands that keep a library safe, on a library whose encoder is never loaded."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.libraries import database
from support.quick import harbours, open_quick, store

from qa import Assistant
from qa.library.layout import DATABASE, WORDS
from ui.cli import main as cli

Run = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    assistant = open_quick(tmp_path / "library")
    store(assistant, **harbours(0, 3))
    return assistant


@pytest.fixture
def run(assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `pullquote` on the library and returns the exit code, the lines and standard error."""
    monkeypatch.setenv("PULLQUOTE_LIBRARY", str(assistant.library.folder))

    def call(*arguments: object) -> tuple[int, list[str], str]:
        monkeypatch.setattr(sys, "argv", ["pullquote", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return call


def test_a_backup_is_restored_elsewhere_and_over_nothing(run: Run, tmp_path: Path) -> None:
    code, (line,), err = run("backup", tmp_path / "b.zip")
    assert (code, err) == (0, "")
    assert line.startswith("3 articles, 0.")
    code, (line,), err = run("restore", tmp_path / "b.zip", "--library", tmp_path / "there")
    assert (code, err) == (0, "")
    assert line.endswith(f"are in {tmp_path / 'there'}: all as written.")
    assert run("restore", tmp_path / "b.zip") == (
        2,
        [],
        f"pullquote: {tmp_path / 'library'} holds something already: name a folder that is not there yet, or move it away.\n",
    )
    code, lines, _ = run("restore", tmp_path / "b.zip", "--library", tmp_path / "third", "--json")
    assert (code, json.loads("\n".join(lines))["n_articles"]) == (0, 3)


def test_a_restored_library_with_a_damaged_article_says_so(run: Run, assistant: Assistant, tmp_path: Path) -> None:
    with database(assistant) as connection:
        connection.execute("UPDATE versions SET text = 'x' WHERE text LIKE 'Harbour 1%'")
    run("backup", tmp_path / "b.zip")
    code, lines, _ = run("restore", tmp_path / "b.zip", "--library", tmp_path / "there")
    assert code == 2
    assert "harbour1.txt) is damaged" in lines[0]
    assert lines[-1].endswith("not all as written.")


def test_lost_changes_are_told_by_every_command_until_repaired(run: Run, assistant: Assistant, tmp_path: Path) -> None:
    older = (assistant.library.folder / DATABASE).read_bytes()
    store(assistant, **harbours(3, 5))
    assistant.library.close()
    (assistant.library.folder / DATABASE).write_bytes(older)
    code, lines, err = run("list")
    assert (code, len(lines)) == (0, 3)
    assert "has lost its latest changes" in err
    assert "/articles/harbour3.txt, /articles/harbour4.txt" in err
    code, lines, _ = run("check")
    assert (code, len(lines)) == (2, 2)
    code, lines, _ = run("repair")
    assert (code, lines[-1]) == (0, "The library is whole.")
    assert "/articles/harbour4.txt" in lines[0]
    assert run("check")[0::2] == (0, "")


def test_repair_lists_what_is_left_and_drops_it_when_asked(run: Run, assistant: Assistant) -> None:
    with database(assistant) as connection:
        connection.execute("UPDATE versions SET text = 'x' WHERE text LIKE 'Harbour 1%'")
    shutil.rmtree(assistant.library.folder / WORDS)
    code, lines, _ = run("repair")
    assert (code, lines[-1]) == (2, "1 problem is left.")
    assert lines[0].startswith("problem: The text of article")
    code, lines, _ = run("repair", "--drop", "--json")
    assert (code, json.loads("\n".join(lines))["problems"]) == (0, [])
    assert len(run("list")[1]) == 2


def test_compact_keeps_what_a_named_answer_cites(run: Run, assistant: Assistant, tmp_path: Path) -> None:
    answer = assistant.ask("When did harbour 1 freeze?")
    (tmp_path / "answer.json").write_text(answer.to_json())
    store(assistant, **harbours(0, 3, "dawn"))
    code, (line,), _ = run("compact", tmp_path / "answer.json")
    assert (code, line[:48]) == (0, "0 earlier versions and 0 old copies were removed")
    assert run("compact")[1][0].startswith("3 earlier versions and 0 old copies were removed")
    assert run("compact", tmp_path / "none.json")[0] == 2


def test_articles_are_exported(run: Run, tmp_path: Path) -> None:
    assert run("export-articles", tmp_path / "a.jsonl") == (0, [f"3 articles are in {tmp_path / 'a.jsonl'}."], "")
    assert [json.loads(line)["title"] for line in (tmp_path / "a.jsonl").read_text().splitlines()] == [
        "Harbour 0",
        "Harbour 1",
        "Harbour 2",
    ]


def test_articles_are_imported(run: Run, assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("export-articles", tmp_path / "a.jsonl")
    monkeypatch.setattr(Assistant, "encoder", property(lambda _: assistant._encoder))
    open_quick(tmp_path / "other")
    with (tmp_path / "a.jsonl").open("a") as file:
        file.write("{}\n")
    code, lines, err = run("import-articles", tmp_path / "a.jsonl", "--library", tmp_path / "other")
    assert (code, lines[-1]) == (2, "3 added, 0 updated, 0 unchanged, 1 failed.")
    assert f"{tmp_path / 'a.jsonl'}, line 4: the line is not an article that Pullquote exported" in err


def test_an_error_of_the_system_is_one_line_that_names_the_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error", "/disk/weights.json")

    monkeypatch.setattr(Assistant, "check", fail)
    assert run("check") == (2, [], "pullquote: /disk/weights.json cannot be read or written: Input/output error.\n")
