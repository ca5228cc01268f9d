"""Commands that measure: `pullquote eval | compare | export-run`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.commands import FELL_SHORT, app, folder_of, opened
from ui.cli.console import complain, console, out, print_json
from ui.cli.options import BUNDLED, Device, Json, Library, Model, Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa import Assistant
    from qa.evaluation import Run
    from qa.evaluation.grid import Cell
    from ui.cli.measuring import Asked


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
    from ui.cli.measuring import measured, prepared, warn_of_problems
    from ui.errors import UsageError

    if (questions is None) == (squad is None):
        raise UsageError("Give a file of test questions, or a SQuAD file with --squad, and not both.")
    kept = _kept_in(run, library)
    wanted, tried = gate.parse_bounds(fail_under or ""), parse_grid(grid) if grid is not None else ()
    if tried and (wanted or junit or report or list_failures):
        raise UsageError("--fail-under, --junit, --report and --failures are about one run, and --grid makes several.")

    def open_library(folder: Path, model: str | None, reader: str) -> "Assistant":
        return opened(folder, model, device, reader, create=True)

    path, form = (questions, None) if questions is not None else (squad, "squad")
    assert path is not None
    with prepared(path, library, open_library, drafts=drafts, format=form, qrels=qrels, split=split) as asked:
        if tried:
            _try(tried, asked, model, reader, run, save, as_json, whole_articles=asked.whole_articles)
            return
        assistant, whole = asked.assistant(model, reader), asked.whole_articles
        warn_of_problems(assistant, asked.questions)
        done = measured(assistant, asked.questions, whole_articles=whole, baselines=baselines, name=run or "")
    _keep(done, [*kept, *([save] if save else [])], junit, report)
    _show(done, list_failures=list_failures, as_json=as_json)
    for line in (short := gate.find_violations(done.figures, wanted)):
        complain(line)
    if short:
        raise typer.Exit(FELL_SHORT)


def _kept_in(run: str | None, library: Path | None) -> list[Path]:
    """Where a library is to keep a run, known before anything is asked."""
    from qa.evaluation.saving import run_file
    from ui.errors import UsageError

    if run is None:
        return []
    if library is None:
        raise UsageError("--run keeps a run in a library, and this one is temporary: name one with --library, or take --save.")
    return [run_file(library, run)]


def _try(
    cells: "Sequence[Cell]",
    asked: "Asked",
    model: str | None,
    reader: str,
    run: str | None,
    save: Path | None,
    as_json: bool,
    *,
    whole_articles: bool,
) -> None:
    from ui.cli.grid import chosen_by_chance, files, print_grid, tried
    from ui.cli.terminal_run import run_as_dict

    runs = []
    for cell, done in tried(cells, asked, model, reader, whole_articles=whole_articles):
        _keep(done, files(cell, run, save, asked.library))
        runs.append((cell, done))
    if as_json:
        print_json([{"cell": dict(cell.values), **run_as_dict(done)} for cell, done in runs])
    else:
        print_grid(console(), runs)
    if len(runs) > 1:
        complain(chosen_by_chance(len(runs), len(asked.questions)))
    _complain_of_broken(*(done for _, done in runs))


def _keep(run: "Run", files: list[Path], junit: Path | None = None, report: Path | None = None) -> None:
    from qa.evaluation import save_run
    from qa.evaluation.export import save_junit
    from ui.cli.reporting import save_page

    for path in files:
        save_run(run, path)
    if junit is not None:
        save_junit(run, junit)
    if report is not None:
        save_page(run, report)


def _show(run: "Run", *, list_failures: bool, as_json: bool) -> None:
    from ui.cli.terminal_run import failures, print_run, run_as_dict

    if as_json:
        print_json(run_as_dict(run))
    else:
        print_run(console(), run)
        for line in failures(run) if list_failures else []:
            out(line)
    _complain_of_broken(run)


def _complain_of_broken(*runs: "Run") -> None:
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
    """Say how two runs on the same questions differ in each measure, and whether that may be chance.

    One run alone is compared with the simpler rankings that were measured with it.
    """
    from qa.evaluation import compare as compared
    from qa.evaluation import find_run
    from ui.cli.terminal_comparison import print_comparison, won_and_lost
    from ui.errors import UsageError

    first = find_run(folder_of(library), a)
    if b is None:
        _compare_with_baselines(first, as_json=as_json)
        return
    second = find_run(folder_of(library), b)
    found = compared(first, second, common=common)
    if list_questions and measure not in [each.measure for each in found.differences]:
        names = ", ".join(each.measure for each in found.differences)
        raise UsageError(f"Both runs have no measure {measure!r}; they have {names}.")
    if as_json:
        print_json(asdict(found))
        return
    print_comparison(console(), found)
    for line in won_and_lost(found, measure, first, second) if list_questions else ():
        out(line)


def _compare_with_baselines(run: "Run", *, as_json: bool) -> None:
    from qa.evaluation import compare_with_baseline
    from ui.cli.terminal_comparison import print_comparison
    from ui.errors import UsageError

    found = {name: compare_with_baseline(run, name) for name in run.by_question}
    if not found:
        raise UsageError("No simpler rankings were measured with this run: name another run to compare it with.")
    if as_json:
        print_json({name: asdict(each) for name, each in found.items()})
        return
    for name, each in found.items():
        out(f"A: {name}, B: Pullquote")
        print_comparison(console(), each)


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

    found = find_run(folder_of(library), run)
    save_trec_run(found, trec, "article" if articles else "passage")
    if qrels is not None:
        save_qrels(found, qrels, "article" if articles else "passage")
