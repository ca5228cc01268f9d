"""A grid of settings on the command line: each combination a run, and a table with the best of each measure marked."""

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
from ui.cli.measuring import Asked, measured
from ui.errors import UsageError

_SHOWN = ("quote@1", "quote@5", "F1", "R@1", "R@5", "AURC", "p50")


def tried(
    cells: Sequence[Cell], asked: Asked, model: str | None, reader: str, *, whole_articles: bool
) -> Iterator[tuple[Cell, Run]]:
    """Ask the questions with each combination; what a grid does not name is as without one."""
    if asked.library is not None and any(cell["model"] for cell in cells):
        raise UsageError("A library has one encoder: leave --library out to try several, each in a temporary one.")
    made: dict[tuple[str | None, str], tuple[Assistant, Settings]] = {}
    for number, cell in enumerate(cells, start=1):
        by = (cell["model"] or model, cell["reader"] or reader)
        if by not in made:
            assistant = asked.assistant(*by)
            made[by] = assistant, assistant.settings
        assistant, settings = made[by]
        assistant.settings = cell.apply(settings)
        what, k = f"{number} of {len(cells)}", cell["k"] or 5
        yield cell, measured(assistant, asked.questions, what, whole_articles=whole_articles, k=k, name=cell.name)


def files(cell: Cell, run: str | None, save: Path | None, library: Path | None) -> list[Path]:
    """Where the run of a combination is kept: in the library, in a folder, or in both."""
    kept = [] if run is None or library is None else [run_file(library, f"{run}_{cell.file_name}")]
    return [*kept, *([save / f"{cell.file_name}.json"] if save else [])]


def print_grid(console: Console, runs: Sequence[tuple[Cell, Run]]) -> None:
    """Print a row for each combination, with the best of each measure marked."""
    names = [name for name, _ in runs[0][0].values]
    rows = [_values(run.figures) for _, run in runs]
    shown = [name for name in _SHOWN if any(name in row for row in rows)]
    marked = {name: best_rows(rows, name, less=name in LESS_IS_BETTER) for name in shown}
    marked = {name: found if len(found) < len(rows) else set() for name, found in marked.items()}  # no best where all are alike
    table = Table(*names, *("p50 ms" if name == "p50" else name for name in shown), box=None, pad_edge=False)
    for at, ((cell, _), row) in enumerate(zip(runs, rows, strict=True)):
        found = [Text(_shown(name, row), style="bold" if at in marked[name] else "") for name in shown]
        stars = [text + ("*" if at in marked[name] else " ") for name, text in zip(shown, found, strict=True)]
        table.add_row(*(Text(str(value)) for _, value in cell.values), *stars)
    console.print(table)
    console.print(f"* the best of its column; AURC and p50: less is better; R@k of {runs[0][1].level}s")


def chosen_by_chance(n: int, n_questions: int) -> str:
    """That the best of n combinations owes part of its lead to the questions that it was chosen on.

    Source: Cawley and Talbot, JMLR 2010.
    """
    asked = "1 question" if n_questions == 1 else f"{n_questions:,} questions"
    return f"the best of {n} settings on the same {asked} looks better than it is: measure it again on others."


def _values(figures: Figures) -> dict[str, float]:
    return figures.values | figures.ranking


def _shown(name: str, row: dict[str, float]) -> str:
    if name not in row:
        return "–"
    return f"{row[name] * 1000:.1f}" if name == "p50" else f"{row[name]:.4f}"
