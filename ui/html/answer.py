"""An answer as HTML, and what can be asked or looked at next."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from markupsafe import Markup

from qa.types.articles import Answer, Passage, Quote
from ui.html.environment import render


def answer_html(answer: Answer, number: int, judged: Mapping[int, bool] = MappingProxyType({})) -> Markup:
    """Return how sure an answer is, what articles differ on, and each quote with its citation.

    If there is no answer, it says so and what to do, with the nearest passage in sight and the next ones folded away.

    Args:
        number: of the answer in its conversation. A citation that is clicked carries it.
        judged: by rank, the quotes that the user judged: True if it answers.
    """
    return render("answer.html", "answer", answer, number, judged)


def follow_ups_html(questions: Sequence[str]) -> Markup:
    """Return questions that can be asked next, or nothing where there are none."""
    return render("answer.html", "follow_ups", questions)


def similar_html(quote: Quote, number: int, passages: Sequence[Passage], left: str = "") -> Markup:
    """Return passages of other articles that are most like a quote. None of them is said to answer anything.

    Args:
        number: of the quote's answer. An article that is opened leads back to the list by it.
        left: the id of the article that the user comes back from.
    """
    return render("answer.html", "similar", quote, number, passages, left)


def quote_of(answer: Answer | None, rank: int | None) -> Quote | None:
    """Return the quote of a rank, also one that is shown only where articles differ."""
    return next((quote for quote in answer.all_quotes if quote.rank == rank), None) if answer else None
