"""Worker processes, one for each thing that is measured, so that none affects another's memory, caches or threads.

A worker does one call at a time and sleeps between calls. What is compared takes turns in blocks of many questions. With turns
after each question, torch's threads, which spin for some milliseconds after a call, would slow the next system.
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

ROOT = Path(__file__).parents[2]
# No worker uses the network: models are read from folders, and no telemetry is sent.
QUIET = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TRANSFORMERS_VERBOSITY": "error", "DO_NOT_TRACK": "1"}


class WorkerFailed(RuntimeError):
    """A worker ended without a result. The message holds the end of its output."""


class Worker:
    """A Python process that calls functions `module:name` and returns their results as JSON."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.support.workers"],
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
        """Call a function and return its result.

        Raises:
            WorkerFailed: the function raised an error, or the process died.
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
        """Return the peak memory of the process in MB of 1,000,000 bytes."""
        return float(self.call("benchmarks.support.workers:own_peak_mb"))


def call(function: str, **arguments: Any) -> Any:
    """Call a function in a new process and return its result."""
    with Worker() as worker:
        return worker.call(function, **arguments)


def own_peak_mb() -> float:
    """Return the peak memory of this process in MB. Mapped files count as far as they were read."""
    try:  # ru_maxrss starts with the parent's value if that was larger
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


class Clock:
    """A stopwatch that starts when it is made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """The seconds since then."""
        return time.perf_counter() - self._start


def _serve() -> None:
    """Serve calls, one a line, until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to standard error
    for line in sys.stdin:
        request = json.loads(line)
        module, _, name = request["function"].partition(":")
        result = getattr(import_module(module), name)(**request["arguments"])
        answers.write(json.dumps(result) + "\n")
        answers.flush()


if __name__ == "__main__":
    _serve()
