"""`pullquote doctor` says what it runs on, and what is wrong with what to do."""

import json
from pathlib import Path

import pytest
from conftest import Run

from ui.cli import doctor


def test_it_tells_of_everything_it_looked_at(run: Run) -> None:
    code, out, err = run("doctor", "--json")
    findings = {each["what"]: each for each in json.loads(out)}
    assert (code, err) == (0, "")
    assert list(findings) == ["system", "packages", "extras", "engine", "cache", "library's folder", "library", "a question"]
    assert findings["library"]["said"].startswith("3 articles")
    assert {each["state"] for each in findings.values()} <= {"ok", "slow"}


def test_what_is_wrong_says_what_to_do_and_ends_with_exit_code_2(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_LEAST_DISK", 1 << 62)
    code, out, _ = run("doctor", "--library", tmp_path / "none")
    assert code == 2
    assert "make room" in out
    assert "There is no library in" in out
