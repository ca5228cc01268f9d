"""Measures of quotes: do they hold the gold answers."""

import string
from collections import Counter
from collections.abc import Sequence

from qa.evaluation.metrics.outcomes import Outcome


def first_hit(texts: Sequence[str], answers: Sequence[str]) -> int | None:
    """Return the rank, from 1, of the first text that holds one of the answers, character for character."""
    return next((rank for rank, text in enumerate(texts, 1) if any(answer in text for answer in answers)), None)


def exact_match(text: str, answers: Sequence[str]) -> bool:
    """Tell whether a text is one of the answers, ignoring case, punctuation, articles and white space.

    Source: the SQuAD evaluation, Rajpurkar et al., EMNLP 2016, arXiv 1606.05250.
    """
    return any(_normalize(text) == _normalize(answer) for answer in answers)


def token_f1(text: str, answers: Sequence[str]) -> float:
    """Compute F1 of the words that a text shares with the answer it shares most with, 0 to 1.

    With n words in both, each counted as often as in the one that has it less often: 2 n / (words of both).

    Source: as for `exact_match`.
    """
    return max((_f1(_normalize(text), _normalize(answer)) for answer in answers), default=0.0)


def word_overlap(quotes: Sequence[str], answers: Sequence[str]) -> float:
    """Compute how far the words of all quotes are those of a gold answer, unanswerable questions included; 0 to 1.

    It is `token_f1` of all quotes joined. For an unanswerable question it is 1 if nothing was quoted, else 0. For an
    answerable one it is 0 if nothing was quoted. Quotes are whole sentences: an answer of two words in a sentence of twenty
    counts 2/11. So it serves to compare runs.

    It is not comparable with verbatim-rag's `acl-verbatim-word-overlap-v1`. That measure compares places: the words of a
    document that marked spans touch with those that gold spans touch. It sums over all questions before computing one F1.
    This measure compares words, since test questions name words and not places. It ignores case, punctuation and articles,
    takes the best of several answers, and is a mean over questions, so that runs can be compared question by question.

    Source: as for `exact_match`; theirs: verbatim-rag, issue 41, for ACL-Verbatim, arXiv 2605.21102.
    """
    if not answers:
        return float(not quotes)
    return token_f1(" ".join(quotes), answers) if quotes else 0.0


def answering_words(outcome: Outcome) -> str:
    """Return the highlighted words of the first quote, or all of it without a highlight. Empty if nothing was quoted."""
    if not outcome.quotes:
        return ""
    first = outcome.quotes[0]
    if first.highlight is None:
        return first.text
    return first.text[first.highlight.start - first.start : first.highlight.end - first.start]


def quote_scores(outcome: Outcome) -> dict[str, float]:
    """Compute the quote measures of one question by name. Empty if its answers are not known.

    quote@k is 1 if one of the first k quotes holds a gold answer, character for character, else 0. EM and F1 are `exact_match`
    and `token_f1` of the words highlighted in the first quote. All three are 0 for a refused question, and only answerable
    questions have them. Every question has overlap, which is `word_overlap`.
    """
    answers = outcome.question.answers
    if answers is None:
        return {}
    scores = {"overlap": word_overlap([quote.text for quote in outcome.quotes], answers)}
    if answers:
        words = answering_words(outcome)
        scores |= {f"quote@{k}": float(outcome.rank is not None and outcome.rank <= k) for k in (1, 3, 5)}
        scores["EM"] = float(bool(words) and exact_match(words, answers))
        scores["F1"] = token_f1(words, answers) if words else 0.0
    return scores


def refusal_scores(outcome: Outcome) -> dict[str, float]:
    """Tell whether a question was refused: rightly if it is unanswerable, wrongly if it is answerable."""
    if outcome.question.answers is None:
        return {}
    return {"wrongly refused" if outcome.answerable else "rightly refused": float(not outcome.found)}


def _f1(words: Sequence[str], answer: Sequence[str]) -> float:
    n_shared = sum((Counter(words) & Counter(answer)).values())
    return 2 * n_shared / (len(words) + len(answer)) if n_shared else float(not words and not answer)


def _normalize(text: str) -> list[str]:
    plain = "".join(character for character in text.lower() if character not in string.punctuation)
    return [word for word in plain.split() if word not in ("a", "an", "the")]
