"""What all commands share: the application, its exit codes, and how a library is opened."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.console import show_log
from ui.cli.options import BUNDLED

if TYPE_CHECKING:
    from qa import Assistant

NOT_FOUND, BELOW_THRESHOLD, ERROR, INTERRUPTED = 1, 1, 2, 130  # exit codes

app = typer.Typer(
    help="Ask your own articles. The answers are their sentences, word for word, each with its place.",
    no_args_is_help=True,
    epilog="Exit codes: 0 done; 1 no sentence answers; 2 an error, told in one line; 130 interrupted.",
    pretty_exceptions_enable=False,
)


class Log(StrEnum):
    """The form of log messages."""

    TEXT = "text"
    JSON = "json"


@app.callback()
def set_log(
    log: Annotated[
        Log, typer.Option("--log", envvar="PULLQUOTE_LOG", help="How to write log messages to standard error: a line each.")
    ] = Log.TEXT,
) -> None:
    """Ask your own articles. The answers are their sentences, word for word, each with its place."""
    show_log(as_json=log is Log.JSON)


def open_assistant(
    library: Path | None,
    model: str | None = None,
    device: str | None = None,
    reader: str = BUNDLED,
    *,
    create: bool = False,
) -> "Assistant":
    """Open an Assistant on a library, by default the one in the user's data folder."""
    from qa import Assistant

    show_log()
    return Assistant.open(library_folder(library), model=model, device=device, reader=reader, create=create)


def library_folder(library: Path | None) -> Path:
    """Return the library's folder, by default the one in the user's data folder."""
    if library is not None:
        return library
    from platformdirs import user_data_path

    return user_data_path("pullquote", appauthor=False) / "library"
