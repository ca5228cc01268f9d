"""One line on what each measure means, and a run's main figures in sentences."""

from qa.evaluation.metrics.measures import ARTICLES, PASSAGES, Figures

_RANKING = {
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
# Every name in `measures.NAMES`.
MEANINGS = {
    "quote@1": "the first quote holds a gold answer",
    "quote@3": "one of the first three quotes does",
    "quote@5": "one of the first five quotes does",
    "EM": "the words marked are a gold answer",
    "F1": "the words that those marked share with a gold answer",
    "overlap": "the words that all quotes share with a gold answer",
    "rightly refused": "refused of the questions that the articles do not answer",
    "wrongly refused": "refused of those that they do answer; less is better",
    **_RANKING,
    **{article: _RANKING[passage] for article, passage in zip(ARTICLES, PASSAGES, strict=True)},
    "AUROC": "how well the confidence tells what the articles answer",
    "AURC": "the risk of answering only the surest, over all shares; less is better",
    "ECE": "how far confidence is from the share that is right; less is better",
    "p50": "half of the questions take no longer",
    "p95": "95 % of the questions take no longer",
}


def summarize(figures: Figures) -> str:
    """Say in a paragraph how many questions were answered and refused, rightly and wrongly."""
    return " ".join(summary_sentences(figures))


def summary_sentences(figures: Figures) -> list[str]:
    """Return the sentences of `summarize`, which the page translates one by one."""
    sentences = []
    if figures.n_answerable:
        right = round((figures.quote_at_1 or 0) * figures.n_answerable)
        sentences.append(f"{right:,} of {figures.n_answerable:,} questions are answered by the first quote.")
    if figures.n_unanswerable:
        refused = f"{figures.right_refusals:,} of {figures.n_unanswerable:,}"
        sentences.append(f"{refused} that the articles do not answer are refused.")
    if figures.wrong_refusals == 1:
        sentences.append("1 question that they do answer is refused.")
    elif figures.wrong_refusals:
        sentences.append(f"{figures.wrong_refusals:,} questions that they do answer are refused.")
    return sentences or [f"{figures.n_questions:,} questions were asked."]
