"""A pool of sandboxed processes that parse files. Whatever a file does to its parser, it is one file that failed.

An answer from such a process is not trusted, since a file may have taken over the parser. Answers are JSON, of bounded size,
and validated.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from qa.sources.formats import parsing
from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, MB, Limits
from qa.sources.sandbox.validate import optional_text, validate_draft
from qa.sources.sandbox.waiting import STRETCH, WaitingTime
from qa.types.errors import ArticleUnreadable, IsArchive, NeedsOcr, NeedsOffice, NoArticles

_START_SECONDS = 60  # until a process must be ready, on a slow disk too
_SHORTEST_LOOK = 0.05  # seconds
_MAX_REASON = 500  # characters
_CRASHED = "the parser of such files broke down on it"
_ROOT = str(Path(__file__).parents[3])
# What Python and its libraries need of the environment. A parser needs none of the keys and passwords in it.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL", "LC_CTYPE", "TZ")
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}  # each thread would map 40 MB of memory

_ERRORS: dict[str, type[ArticleUnreadable]] = {kind.__name__: kind for kind in (NoArticles, IsArchive, NeedsOffice, NeedsOcr)}

Result = TypeVar("Result")


class _AnswerTooLong(Exception):
    """An answer exceeds its limit."""


class ParserPool:
    """A few processes that parse files. They start when needed and are reused. Any number of threads may share a pool.

    Args:
        limits: for each file.
        processes: how many files are parsed at the same time; other callers wait.
        module: its function `parse` parses files, and its `prepare` runs once in each process before it is confined.
    """

    def __init__(self, limits: Limits = LIMITS, *, processes: int = 2, module: str = parsing.__name__) -> None:
        self._limits, self._module, self._processes = limits, module, processes
        self._slots = threading.Semaphore(processes)
        self._idle: list[_Worker] = []
        self._workers_of_parent: list[_Worker] = []  # kept, so that no finalizer touches their processes
        weakref.finalize(self, _stop_all, self._idle)
        _pools.add(self)

    def __enter__(self) -> "ParserPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the idle processes. The pool starts new ones if it is used again."""
        _stop_all(self._idle)

    def reset_after_fork(self) -> None:
        """Start anew in a forked process: the workers answer the process that it was forked from."""
        self._workers_of_parent = list(self._idle)
        self._idle.clear()  # in place, since the finalizer holds this list
        self._slots = threading.Semaphore(self._processes)

    def parse(self, content: bytes, source: str, charset: str | None = None, recognized: str | None = None) -> list[Draft]:
        """Return the articles in a file, at least one.

        Args:
            content: of the file.
            source: its path or URL.
            charset: from the server that sent it.
            recognized: what OCR has read, as `parsing.parse` takes it.

        Raises:
            ArticleUnreadable: with a reason for the user.
        """
        options = {"charset": charset} if charset else {}
        options |= {} if recognized is None else {"recognized": recognized}
        return self._run(f"{self._module}:parse", content, source, validate_draft, options)

    def run(
        self,
        function: Callable[..., list[Any]],
        content: bytes,
        source: str,
        validate: Callable[[Any, str], Result],
        **options: str,
    ) -> list[Result]:
        """Call a function of a module in the sandbox. Return its results, at least one.

        Args:
            function: called with the content, the source, the limits and the options. Results are dataclasses of JSON values.
            content: any bytes.
            source: where they come from.
            validate: makes a result from an answer and the source, or raises any error of Python's own.
            options: for the function.

        Raises:
            ArticleUnreadable: with a reason for the user.
        """
        return self._run(f"{function.__module__}:{function.__name__}", content, source, validate, options)

    def _run(
        self, function: str, content: bytes, source: str, validate: Callable[[Any, str], Result], options: dict[str, str]
    ) -> list[Result]:
        with self._slots:
            worker = self._idle_worker() or _Worker(self._limits, self._module)
            try:
                return worker.run({"function": function, "source": source, "options": options}, content, validate)
            finally:
                if worker.is_reusable:
                    self._idle.append(worker)
                else:
                    worker.stop()

    def _idle_worker(self) -> "_Worker | None":
        with suppress(IndexError):
            while True:
                worker = self._idle.pop()
                if worker.is_alive():
                    return worker
                worker.stop()
        return None


