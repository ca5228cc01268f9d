"""Commands on the library: `pullquote add | sync | watch | list | edit | remove | check | reembed`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.application import ERROR, app, open_assistant
from ui.cli.console import ProgressLine, out, print_json, print_step
from ui.cli.formats import Format, FormatOption, choose_format, print_articles_as
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
    """Add articles. What has changed gets a new version, and the rest stays."""
    assistant = open_assistant(library, model, device, create=True)
    with ProgressLine(as_json=as_json) as line:
        report = assistant.add(sources, newest=newest, on_step=line.print_step, on_progress=line.update)
    print_counts(report, as_json)


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
    """Synchronise the library with folders and feeds: as add, and what is gone from a folder is removed."""
    assistant = open_assistant(library, model, device, create=True)
    with ProgressLine(as_json=as_json, hidden=("unchanged",)) as line:
        report = assistant.sync(
            sources, keep_missing=keep_missing, newest=newest, on_step=line.print_step, on_progress=line.update
        )
    print_counts(report, as_json)


@app.command()
def watch(
    folders: Annotated[list[Path], typer.Argument(help="Folders to synchronise with.", exists=True, file_okay=False)],
    library: Library = None,
    model: Model = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Sync folders now, and again whenever a file in them changes, until interrupted."""
    from threading import Event

    from qa.ingest.syncing import watch as watch_folders

    assistant = open_assistant(library, model, device, create=True)
    with ProgressLine(as_json=as_json, hidden=("unchanged", "skipped")) as line:
        reports = watch_folders(folders, lambda: assistant.sync(folders, on_step=line.print_step), Event())
        for number, report in enumerate(reports):
            if number == 0 and not as_json:
                out(f"{_counts(report)}. Watching; Ctrl-C ends it.")


def print_counts(report: "Report", as_json: bool) -> None:
    """Print how many articles were added and so on. Exit with an error if any failed."""
    if not as_json:
        out(f"{_counts(report)}.")
    if report.failed:
        raise typer.Exit(ERROR)


def _counts(report: "Report") -> str:
    fates = ["added", "updated", "unchanged", *(["removed"] if report.removed else []), "failed"]
    counts = ", ".join(f"{len(getattr(report, fate))} {fate}" for fate in fates)
    n_skipped = sum(skipped.n for skipped in report.skipped)
    return f"{counts}, {n_skipped:,} skipped" if n_skipped else counts


@app.command("list")
def list_articles(library: Library = None, as_json: Json = False, chosen: FormatOption = None) -> None:
    """List the articles with their ids."""
    from ui.cli.terminal import visible

    shown_as = choose_format(chosen, as_json)
    assistant = open_assistant(library)
    if shown_as is not Format.TEXT:
        holdings = assistant.holdings()
        rows = [
            {**asdict(each.article), "file_date": each.file_date, "provenance": asdict(each.provenance)} for each in holdings
        ]
        print_articles_as(rows, [each.article for each in holdings], shown_as)
    else:
        for article in assistant.articles():
            date = (article.published or "")[:10]
            out(f"{article.id}  {date:10}  {visible(article.title)}  ({visible(article.source)})")


@app.command()
def edit(
    article_id: Annotated[str, typer.Argument(help="As `pullquote list` shows it.")],
    title: Annotated[str | None, typer.Option(help="What the article is called.")] = None,
    author: Annotated[str | None, typer.Option(help='Who wrote it; "" if nobody knows.')] = None,
    published: Annotated[str | None, typer.Option(help='A date such as 2019-05-03, 2019-05 or 2019; "" for none.')] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take back all corrections: what the source says holds again.")] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Correct an article's title, author or date. Without an option, show them and where each was found. The text stays."""
    from ui.cli.terminal import visible

    article = open_assistant(library).edit(article_id, title=title, author=author, published=published, undo=undo)
    places = asdict(article.provenance)
    if as_json:
        print_json({**asdict(article.reference), "file_date": article.file_date, "provenance": places})
        return
    for name, place in places.items():
        value = visible(getattr(article, name) or "none")
        out(f"{name:10} {value}{f'  ({place})' if place else ''}")
    if article.file_date:
        out(f"{'file from':10} {article.file_date[:10]}")


@app.command()
def remove(
    article_id: Annotated[str, typer.Argument(help="As `pullquote list` shows it.")],
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Remove an article from the library. Its file stays where it is."""
    from ui.cli.terminal import visible

    removed = open_assistant(library).remove(article_id)
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
    """Verify every byte, checksum and span of the library. The exit code is 2 if anything is wrong."""
    from qa.answer.citation_status import check_answer

    assistant = open_assistant(library)
    result = assistant.check()
    problems = list(result.problems)
    for path in answers or []:
        problems += [f"{path}: {line}" for line in check_answer(assistant.library, saved_answer(path))]
    if as_json:
        print_json({**asdict(result), "problems": problems})
    else:
        counts = f"{result.n_articles} articles, {result.n_versions} versions, {result.n_passages} passages"
        for note in result.notes:
            out(f"note: {note}")
        for problem in problems:
            out(f"problem: {problem}")
        out(f"{counts}, {result.n_sentences} sentences: {f'{len(problems)} problems' if problems else 'all as written'}.")
    if problems:
        raise typer.Exit(ERROR)


@app.command()
def reembed(
    model: Annotated[str, typer.Option("--model", help="multilingual, a folder, or a name on the hub.")],
    library: Library = None,
    device: Device = None,
) -> None:
    """Encode the whole library with another model."""
    open_assistant(library, device=device).reembed(model, on_step=print_step)
    out(f"The library is now encoded with {model}.")


def saved_answer(path: Path) -> "Answer":
    """Read an answer that was saved with `ask --json`."""
    from qa import Answer
    from ui.errors import UsageError

    try:
        return Answer.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
