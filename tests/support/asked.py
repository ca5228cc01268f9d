"""Make outcomes and runs with values that a test can check by hand."""

from typing import Any

from qa.evaluation import Outcome, Run, RunInfo, TestQuestion
from qa.evaluation.metrics.outcomes import QuoteContext
from qa.types.articles import Quote, Reference, Span

ARTICLE = Reference("0123456789ab", "The ferry", "/articles/ferry.txt", None, "f" * 64)


def quote(text: str, rank: int = 1, highlight: str | None = None, confidence: float = 0.9) -> Quote:
    """Make a quote from the start of an article, with some of its words highlighted."""
    at = None if highlight is None else Span(text.index(highlight), text.index(highlight) + len(highlight))
    return Quote(rank, ARTICLE, 0, len(text), text, 1.0, confidence, at)


def outcome(identity: str = "q", answers: tuple[str, ...] | None = ("noon",), *quotes: Quote, **other: Any) -> Outcome:
    """Make the outcome of a question, by default one without quotes."""
    history = other.pop("history", ())
    question = TestQuestion(identity, f"{identity}?", answers, "ferry.txt", history)
    hit = next((each.rank for each in quotes if any(answer in each.text for answer in answers or ())), None)
    fields: dict[str, Any] = {
        "searched_for": question.question,
        "found": bool(quotes),
        "confidence": quotes[0].confidence if quotes else 0.1,
        "quotes": quotes,
        "around": tuple(QuoteContext("", "") for _ in quotes),
        "passages": (),
        "n_read": 0,
        "answer_read": None,
        "gold_passages": {},
        "gold_articles": {},
        "rank": hit,
        "n_broken": 0,
        "seconds": 0.1,
    }
    return Outcome(question=question, **{**fields, **other})


def run(*outcomes: Outcome, **other: Any) -> Run:
    """Make a run of outcomes."""
    made = RunInfo(
        date="2026-01-01T00:00:00+00:00",
        seconds=1.0,
        questions_sha256="0" * 64,
        n_questions=len(outcomes),
        library="library",
        generation=1,
        encoder="encoder",
        encoder_sha256="0" * 64,
        reader="none",
        reader_sha256=None,
        k=5,
        depth=100,
        settings={},
        versions={},
        commit=None,
        machine="machine",
        cores=1,
    )
    return Run(outcomes, made, **other)
