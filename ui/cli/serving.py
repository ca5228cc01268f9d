"""Commands of the page and for programs, `pullquote serve | mcp | password | token`, and the questions that it begins with."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.application import app, library_folder, open_assistant
from ui.cli.console import ProgressLine, complain, out, print_json
from ui.cli.options import BUNDLED, Device, Json, Library, Model, Reader
from ui.errors import UsageError

_MOST_EXAMPLES = 4
_OF_TOKEN = "Open this whole address: its token keeps out other users of this machine. The browser then remembers it."  # noqa: S105


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
    no_token: Annotated[
        bool, typer.Option("--no-token", help="Let in all who reach the page, other users of this machine too.")
    ] = False,
    originals: Annotated[
        bool, typer.Option("--originals/--no-originals", help="Keep the files that are uploaded, to show their pages.")
    ] = True,
    mcp: Annotated[bool, typer.Option("--mcp", help="Let programs ask, search and read by MCP too.")] = False,
) -> None:
    """Serve the page for a browser: chat on the left, the cited article on the right."""
    from qa.sources.sandbox.parser_pool import shared_pool
    from ui.server.login import Passwords

    if mcp:
        _check_mcp(auth)
    passwords = Passwords.load(auth) if auth else None
    assistant = open_assistant(library, model, device, reader, create=True)
    assistant.keep_originals = originals
    os.umask(0o077)  # nothing that the page and its libraries write is for other users
    if paths:
        with ProgressLine() as line:
            assistant.add(paths, on_step=line.print_step, on_progress=line.update)
        shared_pool.close()  # the page starts parsers of its own when files are uploaded
    assistant.load_ahead()
    from ui.server.access_token import token_of
    from ui.server.app import serve as serve_page

    token = None if no_token or passwords else token_of(assistant.library.folder)
    question_files = _question_files(paths or [])
    serve_page(
        assistant,
        host=host,
        port=port,
        examples=example_questions(question_files),
        question_files=question_files,
        on_ready=lambda url: out(f"Pullquote: {url}" + (f"\n{_OF_TOKEN}" if token else "")),
        read_only=read_only,
        passwords=passwords,
        token=token,
        mcp=mcp,
    )


@app.command("mcp")
def serve_mcp(library: Library = None, device: Device = None, reader: Reader = BUNDLED) -> None:
    """Serve MCP on standard input and output, for programs that start it, such as assistants and editors. It only reads."""
    _check_mcp_package("pullquote mcp")
    assistant = open_assistant(library, device=device, reader=reader)
    from ui.api.mcp_server import build_server

    build_server(assistant).run("stdio")


@app.command()
def password(
    name: Annotated[str, typer.Argument(help="Who is to log in.")],
    file: Annotated[
        Path | None, typer.Option("--file", help="Add the line to this file, which you alone can read, and print nothing.")
    ] = None,
) -> None:
    """Ask for a password and print the line for the file of `serve --auth FILE`. The password itself is not stored."""
    from ui.server.login import hash_password

    if not name.strip() or ":" in name or not name.isprintable():
        raise UsageError("A name holds no colon and no line break.")
    secret = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    line = f"{name.strip()}:{hash_password(secret)}"
    if file is None:
        out(line)
        return
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as lines:
            lines.write(f"{line}\n")
    except OSError as error:
        raise UsageError(f"The password cannot be added to {file}: {error.strerror}.") from error


tokens_app = typer.Typer(help="Tokens with which scripts use /api/v1 of the page.", no_args_is_help=True)
app.add_typer(tokens_app, name="token")


@tokens_app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, such as nightly-import.")],
    write: Annotated[bool, typer.Option("--write", help="Let it add articles, too.")] = False,
    library: Library = None,
) -> None:
    """Create a token and print it. It is shown this once: only its hash is kept."""
    from qa import Assistant
    from ui.api.tokens import Tokens

    Assistant.open(library_folder(library), create=False)
    out(Tokens(library_folder(library)).create(name, "write" if write else "read"))
    complain("Send it as the header `Authorization: Bearer TOKEN`. It is not shown again.")


@tokens_app.command("list")
def list_tokens(library: Library = None, as_json: Json = False) -> None:
    """List the tokens by name, with their scope and when they were created."""
    from ui.api.tokens import Tokens

    tokens = Tokens(library_folder(library)).all()
    if as_json:
        print_json([{name: value for name, value in asdict(token).items() if name != "sha256"} for token in tokens])
    else:
        for token in tokens:
            out(f"{token.name}  {token.scope}  {token.created}")


@tokens_app.command()
def revoke(name: Annotated[str, typer.Argument(help="As `pullquote token list` shows it.")], library: Library = None) -> None:
    """Revoke a token. It is refused from the next request on."""
    from ui.api.tokens import Tokens

    Tokens(library_folder(library)).revoke(name)
    out(f"The token {name} is revoked.")


def _check_mcp(auth: Path | None) -> None:
    if auth:
        raise UsageError("--mcp and --auth exclude each other: programs that speak MCP have no form to log in with.")
    _check_mcp_package("--mcp")


def _check_mcp_package(what: str) -> None:
    from importlib.util import find_spec

    if find_spec("mcp") is None:
        raise UsageError(f"{what} needs a package that is not there: install it with `pip install 'pullquote[mcp]'`.")


def _question_files(paths: Sequence[str]) -> list[Path]:
    return [file for path in paths if (file := Path(path, "questions.jsonl")).is_file()]


def example_questions(files: Sequence[Path]) -> list[str]:
    """Choose a few questions from files of test questions: on different articles, the last one unanswerable."""
    from qa.evaluation.datasets.questions import load_questions
    from qa.types.errors import QuestionsUnreadable

    try:
        questions = [
            question for path in files for question in load_questions(path) if not (question.history or question.draft)
        ]
    except QuestionsUnreadable:
        return []  # the page is of use without examples
    by_source: dict[str | None, str] = {}
    for question in questions:
        if question.answerable:
            by_source.setdefault(question.source, question.question)
    unanswerable = [question.question for question in questions if not question.answerable]
    return [*list(by_source.values())[: _MOST_EXAMPLES - 1], *unanswerable[:1]]
