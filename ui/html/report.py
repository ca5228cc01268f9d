"""A run as one HTML file that asks nothing of the world, and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from qa.evaluation.failure_reasons import FAILURES, Cause, group_failures
from qa.evaluation.metrics.metric_docs import summarize
from qa.evaluation.metrics.outcomes import Outcome, QuoteContext
from qa.evaluation.report_tables import (
    Table,
    describe_outcome,
    figure_tables,
    relevant_sources,
    run_info_tables,
    short_source,
    verbatim_check,
)
from qa.evaluation.run import Run
from qa.types.articles import Quote
from ui import static
from ui.html.citations import markdown_block, markdown_inline, markdown_line, one_line
from ui.html.environment import render


@dataclass(frozen=True, slots=True)
class _Failure:
    """A question that went wrong, what is known of it, and each quote with the text around it."""

    question: str
    facts: Sequence[tuple[str, str]]  # name and text
    quotes: Sequence[tuple[Quote, QuoteContext]]


def report_html(run: Run) -> str:
    """Return a page with the figures and what they mean, what made the run, plots, and every question that went wrong.

    It is one file, without script, for light and dark mode, and loads nothing.
    """
    from qa.evaluation.plots import plots

    groups = [
        (_failures_heading(why, outcomes), [_failure(outcome, run) for outcome in outcomes])
        for why, outcomes in group_failures(run.outcomes).items()
    ]
    return render(
        "report.html",
        "page",
        title=run_title(run),
        run=run,
        summary=summarize(run.figures),
        verbatim_check=verbatim_check(run.figures),
        style=static.text("report.css"),
        plots=plots(run),
        tables=figure_tables(run),
        run_info_tables=run_info_tables(run),
        failures=groups,
    )


def run_title(run: Run) -> str:
    """Name a run, by its date if it was saved under no name."""
    return f"Run {run.name}" if run.name else f"Run of {run.made.date[:10]}"


def _failures_heading(why: Cause, outcomes: Sequence[Outcome]) -> str:
    return f"{FAILURES[why]}: {len(outcomes):,}"


def _failure(outcome: Outcome, run: Run) -> _Failure:
    quotes = zip_longest(outcome.quotes, outcome.around[: len(outcome.quotes)])
    beside = [(quote, around or QuoteContext("", "")) for quote, around in quotes]
    return _Failure(outcome.question.question, _facts(outcome, run), beside)


def _facts(outcome: Outcome, run: Run) -> list[tuple[str, str]]:
    """Return what is known of a question except its quotes, each fact with its name."""
    question = outcome.question
    facts = [("Id", question.id)]
    if question.answers is not None:
        facts.append(("Expected", ", ".join(f"“{answer}”" for answer in question.answers) or "no answer"))
    if sources := relevant_sources(outcome, run):
        facts.append(("In", ", ".join(sources)))
    return [*facts, *describe_outcome(outcome)]


def report_markdown(run: Run) -> str:
    """Return the same as Markdown, without the plots and the text around the quotes."""
    parts = [f"# {markdown_line(one_line(run_title(run)))}", summarize(run.figures), verbatim_check(run.figures), "## Figures"]
    parts += map(markdown_table, figure_tables(run))
    parts.append("## What went wrong")
    wrong = group_failures(run.outcomes)
    parts += (_markdown_failures(why, outcomes, run) for why, outcomes in wrong.items())
    if not wrong:
        parts.append("Nothing.")
    parts += ["## What made it", *map(markdown_table, run_info_tables(run))]
    return "\n\n".join(parts) + "\n"


def markdown_table(table: Table) -> str:
    """Write a table as Markdown, below its caption."""
    means = any(row.meaning for row in table.rows)
    heads = [table.about, *table.heads, *(["What it says"] if means else [])]
    ruled = ["---", *("--:" if means else "---" for _ in table.heads), *(["---"] if means else [])]
    rows = [[row.name, *row.cells, *([row.meaning] if means else [])] for row in table.rows]
    cells = [[markdown_inline(one_line(cell)) for cell in row] for row in (heads, *rows)]
    lines = [f"| {' | '.join(row)} |" for row in (cells[0], ruled, *cells[1:])]
    return "\n".join([f"**{table.caption}**", "", *lines])


def _markdown_failures(why: Cause, outcomes: Sequence[Outcome], run: Run) -> str:
    return "\n\n".join([f"### {_failures_heading(why, outcomes)}", *(_markdown_failure(outcome, run) for outcome in outcomes)])


def _markdown_failure(outcome: Outcome, run: Run) -> str:
    lines = [f"- {markdown_line(one_line(outcome.question.question))}"]
    lines += (f"  - {name}: {markdown_inline(one_line(text))}" for name, text in _facts(outcome, run))
    for quote in outcome.quotes:
        source = short_source(quote.article.source)
        cited = ", ".join(
            markdown_inline(one_line(text))
            for text in (quote.article.title, source, quote.part or "", "read from a picture" if quote.read_by else "")
            if text
        )
        lines.append(f"  - Quote {quote.rank}, confidence {quote.confidence:.2f}, from {cited}:")
        lines += ["", *(f"    {line}".rstrip() for line in markdown_block(quote.text).split("\n")), ""]
    return "\n".join(lines).rstrip("\n")
