"""The options that several commands of `pullquote` take."""

from pathlib import Path
from typing import Annotated

import typer

Library = Annotated[
    Path | None,
    typer.Option("--library", "-l", envvar="PULLQUOTE_LIBRARY", help="The library's folder.", show_default="your data folder"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Model = Annotated[
    str | None,
    typer.Option("--model", help="Another encoder: multilingual, a folder, or a sentence-transformers name on the hub."),
]
Device = Annotated[
    str | None,
    typer.Option(
        "--device", envvar="PULLQUOTE_DEVICE", help="Run the encoder by PyTorch there: cuda, mps, cpu.", show_default="OpenVINO"
    ),
]
K = Annotated[int, typer.Option("-k", help="How many are wanted.")]
Reader = Annotated[
    str,
    typer.Option(
        "--reader",
        envvar="PULLQUOTE_READER",
        help="What finds the answering words: bundled, none, or an extractive model, as a folder or a name on the hub.",
    ),
]
BUNDLED = "bundled"
Sources = Annotated[
    list[str],
    typer.Argument(help="Files, folders to look through, and addresses of pages, feeds or sitemaps.", show_default=False),
]
Newest = Annotated[int, typer.Option("--newest", "-n", min=1, help="How many pages of a feed or sitemap, the newest first.")]
Keep = Annotated[bool, typer.Option("--keep-missing", help="Remove nothing that is gone from a folder.")]


def filter_option(name: str, description: str) -> object:
    """Make the option of a filter; see `qa.types.filter_options`."""
    return typer.Option(f"--{name}", help=description)
