"""Tests that a package under another licence, with a known fault, or that nobody looked at, is told of."""

import io
import sys

import pytest
from support.supply_chain import audit_problems, hash_lines, licence_problems, main, n_constraints


def test_a_licence_that_binds_the_product_is_a_problem_and_so_is_an_empty_list() -> None:
    packages = [{"Name": name, "Version": "1", "License": text} for name, text in [("a", "MIT License"), ("b", "GNU AGPL v3")]]
    assert [line.split()[0] for line in licence_problems(packages)] == ["b"]
    assert [*licence_problems([{"Name": "c", "Version": "1", "License": "GPL-3.0 OR Apache-2.0"}])] == []
    assert [*licence_problems([])] == ["No package was looked at."]


def test_what_was_not_audited_is_a_problem() -> None:
    fine = {"name": "a", "version": "1", "vulns": []}
    assert [*audit_problems({"dependencies": [fine]}, 1)] == []
    assert [*audit_problems({"dependencies": []}, 2)] == ["Only 0 of 2 packages were audited."]
    skipped = {"name": "b", "skip_reason": "not in the index"}
    assert len([*audit_problems({"dependencies": [fine, skipped]}, 2)]) == 2
    bad = {**fine, "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
    assert [*audit_problems({"dependencies": [bad]}, 1)] == ["a 1 has CVE-1; versions without it: 2."]


def test_an_audit_without_a_database_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["supply_chain", "audit"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert main() == 1
    assert "Nothing was audited" in capsys.readouterr().err
    assert n_constraints() > 100


def test_each_archive_has_its_hash_and_the_project_itself_none() -> None:
    archive = {"archive_info": {"hashes": {"sha256": "0" * 64}}}
    items = [
        {"metadata": {"name": "b", "version": "2"}, "download_info": archive},
        {"metadata": {"name": "pullquote", "version": "0"}, "download_info": {"dir_info": {}}},
    ]
    assert [*hash_lines({"install": items})] == [f"b==2 --hash=sha256:{'0' * 64}"]
