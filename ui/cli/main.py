"""The command line: `pullquote ask | chat | serve | search`, and the commands that keep the library and that measure."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import ui.cli.library  # noqa: F401 - importing these registers their commands
from ui.cli import calibrating, conversations, evaluating, questions, reporting  # noqa: F401
from ui.cli.commands import ERROR, INTERRUPTED, NOT_FOUND, app, opened
from ui.cli.console import Watch, complain, console, out, pipe_may_close, print_json, prompt
from ui.cli.options import (
    BUNDLED,
    After,
    Author,
    Before,
    Device,
    Folder,
    Json,
    K,
    Language,
    Library,
    Model,
    Reader,
    Source,
    Tags,
)

if TYPE_CHECKING:
    from qa import Answer, Article, Assistant, Reference
    from ui.server.login import Passwords


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
def chat(
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
) -> None:
    """Ask one question after another, all of the same articles; follow-ups are understood. An empty line ends it."""
    from qa import PullquoteError
    from qa.library.filters import Filter
    from qa.types.filter_options import Only

    only = Only(after=after, before=before, source=source, author=author, language=language, folder=folder, tag=tag)
    Filter.of(only)  # one that cannot be is told before anything is asked
    assistant = opened(library, device=device, reader=reader)
    conversation = assistant.conversation()
    while question := prompt():
        try:
            _show(assistant, conversation.ask(question, k, **only))
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
    read_only: Annotated[bool, typer.Option("--read-only", help="Let nobody add or remove anything.")] = False,
    auth: Annotated[
        Path | None, typer.Option("--auth", help="Ask for a password; a file of lines that `pullquote password` prints.")
    ] = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Let programs ask, search and read by MCP too.")] = False,
) -> None:
    """Open the page in a browser: chat on the left, the cited article on the right."""
    from qa.sources.sandbox.parser_pool import shared_pool

    passwords = _passwords(auth)
    if mcp:
        _mcp_can_be_served(auth)
    assistant = opened(library, model, device, reader, create=True)
    if paths:
        with Watch() as watch:
            assistant.add(paths, on_step=watch.tell, on_progress=watch.progress)
        shared_pool.close()  # what read the files is of no use to the page
    assistant.load_ahead()
    from ui.cli.examples import examples, question_files
    from ui.server.app import serve as serve_page

    beside = question_files([Path(path) for path in paths or []])
    serve_page(
        assistant,
        host=host,
        port=port,
        examples=examples(beside),
        question_files=beside,
        on_ready=lambda url: out(f"Pullquote: {url}"),
        read_only=read_only,
        passwords=passwords,
        mcp=mcp,
    )


@app.command()
def password(name: Annotated[str, typer.Argument(help="Who is to log in.")]) -> None:
    """Ask for a password and print the line that `serve --auth FILE` wants of it; the password itself is kept nowhere."""
    from ui.errors import UsageError
    from ui.server.login import hash_password

    if not name.strip() or ":" in name or not name.isprintable():
        raise UsageError("A name holds no colon and no line break.")
    given = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    out(f"{name.strip()}:{hash_password(given)}")


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
    from ui.cli.terminal import print_passages

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


def _passwords(path: Path | None) -> "Passwords | None":
    from ui.server.login import Passwords

    return Passwords.load(path) if path else None


def _mcp_can_be_served(auth: Path | None) -> None:
    from importlib.util import find_spec

    from ui.errors import UsageError

    if auth:
        raise UsageError("--mcp and --auth exclude each other: programs that speak MCP have no form to log in with.")
    if find_spec("mcp") is None:
        raise UsageError("--mcp needs a package that is not there: install it with `pip install 'pullquote[mcp]'`.")


def _show(assistant: "Assistant", answer: "Answer") -> None:
    from ui.cli.terminal import print_answer

    print_answer(console(), answer, _articles_of(assistant))


def _articles_of(assistant: "Assistant") -> Any:
    def read(reference: "Reference") -> "Article":
        return assistant.article(reference.id, reference.version)

    return read


if __name__ == "__main__":
    main()
