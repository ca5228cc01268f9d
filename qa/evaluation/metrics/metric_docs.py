"""What the measures and the causes say, in a line each, and a run's figures in a sentence."""

from collections.abc import Sequence

from qa.evaluation.failure_reasons import Cause, cause
from qa.evaluation.metrics.measures import ARTICLES, PASSAGES, Figures
from qa.evaluation.outcomes import Outcome

_FOUND = {
    "nDCG@10": "how high what should be found stands among the first ten; 1 is the best order",
    "R@1": "the share of what should be found that the first is",
    "R@5": "the share of it among the first five",
    "R@10": "the share of it among the first ten",
    "R@100": "the share of it among the first hundred",
    "RR@10": "one divided by the rank of the first that should be found, 0 beyond ten",
    "Success@1": "the first is one that should be found",
    "Success@5": "one of the first five is",
    "AP@100": "the mean precision at each that should be found, 0 beyond a hundred",
}
MEANINGS = {
    "quote@1": "the first quote holds a gold answer",
    "quote@3": "one of the first three quotes does",
    "quote@5": "one of the first five quotes does",
    "EM": "the words marked are a gold answer",
    "F1": "the words that those marked share with a gold answer",
    "overlap": "the words that all quotes share with a gold answer",
    "rightly refused": "refused of the questions that the articles do not answer",
    "wrongly refused": "refused of those that they do answer; less is better",
    **_FOUND,
    **{name: _FOUND[plain] for name, plain in zip(ARTICLES, PASSAGES, strict=True)},
    "AUROC": "how well the confidence tells what the articles answer",
    "AURC": "the risk of answering only the surest, over all shares; less is better",
    "ECE": "how far confidence is from the share that is right; less is better",
    "p50": "half of the questions take no longer",
    "p95": "95 % of the questions take no longer",
}  # every name in `measures.NAMES`
FAILURES: dict[Cause, str] = {
    "article not found": "No passage of an article that answers was read",
    "passage not found": "No passage that holds an answer was read",
    "wrongly refused": "A passage that answers was read, but nothing quoted",
    "wrong sentence": "Another sentence was quoted first",
    "wrongly answered": "The articles do not say, but something was quoted",
}  # every cause but `right`, in the order of the way to an answer


def summed_up(figures: Figures) -> str:
    """How many questions were answered and refused, rightly and wrongly."""
    return " ".join(sentences(figures))


def sentences(figures: Figures) -> list[str]:
    """The sentences of `summed_up`."""
    said = []
    if figures.n_answerable:
        right = round((figures.quote_at_1 or 0) * figures.n_answerable)
        said.append(f"{right:,} of {figures.n_answerable:,} questions are answered by the first quote.")
    if figures.n_unanswerable:
        said.append(f"{figures.right_refusals:,} of {figures.n_unanswerable:,} that the articles do not answer are refused.")
    if figures.wrong_refusals:
        refused = "1 question that they do answer is" if figures.wrong_refusals == 1 else None
        said.append(f"{refused or f'{figures.wrong_refusals:,} questions that they do answer are'} refused.")
    return said or [f"{figures.n_questions:,} questions were asked."]


def failures(outcomes: Sequence[Outcome]) -> dict[Cause, list[Outcome]]:
    """The questions that went wrong by why they did, in the order of `FAILURES`, causes of none left out."""
    wrong: dict[Cause, list[Outcome]] = {why: [] for why in FAILURES}
    for outcome in outcomes:
        if (why := cause(outcome)) != "right":
            wrong[why].append(outcome)
    return {why: those for why, those in wrong.items() if those}
