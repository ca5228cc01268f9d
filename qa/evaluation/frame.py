"""A run as a table of pandas, a row a question."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qa.evaluation.failure_reasons import cause
from qa.evaluation.metrics.measures import scores
from qa.evaluation.metrics.quoting import answering_words
from qa.evaluation.outcomes import Outcome

if TYPE_CHECKING:
    import pandas


def frame(outcomes: Sequence[Outcome]) -> "pandas.DataFrame":
    """A table with the questions' ids as its index.

    Its columns are question, searched_for, follow_up, answerable (None where nobody said), found, confidence, rank (of the
    first quote that holds a gold answer), cause, quote (the first), answer (its answering words), source (its article's),
    n_read and seconds; then every measure that is a mean over questions under its name, NaN where a question has none.
    """
    import pandas

    ids = pandas.Index([outcome.question.id for outcome in outcomes], name="id")
    said = pandas.DataFrame([_row(outcome) for outcome in outcomes], index=ids)
    return said.assign(**scores(outcomes))


def _row(outcome: Outcome) -> dict[str, Any]:
    first = outcome.quotes[0] if outcome.quotes else None
    return {
        "question": outcome.question.question,
        "searched_for": outcome.searched_for,
        "follow_up": bool(outcome.question.history),
        "answerable": None if outcome.question.answers is None else outcome.answerable,
        "found": outcome.found,
        "confidence": outcome.confidence,
        "rank": outcome.rank,
        "cause": cause(outcome),
        "quote": first.text if first else None,
        "answer": answering_words(outcome) or None,
        "source": first.article.source if first else None,
        "n_read": outcome.n_read,
        "seconds": outcome.seconds,
    }
