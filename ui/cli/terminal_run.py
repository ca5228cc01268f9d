"""Runs as terminal text and as JSON: the figures, and the questions that went wrong."""

from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from qa.evaluation import CAUSES, Figures, Outcome, Run, cause
from qa.evaluation.metrics.measures import CONFIDENCE, PASSAGES, QUOTES
from qa.evaluation.report_tables import format_share
from ui.cli.terminal import one_line, visible

_COMPARED = ("R@1", "R@5", "R@10", "RR@10", "nDCG@10")  # with simpler rankings; more would not fit
_OVER = {
    **dict.fromkeys(("quote@1", "quote@3", "quote@5", "EM", "F1"), "answerable questions"),
    **dict.fromkeys(("overlap", "AUROC"), "questions with known answers"),
    "AURC": "with known answers; less is better",
    "ECE": "answered; less is better",
}


def print_run(console: Console, run: Run) -> None:
    """Print a run's figures, and those of simpler rankings beside them."""
    figures = run.figures
    for number, table in enumerate((_figures(figures), _found(figures), *_simpler(run), _stages(figures))):
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


def _found(figures: Figures) -> Table:
    of = f"{figures.of.get('R@1', 0)} and {figures.of.get('article R@1', 0)} questions that say where"
    table = _table("found", "passages", "articles", "of")
    for name in PASSAGES:
        if name in figures.passages or name in figures.articles:
            table.add_row(name, format_share(figures.passages.get(name)), format_share(figures.articles.get(name)), of)
            of = ""
    return table


def _simpler(run: Run) -> Iterator[Table]:
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
    """A run's figures and outcomes for JSON."""
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
    """A line for each question that went wrong, those with the same cause together."""
    wrong = [(cause(outcome), outcome) for outcome in run.outcomes]
    return [_failure(why, outcome) for each in CAUSES if each != "right" for why, outcome in wrong if why == each]


def _failure(why: str, outcome: Outcome) -> str:
    return f"{outcome.question.id}: {visible(outcome.question.question)} — {why}, {what_came(outcome)}"


def what_came(outcome: Outcome) -> str:
    """What was quoted in the place of the right answer, in words."""
    if not outcome.quotes:
        return "refused"
    said = one_line(outcome.quotes[0].text)
    if outcome.unanswerable:
        return f"not in the articles, but quoted: {said}"
    missed = f"answer at quote {outcome.rank}" if outcome.rank else "no quote holds the answer"
    return f"{missed}; first: {said}"


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False)
