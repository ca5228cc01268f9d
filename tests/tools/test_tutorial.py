"""The commands of docs/guide/evaluation.md are run as they stand there, in their order."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, SEEDS
from typer.testing import CliRunner

from ui.cli.main import app

TUTORIAL = (ROOT / "docs" / "guide" / "evaluation.md").read_text("utf-8").split("## Calibrat")[0]
COMMANDS = re.findall(r"^pullquote (.*)$", TUTORIAL, re.MULTILINE)


@pytest.mark.slow
def test_the_tutorial_goes_from_no_questions_to_a_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded_encoder: None
) -> None:
    """Ask every fourth question of the seeds; tests/qa/evaluation/test_evaluation.py holds all to what the gate demands."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    lines = (SEEDS / "questions.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "seeds" / "questions.jsonl").write_text("".join(lines[::4]), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert len(COMMANDS) == 10
    for command in COMMANDS:
        done = CliRunner().invoke(app, shlex.split(command))
        assert done.exit_code == 0, (command, done.output, done.exception)
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert len((tmp_path / "first.run").read_text("utf-8").splitlines()[0].split()) == 6
    assert (tmp_path / "questions.qrels").exists()
    assert (tmp_path / "questions.xml").exists()
    assert '"draft"' not in (tmp_path / "mine.jsonl").read_text("utf-8")
