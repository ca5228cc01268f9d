"""Runs and comparisons of runs as terminal tables and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from qa.evaluation import CAUSES, Comparison, Figures, Outcome, Run, cause
from qa.evaluation.metrics.measures import CONFIDENCE, PASSAGES, QUOTES
from qa.evaluation.report_tables import format_share
from ui.cli.terminal import one_line, visible

_COMPARED = ("R@1", "R@5", "R@10", "RR@10", "nDCG@10")  # with simpler rankings; more would not fit
_LONGEST_VALUE = 40  # characters of what a run was made with
_OVER = {
    **dict.fromkeys(("quote@1", "quote@3", "quote@5", "EM", "F1"), "answerable questions"),
    **dict.fromkeys(("overlap", "AUROC"), "questions with known answers"),
    "AURC": "with known answers; less is better",
    "ECE": "answered; less is better",
}


def print_run(console: Console, run: Run) -> None:
    """Print a run's figures, and those of simpler rankings beside them."""
    figures = run.figures
    for number, table in enumerate((_figures(figures), _retrieval(figures), *_baselines(run), _stages(figures))):
        if table.row_count:
            console.print(*([] if number == 0 else [""]), table, sep="\n")


def _figures(figures: Figures) -> Table:
    table = _table("measure", "value", "of")
    for name in QUOTES:
        _add(table, figures, name)
    if figures.n_unanswerable:
        table.add_row("right refusals", str(figures.right_refusals), f"{figures.n_unanswerable} unanswerable questions")
    if figures.n_answerable:
        table.add_row("wrong refusals", str(figures.wrong_refusals), f"{figures.n_answerable} answerable questions")
    if figures.wrong_refusals:
        table.add_row("closest right", str(figures.closest_right), f"{figures.wrong_refusals} wrong refusals")
    for name in CONFIDENCE:
        _add(table, figures, name)
    if figures.follow_ups:
        for name in ("quote@1", "quote@5", "wrongly refused"):
            _add(table, figures.follow_ups, name, f"{name}, follow-ups", "answerable follow-ups")
    table.add_row("broken quotes", str(figures.n_broken_quotes), f"{figures.n_quotes} quotes compared with their articles")
    table.add_row("seconds, median", f"{figures.median_seconds:.4f}", f"{figures.n_questions} questions")
    table.add_row("seconds, p95", f"{figures.p95_seconds:.4f}", f"{figures.n_questions} questions")
    return table


def _add(table: Table, figures: Figures, name: str, shown: str = "", over: str = "") -> None:
    if name in figures.values:
        table.add_row(shown or name, format_share(figures.values[name]), f"{figures.of[name]} {over or _OVER[name]}")


def _retrieval(figures: Figures) -> Table:
    of = f"{figures.of.get('R@1', 0)} and {figures.of.get('article R@1', 0)} questions that say where"
    table = _table("found", "passages", "articles", "of")
    for name in PASSAGES:
        if name in figures.passages or name in figures.articles:
            table.add_row(name, format_share(figures.passages.get(name)), format_share(figures.articles.get(name)), of)
            of = ""
    return table


def _baselines(run: Run) -> Iterator[Table]:
    if run.baselines and run.figures.ranking:
        table = _table(f"{run.level}s ranked by", *_COMPARED)
        for name, values in {"Pullquote": run.figures.ranking, **run.baselines}.items():
            table.add_row(name, *(format_share(values.get(measure)) for measure in _COMPARED))
        yield table


def _stages(figures: Figures) -> Table:
    table = _table("stage", "median ms", "p95 ms")
    for name, speed in figures.stages.items():
        table.add_row(name, f"{speed.p50 * 1000:.2f}", f"{speed.p95 * 1000:.2f}")
    return table


def run_as_dict(run: Run) -> dict[str, object]:
    """Return a run's figures and outcomes for JSON."""
    outcomes = [
        {
            "id": outcome.question.id,
            "question": outcome.question.question,
            "searched_for": outcome.searched_for,
            "found": outcome.found,
            "confidence": outcome.confidence,
            "rank": outcome.rank,
            "cause": cause(outcome),
            "quotes": [quote.text for quote in outcome.quotes],
            "closest": outcome.closest.text if outcome.closest else None,
        }
        for outcome in run.outcomes
    ]
    figures = {name: value for name, value in asdict(run.figures).items() if name != "stages"}
    stages = {name: speed._asdict() for name, speed in run.figures.stages.items()}
    return {
        "name": run.name,
        "made": asdict(run.made),
        "figures": figures | {"stages": stages},
        "baselines": run.baselines,
        "outcomes": outcomes,
    }


def failures(run: Run) -> list[str]:
    """Return a line for each question that went wrong, grouped by cause."""
    wrong = [(cause(outcome), outcome) for outcome in run.outcomes]
    return [_failure(why, outcome) for each in CAUSES if each != "right" for why, outcome in wrong if why == each]


def _failure(why: str, outcome: Outcome) -> str:
    return f"{outcome.question.id}: {visible(outcome.question.question)} — {why}, {describe_outcome(outcome)}"


def describe_outcome(outcome: Outcome) -> str:
    """Say what was quoted in place of the right answer."""
    if not outcome.quotes:
        return "refused"
    first = one_line(outcome.quotes[0].text)
    if outcome.unanswerable:
        return f"not in the articles, but quoted: {first}"
    missed = f"answer at quote {outcome.rank}" if outcome.rank else "no quote holds the answer"
    return f"{missed}; first: {first}"


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False)


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print what differs in how the runs were made, and each measure of both."""
    for name, (a, b) in comparison.changed.items():
        console.print(f"{name}: {_short(a)} → {_short(b)}")
    skipped = f", {comparison.n_left_out} not in both left out" if comparison.n_left_out else ""
    console.print(f"{comparison.n_questions} questions{skipped}; p by a paired randomisation test")
    table = Table("measure", "A", "B", "B − A", "95 % interval", "p", "won", "lost", box=None, pad_edge=False)
    equal = [difference.measure for difference in comparison.differences if not difference.won and not difference.lost]
    for difference in comparison.differences:
        if difference.measure in equal:
            continue
        interval = f"{difference.low:+.4f} {difference.high:+.4f}"
        values = (
            f"{difference.a:.4f}",
            f"{difference.b:.4f}",
            f"{difference.difference:+.4f}",
            interval,
            f"{difference.p:.4f}",
        )
        table.add_row(difference.measure, *values, str(len(difference.won)), str(len(difference.lost)))
    if table.row_count:
        console.print(table)
    if equal:
        console.print(f"The same for every question: {', '.join(equal)}.")


def won_and_lost(comparison: Comparison, measure: str, a: Run, b: Run) -> Iterator[str]:
    """Yield a line for each question that is better or worse in the second run by a measure."""
    before, after = ({outcome.question.id: outcome for outcome in run.outcomes} for run in (a, b))
    difference = comparison.of(measure)
    for fate, ids in (("won", difference.won), ("lost", difference.lost)):
        for question_id in ids:
            question = visible(before[question_id].question.question)
            yield f"{fate:4}  {question_id}: {question} — {cause(before[question_id])} → {cause(after[question_id])}"


def _short(value: object) -> str:
    text = one_line(str(value))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
