"""What goes to standard output and error, and what comes from standard input; a reader that leaves early is no error."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.adding import Step


_LONG_BATCH = 100  # passages; smaller ones take a second or two


def out(text: str) -> None:
    """Print a line; what the terminal's encoding lacks becomes a question mark."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def print_json(data: Any) -> None:
    """Print data as JSON, text as it is."""
    out(json.dumps(data, ensure_ascii=False, indent=2))


def complain(message: str) -> None:
    """Print an error, one line."""
    print(f"pullquote: {message}", file=sys.stderr)


def tell(step: "Step") -> None:
    """Print what became of a file that was to be added; failures go to standard error."""
    from ui.terminal import visible

    reason = f": {step.reason}" if step.reason else ""
    line = f"{step.fate:9}  {visible(step.source)}{visible(reason)}  ({step.done}/{step.total})"
    print(line, file=sys.stderr if step.fate == "failed" else sys.stdout, flush=True)


def encoding(done: int, total: int) -> None:
    """Show on a terminal how far a long batch has come, on a line that goes when it is done."""
    if sys.stderr.isatty() and total > _LONG_BATCH:
        line = f"encoding passages: {done:,} of {total:,}"
        print(f"\r{line}" if done < total else "\r" + " " * len(line) + "\r", end="", file=sys.stderr, flush=True)


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
