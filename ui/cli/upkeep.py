"""Commands that keep a library safe: `pullquote backup | restore | repair | compact | export-articles | import-articles`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.application import ERROR, app, library_folder, open_assistant
from ui.cli.console import ProgressLine, complain, out, print_json, show_log
from ui.cli.library import print_counts, saved_answer
from ui.cli.options import Device, Json, Library


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


@app.command()
def repair(
    drop: Annotated[bool, typer.Option("--drop", help="Remove articles and versions that cannot be read.")] = False,
    library: Library = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Make again what can be made again of a damaged library, and list the rest. The exit code is 2 if anything is left."""
    repaired = open_assistant(library, device=device).repair(drop=drop)
    if as_json:
        print_json(asdict(repaired))
    else:
        for line in repaired.done:
            out(f"done: {line}")
        for problem in repaired.problems:
            out(f"problem: {problem}")
        n = len(repaired.problems)
        out(f"{n} {'problem is' if n == 1 else 'problems are'} left." if n else "The library is whole.")
    if repaired.problems:
        raise typer.Exit(ERROR)


@app.command()
def compact(
    answers: Annotated[
        list[Path] | None, typer.Argument(help="Answers saved with `ask --json`, whose versions of articles stay.")
    ] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Remove earlier versions of articles that no conversation, run or named answer cites, and shrink the files."""
    compacted = open_assistant(library).compact([saved_answer(path) for path in answers or []])
    if as_json:
        print_json(asdict(compacted))
    else:
        before, now = (f"{n / 1e6:,.1f} MB" for n in (compacted.n_bytes_before, compacted.n_bytes))
        removed = f"{compacted.n_versions} earlier versions and {compacted.n_copies} old copies"
        out(f"{removed} were removed: {before} before, {now} now.")


@app.command("export-articles")
def export_articles(
    file: Annotated[Path, typer.Argument(help="The file of JSON Lines to write.")],
    library: Library = None,
) -> None:
    """Write all articles, in their current versions, one JSON object a line. The exit code is 2 if one cannot be read."""
    n, problems = open_assistant(library).export_articles(file)
    for problem in problems:
        complain(problem)
    out(f"{n} articles are in {file}.")
    if problems:
        raise typer.Exit(ERROR)


@app.command("import-articles")
def import_articles(
    file: Annotated[Path, typer.Argument(help="What `pullquote export-articles` wrote.")],
    library: Library = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Add exported articles under the sources they had. Their files are not needed."""
    assistant = open_assistant(library, device=device, create=True)
    with ProgressLine(as_json=as_json) as line:
        report = assistant.import_articles(file, on_step=line.print_step)
    print_counts(report, as_json)
