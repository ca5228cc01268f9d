"""Commands on tokens for scripts: `pullquote token create | list | revoke`."""

from dataclasses import asdict
from typing import Annotated

import typer

from ui.cli.application import app, library_folder
from ui.cli.console import complain, out, print_json
from ui.cli.options import Json, Library

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
