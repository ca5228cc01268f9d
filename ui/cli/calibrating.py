"""The command that fits the confidence to a reader's own questions: `pullquote calibrate`."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.commands import app, opened
from ui.cli.console import out, print_json
from ui.cli.options import BUNDLED, Device, Json, Library, Reader

if TYPE_CHECKING:
    from qa import Assistant
    from qa.library.calibration import Calibration


@app.command()
def calibrate(
    questions: Annotated[Path | None, typer.Argument(help="Test questions with known answers, 30 at least.")] = None,
    wrong: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="The share of the answered questions that may be wrong.",
            show_default="as many as a wrong answer is worth now",
        ),
    ] = None,
    unanswerable: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="The share of the questions in use that the articles do not answer.",
            show_default="as among the test questions",
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Say what calibration the library has.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take it out; the confidence is again as it comes.")] = False,
    qrels: Annotated[Path | None, typer.Option(help="The judgements of TREC topics.")] = None,
    split: Annotated[str, typer.Option(help="Which judgements of a BEIR folder.")] = "test",
    seed: Annotated[int, typer.Option(help="Another number holds other questions out together.")] = 0,
    library: Library = None,
    device: Device = None,
    reader: Reader = BUNDLED,
    as_json: Json = False,
) -> None:
    """Fit confidence and refusals to your own questions, say what that promises, and keep it with the library."""
    from ui.errors import UsageError

    if (questions is not None) + show + remove != 1:
        raise UsageError("Give a file of test questions, or --show, or --remove, and one of them only.")
    assistant = opened(library, device=device, reader=reader)
    if remove:
        out("The calibration was removed." if assistant.calibration.remove() else "There was no calibration.")
        return
    if questions is not None:
        assistant.calibration.save(_fitted(assistant, questions, wrong, unanswerable, seed, qrels, split))
    found = assistant.calibration.load()
    if as_json:
        print_json({**asdict(found), "method": found.method, "sha256": found.sha256} if found else None)
    else:
        for line in _told(assistant, found):
            out(line)


def _fitted(
    assistant: "Assistant",
    questions: Path,
    wrong: float | None,
    unanswerable: float | None,
    seed: int,
    qrels: Path | None,
    split: str,
) -> "Calibration":
    from rich.console import Console
    from rich.progress import Progress

    from qa.evaluation import calibrate as fitted
    from qa.evaluation import load_question_set
    from ui.cli.measuring import warn_of_problems

    asked = [each for each in load_question_set(questions, qrels=qrels, split=split).questions if not each.draft]
    warn_of_problems(assistant, asked)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("Asking", total=len(asked))
        return fitted(
            assistant,
            asked,
            wrong=wrong,
            unanswerable=unanswerable,
            seed=seed,
            on_question=lambda done, _: progress.update(bar, completed=done),
        )


def _told(assistant: "Assistant", found: "Calibration | None") -> list[str]:
    if found is None:
        return ["The library has no calibration: fit one with `pullquote calibrate QUESTIONS`."]
    losses = ", ".join(f"{name} {loss:.3f}" for name, loss in found.log_losses.items())
    lines = [
        f"Promise: {found.promise}.",
        f"Fitted on {found.promise.n} questions, {found.promise.n_unanswerable} of them without an answer, {found.date[:10]}.",
        f"Log loss of questions held out: {losses}; {found.method} is taken.",
        f"Refused is below {found.least_confidence:.3f} of the confidence as it comes, which stands for "
        f"{found.curve(found.least_confidence):.3f}.",
    ]
    with assistant.library.snapshot() as snapshot:
        why = found.unlike(assistant.basis(snapshot))
        if snapshot.generation != found.generation:
            lines.append("The library has changed since: calibrate again when much has.")
    return [*lines, assistant.calibration.not_applied(why)] if why else lines
