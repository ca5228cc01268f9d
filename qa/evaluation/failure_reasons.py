"""Why a question went wrong: the first thing on the way to the answer that did."""

from typing import Literal, get_args

from qa.evaluation.outcomes import Outcome, article_of

Cause = Literal["article not found", "passage not found", "wrong sentence", "wrongly refused", "wrongly answered", "right"]
CAUSES: tuple[Cause, ...] = get_args(Cause)


def cause(outcome: Outcome) -> Cause:
    """What became of a question.

    `right`: the first quote holds a gold answer, or a question was refused that the articles do not answer. `wrongly answered`:
    it was not. Otherwise the articles do answer, and the first of these that is so: `article not found`, no passage of an
    article that answers was read; `passage not found`, none that holds a gold answer was; `wrongly refused`, one was, but
    nothing was quoted; `wrong sentence`, something else was quoted first. Where nobody said what the answers are, all that can
    be told is whether an article was found that should be.
    """
    if outcome.unanswerable:
        return "wrongly answered" if outcome.found else "right"
    if outcome.rank == 1:
        return "right"
    if not outcome.answer_read:
        gold = {article for article, grade in outcome.gold_articles.items() if grade > 0}
        if gold and gold.isdisjoint(map(article_of, outcome.passages[: outcome.n_read])):
            return "article not found"
        return "passage not found" if outcome.answerable else "right"
    return "wrong sentence" if outcome.found else "wrongly refused"
