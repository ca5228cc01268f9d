"""Disagreements: different values that articles give in answer to one question. Which one is right is not said."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from qa.answer.values import AnswerValue, agree, all_values, parse_request, the_value
from qa.answer.wording import Words, asks_in_words, asks_yes_or_no, verdict_of, words_of
from qa.question.intents import Intent
from qa.question.query import Query
from qa.search.ranking import RankedSentence
from qa.text.answer_types import AnswerType, numeric_type
from qa.text.near_duplicates import Shingles, containment, normalize_words, shingles_around
from qa.types.articles import Span
from qa.types.settings import Settings

ComparableType = Literal["number", "date", "words", "yes or no"]


class Claim(NamedTuple):
    """A sentence and the value that it gives in answer."""

    sentence: RankedSentence
    value: AnswerValue
    all_values: list[AnswerValue]  # all numbers or dates of the sentence, or the one answer in words

    @property
    def article_id(self) -> str:
        return self.sentence.passage.article.id

    @property
    def place(self) -> Span:
        """The span of the value in the article."""
        start = self.sentence.span.start
        return Span(start + self.value.start, start + self.value.end)

    def agrees(self, other: "Claim") -> bool:
        """Tell whether both values may be true of one thing or cannot be compared, or either sentence gives both."""
        if agree(self.value, other.value) is not False or self._mentions(other) or other._mentions(self):
            return True
        if any(agree(value, other.value) for value in self.all_values):
            return True
        return any(agree(value, self.value) for value in other.all_values)

    def _mentions(self, other: "Claim") -> bool:
        """Tell whether the article has the words of another claim anywhere. Then it need not contradict them."""
        value, text = other.value, self.sentence.passage.article.text
        return isinstance(value, Words) and normalize_words(value.text) in normalize_words(text)


class Dispute(NamedTuple):
    """Sentences that give different values, where one answer excludes another."""

    type: ComparableType
    sides: list[list[Claim]]  # the claims of each value, one an article


def find_dispute(query: Query, sentences: Sequence[RankedSentence], settings: Settings) -> Dispute | None:
    """Find the different values that articles give in answer. Return None where there are not two.

    Args:
        sentences: of the candidates, best first.
    """
    answer_type = comparable_type(query.text, query.answer_type, query.intent)
    if answer_type is None or len({sentence.passage.article_id for sentence in sentences}) < 2:
        return None
    sides = _sides(_independent(_claims(query, answer_type, sentences, settings), settings))
    return Dispute(answer_type, sides) if len(sides) > 1 else None


def comparable_type(question: str, answer_type: AnswerType | None, intent: Intent) -> ComparableType | None:
    """Return the type of values to compare. Return None where several answers may be right at once.

    Args:
        answer_type: the expected answer type.
        intent: what the question asks for.
    """
    answer_type = numeric_type(answer_type)
    if answer_type in ("number", "date"):
        return answer_type
    if asks_yes_or_no(question):
        return "yes or no"
    is_in_words = answer_type in ("name", None) and asks_in_words(question) and not intent.for_several
    return "words" if is_in_words else None


def _claims(query: Query, answer_type: ComparableType, sentences: Sequence[RankedSentence], settings: Settings) -> list[Claim]:
    """Return the claims of the sentences that are likely to answer, best first."""
    likely = [
        sentence
        for sentence in sentences
        if sentence.confidence >= settings.differing_confidence and sentence.coverage >= settings.differing_coverage
    ]
    claims = (_claim(query, answer_type, sentence) for sentence in likely)
    return [claim for claim in claims if claim]


def _claim(query: Query, answer_type: ComparableType, sentence: RankedSentence) -> Claim | None:
    text = sentence.text
    if answer_type == "number" or answer_type == "date":
        request = parse_request(query.text, answer_type, query.names)
        value = the_value(request, text)
        return Claim(sentence, value, all_values(request, text)) if value is not None else None
    if answer_type == "yes or no":
        verdict = verdict_of(text, query.weights.keys() - query.names)
        return Claim(sentence, verdict, [verdict])
    if sentence.answer is None:
        return None
    start = sentence.span.start
    words = words_of(text, sentence.answer.start - start, sentence.answer.end - start, query.weights)
    return Claim(sentence, words, [words]) if words else None


def _independent(claims: Sequence[Claim], settings: Settings) -> list[list[Claim]]:
    """Group claims by article, best first, with one article for all prints of nearly the same text."""
    by_article: dict[str, list[Claim]] = {}
    for claim in claims:
        by_article.setdefault(claim.article_id, []).append(claim)
    if len(by_article) < 2:
        return []
    independent: list[tuple[Shingles, list[Claim]]] = []
    for article_claims in by_article.values():
        best = article_claims[0].sentence
        shingles = shingles_around(best.passage.article, best.span.start, best.span.end)
        if not any(containment(shingles, other) >= settings.same_text for other, _ in independent):
            independent.append((shingles, article_claims))
    return [article_claims for _, article_claims in independent]


def _sides(articles: Sequence[Sequence[Claim]]) -> list[list[Claim]]:
    """Group articles that agree, and return one claim an article for each group, all with the value of the first.

    Two articles agree if any claim of the one agrees with any claim of the other. So an article with several values
    agrees with every article that gives one of them.
    """
    groups: list[list[Sequence[Claim]]] = []
    for article in articles:
        agreeing = [group for group in groups if any(a.agrees(b) for other in group for a in other for b in article)]
        merged = [member for group in agreeing for member in group]
        groups = [group for group in groups if group not in agreeing] + [[*merged, article]]
    sides = []
    for group in groups:
        first = group[0][0]
        same_value = (next((claim for claim in article if claim.agrees(first)), None) for article in group)
        sides.append([claim for claim in same_value if claim])
    return sides
