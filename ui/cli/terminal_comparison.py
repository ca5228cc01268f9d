"""Two runs beside each other as terminal text and as JSON."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from qa.evaluation import Comparison, Run, cause
from ui.cli.terminal import one_line, visible

_LONGEST = 40  # characters of what a run was made of


def print_comparison(console: Console, found: Comparison) -> None:
    """Print what made the runs different, and each measure of both."""
    for name, (a, b) in found.changed.items():
        console.print(f"{name}: {_short(a)} → {_short(b)}")
    left_out = f", {found.n_left_out} not in both left out" if found.n_left_out else ""
    console.print(f"{found.n_questions} questions{left_out}; p by a paired randomisation test")
    table = Table("measure", "A", "B", "B − A", "95 % interval", "p", "won", "lost", box=None, pad_edge=False)
    alike = [each.measure for each in found.differences if not each.won and not each.lost]
    for each in found.differences:
        if each.measure in alike:
            continue
        interval = f"{each.low:+.4f} {each.high:+.4f}"
        values = (f"{each.a:.4f}", f"{each.b:.4f}", f"{each.difference:+.4f}", interval, f"{each.p:.4f}")
        table.add_row(each.measure, *values, str(len(each.won)), str(len(each.lost)))
    if table.row_count:
        console.print(table)
    if alike:
        console.print(f"The same for every question: {', '.join(alike)}.")


def won_and_lost(found: Comparison, measure: str, a: Run, b: Run) -> Iterator[str]:
    """A line for each question that is better or worse in the second run by a measure."""
    before, after = ({outcome.question.id: outcome for outcome in run.outcomes} for run in (a, b))
    difference = found.of(measure)
    for fate, ids in (("won", difference.won), ("lost", difference.lost)):
        for each in ids:
            asked = visible(before[each].question.question)
            yield f"{fate:4}  {each}: {asked} — {cause(before[each])} → {cause(after[each])}"


def _short(value: object) -> str:
    text = one_line(str(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
