"""Time the first answer after a kill, and watch a process that asks for long: `python -m benchmarks.faults.endurance`.

Data: made-up articles of one passage each, encoded by arithmetic. An addition is killed, and a new process asks: how long until
its first answer, from the start of Python? Then one process asks for `--seconds`. After the first minute its memory, open files
and threads may grow by 5 % at most.
"""

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from support.quick import harbours, open_quick, store

from benchmarks.faults import ROOT, children

_ASK = """
import sys, time
import benchmarks.faults
from support.quick import open_quick
answer = open_quick(__import__("pathlib").Path(sys.argv[1])).ask("When did harbour 77 freeze?")
assert "Harbour 77 froze" in answer.quotes[0].text, answer
print(time.process_time())
"""
_BATCH, _LEEWAY, _SETTLED = 500, 1.05, 60.0


def recover(folder: Path, n_passages: int) -> tuple[float, float]:
    """Kill an addition to a library. Return the seconds, and those of processor time, until a new process has answered."""

    def fill() -> None:
        assistant = open_quick(folder)
        for first in range(0, n_passages, _BATCH):
            store(assistant, **harbours(first, first + _BATCH))

    children.run(fill, longest=1800)
    pid = children.fork(lambda: [store(open_quick(folder), **harbours(0, _BATCH, "dawn")) for _ in range(99)])
    time.sleep(2)
    os.kill(pid, 9)
    children.wait(pid)
    start = time.monotonic()
    command = [sys.executable, "-c", _ASK, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return time.monotonic() - start, float(done.stdout)


def measure() -> tuple[int, int, int]:
    """Return this process's memory in kB, open files and threads."""
    gc.collect()
    memory = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(memory.split()[1]), len(os.listdir("/proc/self/fd")), threading.active_count()


def soak(folder: Path, seconds: float) -> tuple[int, tuple[int, int, int], tuple[int, int, int]]:
    """Ask, each question in a thread of its own as in a server. Return how often, and what was measured first and last."""
    assistant, n, start = open_quick(folder), 0, time.monotonic()
    first = None
    while (passed := time.monotonic() - start) < seconds:
        thread = threading.Thread(target=assistant.ask, args=(f"When did harbour {n % 500} freeze?",))
        thread.start()
        thread.join()
        n += 1
        if n % 50 == 0:  # the library changes under it
            with assistant.library.writing():
                assistant.library.correct(assistant.articles()[n % 7].id, {"title": f"Title {n}"})
        if first is None and passed > min(_SETTLED, seconds / 3):
            first = measure()
    return n, first or measure(), measure()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=1200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name) / "library"
        passed, processor = recover(folder, arguments.passages)
        print(f"{arguments.passages} passages: {passed:.1f} s from the kill to the answer, {processor:.1f} s of the processor")
        n, first, last = soak(folder, arguments.seconds)
    names = ("kB of memory", "open files", "threads")
    print(f"{n} questions:", *(f"{a} → {b} {name}," for name, a, b in zip(names, first, last, strict=True)))
    return 1 if any(b > a * _LEEWAY for a, b in zip(first, last, strict=True)) else 0


if __name__ == "__main__":
    sys.exit(main())
