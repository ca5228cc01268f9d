"""Commands that keep the library: `pullquote add | sync | watch | list | remove | check | reembed`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.commands import ERROR, app, opened
from ui.cli.console import Watch, out, print_json, tell
from ui.cli.options import Device, Json, Keep, Library, Model, Newest, Sources

if TYPE_CHECKING:
    from qa import Answer, Report


@app.command()
def add(
    sources: Sources,
    newest: Newest = 20,
    library: Library = None,
    model: Model = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Add articles; what has not changed stays, what has gets a new version."""
    assistant = opened(library, model, device, create=True)
    with Watch(as_json=as_json) as watch:
        report = assistant.add(sources, newest=newest, on_step=watch.tell, on_progress=watch.progress)
    _sum_up(report, as_json)


@app.command()
def sync(
    sources: Sources,
    keep_missing: Keep = False,
    newest: Newest = 20,
    library: Library = None,
    model: Model = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Bring the library in step with folders and feeds: as add, and what is gone from a folder is taken out."""
    assistant = opened(library, model, device, create=True)
    with Watch(as_json=as_json, unchanged=False) as watch:
        report = assistant.sync(
            sources, keep_missing=keep_missing, newest=newest, on_step=watch.tell, on_progress=watch.progress
        )
    _sum_up(report, as_json)


@app.command()
def watch(
    folders: Annotated[list[Path], typer.Argument(help="Folders to keep in step with.", exists=True, file_okay=False)],
    library: Library = None,
    model: Model = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Sync folders now, and again whenever a file in them changes, until interrupted."""
    from threading import Event

    from qa.ingest.syncing import watch as watched

    assistant = opened(library, model, device, create=True)
    with Watch(as_json=as_json, unchanged=False) as shown:
        for number, report in enumerate(watched(assistant, folders, Event(), shown.tell)):
            if number == 0 and not as_json:
                out(f"{_counts(report)}. Watching; Ctrl-C ends it.")


def _sum_up(report: "Report", as_json: bool) -> None:
    if not as_json:
        out(f"{_counts(report)}.")
    if report.failed:
        raise typer.Exit(ERROR)


def _counts(report: "Report") -> str:
    fates = ["added", "updated", "unchanged", *(["removed"] if report.removed else []), "failed"]
    return ", ".join(f"{len(getattr(report, fate))} {fate}" for fate in fates)


@app.command("list")
def list_articles(library: Library = None, as_json: Json = False) -> None:
    """List the articles with their ids."""
    from ui.cli.terminal import visible

    articles = opened(library).articles()
    if as_json:
        print_json([asdict(article) for article in articles])
    else:
        for article in articles:
            date = (article.published or "")[:10]
            out(f"{article.id}  {date:10}  {visible(article.title)}  ({visible(article.source)})")


@app.command()
def remove(
    article_id: Annotated[str, typer.Argument(help="As `pullquote list` shows it.")],
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Take an article out of the library; its file stays where it is."""
    from ui.cli.terminal import visible

    removed = opened(library).remove(article_id)
    if as_json:
        print_json(asdict(removed))
    else:
        out(f"removed  {removed.id}  {visible(removed.title)}")


@app.command()
def check(
    answers: Annotated[
        list[Path] | None, typer.Argument(help="Answers saved with `ask --json`, to verify their quotes.")
    ] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Read every byte of the library and verify every checksum and every place; exit code 2 if anything is wrong."""
    from qa.answer.citation_status import check_answer

    assistant = opened(library)
    found = assistant.check()
    problems = list(found.problems)
    for path in answers or []:
        problems += [f"{path}: {line}" for line in check_answer(assistant.library, _saved_answer(path))]
    if as_json:
        print_json({**asdict(found), "problems": problems})
    else:
        counted = f"{found.n_articles} articles, {found.n_versions} versions, {found.n_passages} passages"
        for note in found.notes:
            out(f"note: {note}")
        for problem in problems:
            out(f"problem: {problem}")
        out(f"{counted}, {found.n_sentences} sentences: {f'{len(problems)} problems' if problems else 'all as written'}.")
    if problems:
        raise typer.Exit(ERROR)


@app.command()
def reembed(
    model: Annotated[str, typer.Option("--model", help="A folder, or a sentence-transformers name on the hub.")],
    library: Library = None,
    device: Device = None,
) -> None:
    """Encode the whole library anew with another model."""
    opened(library, device=device).reembed(model, on_step=tell)
    out(f"The library is now encoded with {model}.")


def _saved_answer(path: Path) -> "Answer":
    from qa import Answer
    from ui.errors import UsageError

    try:
        return Answer.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
