"""What a report says of a run in tables, as texts, whatever they are then written in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qa.evaluation.metrics.measures import CONFIDENCE, PASSAGES, QUOTES, REFUSALS, SECONDS, Figures
from qa.evaluation.metrics.metric_docs import MEANINGS
from qa.evaluation.outcomes import Outcome, article_of
from qa.evaluation.run import Run


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: what it is about, what that means, and its values."""

    name: str
    meaning: str  # "" where the name says it
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; `heads` are of the cells, `about` of the names before them."""

    caption: str
    about: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(run: Run) -> list[Table]:
    """All figures of a run; tables of what was not measured are left out."""
    figures = run.figures
    made = [
        _measures("Quotes and refusals", figures, (*QUOTES, *REFUSALS)),
        _found(figures),
        _measures("Confidence", figures, CONFIDENCE),
        _measures("Time of a question", figures, SECONDS),
        _stages(figures),
        _simpler(run),
    ]
    if figures.follow_ups is not None:
        made.append(_measures("Follow-ups alone", figures.follow_ups, (*QUOTES, *REFUSALS)))
    return [table for table in made if table.rows]


def _measures(caption: str, figures: Figures, names: tuple[str, ...]) -> Table:
    rows = [
        Row(name, MEANINGS[name], (_value(name, figures.values[name]), f"{figures.of[name]:,}"))
        for name in names
        if name in figures.values
    ]
    return Table(caption, "Measure", ("Value", "Questions"), tuple(rows))


def _found(figures: Figures) -> Table:
    passages, articles = figures.passages, figures.articles
    rows = [
        Row(name, MEANINGS[name], (share(passages.get(name)), share(articles.get(name))))
        for name in PASSAGES
        if name in passages or name in articles
    ]
    if rows:
        n = (f"{figures.of.get('R@1', 0):,}", f"{figures.of.get('article R@1', 0):,}")
        rows.append(Row("Questions", "that say what should be found", n))
    return Table("What was found", "Measure", ("Passages", "Articles"), tuple(rows))


def _stages(figures: Figures) -> Table:
    rows = (Row(name, "", (_ms(speed.p50), _ms(speed.p95))) for name, speed in figures.stages.items())
    return Table("Time by stage", "Stage", ("Median", "p95"), tuple(rows))


def _simpler(run: Run) -> Table:
    names = tuple(name for name in PASSAGES if name in run.figures.ranking)
    compared = {"Pullquote": run.figures.ranking, **run.baselines} if run.baselines and names else {}
    rows = (Row(name, "", tuple(share(values.get(each)) for each in names)) for name, values in compared.items())
    return Table(f"Beside simpler rankings of {run.level}s", "Ranked by", names, tuple(rows))


def share(value: float | None) -> str:
    """A share with four digits, a dash where there is none."""
    return "–" if value is None else f"{value:.4f}"


def _value(name: str, value: float) -> str:
    return _ms(value) if name in SECONDS else share(value)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.2f} ms"


def made_tables(run: Run) -> list[Table]:
    """What made the run, with its settings and the versions of what ran."""
    made = run.made
    told = {
        "Asked": f"{made.date[:19].replace('T', ' ')} UTC, {made.n_questions:,} questions in {made.seconds:.1f} s",
        "Questions, SHA-256": made.questions_sha256,
        "Library": f"{made.library}, generation {made.generation}",
        "Encoder": made.encoder,
        "Encoder, SHA-256": made.encoder_sha256,
        "Reader": made.reader,
        "Reader, SHA-256": made.reader_sha256 or "–",
        "Quotes asked for": made.k,
        "Passages ranked": made.depth,
        "Commit": made.commit or "–",
        "Machine": f"{made.machine}, {made.cores} cores",
    }
    found = [_told("What made the run", "Of the run", told), _told("Settings", "Setting", made.settings)]
    return [table for table in (*found, _told("Versions", "Of", made.versions)) if table.rows]


def _told(caption: str, about: str, told: Mapping[str, Any]) -> Table:
    return Table(caption, about, ("",), tuple(Row(str(name), "", (str(value),)) for name, value in told.items()))


def broken(figures: Figures) -> str:
    """Whether every quote was the slice of its article that it says it is."""
    wrong = f"{figures.n_broken_quotes:,} are not what they say" if figures.n_broken_quotes else "each is word for word"
    return f"Quotes compared with their articles: {figures.n_quotes:,}; {wrong}."


def source_named(source: str) -> str:
    """An address as it is; of a path the file's name, since a report may be handed on."""
    return source if source.startswith(("http://", "https://")) else source.replace("\\", "/").rsplit("/", 1)[-1]


def expected_in(outcome: Outcome, run: Run) -> list[str]:
    """The names of the articles that should have been found."""
    ids = dict.fromkeys([*outcome.gold_articles, *map(article_of, outcome.gold_passages)])
    return [source_named(run.sources.get(each, each)) for each in ids]


def came(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """What is said of how a question went, each with its name, beside its quotes."""
    question = outcome.question
    if question.history:
        yield "Asked before", " / ".join(question.history)
    if outcome.searched_for and outcome.searched_for != question.question:
        yield "Searched for", outcome.searched_for
    if not outcome.quotes:
        yield "What came", f"nothing; confidence {outcome.confidence:.2f}"
    elif question.answers:
        yield "Gold answer", f"in quote {outcome.rank}" if outcome.rank else "in no quote"
