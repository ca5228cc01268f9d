"""`pullquote doctor` says what it runs on and what is wrong; `pullquote token` makes, lists and revokes tokens."""

import json
from pathlib import Path

import pytest
from conftest import Run

from ui.cli import doctor


def test_it_tells_of_everything_it_looked_at(run: Run) -> None:
    code, out, _ = run("doctor", "--json")
    findings = {each["what"]: each for each in json.loads(out)}
    assert code == 0
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


def test_tokens_are_created_listed_and_revoked(run: Run) -> None:
    code, secret, err = run("token", "create", "notes")
    assert (code, secret.startswith("pullquote_"), "is not shown again" in err) == (0, True, True)
    assert [each["name"] for each in json.loads(run("token", "list", "--json")[1])] == ["notes"]
    assert secret.strip() not in run("token", "list")[1]
    assert run("token", "revoke", "notes")[:2] == (0, "The token notes is revoked.\n")
    code, _, err = run("token", "revoke", "notes")
    assert (code, err) == (2, "pullquote: There is no token notes: `pullquote token list` shows what there is.\n")
