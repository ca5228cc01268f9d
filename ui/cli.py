"""The command line: `pullquote ask | chat | serve | search`, and the commands that keep the library and that measure."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui import evaluating, questions, shelf  # noqa: F401 - their commands are part of the application
from ui.commands import ERROR, INTERRUPTED, NOT_FOUND, app, opened
from ui.options import BUNDLED, After, Author, Before, Device, Folder, Json, K, Language, Library, Model, Reader, Source, Tags
from ui.streams import Watch, complain, console, out, pipe_may_close, print_json, prompt

if TYPE_CHECKING:
    from qa import Answer, Article, Assistant, Reference


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
    from ui.examples import examples, question_files
    from ui.web import serve as serve_page

    beside = question_files([Path(path) for path in paths or []])
    serve_page(
        assistant,
        host=host,
        port=port,
        examples=examples(beside),
        question_files=beside,
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
        print_passages(console(), passages, _articles_of(assistant))
    if not passages:
        raise typer.Exit(NOT_FOUND)


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

    print_answer(console(), answer, _articles_of(assistant))


def _articles_of(assistant: "Assistant") -> Any:
    def read(reference: "Reference") -> "Article":
        return assistant.article(reference.id, reference.version)

    return read


if __name__ == "__main__":
    main()
