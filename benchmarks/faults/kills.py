"""Kill -9 every operation on a library and count what was lost: `python -m benchmarks.faults.kills --kills 1000 --seed 22`.

Data: small made-up libraries, encoded by arithmetic. Half of the kills fall at random moments, half at a named step that the
seed draws: at an acknowledgement, or before a statement that changes the database, a write to the disk, a rename or a removal.
Then the library must be in the old state or the new one. The same call is made again and must end what was cut short, with
nothing left over.

Processes are forked from one that has imported all libraries. A kill takes half a second of processor time.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.faults import children
from benchmarks.faults.children import Board
from benchmarks.faults.operations import DONE, OPERATIONS, Operation, prepare_process, state_problems

_CHANGES = ("INSERT", "UPDATE", "DELETE", "CREATE", "REINDEX", "VACUUM", "COMMIT", "PRAGMA wal_checkpoint", "PRAGMA journal")
_CALLS = ("fsync", "replace", "rename", "unlink", "rmdir", "mkdir")  # of `os`


@dataclass
class Count:
    """The results over all kills of an operation."""

    kills: int = 0
    acknowledged: int = 0
    finished: int = 0  # before they could be killed
    problems: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return sum(": lost" in problem for problem in self.problems)

    def __str__(self) -> str:
        others = len(self.problems) - self.lost
        return f"{self.kills} kills, {self.acknowledged} acknowledged, {self.lost} lost, {others} third states"


@dataclass(frozen=True)
class Course:
    """How an operation runs when nothing disturbs it."""

    seconds: float
    steps: Counter[str]  # how often each named step is taken


def watch_steps(step: Callable[[str], None]) -> None:
    """Call a function before each named step of this process."""
    connect = sqlite3.connect

    def traced(*arguments: object, **options: object) -> sqlite3.Connection:
        connection = connect(*arguments, **options)  # type: ignore[arg-type, call-overload]
        connection.set_trace_callback(lambda sql: step(sql.split("(")[0][:28]) if sql.startswith(_CHANGES) else None)
        return connection  # type: ignore[no-any-return]

    sqlite3.connect = traced  # type: ignore[assignment]
    for name in _CALLS:
        setattr(os, name, _before(partial(step, name), getattr(os, name)))


def _before(step: Callable[[], None], call: Callable[..., object]) -> Callable[..., object]:
    def wrapped(*arguments: object, **options: object) -> object:
        step()
        return call(*arguments, **options)

    return wrapped


def perform(operation: Operation, place: Path, board: Board, step: Callable[[str], None] | None = None) -> None:
    """Do an operation in this process and write to a board what is acknowledged."""

    def acknowledge(line: str) -> None:
        board.write(line)
        if step:
            step("acknowledgement")

    if step:
        watch_steps(step)
    operation.work(place, acknowledge)


def observe(operation: Operation, place: Path) -> Course:
    """Let an operation run to its end."""
    steps, acknowledgements = Board(), Board()
    start = time.monotonic()
    code = children.wait(children.fork(lambda: perform(operation, place, acknowledgements, steps.write), acknowledgements))
    if code:
        raise SystemExit(f"{operation.name} fails when nothing disturbs it: {acknowledgements.lines()[-1:]}")
    return Course(time.monotonic() - start, Counter(steps.lines()))


def kill(operation: Operation, place: Path, course: Course, draw: random.Random, count: Count) -> str:
    """Do an operation, kill it, and inspect the library. Return the moment, in words."""
    board, pid = Board(), 0
    if draw.random() < 0.5:
        seconds = draw.random() * course.seconds
        moment = f"after {seconds:.3f} s"
        pid = children.fork(lambda: perform(operation, place, board), board)
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    else:
        name = draw.choice(sorted(course.steps))
        number = draw.randrange(course.steps[name])
        moment = f"before {name} number {number}"
        pid = children.fork(lambda: perform(operation, place, board, _killer(name, number)), board)
    code = children.wait(pid)
    acknowledged = set(board.lines())
    errors = [line for line in acknowledged if line.startswith(("!", "refused"))]
    count.kills += code == -signal.SIGKILL
    count.finished += code == 0
    count.acknowledged += len(acknowledged - {DONE})
    problems = errors + children.ask(lambda: state_problems(operation, place, acknowledged))
    if not problems and operation.resumes:
        again = Board()
        if children.wait(children.fork(lambda: perform(operation, place, again), again)):
            problems = [f"the next call: {again.lines()[-1]}"]
        else:
            problems = children.ask(lambda: state_problems(operation, place, acknowledged, ended=True))
    count.problems += [f"{operation.name} {moment}: {problem}" for problem in problems]
    return moment


def _killer(name: str, number: int) -> Callable[[str], None]:
    left = Counter({name: number})

    def step(taken: str) -> None:
        if taken == name:
            if not left[name]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[name] -= 1

    return step


def run(names: list[str], kills: int, seed: int, top: Path) -> dict[str, Count]:
    """Kill each operation as often, and return the results by name."""
    prepare_process()
    counts = {}
    for name in names:
        operation, count, draw = OPERATIONS[name], Count(), random.Random(f"{seed} {name}")
        place, template = top / "place", top / f"template {name}"
        place.mkdir()
        children.run(partial(operation.prepare, place))
        place.rename(template)

        def renew(place: Path = place, template: Path = template) -> None:
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(template, place)

        renew()
        course = observe(operation, place)
        while count.kills < kills:
            renew()
            kill(operation, place, course, draw, count)
        shutil.rmtree(place)
        counts[name] = count
        print(f"{name}: {count}", flush=True)
        for problem in count.problems:
            print(problem.replace("\\n", "\n"), file=sys.stderr, flush=True)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=160, help="in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", choices=list(OPERATIONS), help="some operations (default: all)")
    arguments = parser.parse_args()
    names = arguments.only or list(OPERATIONS)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as top:
        counts = run(names, -(-arguments.kills // len(names)), arguments.seed, Path(top))
    whole = Count()
    for count in counts.values():
        whole.kills, whole.acknowledged = whole.kills + count.kills, whole.acknowledged + count.acknowledged
        whole.problems += count.problems
    print(f"{whole} (seed {arguments.seed})")
    return 1 if whole.problems else 0


if __name__ == "__main__":
    sys.exit(main())
