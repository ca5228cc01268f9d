"""Commands that ask: `pullquote ask | chat | search`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Unpack

import typer

from qa.types.filter_options import Only, name_filters
from ui.cli.application import NOT_FOUND, app, open_assistant
from ui.cli.console import complain, console, out, print_json, prompt
from ui.cli.options import BUNDLED, Device, Json, K, Library, Reader, filter_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from qa import Answer, Article, Assistant, Reference


@app.command()
@name_filters(filter_option)
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    library: Library = None,
    k: K = 5,
    device: Device = None,
    reader: Reader = BUNDLED,
    as_json: Json = False,
    **only: Unpack[Only],
) -> None:
    """Ask one question. The exit code is 1 when no sentence answers, also where the closest one is shown."""
    assistant = open_assistant(library, device=device, reader=reader)
    answer = assistant.ask(question, k, **only)
    if as_json:
        out(answer.to_json(indent=2))
    else:
        _show(assistant, answer)
    if not answer.found and answer.help is None:
        raise typer.Exit(NOT_FOUND)


@app.command()
@name_filters(filter_option)
def chat(
    library: Library = None,
    k: K = 5,
    device: Device = None,
    reader: Reader = BUNDLED,
    **only: Unpack[Only],
) -> None:
    """Ask one question after another. Follow-ups are understood, and an empty line ends the chat."""
    from qa import PullquoteError
    from qa.library.filters import Filter

    Filter.of(only)  # reject an impossible filter before anything is asked
    assistant = open_assistant(library, device=device, reader=reader)
    conversation = assistant.conversation()
    while question := prompt():
        try:
            _show(assistant, conversation.ask(question, k, **only))
        except PullquoteError as error:
            complain(str(error))


@app.command()
@name_filters(filter_option)
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    library: Library = None,
    k: K = 10,
    device: Device = None,
    as_json: Json = False,
    **only: Unpack[Only],
) -> None:
    """Show the best passages with their scores, without quoting."""
    from ui.cli.terminal import print_passages

    assistant = open_assistant(library, device=device)
    passages = assistant.search(query, k, **only)
    if as_json:
        print_json([asdict(passage) for passage in passages])
    else:
        print_passages(console(), passages, _article_reader(assistant))
    if not passages:
        raise typer.Exit(NOT_FOUND)


def _show(assistant: "Assistant", answer: "Answer") -> None:
    from ui.cli.terminal import print_answer

    print_answer(console(), answer, _article_reader(assistant))


def _article_reader(assistant: "Assistant") -> "Callable[[Reference], Article]":
    return lambda reference: assistant.article(reference.id, reference.version)
