"""What was quoted, compared with the gold answers."""

import string
from collections import Counter
from collections.abc import Sequence

from qa.evaluation.outcomes import Outcome


def first_hit(texts: Sequence[str], answers: Sequence[str]) -> int | None:
    """The rank, from 1, of the first text that holds one of the answers, character for character."""
    return next((rank for rank, text in enumerate(texts, 1) if any(answer in text for answer in answers)), None)


def exact_match(found: str, answers: Sequence[str]) -> bool:
    """Whether some words are one of the answers, but for case, punctuation, articles and white space.

    Source: SQuAD's own evaluation, Rajpurkar et al., EMNLP 2016, arXiv 1606.05250.
    """
    return any(_told(found) == _told(answer) for answer in answers)


def token_f1(found: str, answers: Sequence[str]) -> float:
    """The words that some words share with the answer that they share most with: F1 of precision and recall, 0 to 1.

    With n words in both, counted as often as in the one that has them less often: 2 n / (words found + words of the answer).

    Source: as for `exact_match`.
    """
    return max((_f1(_told(found), _told(answer)) for answer in answers), default=0.0)


def word_overlap(quotes: Sequence[str], answers: Sequence[str]) -> float:
    """How far the words of all quotes together are those of a gold answer, unanswerable questions counted; 0 to 1.

    `token_f1` of all quotes in a row. Where there is no answer, 1 when nothing was quoted and 0 otherwise; where there is one
    and nothing was quoted, 0. Whole sentences are quoted, so an answer of two words in a sentence of twenty counts 2/11: it is
    a measure to compare runs by.

    It is not verbatim-rag's `acl-verbatim-word-overlap-v1`, and figures of the two do not compare. That one is of places: the
    words, as white space parts them, of one document that a marked span touches, against those that a gold span touches; the
    words that are in both, too many and missing are counted over all questions together, those without gold spans too, where
    every marked word is one too many, and one F1 is made of the three sums. This one is of words and not of where they stand,
    since a test question names words; it leaves case, punctuation and articles out, takes the best of several answers, and is
    a mean over questions, so that two runs can be compared question by question.

    Source: as for `exact_match`; theirs: verbatim-rag, issue 41, for ACL-Verbatim, arXiv 2605.21102.
    """
    if not answers:
        return float(not quotes)
    return token_f1(" ".join(quotes), answers) if quotes else 0.0


def answering_words(outcome: Outcome) -> str:
    """The highlighted words of the first quote, all of it where nothing is highlighted, nothing where nothing was quoted."""
    if not outcome.quotes:
        return ""
    first = outcome.quotes[0]
    if first.highlight is None:
        return first.text
    return first.text[first.highlight.start - first.start : first.highlight.end - first.start]


def quote_scores(outcome: Outcome) -> dict[str, float]:
    """The measures of one question's quotes by name; nothing where nobody said what the answers are.

    quote@k is 1 where one of the first k quotes holds a gold answer, character for character, else 0, so also where it was
    refused; EM and F1 are `exact_match` and `token_f1` of the words highlighted in the first quote, 0 where it was refused.
    These three are of answerable questions; overlap, `word_overlap`, is of all.
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
    """Whether a question was refused: rightly, where the articles do not say, wrongly where they do."""
    if outcome.question.answers is None:
        return {}
    return {"wrongly refused" if outcome.answerable else "rightly refused": float(not outcome.found)}


def _f1(found: Sequence[str], answer: Sequence[str]) -> float:
    shared = sum((Counter(found) & Counter(answer)).values())
    return 2 * shared / (len(found) + len(answer)) if shared else float(not found and not answer)


def _told(text: str) -> list[str]:
    plain = "".join(character for character in text.lower() if character not in string.punctuation)
    return [word for word in plain.split() if word not in ("a", "an", "the")]
