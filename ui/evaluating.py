"""Commands that measure: `pullquote eval`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import app, opened
from ui.options import BUNDLED, Device, Json, Model, Reader
from ui.streams import console, out, print_json

if TYPE_CHECKING:
    from qa.evaluation import Run


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
    run: Annotated[str | None, typer.Option("--run", help="Keep the run in the library under this name.")] = None,
    save: Annotated[Path | None, typer.Option("--save", help="Keep the run in this file.")] = None,
    as_json: Json = False,
) -> None:
    """Ask test questions and print how well they are answered, found and refused, and how fast.

    Without --library, the articles beside the questions are put into a temporary library.
    """
    from ui.errors import UsageError
    from ui.measuring import asked_of, measured

    if (questions is None) == (squad is None):
        raise UsageError("Give a file of test questions, or a SQuAD file with --squad, and not both.")
    files = _kept_as(run, save, library)
    open_it = partial(opened, model=model, device=device, reader=reader, create=True)
    with asked_of(questions, squad, library, open_it) as (assistant, asked):
        done = measured(assistant, asked, whole_articles=squad is not None, baselines=baselines, name=run or "")
    _keep(done, files)
    _show(done, list_failures=list_failures, as_json=as_json)


def _kept_as(run: str | None, save: Path | None, library: Path | None) -> list[Path]:
    """Where a run is to be kept, known before anything is asked."""
    from qa.evaluation.saving import run_file
    from ui.errors import UsageError

    if run is not None and library is None:
        raise UsageError("--run keeps a run in a library, and this one is temporary: name one with --library, or take --save.")
    return [*([run_file(library, run)] if run is not None and library is not None else []), *([save] if save else [])]


def _keep(run: "Run", files: list[Path]) -> None:
    from qa.evaluation import save_run

    for path in files:
        save_run(run, path)


def _show(run: "Run", *, list_failures: bool, as_json: bool) -> None:
    from ui.errors import UsageError
    from ui.terminal_run import failures, print_run, run_as_dict

    if as_json:
        print_json(run_as_dict(run))
    else:
        print_run(console(), run)
        for line in failures(run) if list_failures else []:
            out(line)
    if run.figures.n_broken_quotes:
        raise UsageError(f"{run.figures.n_broken_quotes} quotes are not what their articles say: this is a fault, report it.")
