"""Tests that a library killed at any moment keeps all that it acknowledged, in the old or the new state and no other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from support.nasty import write

from benchmarks import crash
from qa import Assistant

KILLS = int(os.environ.get("PULLQUOTE_KILLS", "8"))


def seen(assistant: Assistant, model: Path, *, safe: dict[str, str], now: dict[str, str], before: dict[str, str]) -> list[str]:
    """Return the lines that `crash.inspect` reports about a library."""
    here, there = os.pipe()
    crash.inspect(assistant.library.folder, model, safe, now, before, there)
    os.close(there)
    with os.fdopen(here) as lines:
        return lines.read().splitlines()


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_to_kill_9_and_the_next_addition_finishes_the_rest() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "crash.py"), "--kills", str(KILLS), "--seed", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    kills, acknowledged, lost = (int(part.split()[0]) for part in done.stdout.strip().split("(")[0].split(", "))
    assert (kills, lost, done.returncode) == (KILLS, 0, 0), done.stderr
    assert acknowledged > 0
    assert done.stdout.endswith("0 lost (seed 0)\n")


def test_a_loss_would_be_noticed(assistant: Assistant, tiny_model: Path, tmp_path: Path) -> None:
    path = write(tmp_path, a="The bridge fell at noon.")[0]
    source, text = str(path), path.read_text()
    assistant.add(path)
    good = {source: text}
    assert seen(assistant, tiny_model, safe=good, now=good, before={}) == []
    assert seen(assistant, tiny_model, safe={}, now={source: "new"}, before=good) == []
    assert seen(assistant, tiny_model, safe=good, now={source: "new"}, before=good) == []
    new = {source: "The bridge fell at dawn."}
    assert seen(assistant, tiny_model, safe=new, now=new, before=good) == [f"lost {source}"]
    assert seen(assistant, tiny_model, safe={}, now=new, before={}) == [f"third state {source}"]
    missing = {"/b.txt": text}
    assert seen(assistant, tiny_model, safe=missing, now={**good, **missing}, before={}) == ["lost /b.txt"]
