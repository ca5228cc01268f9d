"""A grid of settings on the command line: a run for each combination, and a table that marks the best of each measure."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qa import Assistant, Settings
from qa.evaluation import Figures, Run
from qa.evaluation.grid import Cell, best_rows
from qa.evaluation.metrics.measures import LESS_IS_BETTER
from qa.evaluation.saving import run_file
from ui.cli.question_session import QuestionSession, run_questions
from ui.errors import UsageError

_SHOWN = ("quote@1", "quote@5", "F1", "R@1", "R@5", "AURC", "p50")


def run_cells(cells: Sequence[Cell], session: QuestionSession, model: str | None, reader: str) -> Iterator[tuple[Cell, Run]]:
    """Ask the questions with each combination of settings. What a grid does not name stays as it is without one."""
    if session.library is not None and any(cell["model"] for cell in cells):
        raise UsageError("A library has one encoder: leave --library out to try several, each in a temporary one.")
    opened: dict[tuple[str | None, str], tuple[Assistant, Settings]] = {}
    for number, cell in enumerate(cells, start=1):
        models = (cell["model"] or model, cell["reader"] or reader)
        if models not in opened:
            assistant = session.assistant(*models)
            opened[models] = assistant, assistant.settings
        assistant, settings = opened[models]
        assistant.settings = cell.apply(settings)
        title, k = f"{number} of {len(cells)}", cell["k"] or 5
        result = run_questions(assistant, session.questions, title, whole_articles=session.whole_articles, k=k, name=cell.name)
        yield cell, result


def run_files(cell: Cell, run: str | None, save: Path | None, library: Path | None) -> list[Path]:
    """Return where to save the run of a combination: in the library, in a folder, or in both."""
    files = [] if run is None or library is None else [run_file(library, f"{run}_{cell.file_name}")]
    return [*files, *([save / f"{cell.file_name}.json"] if save else [])]


def print_grid(console: Console, runs: Sequence[tuple[Cell, Run]]) -> None:
    """Print a row for each combination, with the best of each measure marked."""
    names = [name for name, _ in runs[0][0].values]
    rows = [_values(run.figures) for _, run in runs]
    shown = [name for name in _SHOWN if any(name in row for row in rows)]
    best = {name: best_rows(rows, name, less=name in LESS_IS_BETTER) for name in shown}
    best = {name: at if len(at) < len(rows) else set() for name, at in best.items()}  # none where all are equal
    table = Table(*names, *("p50 ms" if name == "p50" else name for name in shown), box=None, pad_edge=False)
    for at, ((cell, _), row) in enumerate(zip(runs, rows, strict=True)):
        texts = [Text(_format(name, row) + ("*" if at in best[name] else " ")) for name in shown]
        for name, text in zip(shown, texts, strict=True):
            text.stylize("bold" if at in best[name] else "", 0, len(text) - 1)
        table.add_row(*(Text(str(value)) for _, value in cell.values), *texts)
    console.print(table)
    console.print(f"* the best of its column; AURC and p50: less is better; R@k of {runs[0][1].level}s")


def selection_warning(n: int, n_questions: int) -> str:
    """Warn that the best of n combinations owes part of its lead to the questions that it was chosen on.

    Source: Cawley and Talbot, JMLR 2010.
    """
    questions = "1 question" if n_questions == 1 else f"{n_questions:,} questions"
    return f"the best of {n} settings on the same {questions} looks better than it is: measure it again on others."


def _values(figures: Figures) -> dict[str, float]:
    return figures.values | figures.ranking


def _format(name: str, row: dict[str, float]) -> str:
    if name not in row:
        return "–"
    return f"{row[name] * 1000:.1f}" if name == "p50" else f"{row[name]:.4f}"
