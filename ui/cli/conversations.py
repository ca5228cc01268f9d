"""Commands on conversations that the page kept: `pullquote conversations | export`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.application import app, open_assistant
from ui.cli.console import out, print_json
from ui.cli.options import Json, Library


@app.command()
def conversations(
    search: Annotated[str, typer.Argument(help="Only those whose title, questions or quotes hold these words.")] = "",
    library: Library = None,
    as_json: Json = False,
) -> None:
    """List the conversations that were held on the page, newest first."""
    from ui.cli.terminal import visible

    headings = open_assistant(library).journal.conversations(search)
    if as_json:
        print_json([asdict(heading) for heading in headings])
        return
    for heading in headings:
        out(f"{heading.id}  {heading.changed[:10]}  {heading.n_answers:3}  {visible(heading.title)}")


@app.command()
def export(
    conversation: Annotated[str, typer.Argument(help="Its id, as `pullquote conversations` shows it.")],
    format: Annotated[str, typer.Option("--format", "-f", help="md, html or json.")] = "md",  # noqa: A002
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; by default it is printed.")] = None,
    library: Library = None,
) -> None:
    """Write a conversation with all its quotes and citations."""
    from embeddings.atomic_write import write_output
    from ui.errors import UsageError
    from ui.html.conversations import TYPES, export

    if format not in TYPES:
        raise UsageError(f"There is no format {format!r}: choose one of {', '.join(TYPES)}.")
    journal = open_assistant(library).journal
    answers = journal.conversation(conversation)
    if not answers:
        raise UsageError(f"There is no conversation {conversation}: `pullquote conversations` lists those there are.")
    text = export(journal.title(conversation), answers, format)
    if output is None:
        out(text.rstrip())
        return
    try:
        write_output(output, text.encode())
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error}.") from error
