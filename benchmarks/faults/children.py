"""Processes forked from a warm one. They report through memory that they share, which no failing system call can touch."""

import io
import logging
import mmap
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from embeddings import PullquoteError

Acknowledge = Callable[[str], None]
LONGEST = 120  # seconds after which a process hangs
_LENGTH = 8  # bytes of the counter
_SIZE = 1 << 20


class Board:
    """Lines that a process writes and another reads, even when the writer was killed. Each is there whole or not at all."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SIZE)
        self._end = _LENGTH

    def write(self, line: str) -> None:
        data = line.replace("\n", "\\n").encode("utf-8", "replace")[: _SIZE - self._end - 1] + b"\n"
        self._memory[self._end : self._end + len(data)] = data
        self._end += len(data)
        self._memory[:_LENGTH] = self._end.to_bytes(_LENGTH, "little")

    def lines(self) -> list[str]:
        end = int.from_bytes(self._memory[:_LENGTH], "little")
        return self._memory[_LENGTH : max(end, _LENGTH)].decode().splitlines()


def fork(work: Callable[[], object], board: Board | None = None, longest: int = LONGEST) -> int:
    """Start work in a forked process and return its pid. How it fails is written to the board.

    It is killed after `longest` seconds. A line that begins with "refused" holds the message of a PullquoteError, one with "!"
    the traceback of any other error.
    """
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.alarm(longest)
        logging.getLogger("pullquote").propagate = False
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            work()
        code = 0
    except PullquoteError as error:
        code = 2
        if board:
            board.write(f"refused {error}")
    except BaseException:  # shown by the parent
        if board:
            board.write("!" + traceback.format_exc())
        else:
            sys.__stderr__.write(traceback.format_exc())  # type: ignore[union-attr]
            sys.__stderr__.flush()  # type: ignore[union-attr]
    finally:
        os._exit(code)


def wait(pid: int) -> int:
    """Wait for a process and return its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def run(work: Callable[[], object], longest: int = LONGEST) -> int:
    """Do work in a forked process. Its threads and open files die with it.

    Raises:
        RuntimeError: it failed.
    """
    board = Board()
    code = wait(fork(work, board, longest))
    if code:
        raise RuntimeError("\n".join(board.lines()).replace("\\n", "\n") or f"exit code {code}")
    return code


def ask(question: Callable[[], Iterator[str]]) -> list[str]:
    """Return the lines that a generator yields in a forked process, with its error if it failed."""
    board = Board()

    def work() -> None:
        for line in question():
            board.write(line)

    code = wait(fork(work, board))
    return board.lines() + ([f"ended with {code}"] if code < 0 else [])


@contextmanager
def gate() -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """Yield a function that waits, for a forked process, and one that lets it go on."""
    memory = mmap.mmap(-1, 1)

    def pause() -> None:
        while not memory[0]:
            time.sleep(0.002)

    def go() -> None:
        memory[0] = 1

    yield pause, go
