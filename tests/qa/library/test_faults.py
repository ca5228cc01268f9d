"""Short forms of the fault benchmarks: kills, failing system calls, neighbours. And their oracle notices what it should."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT
from support.quick import harbours, open_quick, store

from benchmarks.faults.operations import DONE, LIBRARY, Operation, state_problems


def benchmark(name: str, *arguments: object) -> str:
    """Run a fault benchmark in a process of its own, without threads, and return what it printed last."""
    command = [sys.executable, "-m", f"benchmarks.faults.{name}", "--seed", "22", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.slow
def test_kills_of_copies_and_removals_leave_the_old_state_or_the_new() -> None:
    line = benchmark("kills", "--kills", 4, "--only", "remove", "restore")
    assert line.startswith("4 kills, ")
    assert line.endswith(" 0 lost, 0 third states (seed 22)")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_failing_system_call_is_refused_by_name_or_harmless() -> None:
    counts = Counter({name: int(n) for n, name in (part.split(" ", 1) for part in fates())})
    assert counts["refused by name"] > 0


def fates() -> list[str]:
    line = benchmark("failing_calls", "--most", 2, "--only", "report")
    return line.split(": ")[1].split(" (")[0].split(", ")


@pytest.mark.slow
def test_readers_of_one_generation_have_one_answer_while_two_processes_write() -> None:
    assert " 0 errors" in benchmark("neighbours", "--seconds", 5)


def test_the_oracle_tells_the_old_state_the_new_one_and_a_third(tmp_path: Path) -> None:
    def texts(last: int, when: str = "noon") -> dict[str, str]:
        return {f"/articles/{name}.txt": text for name, text in harbours(0, last, when).items()}

    library = tmp_path / LIBRARY
    operation = Operation("add", lambda place: None, lambda place, _: None, lambda place: texts(1), lambda place: texts(2))
    assert [*state_problems(operation, tmp_path, set())] == ["lost: there is no library"]
    store(open_quick(library), **harbours(0, 1))
    (new,) = texts(2).keys() - texts(1).keys()
    assert [*state_problems(operation, tmp_path, set())] == []
    assert [line.split(" is ")[0] for line in state_problems(operation, tmp_path, {new})] == [f"lost: {new}"]
    store(open_quick(library), **harbours(0, 2))
    assert [*state_problems(operation, tmp_path, {new, DONE}, ended=True)] == []
    (tmp_path / "other.12345678.tmp").touch()
    assert [*state_problems(operation, tmp_path, set(), ended=True)] == ["left over: other.12345678.tmp"]
    store(open_quick(library), **harbours(1, 2, "dawn"))
    assert [line.split(" is ")[0] for line in state_problems(operation, tmp_path, set())] == [f"third state: {new}"]
