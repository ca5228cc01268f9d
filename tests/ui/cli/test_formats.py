"""What `ask`, `search` and `list` print in other formats, read from standard input, and do with a file of questions."""

import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Run

from qa import Answer
from qa.types.articles import Quote, Reference
from ui.cli.console import show_log
from ui.html.notebook import to_markdown
from ui.html.references import Cited, csl, ris

FENCE = "How tall is the fence?"
ARTICLE = Reference(
    "0123456789ab", "Locks\nand keys", "https://example.org/a b", "2019-05", "cd" * 32, author="Ann Author", tags=("steel",)
)
QUOTE = Quote(1, ARTICLE, 3, 17, "It\nhas 3 keys.", 1.0, 0.9, None, part="page 2")


def test_ask_prints_each_format(run: Run) -> None:
    answer = Answer.from_json(run("ask", FENCE, "--format", "json")[1])
    assert run("ask", FENCE, "-f", "markdown")[1] == to_markdown(answer)
    (line,) = run("ask", FENCE, "-f", "jsonl")[1].splitlines()
    assert Answer.from_json(line) == answer
    items = json.loads(run("ask", FENCE, "-f", "csl")[1])
    assert [item["annote"] for item in items] == [quote.text for quote in answer.quotes]
    records = run("ask", FENCE, "-f", "ris")[1]
    assert records.count("TY  - ") == records.count("ER  - ") == len(answer.quotes)
    code, out, err = run("ask", FENCE, "--json", "-f", "ris")
    assert (code, out) == (2, "")
    assert "--json and --format ris exclude each other" in err


def test_search_and_list_print_each_format(run: Run) -> None:
    passages = json.loads(run("search", "airlift", "-k", 3, "--json")[1])
    assert [json.loads(line) for line in run("search", "airlift", "-k", 3, "-f", "jsonl")[1].splitlines()] == passages
    assert passages[0]["text"] in [item["annote"] for item in json.loads(run("search", "airlift", "-f", "csl")[1])]
    assert "> " in run("search", "airlift", "-f", "markdown")[1]
    assert run("list", "-f", "ris")[1].count("TY  - GEN") == 3
    assert len(run("list", "-f", "jsonl")[1].splitlines()) == len(run("list", "-f", "markdown")[1].splitlines()) == 3


@pytest.mark.slow
def test_a_question_comes_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = run("ask", FENCE)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{FENCE}\n"))
    assert run("ask", "-") == alone


def test_each_line_of_a_file_is_asked_and_what_is_no_question_is_told_of(run: Run, tmp_path: Path) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text(f"{FENCE}\n\n?!\nWho is the Canadian ambassador?\n")
    code, out, err = run("ask", "-i", questions, "-f", "jsonl")
    assert [json.loads(line)["question"] for line in out.splitlines()] == [FENCE, "Who is the Canadian ambassador?"]
    assert (code, err) == (2, "pullquote: '?!' was not asked: The question holds no word to search for: ask something.\n")
    questions.write_text(f"{FENCE}\nWhat is the capital of France?\n")
    code, out, _ = run("ask", "-i", questions)
    assert code == 1  # one has no answer
    assert re.findall(r"^\? .*", out, re.M) == [f"? {FENCE}", "? What is the capital of France?"]
    code, _, err = run("ask", FENCE, "-i", questions)
    assert (code, err) == (2, "pullquote: Give a question, or a file of questions with -i, and not both.\n")
    assert run("ask", "-i", tmp_path / "none.txt")[0] == 2


def test_reference_managers_get_author_date_address_and_the_place() -> None:
    (item,) = csl([Cited(ARTICLE, QUOTE)])
    assert item == {
        "id": "pullquote-0123456789ab-3-17",
        "type": "webpage",
        "title": "Locks\nand keys",
        "author": [{"literal": "Ann Author"}],
        "issued": {"date-parts": [[2019, 5]]},
        "URL": "https://example.org/a b",
        "keyword": "steel",
        "annote": "It\nhas 3 keys.",
        "note": f"page 2, characters 3 to 17 of urn:sha256:{'cd' * 32}",
    }
    lines = ris([Cited(ARTICLE, QUOTE)]).split("\r\n")
    assert lines[0] == "TY  - ELEC"
    assert {"TI  - Locks and keys", "AU  - Ann Author", "PY  - 2019", "DA  - 2019/05//", "N1  - It has 3 keys."} <= set(lines)
    assert lines[-3:] == ["ER  - ", "", ""]


def test_log_messages_are_lines_of_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    try:
        assert run("--log", "json", "list")[0] == 0
        logging.getLogger("pullquote").warning("The %s is low.", "tide")
        line = json.loads(capsys.readouterr().err)
        assert (line["level"], line["message"], line["logger"]) == ("warning", "The tide is low.", "pullquote")
    finally:
        show_log(as_json=False)
    logging.getLogger("pullquote").warning("The tide is low.")
    assert capsys.readouterr().err == "pullquote: The tide is low.\n"


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete(shell: str) -> None:
    code = "import sys; sys.argv = ['pullquote']; from ui.cli.main import main; main()"
    variables = {"_PULLQUOTE_COMPLETE": f"source_{shell}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, cwd=ROOT)
    assert "_PULLQUOTE_COMPLETE=complete_" in done.stdout


GUIDE = (ROOT / "docs" / "guide" / "command-line.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.M | re.S)


@pytest.mark.slow
def test_the_pipes_of_the_guide_run_in_a_shell(library: Path, tmp_path: Path) -> None:
    (tmp_path / "questions.txt").write_text(f"{FENCE}\n")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "pullquote"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m ui.cli "$@"\n')
    command.chmod(0o755)
    variables = {
        **os.environ,
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PULLQUOTE_LIBRARY": str(library),
    }
    (script,) = EXAMPLES
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "<mark>" in done.stdout
    assert "\x1b[" not in done.stdout
    assert (tmp_path / "fence.ris").read_text().startswith("TY  - GEN")
    assert json.loads((tmp_path / "answers.jsonl").read_text())["question"] == FENCE


@pytest.mark.slow
def test_a_pipe_that_nobody_reads_is_no_error(library: Path) -> None:
    command = [sys.executable, "-m", "ui.cli", "list", "--format", "csl", "--library", str(library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True) as listing:
        assert listing.stdout
        assert listing.stderr
        listing.stdout.close()
        assert (listing.stderr.read(), listing.wait()) == ("", 0)
