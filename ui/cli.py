"""The command line: `pullquote ask | chat | serve | search | eval`, and the commands that keep the library."""

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui import shelf  # noqa: F401 - its commands are part of the application
from ui.commands import ERROR, INTERRUPTED, NOT_FOUND, app, opened
from ui.options import BUNDLED, After, Author, Before, Device, Folder, Json, K, Language, Library, Model, Reader, Source, Tags
from ui.streams import Watch, complain, out, pipe_may_close, print_json, prompt

if TYPE_CHECKING:
    from rich.console import Console

    from qa import Answer, Article, Assistant, Reference
    from qa.evaluation import Run


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    library: Library = None,
    k: K = 5,
    after: After = None,
    before: Before = None,
    source: Source = None,
    author: Author = None,
    language: Language = None,
    folder: Folder = None,
    tag: Tags = None,
    device: Device = None,
    reader: Reader = BUNDLED,
    as_json: Json = False,
) -> None:
    """Ask one question; exit code 1 when the articles do not say."""
    assistant = opened(library, device=device, reader=reader)
    answer = assistant.ask(
        question, k, after=after, before=before, source=source, author=author, language=language, folder=folder, tag=tag
    )
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

    assistant = opened(library, device=device, reader=reader)
    conversation = assistant.conversation()
    while question := prompt():
        try:
            _show(assistant, conversation.ask(question, k))
        except PullquoteError as error:
            complain(str(error))


@app.command()
def serve(
    paths: Annotated[list[str] | None, typer.Argument(help="Articles to add before the page opens.")] = None,
    library: Library = None,
    model: Model = None,
    device: Device = None,
    reader: Reader = BUNDLED,
    host: Annotated[str, typer.Option(help="Where to listen; other machines cannot reach 127.0.0.1.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 7860,
) -> None:
    """Open the page in a browser: chat on the left, the cited article on the right."""
    from qa.loaders.isolated import shared

    assistant = opened(library, model, device, reader, create=True)
    if paths:
        with Watch() as watch:
            assistant.add(paths, on_step=watch.tell, on_progress=watch.progress)
        shared.close()  # what read the files is of no use to the page
    assistant.load_ahead()
    from ui.examples import examples
    from ui.web import serve as serve_page

    serve_page(
        assistant,
        host=host,
        port=port,
        examples=examples([Path(path) for path in paths or []]),
        on_ready=lambda url: out(f"Pullquote: {url}"),
    )


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    library: Library = None,
    k: K = 10,
    after: After = None,
    before: Before = None,
    source: Source = None,
    author: Author = None,
    language: Language = None,
    folder: Folder = None,
    tag: Tags = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Show the best passages with their scores, without quoting."""
    from ui.terminal import print_passages

    assistant = opened(library, device=device)
    passages = assistant.search(
        query, k, after=after, before=before, source=source, author=author, language=language, folder=folder, tag=tag
    )
    if as_json:
        print_json([asdict(passage) for passage in passages])
    else:
        print_passages(_console(), passages, _articles_of(assistant))
    if not passages:
        raise typer.Exit(NOT_FOUND)


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
    open_it = partial(opened, model=model, device=device, reader=reader, create=True)
    run: Run = measure(questions, squad, library, open_it, baselines=baselines)
    if as_json:
        print_json(run_as_dict(run))
    else:
        print_run(_console(), run)
        for line in failures(run) if list_failures else []:
            out(line)
    if run.figures.n_broken_quotes:
        raise UsageError(f"{run.figures.n_broken_quotes} quotes are not what their articles say: this is a fault, report it.")


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


if __name__ == "__main__":
    main()
