"""Commands that ask: `pullquote ask | chat | search`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Unpack

import typer

from qa.types.filter_options import Only, name_filters
from ui.cli.application import ERROR, NOT_FOUND, app, open_assistant
from ui.cli.console import complain, console, out, progress_bar, prompt, read_argument
from ui.cli.formats import Format, FormatOption, choose_format, print_answers, print_passages_as
from ui.cli.options import BUNDLED, Device, Json, K, Library, Reader, filter_option
from ui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qa import Answer, Article, Assistant, Reference


@app.command()
@name_filters(filter_option)
def ask(
    question: Annotated[str | None, typer.Argument(help="What you want to know; - reads it from standard input.")] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            "--input", "-i", help="Ask each line of a file; - is standard input.", allow_dash=True, show_default=False
        ),
    ] = None,
    library: Library = None,
    k: K = 5,
    device: Device = None,
    reader: Reader = BUNDLED,
    as_json: Json = False,
    chosen: FormatOption = None,
    **only: Unpack[Only],
) -> None:
    """Ask a question, or each line of a file. The exit code is 1 when one has no answer, also where the closest is shown."""
    shown_as = choose_format(chosen, as_json)
    texts, n_unusable = _texts(question, questions, k)
    assistant = open_assistant(library, device=device, reader=reader)
    if questions is None:
        answers: Sequence[Answer] = [assistant.ask(texts[0], k, **only)]
    else:
        with progress_bar("Asking", len(texts)) as update:
            answers = assistant.ask_many(texts, k, on_progress=lambda done, _: update(done), **only)
    if shown_as is not Format.TEXT:
        print_answers(answers, shown_as, one=questions is None)
    else:
        for number, answer in enumerate(answers):
            if questions is not None:
                from ui.cli.terminal import visible

                out(f"{chr(10) if number else ''}? {visible(answer.question)}")
            _show(assistant, answer)
    if n_unusable:
        raise typer.Exit(ERROR)
    if not all(answer.found or answer.help is not None for answer in answers):
        raise typer.Exit(NOT_FOUND)


def _texts(question: str | None, file: Path | None, k: int) -> tuple[list[str], int]:
    """Return the questions to ask, and how many lines of the file are none. Each of these is complained of."""
    from qa.question.parsing import validate
    from qa.types.errors import QuestionUnusable

    if (question is None) == (file is None):
        raise UsageError("Give a question, or a file of questions with -i, and not both.")
    if question is not None:
        return [read_argument(question)], 0
    assert file is not None
    lines = [line for line in _read_file(file).splitlines() if line.strip()]
    texts = []
    for line in lines:
        try:
            texts.append(validate(line, k))
        except QuestionUnusable as error:
            complain(f"{line[:60]!r} was not asked: {error}")
    return texts, len(lines) - len(texts)


def _read_file(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The questions in {file} cannot be read: {error}.") from error


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
    query: Annotated[str, typer.Argument(help="What to look for; - reads it from standard input.")],
    library: Library = None,
    k: K = 10,
    device: Device = None,
    as_json: Json = False,
    chosen: FormatOption = None,
    **only: Unpack[Only],
) -> None:
    """Show the best passages with their scores, without quoting."""
    from ui.cli.terminal import print_passages

    shown_as = choose_format(chosen, as_json)
    assistant = open_assistant(library, device=device)
    passages = assistant.search(read_argument(query), k, **only)
    if shown_as is not Format.TEXT:
        print_passages_as(passages, shown_as)
    else:
        print_passages(console(), passages, _article_reader(assistant))
    if not passages:
        raise typer.Exit(NOT_FOUND)


def _show(assistant: "Assistant", answer: "Answer") -> None:
    from ui.cli.terminal import print_answer

    print_answer(console(), answer, _article_reader(assistant))


def _article_reader(assistant: "Assistant") -> "Callable[[Reference], Article]":
    return lambda reference: assistant.article(reference.id, reference.version)
