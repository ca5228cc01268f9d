"""Questions of other shapes: "list all …" gathers quotes over articles, and a title finds its article's first sentence."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from qa.search.retriever import Query
from qa.text.synonyms import canonical
from qa.text.terms import content_terms, terms
from qa.types.settings import Settings

if TYPE_CHECKING:
    from qa.search.ranking import RankedSentence

_ORDER = re.compile(
    r"\W*(?:please\s+|(?:can|could)\s+you\s+)?(?:list|name|enumerate|give(?:\s+me)?|show(?:\s+me)?|find|tell\s+me)\s+"
    r"(?:(?:all|every|each|any|some|the|of|a\s+list|names)\s+)*",
    re.I,
)
_SEVERAL = re.compile(
    r"\W*(?:please\s+)?(?:list|enumerate)\b|\W*(?:please\s+)?(?:name|give|show|find|tell)\s+(?:me\s+)?(?:all|every|each)\b"
    r"|\W*(?:what|which)\s+are\s+(?:all|some)\b|\W*which\s+(?:\w+[^aius\W]s|people)\b",
    re.I,
)
_ON_A_TOPIC = re.compile(
    r"\b(?:tell|show)\s+(?:me|us)\b|\b(?:describe|explain|discuss|summari[sz]e)\b|\bmore\s+(?:about|on)\b|\bwhat\s+about\b"
    r"|\bwhat\s+(?:do|does|did|is|was|are|were)\b[^?]*\b(?:say|said|reported?|writ(?:e|ten)|known|mentioned)\b",
    re.I,
)
_ASKS = re.compile(
    r"\?|\b(?:who|whom|whose|what|which|when|where|why|how|list|name|is|are|was|were|do|does|did|has|have|had|can|could|will|would"
    r"|should|tell|give|show)\b",
    re.I,
)


def without_order(question: Query) -> Query:
    """The question without the words that only give an order, such as "list all" and "name every"."""
    order = _ORDER.match(question.text)
    if order is None:
        return question
    rest = set(canonical(terms(question.text[order.end() :])))
    weights = {word: weight for word, weight in question.weights.items() if word in rest}
    return replace(question, weights=weights or question.weights)


def in_shape(question: Query, ranked: "Iterator[RankedSentence]", settings: Settings) -> "Iterator[RankedSentence]":
    """The ranked sentences in the order that the question's shape wants: others are left as they are."""
    if asks_for_several(question.text):
        return _spread(ranked, settings.each_article)
    return ranked if asks(question.text) else _lead_first(question.text, ranked)


def asks(text: str) -> bool:
    """Whether a text is a question or an order, and not a title or a few keywords."""
    return _ASKS.search(text) is not None


def asks_for_words(text: str) -> bool:
    """Whether a few words of a sentence can answer, and not a sentence because it is on the topic."""
    return asks(text) and _ON_A_TOPIC.search(text) is None


def asks_for_several(text: str) -> bool:
    """Whether a question asks for all there are: "List all…", "Name every…", "Which countries…?"."""
    return _SEVERAL.match(text) is not None


def _spread(ranked: "Iterator[RankedSentence]", most: int) -> "Iterator[RankedSentence]":
    """At most so many sentences of each article first, then the others."""
    taken: Counter[str] = Counter()
    left = []
    for sentence in ranked:
        taken[sentence.passage.article_id] += 1
        if taken[sentence.passage.article_id] <= most:
            yield sentence
        else:
            left.append(sentence)
    yield from left


def _lead_first(text: str, ranked: "Iterator[RankedSentence]") -> "Iterator[RankedSentence]":
    """Where the text is the title of an article, that article's first sentence in place of the title."""
    first = next(ranked, None)
    if first is None:
        return
    several = [first, *ranked]
    about = set(content_terms(text))
    titled = next((each for each in several if _is_title(about, each)), None)
    lead = _lead(titled, several) if titled else None
    if titled is None or lead is None:
        yield from several
        return
    yield lead._replace(score=max(first.score, lead.score), confidence=max(titled.confidence, lead.confidence))
    yield from (each for each in several if each is not titled and each is not lead)


def _is_title(about: set[str], sentence: "RankedSentence") -> bool:
    """Whether a sentence is its article's title and a text has the same words, but for one in four."""
    article = sentence.passage.article
    if sentence.passage.sentences[sentence.at].strip() != article.title.strip():
        return False
    title = set(content_terms(article.title))
    return len(about & title) >= 0.75 * len(about | title)


def _lead(titled: "RankedSentence", several: "list[RankedSentence]") -> "RankedSentence | None":
    """The first sentence after a title that is no heading itself."""
    after = [
        each
        for each in several
        if each.passage.article_id == titled.passage.article_id
        and _start(each) > _start(titled)
        and not each.passage.headings[each.at]
    ]
    return min(after, key=_start, default=None)


def _start(sentence: "RankedSentence") -> int:
    return int(sentence.passage.spans[sentence.at, 0])
