"""Answers in words: the reader's answer spans, and the yes or no that a sentence says to a question."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from qa.text.synonyms import canonicalize
from qa.text.terms import content_terms, fold_words

# "Is it …?" and "Was the …?" ask for yes or no. "Is it … or …?" asks for one of two.
_YES_OR_NO = re.compile(
    r"\W*(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|might)(?:n't|n’t)?\s+(?!.*\bor\b)", re.I
)
_SEVERAL = re.compile(
    r"\b(?:what|which|who)\s+(?:are|were|have|other|all|some)\b|\bwhich\s+(?:two|three|four|five|\w+[^aius\W]s)\b", re.I
)
_ASKS_IN_WORDS = re.compile(r"\b(?:who|whom|whose|where|what|which)\b", re.I)
_NOT_IN_WORDS = re.compile(
    r"\b(?:why|how|difference|reasons?|mean(?:s|ing)?|happen(?:s|ed)?|effects?|examples?|did\s+\w+\s+(?:do|say|think))\b", re.I
)
_NEGATION = re.compile(r"\b(?:not|never|no|neither|nor|cannot|without)\b|n['’]t\b", re.I)
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.I)
_ADVERBS = frozenset(content_terms("yet ever even actually really fully also longer"))  # "had not yet been built"
_NEAR = 60  # characters after a negation
_MOST_WORDS = 6  # of an answer. A longer one can be worded in many ways.


@dataclass(frozen=True, slots=True)
class Words:
    """An answer span."""

    start: int
    end: int
    text: str

    @property
    def terms(self) -> frozenset[str]:
        """The content terms."""
        return frozenset(canonicalize(content_terms(self.text)))

    def agrees(self, other: "Words") -> bool:
        """Tell whether both may name one thing: they share a term, or one abbreviates the other."""
        if self.terms & other.terms:
            return True
        return any(_abbreviates(*pair) for pair in ((self.text, other.text), (other.text, self.text)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence that says yes or no."""

    start: int
    end: int
    says_yes: bool


def _abbreviates(short: str, text: str) -> bool:
    letters = "".join(character for character in _ARTICLE.sub("", short) if character.isalnum()).casefold()
    return len(letters) > 1 and letters == "".join(word[0] for word in re.findall(r"\b[A-Z]\w*", text)).casefold()


def asks_yes_or_no(question: str) -> bool:
    """Tell whether a question is answered by yes or no."""
    return bool(_YES_OR_NO.match(question)) and not _NEGATION.search(question)


def asks_in_words(question: str) -> bool:
    """Tell whether a question is answered by a few words, and one answer excludes others."""
    return bool(_ASKS_IN_WORDS.search(question)) and not _SEVERAL.search(question) and not _NOT_IN_WORDS.search(question)


def words_of(sentence: str, start: int, end: int, query_terms: Collection[str]) -> Words | None:
    """Return an answer span. Return None where it is too long, or has no term that the question lacks."""
    words = Words(start, end, sentence[start:end])
    return words if len(fold_words(words.text)) <= _MOST_WORDS and words.terms - set(query_terms) else None


def verdict_of(sentence: str, query_terms: Collection[str]) -> Verdict:
    """Return yes, or no where the first content term after a negation is one of the question's.

    Args:
        query_terms: the terms of the question that are no names.
    """
    is_negated = any(_next_term(sentence, match.end()) in query_terms for match in _NEGATION.finditer(sentence))
    return Verdict(0, len(sentence), not is_negated)


def _next_term(sentence: str, place: int) -> str:
    """Return the first content term after a place that is no adverb."""
    return next((term for term in canonicalize(content_terms(sentence[place : place + _NEAR])) if term not in _ADVERBS), "")
