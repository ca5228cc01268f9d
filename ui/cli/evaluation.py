"""Commands that measure: `pullquote eval | compare | report | export-run`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.application import BELOW_THRESHOLD, app, library_folder, open_assistant
from ui.cli.console import complain, console, out, print_json
from ui.cli.options import BUNDLED, Device, Json, Library, Model, Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa import Assistant
    from qa.evaluation import Run
    from qa.evaluation.grid import Cell
    from ui.cli.question_session import QuestionSession


@app.command("eval")
def evaluate_questions(
    questions: Annotated[
        Path | None, typer.Argument(help="Test questions: JSON lines, CSV, SQuAD, a BEIR folder or TREC topics.")
    ] = None,
    squad: Annotated[Path | None, typer.Option(help="A SQuAD 1.1 or 2.0 file, each paragraph an article.")] = None,
    qrels: Annotated[Path | None, typer.Option(help="The judgements of TREC topics.")] = None,
    split: Annotated[str, typer.Option(help="Which judgements of a BEIR folder.")] = "test",
    drafts: Annotated[bool, typer.Option("--drafts", help="Ask those too that nobody has accepted.")] = False,
    library: Annotated[Path | None, typer.Option("--library", "-l", help="By default a temporary one.")] = None,
    model: Model = None,
    device: Device = None,
    reader: Reader = BUNDLED,
    baselines: Annotated[bool, typer.Option(help="Rank with BM25 and vectors alone as well.")] = True,
    list_failures: Annotated[bool, typer.Option("--failures", help="List the questions that went wrong, and why.")] = False,
    run: Annotated[str | None, typer.Option("--run", help="Keep the run in the library under this name.")] = None,
    save: Annotated[Path | None, typer.Option(help="Keep the run in this file; with --grid, the runs in this folder.")] = None,
    grid: Annotated[str | None, typer.Option(help='Settings to try: "n_read=5,15 reader=none,bundled".')] = None,
    fail_under: Annotated[str | None, typer.Option(help='Exit with 1 below: "quote@1=.8, R@5=.95".')] = None,
    junit: Annotated[Path | None, typer.Option(help="A JUnit XML file with a test case for each question.")] = None,
    report: Annotated[Path | None, typer.Option(help="An HTML file with figures, plots and what went wrong.")] = None,
    as_json: Json = False,
) -> None:
    """Ask test questions and print how well they are answered, found and refused, and how fast.

    Without --library, the articles beside the questions are put into a temporary library.
    """
    from qa.evaluation import gate
    from qa.evaluation.grid import parse_grid
    from ui.cli.question_session import open_session, run_questions, warn_of_problems
    from ui.errors import UsageError

    if (questions is None) == (squad is None):
        raise UsageError("Give a file of test questions, or a SQuAD file with --squad, and not both.")
    run_files = _library_run_files(run, library)
    bounds, cells = gate.parse_bounds(fail_under or ""), parse_grid(grid) if grid is not None else ()
    if cells and (bounds or junit or report or list_failures):
        raise UsageError("--fail-under, --junit, --report and --failures are about one run, and --grid makes several.")

    def open_library(folder: Path, model: str | None, reader: str) -> "Assistant":
        return open_assistant(folder, model, device, reader, create=True)

    path, file_format = (questions, None) if questions is not None else (squad, "squad")
    assert path is not None
    with open_session(path, library, open_library, drafts=drafts, format=file_format, qrels=qrels, split=split) as session:
        if cells:
            _run_grid(cells, session, model, reader, run, save, as_json)
            return
        assistant = session.assistant(model, reader)
        warn_of_problems(assistant, session.questions)
        result = run_questions(
            assistant, session.questions, whole_articles=session.whole_articles, baselines=baselines, name=run or ""
        )
    _save_run(result, [*run_files, *([save] if save else [])], junit, report)
    _show(result, list_failures=list_failures, as_json=as_json)
    violations = gate.find_violations(result.figures, bounds)
    for line in violations:
        complain(line)
    if violations:
        raise typer.Exit(BELOW_THRESHOLD)


def _library_run_files(run: str | None, library: Path | None) -> list[Path]:
    """Return where the library keeps the run, so that a wrong name is told before anything is asked."""
    from qa.evaluation.saving import run_file
    from ui.errors import UsageError

    if run is None:
        return []
    if library is None:
        raise UsageError("--run keeps a run in a library, and this one is temporary: name one with --library, or take --save.")
    return [run_file(library, run)]


def _run_grid(
    cells: "Sequence[Cell]",
    session: "QuestionSession",
    model: str | None,
    reader: str,
    run: str | None,
    save: Path | None,
    as_json: bool,
) -> None:
    from ui.cli.grid_table import print_grid, run_cells, run_files, selection_warning
    from ui.cli.run_tables import run_as_dict

    runs = []
    for cell, result in run_cells(cells, session, model, reader):
        _save_run(result, run_files(cell, run, save, session.library))
        runs.append((cell, result))
    if as_json:
        print_json([{"cell": dict(cell.values), **run_as_dict(result)} for cell, result in runs])
    else:
        print_grid(console(), runs)
    if len(runs) > 1:
        complain(selection_warning(len(runs), len(session.questions)))
    _fail_on_broken_quotes(*(result for _, result in runs))


def _save_run(run: "Run", files: list[Path], junit: Path | None = None, report: Path | None = None) -> None:
    from qa.evaluation import save_run
    from qa.evaluation.export import save_junit

    for path in files:
        save_run(run, path)
    if junit is not None:
        save_junit(run, junit)
    if report is not None:
        save_html_report(run, report)


def _show(run: "Run", *, list_failures: bool, as_json: bool) -> None:
    from ui.cli.run_tables import failures, print_run, run_as_dict

    if as_json:
        print_json(run_as_dict(run))
    else:
        print_run(console(), run)
        for line in failures(run) if list_failures else []:
            out(line)
    _fail_on_broken_quotes(run)


def _fail_on_broken_quotes(*runs: "Run") -> None:
    from ui.errors import UsageError

    broken = sum(run.figures.n_broken_quotes for run in runs)
    if broken:
        raise UsageError(f"{broken} quotes are not what their articles say: this is a fault, report it.")


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="A run: a file, or a name in the library.")],
    b: Annotated[str | None, typer.Argument(help="The run that is compared with it; by default simpler rankings.")] = None,
    library: Library = None,
    common: Annotated[bool, typer.Option("--common", help="Compare the questions that both were asked.")] = False,
    list_questions: Annotated[bool, typer.Option("--list", help="List the questions won and lost by --measure.")] = False,
    measure: Annotated[str, typer.Option(help="Which one --list is about.")] = "quote@1",
    as_json: Json = False,
) -> None:
    """Compare two runs on the same questions in each measure, and say whether the difference may be chance.

    One run alone is compared with the simpler rankings that were measured with it.
    """
    from qa.evaluation import compare as compare_runs
    from qa.evaluation import find_run
    from ui.cli.run_tables import print_comparison, won_and_lost
    from ui.errors import UsageError

    first = find_run(library_folder(library), a)
    if b is None:
        _compare_with_baselines(first, as_json=as_json)
        return
    second = find_run(library_folder(library), b)
    comparison = compare_runs(first, second, common=common)
    measures = [difference.measure for difference in comparison.differences]
    if list_questions and measure not in measures:
        raise UsageError(f"Both runs have no measure {measure!r}; they have {', '.join(measures)}.")
    if as_json:
        print_json(asdict(comparison))
        return
    print_comparison(console(), comparison)
    for line in won_and_lost(comparison, measure, first, second) if list_questions else ():
        out(line)


def _compare_with_baselines(run: "Run", *, as_json: bool) -> None:
    from qa.evaluation import compare_with_baseline
    from ui.cli.run_tables import print_comparison
    from ui.errors import UsageError

    comparisons = {name: compare_with_baseline(run, name) for name in run.by_question}
    if not comparisons:
        raise UsageError("No simpler rankings were measured with this run: name another run to compare it with.")
    if as_json:
        print_json({name: asdict(comparison) for name, comparison in comparisons.items()})
        return
    for name, comparison in comparisons.items():
        out(f"A: {name}, B: Pullquote")
        print_comparison(console(), comparison)


@app.command("export-run")
def export_run(
    run: Annotated[str, typer.Argument(help="A run: a file, or a name in the library.")],
    trec: Annotated[Path, typer.Option("--trec", help="The file for what was ranked, as trec_eval reads it.")],
    qrels: Annotated[Path | None, typer.Option("--qrels", help="The file for what should have been found.")] = None,
    articles: Annotated[bool, typer.Option("--articles", help="Rank articles instead of passages.")] = False,
    library: Library = None,
) -> None:
    """Write what a run ranked as a TREC run, for trec_eval, ir_measures and their like."""
    from qa.evaluation import find_run, save_qrels, save_trec_run

    measured = find_run(library_folder(library), run)
    save_trec_run(measured, trec, "article" if articles else "passage")
    if qrels is not None:
        save_qrels(measured, qrels, "article" if articles else "passage")


@app.command()
def report(
    run: Annotated[str, typer.Argument(help="A run: a file, or a name in the library.")],
    html: Annotated[Path | None, typer.Option("--html", help="The file for a page with plots, complete in itself.")] = None,
    markdown: Annotated[Path | None, typer.Option("--markdown", help="The file for Markdown.")] = None,
    library: Library = None,
) -> None:
    """Write a run's figures, what produced them and what went wrong. Without a file, print Markdown."""
    from qa.evaluation import find_run
    from ui.html.report import report_markdown

    measured = find_run(library_folder(library), run)
    if html is not None:
        save_html_report(measured, html)
    if markdown is not None:
        _write(report_markdown(measured), markdown)
    if html is None and markdown is None:
        out(report_markdown(measured).rstrip("\n"))


def save_html_report(run: "Run", path: Path) -> None:
    """Write a run's report as a page of HTML."""
    from ui.html.report import report_html

    _write(report_html(run), path)


def _write(text: str, path: Path) -> None:
    from embeddings.atomic_write import write_output
    from ui.errors import UsageError

    try:
        # half a surrogate pair, which a question may hold, can stand in no file
        write_output(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise UsageError(f"The report cannot be written to {path}: {error}.") from error
