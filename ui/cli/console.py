"""What goes to standard output and error, and what comes from standard input; a reader that leaves early is no error."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from qa.ingest.pipeline import Step
    from qa.ingest.progress import Progress

_BAR = 20  # characters


def out(text: str) -> None:
    """Print a line; what the terminal's encoding lacks becomes a question mark."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def print_json(data: Any) -> None:
    """Print data as JSON, text as it is."""
    out(json.dumps(data, ensure_ascii=False, indent=2))


def console() -> "Console":
    """Standard output for text with colours and tables; a line is not broken where it goes into a file."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def complain(message: str) -> None:
    """Print an error, one line."""
    print(f"pullquote: {message}", file=sys.stderr)


def show_log() -> None:
    """Print what Pullquote has to say while it works, such as that a model is being prepared, a line each."""
    log = logging.getLogger("pullquote")
    if not log.handlers:
        log.setLevel(logging.INFO)
        log.addHandler(_Complaints())


class _Complaints(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        complain(record.getMessage())


def tell(step: "Step") -> None:
    """Print what became of an article or of a file that holds none; failures go to standard error."""
    from ui.cli.terminal import visible

    reason = f": {step.reason}" if step.reason else ""
    line = f"{step.fate:9}  {visible(step.source)}{visible(reason)}  ({step.done}/{step.total})"
    print(line, file=sys.stderr if step.fate == "failed" else sys.stdout, flush=True)


class Watch:
    """What is seen of an addition: a line for each article and, on a terminal, one below that tells how far it has come."""

    def __init__(self, *, as_json: bool = False, unchanged: bool = True) -> None:
        """Begin.

        Args:
            as_json: a line is JSON.
            unchanged: whether there is a line for what has not changed.
        """
        self._as_json, self._unchanged = as_json, unchanged
        self._width = 0  # of the line that is shown

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self._show("")

    def tell(self, step: "Step") -> None:
        """Print what became of an article, in the place of the line that is shown."""
        if step.fate == "unchanged" and not self._unchanged:
            return
        self._show("")
        if self._as_json:
            article = step.reference and asdict(step.reference)
            told = {"source": step.source, "fate": step.fate, "reason": step.reason or None, "article": article}
            out(json.dumps(told, ensure_ascii=False))
        else:
            tell(step)

    def progress(self, progress: "Progress") -> None:
        """Show how far the addition has come, if standard error is a terminal."""
        if sys.stderr.isatty():
            left = "" if progress.seconds_left is None else f", about {_duration(progress.seconds_left)} left"
            full = round(_BAR * progress.files / max(1, progress.total))
            bar = "█" * full + "░" * (_BAR - full)
            pace = f"{progress.passages:,} passages, {progress.per_second:,.0f} a second{left}"
            self._show(f"{bar} {progress.files:,}/{progress.total:,} files, {pace}")

    def _show(self, line: str) -> None:
        if line or self._width:
            blank = "\r" + " " * self._width + "\r"
            print(f"{blank}{line}", end="", file=sys.stderr, flush=True)
            self._width = len(line)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def prompt() -> str:
    """A line from the reader, empty at the end."""
    try:
        return input("> " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return ""


@contextmanager
def pipe_may_close() -> Iterator[None]:
    """End quietly when whatever reads the output has seen enough, as `head` does."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the exit flushes into nothing
        sys.exit(0)
