"""Files are read in processes of their own: what a file does to its parser ends with that process, as one failed file.

What such a process answers is taken for what it is, the word of a parser that a file may have deceived: JSON, bounded, checked.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, MB, Limits
from qa.sources.sandbox.validate import draft, optional_text
from qa.types.errors import ArticleUnreadable, NoArticles

_START_SECONDS = 60  # until a process must be ready, on a slow disk too
_LONGEST_REASON = 500  # characters
_BROKE_DOWN = "the reader of such files broke down on it"
_ROOT = str(Path(__file__).parents[3])
# What Python and its libraries need of the environment; keys and passwords in it are nothing to a parser.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL", "LC_CTYPE", "TZ")
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}  # each maps 40 MB that count as taken
_Read = TypeVar("_Read")


class _TooMuch(Exception):
    """An answer is longer than any may be."""


class ParserPool:
    """A few processes that read files, started when they are needed and used again; for any number of threads.

    Args:
        limits: what each file is read within.
        processes: how many files are read at the same time; further callers wait.
        module: the module whose function `read` does it; another than `kinds` only for tests.
    """

    def __init__(self, limits: Limits = LIMITS, *, processes: int = 2, module: str = "qa.sources.formats.detection") -> None:
        self._limits, self._module = limits, module
        self._processes = processes
        self._turns = threading.Semaphore(processes)
        self._idle: list[_Child] = []
        self._left: list[_Child] = []  # kept, so that nothing is done about them
        weakref.finalize(self, _end_all, self._idle)

    def __enter__(self) -> "ParserPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes that are idle; should a file be read again, another is started."""
        _end_all(self._idle)

    def leave(self) -> None:
        """Begin anew with no process, in a process that was forked: the ones there are answer the one it was forked from."""
        self._left = list(self._idle)
        self._idle.clear()  # the very list that is ended with this object
        self._turns = threading.Semaphore(self._processes)

    def parse(self, content: bytes, source: str, charset: str | None = None) -> list[Draft]:
        """The articles of a file, at least one.

        Args:
            content: its bytes.
            source: its path or address.
            charset: what the server that sent it says its text is in.

        Raises:
            ArticleUnreadable: with the reason, in words for the reader.
        """
        return self.run(self._module, content, source, draft, {"charset": charset} if charset else {})

    def run(
        self,
        module: str,
        content: bytes,
        source: str,
        checked: Callable[[Any, str], _Read],
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> list[_Read]:
        """What the function `read` of some module makes of bytes, at least one thing.

        Args:
            module: by its name; the process imports it.
            content: the bytes.
            source: where they come from.
            checked: makes a thing of what the process says, given the source; any error of Python's own means that it is none.
            more: that `read` is told.

        Raises:
            ArticleUnreadable: with the reason, in words for the reader.
        """
        with self._turns:
            child = self._idle_child() or _Child(self._limits, self._module)
            try:
                return child.read({"reads": module, "source": source, "more": dict(more)}, content, checked)
            finally:
                if child.again:
                    self._idle.append(child)
                else:
                    child.end()

    def _idle_child(self) -> "_Child | None":
        with suppress(IndexError):
            while True:
                child = self._idle.pop()
                if child.lives():
                    return child
                child.end()
        return None


class _Child:
    """One process and the pipes to it; one thread at a time."""

    def __init__(self, limits: Limits, reads: str) -> None:
        self.again = False  # whether it can be given another file
        self._limits = limits
        self._most = 2 * limits.file_bytes  # of an answer: a file that is unpacked may come to more than it is
        self._out_of_time = False
        try:
            self._process = _start()
        except OSError as error:
            raise ArticleUnreadable(f"the process that reads files cannot be started ({error.strerror})") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        try:
            with self._for_at_most(_START_SECONDS):
                self._tell({"limits": asdict(limits), "reads": reads})
                self._hear(1_000)
        except (OSError, EOFError, ValueError) as error:
            self.end()
            raise ArticleUnreadable("the process that reads files does not start") from error

    def read(self, request: dict[str, Any], content: bytes, checked: Callable[[Any, str], _Read]) -> list[_Read]:
        """See `ParserPool.run`."""
        self.again = False
        try:
            with self._for_at_most(self._limits.wall_seconds):
                self._tell(request | {"bytes": len(content)}, content)
                found, end, again, none = self._found(lambda given: checked(given, request["source"]))
        except (OSError, EOFError) as error:
            raise ArticleUnreadable(self._why(self.end())) from error
        except _TooMuch as error:
            raise ArticleUnreadable(f"what was read from it comes to more than {self._most // MB:,} MB") from error
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise ArticleUnreadable(_BROKE_DOWN) from error  # what it answers is not what is answered
        self.again = again and not self._out_of_time
        if end is not None:
            raise (NoArticles if none else ArticleUnreadable)(end)
        if not found:
            raise ArticleUnreadable("no text was found in it")
        return found

    def lives(self) -> bool:
        """Whether it has not been ended by someone else."""
        return self._process.poll() is None

    def end(self) -> int:
        """End it and what it started; how it ended, as `subprocess` says it."""
        if self._process.returncode is None:
            self._kill()
        code = self._process.wait()
        for pipe in (self._requests, self._answers):
            with suppress(OSError):
                pipe.close()
        return code

    @contextmanager
    def _for_at_most(self, seconds: float) -> Iterator[None]:
        clock = threading.Timer(seconds, self._stop)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()
            clock.join()

    def _stop(self) -> None:
        self._out_of_time = True
        self._kill()

    def _kill(self) -> None:
        with suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            else:  # one that is already dead keeps its number and its reason until it is waited for
                os.killpg(self._process.pid, signal.SIGKILL)

    def _why(self, code: int) -> str:
        if self._out_of_time:
            return f"reading it took more than {self._limits.wall_seconds:g} s"
        if code == -getattr(signal, "SIGXCPU", 0):
            return f"reading it took more than {self._limits.cpu_seconds} s of processor time"
        return _BROKE_DOWN

    def _tell(self, message: dict[str, Any], content: bytes = b"") -> None:
        self._requests.write(json.dumps(message).encode() + b"\n")
        self._requests.write(content)
        self._requests.flush()

    def _hear(self, most: int) -> tuple[dict[str, Any], int]:
        """What it says in a line of at most so many bytes, and how many they were."""
        line = self._answers.readline(most + 1)
        if len(line) > most:
            raise _TooMuch
        if not line.endswith(b"\n"):
            raise EOFError
        message = json.loads(line)
        if not isinstance(message, dict):
            raise TypeError
        return message, len(line)

    def _found(self, checked: Callable[[Any], _Read]) -> tuple[list[_Read], str | None, bool, bool]:
        """What it sends, why it sends no more, whether it can go on, and whether there is nothing by right."""
        found: list[_Read] = []
        left = self._most
        while True:
            message, length = self._hear(left)
            left -= length
            if "end" in message:
                reason = optional_text(message["end"])
                return found, reason and reason[:_LONGEST_REASON], message["again"] is True, message.get("none") is True
            if len(found) == self._limits.articles:
                raise ValueError("too many")
            found.append(checked(message["found"]))


def _start() -> subprocess.Popen[bytes]:
    """The process, with this one's modules to be found, none of its files open and little of its environment."""
    path = [os.path.abspath(each) for each in sys.path]
    if _ROOT not in path:  # found by the hook of an editable install
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


def _end_all(children: list[_Child]) -> None:
    with suppress(IndexError):
        while True:
            children.pop().end()


shared_pool = ParserPool()  # of this process: a child takes half a second to start, and reads for whoever asks
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=shared_pool.leave)
