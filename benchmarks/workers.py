"""Worker: a process of its own for each thing that is measured, so that none weighs on another's memory, caches or threads.

A worker does one call at a time and sleeps between calls. What is compared takes turns in blocks of many questions, not
question by question: torch's threads spin for some milliseconds after each of its calls and would slow whoever comes next.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parent.parent
# No worker asks anything of a network: models are read from folders, and nobody is told of it.
QUIET = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TRANSFORMERS_VERBOSITY": "error", "DO_NOT_TRACK": "1"}


class WorkerFailed(RuntimeError):
    """A worker ended without a result; the message is the end of what it wrote."""


class Worker:
    """A Python process that calls functions `module:name` and gives back what they return, which must be JSON."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=ROOT,
            env={**os.environ, **QUIET},
            text=True,
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self._process.kill()
        self._process.communicate()
        self._errors.close()

    def call(self, function: str, **arguments: Any) -> Any:
        """What the function returns.

        Raises:
            WorkerFailed: it raised something, or the process died.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"function": function, "arguments": arguments}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._errors.seek(0)
            raise WorkerFailed(f"{function} failed:\n{self._errors.read()[-3000:].decode(errors='replace')}")
        return json.loads(line)

    def peak_mb(self) -> float:
        """The most memory that the process has had, in MB of 1,000,000 bytes."""
        return float(self.call("benchmarks.workers:own_peak_mb"))


def call(function: str, **arguments: Any) -> Any:
    """What a function returns in a process that does nothing else."""
    with Worker() as worker:
        return worker.call(function, **arguments)


def own_peak_mb() -> float:
    """The most memory that this process has had; mapped files count as far as they were read."""
    try:  # ru_maxrss would be the parent's where that was larger when it started this one
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Read it."""
        return time.perf_counter() - self._began


def _serve() -> None:
    """Do what is asked, line by line, until there is nothing more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    for line in sys.stdin:
        asked = json.loads(line)
        module, _, name = asked["function"].partition(":")
        result = getattr(import_module(module), name)(**asked["arguments"])
        answers.write(json.dumps(result) + "\n")
        answers.flush()


if __name__ == "__main__":
    _serve()
