"""The command line: `pullquote add | ask | chat | serve | search | list | remove | check | eval | reembed`."""

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.options import BUNDLED, Device, Json, K, Library, Model, Reader
from ui.streams import Watch, complain, out, pipe_may_close, print_json, prompt, show_log, tell

if TYPE_CHECKING:
    from rich.console import Console

    from qa import Answer, Article, Assistant, Reference
    from qa.evaluation import Run

NOT_FOUND, ERROR, INTERRUPTED = 1, 2, 130  # exit codes

app = typer.Typer(
    help="Ask your own articles; the answers are their sentences, word for word, each with its place.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders to look through.")],
    library: Library = None,
    model: Model = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Add articles; what has not changed stays, what has gets a new version."""
    assistant = _open(library, model, device, create=True)
    with Watch() as watch:
        report = assistant.add(paths, on_step=None if as_json else watch.tell, on_progress=watch.progress)
    if as_json:
        print_json(asdict(report))
    else:
        counts = [(len(report.added), "added"), (len(report.updated), "updated"), (len(report.unchanged), "unchanged")]
        out(", ".join(f"{count} {fate}" for count, fate in [*counts, (len(report.failed), "failed")]) + ".")
    if report.failed:
        raise typer.Exit(ERROR)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    library: Library = None,
    k: K = 5,
    device: Device = None,
    reader: Reader = BUNDLED,
    as_json: Json = False,
) -> None:
    """Ask one question; exit code 1 when the articles do not say."""
    assistant = _open(library, device=device, reader=reader)
    answer = assistant.ask(question, k)
    if as_json:
        out(answer.to_json(indent=2))
    else:
        _show(assistant, answer)
    if not answer.found and answer.help is None:
        raise typer.Exit(NOT_FOUND)


@app.command()
def chat(library: Library = None, k: K = 5, device: Device = None, reader: Reader = BUNDLED) -> None:
    """Ask one question after another; follow-ups are understood. An empty line ends it."""
    from qa import PullquoteError

    assistant = _open(library, device=device, reader=reader)
    conversation = assistant.conversation()
    while question := prompt():
        try:
            _show(assistant, conversation.ask(question, k))
        except PullquoteError as error:
            complain(str(error))


@app.command()
def serve(
    paths: Annotated[list[Path] | None, typer.Argument(help="Articles to add before the page opens.")] = None,
    library: Library = None,
    model: Model = None,
    device: Device = None,
    reader: Reader = BUNDLED,
    host: Annotated[str, typer.Option(help="Where to listen; other machines cannot reach 127.0.0.1.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 7860,
) -> None:
    """Open the page in a browser: chat on the left, the cited article on the right."""
    assistant = _open(library, model, device, reader, create=True)
    if paths:
        with Watch() as watch:
            assistant.add(paths, on_step=watch.tell, on_progress=watch.progress)
    assistant.load_ahead()
    from ui.examples import examples
    from ui.web import serve as serve_page

    serve_page(assistant, host=host, port=port, examples=examples(paths or []), on_ready=lambda url: out(f"Pullquote: {url}"))


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    library: Library = None,
    k: K = 10,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Show the best passages with their scores, without quoting."""
    from ui.terminal import print_passages

    assistant = _open(library, device=device)
    passages = assistant.search(query, k)
    if as_json:
        print_json([asdict(passage) for passage in passages])
    else:
        print_passages(_console(), passages, _articles_of(assistant))
    if not passages:
        raise typer.Exit(NOT_FOUND)


@app.command("list")
def list_articles(library: Library = None, as_json: Json = False) -> None:
    """List the articles with their ids."""
    from ui.terminal import visible

    articles = _open(library).articles()
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
    from ui.terminal import visible

    removed = _open(library).remove(article_id)
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
    from qa.check import check_answer

    assistant = _open(library)
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


@app.command("eval")
def evaluate_questions(
    questions: Annotated[Path | None, typer.Argument(help="Test questions, one JSON object a line.")] = None,
    squad: Annotated[Path | None, typer.Option(help="A SQuAD 1.1 or 2.0 file, each paragraph an article.")] = None,
    library: Annotated[Path | None, typer.Option("--library", "-l", help="By default a temporary one.")] = None,
    model: Model = None,
    device: Device = None,
    reader: Reader = BUNDLED,
    baselines: Annotated[bool, typer.Option(help="Rank with BM25 and vectors alone as well.")] = True,
    list_failures: Annotated[bool, typer.Option("--failures", help="List the questions that went wrong.")] = False,
    as_json: Json = False,
) -> None:
    """Ask test questions and print quote@k, recall, refusals and seconds.

    Without --library, the articles beside the questions are put into a temporary library.
    """
    from ui.errors import UsageError
    from ui.measuring import measure
    from ui.terminal import failures, print_run, run_as_dict

    if (questions is None) == (squad is None):
        raise UsageError("Give a file of test questions, or a SQuAD file with --squad, and not both.")
    opened = partial(_open, model=model, device=device, reader=reader, create=True)
    run: Run = measure(questions, squad, library, opened, baselines=baselines)
    if as_json:
        print_json(run_as_dict(run))
    else:
        print_run(_console(), run)
        for line in failures(run) if list_failures else []:
            out(line)
    if run.figures.n_broken_quotes:
        raise UsageError(f"{run.figures.n_broken_quotes} quotes are not what their articles say: this is a fault, report it.")


@app.command()
def reembed(
    model: Annotated[str, typer.Option("--model", help="A folder, or a sentence-transformers name on the hub.")],
    library: Library = None,
    device: Device = None,
) -> None:
    """Encode the whole library anew with another model."""
    _open(library, device=device).reembed(model, on_step=tell)
    out(f"The library is now encoded with {model}.")


def main() -> None:
    """Run the command line; a known error is one line on stderr and exit code 2."""
    try:
        with pipe_may_close():
            app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        from embeddings import PullquoteError  # not above: --help would wait for numpy

        if not isinstance(error, PullquoteError):
            raise
        complain(str(error))
        sys.exit(ERROR)


def _open(
    library: Path | None,
    model: str | None = None,
    device: str | None = None,
    reader: str = BUNDLED,
    *,
    create: bool = False,
) -> "Assistant":
    from qa import Assistant

    show_log()
    if library is None:
        from platformdirs import user_data_path

        library = user_data_path("pullquote", appauthor=False) / "library"
    return Assistant.open(library, model=model, device=device, reader=reader, create=create)


def _show(assistant: "Assistant", answer: "Answer") -> None:
    from ui.terminal import print_answer

    print_answer(_console(), answer, _articles_of(assistant))


def _articles_of(assistant: "Assistant") -> Any:
    def read(reference: "Reference") -> "Article":
        return assistant.article(reference.id, reference.version)

    return read


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def _saved_answer(path: Path) -> "Answer":
    from qa import Answer
    from ui.errors import UsageError

    try:
        return Answer.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error


if __name__ == "__main__":
    main()
