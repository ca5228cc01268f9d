"""Let the n-th system call fail, for real, in SQLite and tantivy too: `python -m benchmarks.faults.failing_calls --seed 22`.

strace (apt-get install strace) makes one write, sync, rename, open or read of an operation fail: with no room, a broken disk or
too many open files. `n` counts the calls of each thread. The library must then be in the old state or the new one, and the
error be one of ours that names a file, or a file's line in the report. A traceback is a fault.
"""

import argparse
import importlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.faults import children
from benchmarks.faults.children import Acknowledge, Board
from benchmarks.faults.operations import (
    DONE,
    LIBRARY,
    OPERATIONS,
    QUESTION,
    Operation,
    open_library,
    prepare_process,
    state_problems,
)
from ui.cli.evaluation import report

FAULTS = (
    ("write,pwrite64", "ENOSPC"),
    ("write,pwrite64", "EIO"),
    ("fsync,fdatasync", "EIO"),
    ("rename,renameat,renameat2", "EIO"),
    ("openat", "EMFILE"),
    ("openat", "EIO"),
    ("ftruncate", "EIO"),
    ("read,pread64", "EIO"),
)
_NAMES = ("add", "sync", "remove", "ask", "check", "report")


def _ask(place: Path, acknowledge: Acknowledge) -> None:
    if open_library(place / LIBRARY).ask(QUESTION).quotes:
        acknowledge(DONE)


def _check(place: Path, acknowledge: Acknowledge) -> None:
    if not open_library(place / LIBRARY).check().problems:
        acknowledge(DONE)


def _report(place: Path, acknowledge: Acknowledge) -> None:
    report("first", markdown=place / "report.md", library=place / LIBRARY)
    acknowledge(DONE)


def operations() -> dict[str, Operation]:
    """Return the operations that are disturbed, by name. Those that only read leave everything as it was."""
    still, measured = OPERATIONS["edit"], OPERATIONS["calibrate and measure"]
    readers = {
        "ask": replace(still, name="ask", work=_ask, problems=lambda place, acknowledged: iter(())),
        "check": replace(still, name="check", work=_check, problems=lambda place, acknowledged: iter(())),
        "report": replace(measured, name="report", work=_report, problems=lambda place, acknowledged: iter(())),
    }
    return {name: readers.get(name) or OPERATIONS[name] for name in (*_NAMES, *OPERATIONS)}


def trace(operation: Operation, place: Path, log: Path, *options: str) -> tuple[int, Board]:
    """Do an operation under strace. Return its exit code and what it reported."""
    board = Board()
    with children.gate() as (pause, go):

        def work() -> None:
            pause()
            operation.work(place, board.write)

        pid = children.fork(work, board)
        command = ["strace", "-f", "-o", str(log), *options, "-p", str(pid)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
            assert tracer.stderr
            tracer.stderr.readline()  # it is attached
            go()
            return children.wait(pid), board


def count_calls(operation: Operation, place: Path, log: Path) -> dict[str, int]:
    """Return how often the busiest thread of an operation makes each kind of call."""
    kinds = {kind for kind, _ in FAULTS}
    trace(operation, place, log, "-e", f"trace={','.join(kinds)}")
    counts = Counter[tuple[str, str]]()
    for thread, name in re.findall(r"^(\d+) +(\w+)\(", log.read_text(errors="replace"), re.MULTILINE):
        counts.update((thread, kind) for kind in kinds if name in kind.split(","))
    return {kind: max((n for (_, each), n in counts.items() if each == kind), default=0) for kind in kinds}


def disturb(operation: Operation, place: Path, log: Path, kind: str, error: str, n: int) -> tuple[str, list[str]]:
    """Let one call fail. Return how the operation ended, and what is wrong with that."""
    code, board = trace(operation, place, log, "-e", f"trace={kind}", "-e", f"inject={kind}:error={error}:when={n}")
    if "(INJECTED)" not in log.read_text(errors="replace"):
        return "not reached", []
    lines = board.lines()
    problems = [line for line in lines if line.startswith("!")]
    refusals = [line for line in lines if line.startswith("refused")]
    problems += [f"names no file: {line}" for line in refusals if str(place) not in line]
    problems += [f"ended with {code}"] if code not in (0, 2) and not problems else []
    # An operation that reports files it could not read has done its work without having done all.
    acknowledged = {line for line in lines if line.startswith("/")}
    problems += children.ask(lambda: state_problems(operation, place, acknowledged))
    return ("failed" if problems else "refused by name" if refusals else "done"), problems


def imported_by(work: Operation, place: Path) -> Iterator[str]:
    """Yield the modules that an operation imports on its way."""
    work.work(place, lambda line: None)
    yield from sorted(sys.modules)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=0, help="calls of each kind, drawn by the seed (default: all)")
    parser.add_argument("--only", nargs="*", choices=list(operations()), default=list(_NAMES))
    arguments = parser.parse_args()
    if not shutil.which("strace"):
        raise SystemExit("strace makes system calls fail: install it, as with `apt-get install strace`.")
    prepare_process()
    whole, n_problems = Counter[str](), 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        top = Path(name).resolve()
        place, log = top / "place", top / "strace"
        for each in arguments.only:
            operation, template = operations()[each], top / f"template {each}"
            draw, fates = random.Random(f"{arguments.seed} {each}"), Counter[str]()
            place.mkdir()
            children.run(partial(operation.prepare, place))
            place.rename(template)

            def renew(template: Path = template) -> None:
                shutil.rmtree(place, ignore_errors=True)
                shutil.copytree(template, place)

            renew()
            for module in children.ask(partial(imported_by, operation, place)):  # an import that fails is no fault of ours
                with suppress(ImportError):
                    importlib.import_module(module)
            renew()
            counts = count_calls(operation, place, log)
            for kind, error in FAULTS:
                numbers = list(range(1, counts[kind] + 1))
                if arguments.most and len(numbers) > arguments.most:
                    numbers = sorted(draw.sample(numbers, arguments.most))
                for n in numbers:
                    renew()
                    fate, problems = disturb(operation, place, log, kind, error, n)
                    fates[fate] += 1
                    n_problems += bool(problems)
                    for problem in problems:
                        where = f"{each}, {error} of {kind} number {n}"
                        print(f"{where}: {problem}".replace("\\n", "\n"), file=sys.stderr, flush=True)
            shutil.rmtree(place)
            whole += fates
            print(f"{each}: {', '.join(f'{n} {fate}' for fate, n in sorted(fates.items()))}", flush=True)
    summary = ", ".join(f"{n} {fate}" for fate, n in sorted(whole.items()))
    print(f"{sum(whole.values())} failing calls: {summary} (seed {arguments.seed})")
    return 1 if n_problems else 0


if __name__ == "__main__":
    sys.exit(main())
