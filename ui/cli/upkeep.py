"""Commands that keep a library safe: `pullquote backup | restore`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.application import ERROR, app, library_folder, open_assistant
from ui.cli.console import out, print_json, show_log
from ui.cli.options import Json, Library


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write. An older one is replaced once the new one is complete.")],
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Write the library with its conversations, runs and calibration to one file. It may be in use meanwhile."""
    written = open_assistant(library).back_up(file)
    if as_json:
        print_json({**asdict(written), "file": str(file)})
    else:
        out(f"{written.n_articles} articles, {written.n_bytes / 1e6:,.1f} MB unpacked, are in {file}.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `pullquote backup` wrote.")],
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Make a library of a backup, verified, in a folder that holds none. The exit code is 2 if anything in it is wrong."""
    from qa import Assistant

    show_log()
    folder = library_folder(library)
    restored = Assistant.restore(file, folder)
    problems = open_assistant(folder).check().problems
    if as_json:
        print_json({**asdict(restored), "file": str(file), "problems": problems})
    else:
        for problem in problems:
            out(f"problem: {problem}")
        out(f"{restored.n_articles} articles of {restored.date} are in {folder}: {'not ' if problems else ''}all as written.")
    if problems:
        raise typer.Exit(ERROR)