class _Worker:
    """A process and the pipes to it, for one thread at a time."""

    def __init__(self, limits: Limits, module: str) -> None:
        self.is_reusable = False
        self._limits = limits
        self._max_answer = 2 * limits.file_bytes  # an archive may hold more than its own size
        self._timed_out = False
        try:
            self._process = _start_process()
        except OSError as error:
            raise ArticleUnreadable(f"the process that reads files cannot be started ({error.strerror})") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        try:
            with self._time_limit(_START_SECONDS):
                self._send({"limits": asdict(limits), "module": module})
                self._receive(1_000)
        except (OSError, EOFError, ValueError) as error:
            self.stop()
            raise ArticleUnreadable("the process that reads files does not start") from error

    def run(self, request: dict[str, Any], content: bytes, validate: Callable[[Any, str], Result]) -> list[Result]:
        self.is_reusable = False
        try:
            with self._time_limit(self._limits.wall_seconds):
                self._send(request | {"n_bytes": len(content)}, content)
                results, end = self._receive_results(request["source"], validate)
            reason, is_sound = optional_text(end["end"]), end["reusable"] is True
        except (OSError, EOFError) as error:
            raise ArticleUnreadable(self._reason_for_end(self.stop())) from error
        except _AnswerTooLong as error:
            raise ArticleUnreadable(f"what was read from it comes to more than {self._max_answer // MB:,} MB") from error
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise ArticleUnreadable(_CRASHED) from error  # the answer is not valid
        self.is_reusable = is_sound and not self._timed_out
        if reason is not None:
            raise _ERRORS.get(str(end.get("error")), ArticleUnreadable)(reason[:_MAX_REASON])
        if not results:
            raise ArticleUnreadable("no text was found in it")
        return results

    def is_alive(self) -> bool:
        """Tell whether nobody else has ended the process."""
        return self._process.poll() is None

    def stop(self) -> int:
        """End the process and those it started. Return its exit code, as `subprocess` gives it."""
        if self._process.returncode is None:
            self._kill()
        code = self._process.wait()
        for pipe in (self._requests, self._answers):
            with suppress(OSError):
                pipe.close()
        return code

    @contextmanager
    def _time_limit(self, seconds: float) -> Iterator[None]:
        """Kill the process if this block takes longer, not counting the time that it waited for a processor."""
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(seconds, done), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _watch(self, seconds: float, done: threading.Event) -> None:
        began, waiting = time.monotonic(), WaitingTime(self._process.pid)
        left = seconds
        while not done.wait(max(left, _SHORTEST_LOOK)):
            elapsed = time.monotonic() - began
            left = min(seconds - (elapsed - waiting.seconds()), STRETCH * seconds - elapsed)
            if left <= 0:
                self._timed_out = True
                self._kill()
                return

    def _kill(self) -> None:
        with suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            else:  # a dead process keeps its number and its exit code until it is waited for
                os.killpg(self._process.pid, signal.SIGKILL)

    def _reason_for_end(self, code: int) -> str:
        if self._timed_out:
            return f"reading it took more than {self._limits.wall_seconds:g} s"
        if code == -getattr(signal, "SIGXCPU", 0):
            return f"reading it took more than {self._limits.cpu_seconds} s of processor time"
        return _CRASHED

    def _send(self, message: dict[str, Any], content: bytes = b"") -> None:
        self._requests.write(json.dumps(message).encode() + b"\n")
        self._requests.write(content)
        self._requests.flush()

    def _receive(self, max_bytes: int) -> tuple[dict[str, Any], int]:
        """Return one line of the answer, and its length in bytes."""
        line = self._answers.readline(max_bytes + 1)
        if len(line) > max_bytes:
            raise _AnswerTooLong
        if not line.endswith(b"\n"):
            raise EOFError
        message = json.loads(line)
        if not isinstance(message, dict):
            raise TypeError
        return message, len(line)

    def _receive_results(self, source: str, validate: Callable[[Any, str], Result]) -> tuple[list[Result], dict[str, Any]]:
        """Return the results, and the last message, which says how parsing ended."""
        results: list[Result] = []
        bytes_left = self._max_answer
        while True:
            message, n_bytes = self._receive(bytes_left)
            bytes_left -= n_bytes
            if "end" in message:
                return results, message
            if len(results) == self._limits.articles:
                raise ValueError("too many")
            results.append(validate(message["result"], source))


def _start_process() -> subprocess.Popen[bytes]:
    """Start a process that finds our modules, with none of our files open and little of our environment."""
    path = [os.path.abspath(folder) for folder in sys.path]
    if _ROOT not in path:  # an editable install finds it by an import hook
        path.insert(0, _ROOT)
    return subprocess.Popen(
        [sys.executable, "-P", "-s", "-B", "-m", "qa.sources.sandbox.parser_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=os.path.abspath(os.sep),
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        | _ONE_THREAD
        | {"PYTHONPATH": os.pathsep.join(path)},
        start_new_session=True,
    )


def _stop_all(workers: list[_Worker]) -> None:
    with suppress(IndexError):
        while True:
            workers.pop().stop()


def _reset_all_after_fork() -> None:
    for pool in list(_pools):
        pool.reset_after_fork()


_pools: "weakref.WeakSet[ParserPool]" = weakref.WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all_after_fork)

shared_pool = ParserPool()  # for everyone in this process, since a worker takes half a second to start
