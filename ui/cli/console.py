"""Standard output, standard error and standard input. A pipe that closes early is no error."""

import json
import logging
import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from qa.ingest.progress import Progress, Step

_BAR = 20  # characters


def out(text: str) -> None:
    """Print a line. Characters that the terminal's encoding lacks become question marks."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def print_json(data: Any) -> None:
    """Print data as JSON, without escaping letters."""
    out(json.dumps(data, ensure_ascii=False, indent=2))


def console() -> "Console":
    """Return a console for colours and tables on standard output. It wraps lines only on a terminal."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def complain(message: str) -> None:
    """Print an error in one line."""
    print(f"pullquote: {message}", file=sys.stderr)


def show_log(*, as_json: bool | None = None) -> None:
    """Print log messages to standard error, such as that a model is being converted.

    Args:
        as_json: whether each is a line of JSON with its time and level. None leaves that as it was set, at first as text.
    """
    log = logging.getLogger("pullquote")
    if not log.handlers:
        log.setLevel(logging.INFO)
        log.addHandler(_LogToStderr())
    for handler in log.handlers:
        if isinstance(handler, _LogToStderr) and as_json is not None:
            handler.as_json = as_json


class _LogToStderr(logging.Handler):
    as_json = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self.as_json:
            complain(record.getMessage())
            return
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": moment, "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["error"] = logging.Formatter().formatException(record.exc_info)
        print(json.dumps(line | getattr(record, "fields", {}), ensure_ascii=False), file=sys.stderr, flush=True)


def print_step(step: "Step") -> None:
    """Print what became of an article or of a file without one. Failures go to standard error."""
    from ui.cli.terminal import visible

    remarks = "; ".join(step.notes) or step.reason
    reason = f": {remarks}" if remarks else ""
    count = "" if step.fate == "skipped" else f"  ({step.done}/{step.total})"
    line = f"{step.fate:9}  {visible(step.source)}{visible(reason)}{count}"
    print(line, file=sys.stderr if step.fate == "failed" else sys.stdout, flush=True)


class ProgressLine:
    """The output of an addition: a line for each article and, on a terminal, a progress line below."""

    def __init__(self, *, as_json: bool = False, hidden: Collection[str] = ()) -> None:
        """Prepare the output.

        Args:
            as_json: whether a line is JSON.
            hidden: fates that get no line, such as "unchanged".
        """
        self._as_json, self._hidden = as_json, hidden
        self._width = 0  # of the progress line on the screen

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, *_: object) -> None:
        self._draw("")

    def print_step(self, step: "Step") -> None:
        """Print what became of an article, above the progress line."""
        if step.fate in self._hidden:
            return
        self._draw("")
        if self._as_json:
            article = step.reference and asdict(step.reference)
            data = {"source": step.source, "fate": step.fate, "reason": step.reason or None, "notes": step.notes}
            skipped = {"skipped": asdict(step.skipped)} if step.skipped else {}
            out(json.dumps({**data, "article": article, **skipped}, ensure_ascii=False))
        else:
            print_step(step)

    def update(self, progress: "Progress") -> None:
        """Draw the progress line, if standard error is a terminal."""
        if sys.stderr.isatty():
            left = "" if progress.seconds_left is None else f", about {_duration(progress.seconds_left)} left"
            filled = round(_BAR * progress.files / max(1, progress.total))
            bar = "█" * filled + "░" * (_BAR - filled)
            pace = f"{progress.passages:,} passages, {progress.per_second:,.0f} a second{left}"
            self._draw(f"{bar} {progress.files:,}/{progress.total:,} files, {pace}")

    def _draw(self, line: str) -> None:
        if line or self._width:
            blank = "\r" + " " * self._width + "\r"
            print(f"{blank}{line}", end="", file=sys.stderr, flush=True)
            self._width = len(line)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def read_argument(text: str) -> str:
    """Return an argument, or standard input for "-"."""
    return sys.stdin.read().strip() if text == "-" else text


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on standard error, if that is a terminal. Yield a function that takes how many are done."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as progress:
        bar = progress.add_task(title, total=total)
        yield lambda done: progress.update(bar, completed=done)


def prompt() -> str:
    """Read a line from the user. At the end of the input it is empty."""
    try:
        return input("> " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return ""


@contextmanager
def pipe_may_close() -> Iterator[None]:
    """End quietly when the program at the other end of the pipe stops reading, as `head` does."""
    try:
        yield
    except (BrokenPipeError, SystemExit) as ending:
        if isinstance(ending, SystemExit) and not isinstance(ending.__context__, BrokenPipeError):
            raise  # else Typer has made it exit code 1
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the flush at exit goes nowhere
        sys.exit(0)
