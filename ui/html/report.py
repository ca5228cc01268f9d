"""A run as one HTML file that asks nothing of the world, and as Markdown."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from qa.evaluation.failure_reasons import FAILURES, Cause, group_failures
from qa.evaluation.metrics.metric_docs import summarize
from qa.evaluation.outcomes import Outcome, QuoteContext
from qa.evaluation.report_tables import (
    Row,
    Table,
    describe_outcome,
    figure_tables,
    relevant_sources,
    run_info_tables,
    short_source,
    verbatim_check,
)
from qa.evaluation.run import AROUND, Run
from qa.types.articles import Quote
from ui import static
from ui.html.markdown import block, inline, line
from ui.html.markup import Html, element

# Nothing is asked of the world and nothing runs, whatever stands in the file.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HEAD = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
)


def report_html(run: Run) -> str:
    """A page with the figures and what they mean, what made the run, plots, and every question that went wrong.

    It is one file, without script, for light and dark, and asks nothing of the world.
    """
    style = f"<style>{static.text('report.css')}</style>"
    body = element(
        "main",
        element("h1", _title(run)),
        element("p", summarize(run.figures), class_="lead"),
        element("p", verbatim_check(run.figures), class_="soft"),
        _plots(run),
        element("section", element("h2", "Figures"), *map(_table, figure_tables(run))),
        *_failures(run),
        _made(run),
    )
    return f"{_HEAD}{element('title', _title(run))}{style}</head><body>{body}</body></html>\n"


def _title(run: Run) -> str:
    return f"Run {run.name}" if run.name else f"Run of {run.made.date[:10]}"


def _plots(run: Run) -> Html:
    from qa.evaluation.plots import plots

    # The drawings are our own, made by matplotlib, which escapes what text they hold.
    drawn = [element("figure", Html(each.svg), element("figcaption", each.caption)) for each in plots(run)]
    return element("div", *drawn, class_="plots") if drawn else Html("")


def _table(table: Table) -> Html:
    heads = (element("th", head, scope="col") if head else element("td") for head in (table.about, *table.heads))
    whole = element(
        "table",
        element("caption", table.caption),
        element("thead", element("tr", *heads)),
        element("tbody", *map(_row, table.rows)),
    )
    return element("div", whole, class_="table", role="region", aria_label=table.caption, tabindex=0)


def _row(row: Row) -> Html:
    meaning = [element("small", row.meaning)] if row.meaning else []
    return element("tr", element("th", row.name, *meaning, scope="row"), *(element("td", cell) for cell in row.cells))


def _made(run: Run) -> Html:
    first, *others = run_info_tables(run)
    folded = (element("details", element("summary", each.caption), _table(each)) for each in others)
    return element("section", element("h2", "What made it"), _table(first), *folded, class_="made")


def _failures(run: Run) -> Iterator[Html]:
    wrong = group_failures(run.outcomes)
    parts = [element("h2", "What went wrong")]
    if not wrong:
        parts.append(element("p", "Nothing."))
    for why, outcomes in wrong.items():
        parts.append(element("h3", f"{FAILURES[why]}: {len(outcomes):,}"))
        parts += (_failure(outcome, run) for outcome in outcomes)
    yield element("section", *parts, class_="failures")


def _failure(outcome: Outcome, run: Run) -> Html:
    said = [(name, element("span", text, class_="text")) for name, text in _told(outcome, run)]
    told = [element("div", element("dt", name), element("dd", text)) for name, text in said]
    quotes = [_quote(quote, around) for quote, around in _beside(outcome)]
    shown = [element("ol", *quotes)] if quotes else []
    return element(
        "details", element("summary", outcome.question.question, class_="text"), element("dl", *told), *shown, class_="failure"
    )


def _told(outcome: Outcome, run: Run) -> list[tuple[str, str]]:
    """What is known of a question but its quotes, each with its name."""
    question = outcome.question
    told = [("Id", question.id)]
    if question.answers is not None:
        told.append(("Expected", ", ".join(f"“{answer}”" for answer in question.answers) or "no answer"))
    if named := relevant_sources(outcome, run):
        told.append(("In", ", ".join(named)))
    return [*told, *describe_outcome(outcome)]


def _beside(outcome: Outcome) -> Iterator[tuple[Quote, QuoteContext]]:
    for quote, around in zip_longest(outcome.quotes, outcome.around[: len(outcome.quotes)]):
        yield quote, around or QuoteContext("", "")


def _quote(quote: Quote, around: QuoteContext) -> Html:
    before, after = (
        [element("span", text, class_=f"around {side}" if len(text) >= AROUND else "around")] if text else []
        for side, text in (("from", around.before), ("to", around.after))
    )
    return element(
        "li",
        element("blockquote", *before, element("mark", quote.text), *after, class_="text"),
        element("p", *_cited(quote), class_="soft"),
    )


def _cited(quote: Quote) -> list[str]:
    named, source = quote.article.title, short_source(quote.article.source)
    title = [element("span", named, class_="text"), " · "] if named else []
    part = [element("span", quote.part, class_="text"), " · "] if quote.part else []
    return [*title, element("span", source, class_="text"), " · ", *part, f"confidence {quote.confidence:.2f}"]


def report_markdown(run: Run) -> str:
    """The same as Markdown, without the plots and what stands beside the quotes."""
    parts = [f"# {line(_one_line(_title(run)))}", summarize(run.figures), verbatim_check(run.figures), "## Figures"]
    parts += map(_markdown_table, figure_tables(run))
    parts.append("## What went wrong")
    wrong = group_failures(run.outcomes)
    parts += (_markdown_failures(why, outcomes, run) for why, outcomes in wrong.items())
    if not wrong:
        parts.append("Nothing.")
    parts += ["## What made it", *map(_markdown_table, run_info_tables(run))]
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    means = any(row.meaning for row in table.rows)
    heads = [table.about, *table.heads, *(["What it says"] if means else [])]
    ruled = ["---", *("--:" if means else "---" for _ in table.heads), *(["---"] if means else [])]
    rows = [[row.name, *row.cells, *([row.meaning] if means else [])] for row in table.rows]
    cells = [[inline(_one_line(cell)) for cell in row] for row in (heads, *rows)]
    lines = [f"| {' | '.join(row)} |" for row in (cells[0], ruled, *cells[1:])]
    return "\n".join([f"**{table.caption}**", "", *lines])


def _markdown_failures(why: Cause, outcomes: Sequence[Outcome], run: Run) -> str:
    return "\n\n".join([f"### {FAILURES[why]}: {len(outcomes):,}", *(_markdown_failure(each, run) for each in outcomes)])


def _markdown_failure(outcome: Outcome, run: Run) -> str:
    lines = [f"- {line(_one_line(outcome.question.question))}"]
    lines += (f"  - {name}: {inline(_one_line(text))}" for name, text in _told(outcome, run))
    for quote in outcome.quotes:
        source = short_source(quote.article.source)
        cited = ", ".join(inline(_one_line(each)) for each in (quote.article.title, source, quote.part or "") if each)
        lines.append(f"  - Quote {quote.rank}, confidence {quote.confidence:.2f}, from {cited}:")
        lines += ["", *(f"    {each}".rstrip() for each in block(quote.text).split("\n")), ""]
    return "\n".join(lines).rstrip("\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())
