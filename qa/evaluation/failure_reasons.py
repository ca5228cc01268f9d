"""Why a question failed: the first step on the way to its answer that went wrong."""

from collections.abc import Sequence
from typing import Literal, get_args

from qa.evaluation.metrics.outcomes import Outcome, article_of

Cause = Literal["article not found", "passage not found", "wrong sentence", "wrongly refused", "wrongly answered", "right"]
CAUSES: tuple[Cause, ...] = get_args(Cause)

# Every cause but `right`, in the order of the steps to an answer.
FAILURES: dict[Cause, str] = {
    "article not found": "No passage of an article that answers was read",
    "passage not found": "No passage that holds an answer was read",
    "wrongly refused": "A passage that answers was read, but nothing quoted",
    "wrong sentence": "Another sentence was quoted first",
    "wrongly answered": "The articles do not say, but something was quoted",
}


def cause(outcome: Outcome) -> Cause:
    """Return why a question failed, or `right`.

    - `right`: the first quote holds a gold answer, or an unanswerable question was refused.
    - `wrongly answered`: an unanswerable question was answered.
    - `article not found`: no passage of a relevant article was read.
    - `passage not found`: no passage that holds a gold answer was read.
    - `wrongly refused`: such a passage was read, but nothing was quoted.
    - `wrong sentence`: another sentence was quoted first.

    Without known answers, only `article not found` can be told from `right`.
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


def group_failures(outcomes: Sequence[Outcome]) -> dict[Cause, list[Outcome]]:
    """Group the failed questions by cause, in the order of `FAILURES`. Causes without questions are left out."""
    groups: dict[Cause, list[Outcome]] = {reason: [] for reason in FAILURES}
    for outcome in outcomes:
        if (reason := cause(outcome)) != "right":
            groups[reason].append(outcome)
    return {reason: failed for reason, failed in groups.items() if failed}
