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
    str | None, typer.Option("--model", help="Another encoder: a folder, or a sentence-transformers name on the hub.")
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
