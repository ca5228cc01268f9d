"""Commands about test questions: `pullquote questions check | draft | accept`."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.application import ERROR, app, open_assistant
from ui.cli.console import out, print_json
from ui.cli.options import Json, Library

questions = typer.Typer(help="Propose test questions from the articles, accept and check them.", no_args_is_help=True)
app.add_typer(questions, name="questions")

File = Annotated[Path, typer.Argument(help="Test questions.", show_default=False)]


@questions.command()
def check(
    file: File,
    qrels: Annotated[Path | None, typer.Option(help="The judgements of TREC topics.")] = None,
    split: Annotated[str, typer.Option(help="Which judgements of a BEIR folder.")] = "test",
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Name the questions whose article or answer is not in the library. The exit code is 2 if there are any."""
    from qa.evaluation import check_questions, load_question_set
    from ui.cli.terminal import visible

    checked = load_question_set(file, qrels=qrels, split=split).questions
    problems = check_questions(open_assistant(library), checked)
    if as_json:
        print_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            out(f"{visible(problem.question)}: {problem.what}: {visible(problem.which)}")
        wrong = len({problem.question for problem in problems})
        out(f"{len(checked)} questions, {wrong} of them {'does' if wrong == 1 else 'do'} not fit the articles.")
    if problems:
        raise typer.Exit(ERROR)


@questions.command()
def draft(
    n: Annotated[int, typer.Option("-n", min=1, help="How many at most.")] = 50,
    seed: Annotated[int, typer.Option(help="Another number proposes others.")] = 0,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A new file.", show_default="stdout")] = None,
    library: Library = None,
) -> None:
    """Propose test questions from the articles, marked as drafts: `eval` leaves them out until they are accepted."""
    from qa.evaluation import draft_questions, save_questions
    from qa.evaluation.datasets.questions import to_json_line
    from ui.errors import UsageError

    if output is not None and output.exists():
        raise UsageError(f"{output} is there already: name a new file with --output.")
    drafts = draft_questions(open_assistant(library), n, seed=seed)
    if not drafts:
        raise UsageError("The articles have no sentence that makes a test question.")
    if output is None:
        for question in drafts:
            out(to_json_line(question))
    else:
        save_questions(drafts, output)
        out(f"{len(drafts)} drafts. Read them, then accept those that are good: pullquote questions accept {output} ID…")


@questions.command()
def accept(
    file: File,
    ids: Annotated[list[str] | None, typer.Argument(help="Of the questions.", metavar="ID…", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="Accept all drafts of the file.")] = False,
) -> None:
    """Accept drafts, so that they are asked. The file, of JSON lines, is rewritten."""
    from qa.evaluation import load_questions, save_questions
    from ui.errors import UsageError

    if every == bool(ids):
        raise UsageError("Name the drafts to accept, or take --all, and not both.")
    test_questions = load_questions(file)
    drafts = {question.id for question in test_questions if question.draft}
    unknown = [name for name in ids or () if name not in drafts]
    if unknown:
        raise UsageError(f"{file} holds no draft {unknown[0]!r}: nothing was accepted.")
    accepted = drafts if every else set(ids or ())
    save_questions(
        [replace(question, draft=question.draft and question.id not in accepted) for question in test_questions], file
    )
    out(f"{len(accepted)} accepted, {len(drafts) - len(accepted)} drafts left.")
