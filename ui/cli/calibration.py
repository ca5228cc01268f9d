"""The command that fits the confidence to your own questions: `pullquote calibrate`."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.application import app, open_assistant
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
    show: Annotated[bool, typer.Option("--show", help="Describe the library's calibration.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the calibration.")] = False,
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
    assistant = open_assistant(library, device=device, reader=reader)
    if remove:
        out("The calibration was removed." if assistant.calibration.remove() else "There was no calibration.")
        return
    if questions is not None:
        assistant.calibration.save(_fit(assistant, questions, wrong, unanswerable, seed, qrels, split))
    calibration = assistant.calibration.load()
    if as_json:
        print_json({**asdict(calibration), "method": calibration.method, "sha256": calibration.sha256} if calibration else None)
    else:
        for line in _describe(assistant, calibration):
            out(line)


def _fit(
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

    from qa.evaluation import calibrate as fit
    from qa.evaluation import load_question_set
    from ui.cli.question_session import warn_of_problems

    question_set = load_question_set(questions, qrels=qrels, split=split)
    accepted = [question for question in question_set.questions if not question.draft]
    warn_of_problems(assistant, accepted)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("Asking", total=len(accepted))
        return fit(
            assistant,
            accepted,
            wrong=wrong,
            unanswerable=unanswerable,
            seed=seed,
            on_question=lambda done, _: progress.update(bar, completed=done),
        )


def _describe(assistant: "Assistant", calibration: "Calibration | None") -> list[str]:
    if calibration is None:
        return ["The library has no calibration: fit one with `pullquote calibrate QUESTIONS`."]
    losses = ", ".join(f"{name} {loss:.3f}" for name, loss in calibration.log_losses.items())
    lines = [
        f"Promise: {calibration.promise}.",
        f"Fitted on {calibration.promise.n} questions, {calibration.promise.n_unanswerable} of them without an answer, "
        f"{calibration.date[:10]}.",
        f"Log loss of questions held out: {losses}; {calibration.method} is taken.",
        f"Refused is below {calibration.least_confidence:.3f} of the confidence as it comes, which stands for "
        f"{calibration.curve(calibration.least_confidence):.3f}.",
    ]
    with assistant.library.snapshot() as snapshot:
        mismatch = calibration.mismatch(assistant.basis(snapshot))
        if snapshot.generation != calibration.generation:
            lines.append("The library has changed since: calibrate again when much has.")
    return [*lines, assistant.calibration.explain(mismatch)] if mismatch else lines
