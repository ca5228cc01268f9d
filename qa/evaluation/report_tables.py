"""The tables of a run's report as plain text, for HTML, Markdown and the terminal to render."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qa.evaluation.metrics.measures import CONFIDENCE, PASSAGES, QUOTES, REFUSALS, SECONDS, Figures
from qa.evaluation.metrics.metric_docs import MEANINGS
from qa.evaluation.metrics.outcomes import Outcome, article_of
from qa.evaluation.run import Run


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    name: str
    meaning: str  # "" if the name says it
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption. `about` heads the column of names, `heads` the cells."""

    caption: str
    about: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def figure_tables(run: Run) -> list[Table]:
    """Build the tables of all figures. Tables without rows are left out."""
    figures = run.figures
    tables = [
        _measures("Quotes and refusals", figures, (*QUOTES, *REFUSALS)),
        _retrieval(figures),
        _measures("Confidence", figures, CONFIDENCE),
        _measures("Time of a question", figures, SECONDS),
        _stages(figures),
        _baselines(run),
    ]
    if figures.follow_ups is not None:
        tables.append(_measures("Follow-ups alone", figures.follow_ups, (*QUOTES, *REFUSALS)))
    return [table for table in tables if table.rows]


def _measures(caption: str, figures: Figures, names: tuple[str, ...]) -> Table:
    rows = [
        Row(name, MEANINGS[name], (_format(name, figures.values[name]), f"{figures.of[name]:,}"))
        for name in names
        if name in figures.values
    ]
    return Table(caption, "Measure", ("Value", "Questions"), tuple(rows))


def _retrieval(figures: Figures) -> Table:
    passages, articles = figures.passages, figures.articles
    rows = [
        Row(name, MEANINGS[name], (format_share(passages.get(name)), format_share(articles.get(name))))
        for name in PASSAGES
        if name in passages or name in articles
    ]
    if rows:
        counts = (f"{figures.of.get('R@1', 0):,}", f"{figures.of.get('article R@1', 0):,}")
        rows.append(Row("Questions", "that say what should be found", counts))
    return Table("What was found", "Measure", ("Passages", "Articles"), tuple(rows))


def _stages(figures: Figures) -> Table:
    rows = (Row(name, "", (_format_ms(speed.p50), _format_ms(speed.p95))) for name, speed in figures.stages.items())
    return Table("Time by stage", "Stage", ("Median", "p95"), tuple(rows))


def _baselines(run: Run) -> Table:
    names = tuple(name for name in PASSAGES if name in run.figures.ranking)
    rankings = {"Pullquote": run.figures.ranking, **run.baselines} if run.baselines and names else {}
    rows = (Row(ranking, "", tuple(format_share(values.get(name)) for name in names)) for ranking, values in rankings.items())
    return Table(f"Beside simpler rankings of {run.level}s", "Ranked by", names, tuple(rows))


def format_share(value: float | None) -> str:
    """Format a share with four digits, or a dash if there is none."""
    return "–" if value is None else f"{value:.4f}"


def _format(name: str, value: float) -> str:
    return _format_ms(value) if name in SECONDS else format_share(value)


def _format_ms(seconds: float) -> str:
    return f"{seconds * 1000:,.2f} ms"


def run_info_tables(run: Run) -> list[Table]:
    """Build the tables of what produced a run: models and machine, settings, and versions."""
    info = run.made
    about = {
        "Asked": f"{info.date[:19].replace('T', ' ')} UTC, {info.n_questions:,} questions in {info.seconds:.1f} s",
        "Questions, SHA-256": info.questions_sha256,
        "Library": f"{info.library}, generation {info.generation}",
        "Encoder": info.encoder,
        "Encoder, SHA-256": info.encoder_sha256,
        "Reader": info.reader,
        "Reader, SHA-256": info.reader_sha256 or "–",
        "Quotes asked for": info.k,
        "Passages ranked": info.depth,
        "Commit": info.commit or "–",
        "Machine": f"{info.machine}, {info.cores} cores",
    }
    tables = (
        _pairs("What made the run", "Of the run", about),
        _pairs("Settings", "Setting", info.settings),
        _pairs("Versions", "Of", info.versions),
    )
    return [table for table in tables if table.rows]


def _pairs(caption: str, about: str, values: Mapping[str, Any]) -> Table:
    return Table(caption, about, ("",), tuple(Row(str(name), "", (str(value),)) for name, value in values.items()))


def verbatim_check(figures: Figures) -> str:
    """Say whether every quote was word for word what stands at its place in the article."""
    result = f"{figures.n_broken_quotes:,} are not what they say" if figures.n_broken_quotes else "each is word for word"
    return f"Quotes compared with their articles: {figures.n_quotes:,}; {result}."


def short_source(source: str) -> str:
    """Return an address as it is, and only the file name of a path, since a report may be handed on."""
    return source if source.startswith(("http://", "https://")) else source.replace("\\", "/").rsplit("/", 1)[-1]


def relevant_sources(outcome: Outcome, run: Run) -> list[str]:
    """Return the names of the articles that should have been found."""
    ids = dict.fromkeys([*outcome.gold_articles, *map(article_of, outcome.gold_passages)])
    return [short_source(run.sources.get(article_id, article_id)) for article_id in ids]


def describe_outcome(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Yield labelled facts about a failed question, beside its quotes."""
    question = outcome.question
    if question.history:
        yield "Asked before", " / ".join(question.history)
    if outcome.searched_for and outcome.searched_for != question.question:
        yield "Searched for", outcome.searched_for
    if not outcome.quotes:
        yield "What came", f"nothing; confidence {outcome.confidence:.2f}"
    elif question.answers:
        yield "Gold answer", f"in quote {outcome.rank}" if outcome.rank else "in no quote"
