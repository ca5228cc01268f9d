"""Query: from the text of a question and its conversation to what both indexes are searched for.

`parse` needs no library. `formulate` weighs the question's terms by how rare they are in one generation of the library.
"""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from embeddings import Encoder
from embeddings.model_spec import Vectors, unit
from qa.library.bm25_index import Bm25Index
from qa.question import followups
from qa.question.intents import without_command
from qa.text.answer_types import AnswerType, expected_type
from qa.text.synonyms import canonicalize, expand_synonyms
from qa.text.terms import content_terms, terms
from qa.types.articles import Turn
from qa.types.errors import QuestionUnusable
from qa.types.settings import LARGEST_K, LONGEST_QUESTION, Settings

_CAPITALIZED = re.compile(r"\b[A-Z]\w+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as asked, and the stand-alone question that is searched for."""

    text: str  # as asked, without white space at its ends
    standalone: str  # to search for, at most LONGEST_QUESTION characters
    own: str  # the part of the conversation whose words count in full: the text, or all of an edited earlier question
    topic: str = ""  # the questions before
    article_ids: frozenset[str] = frozenset()  # articles that a follow-up is likely to be about
    places_quoted: frozenset[tuple[str, int, int]] = frozenset()  # to quote last: the user has seen them and wants more


class QuestionVectors(NamedTuple):
    """The embeddings of a question."""

    question: Vectors  # (dimension,)
    topic: Vectors | None  # (dimension,)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a conversation has been about, to rank passages on it higher for a vague question."""

    vector: Vectors  # (dimension,)
    weight: float  # of a passage's cosine with it
    article_ids: frozenset[str]  # articles that the follow-up is likely to be about


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for, in the form that each index takes."""

    text: str
    vector: Vectors  # (dimension,)
    terms: tuple[str, ...]  # all terms in all of their forms, for BM25
    weights: dict[str, float]  # of the content terms, or of all where there are none: the rarity, less if carried over
    names: frozenset[str]  # the terms that are capitalized
    pairs: frozenset[tuple[str, str]]  # neighbouring content terms
    answer_type: AnswerType | None  # the expected answer type
    topic: Topic | None = None


def validate(text: str, k: int) -> str:
    """Return a question without white space at its ends, null characters and lone surrogates.

    Raises:
        QuestionUnusable: the question is empty, too long or no text, or k is out of range.
    """
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= LARGEST_K:
        raise QuestionUnusable(f"k must be a whole number from 1 to {LARGEST_K}, not {k!r}.")
    if not isinstance(text, str):
        raise QuestionUnusable(f"A question must be text, not {type(text).__name__}.")
    if len(text) > LONGEST_QUESTION:
        raise QuestionUnusable(f"The question has {len(text):,} characters; the limit is {LONGEST_QUESTION:,}.")
    text = text.encode("utf-8", "replace").decode().replace("\0", " ").strip()
    if not any(character.isalnum() for character in text):
        raise QuestionUnusable("The question holds no word to search for: ask something.")
    return text


def parse(text: str, history: Sequence[Turn] = (), settings: Settings | None = None) -> Question:
    """Parse a valid question with the turns before it."""
    standalone = followups.rewrite(text, history)
    is_repeat = followups.repeat_last(text, history) is not None
    return Question(
        text,
        standalone,
        own=standalone if is_repeat else text,
        topic=followups.topic(history),
        article_ids=followups.likely_articles(text, history),
        places_quoted=followups.places_quoted(text, history, settings or Settings()),
    )


def embed(question: Question, encoder: Encoder) -> QuestionVectors:
    """Embed a question, a follow-up as the mean of its own words and the stand-alone question."""
    texts = list(dict.fromkeys((question.standalone, question.own)))
    vectors = encoder.encode_questions([*texts, question.topic] if question.topic else texts)
    return QuestionVectors(unit(vectors[: len(texts)].sum(axis=0)), vectors[-1] if question.topic else None)


def formulate(question: Question, vectors: QuestionVectors, words: Bm25Index, settings: Settings) -> Query:
    """Build the query for one generation of the library, whose word index says how rare each term is."""
    text = question.standalone
    all_terms = tuple(dict.fromkeys(terms(text)))
    content = content_terms(text)
    weights = {canonicalize((term,))[0]: words.rarity(term) for term in dict.fromkeys(content) or all_terms}
    weights = _scale_carried(weights, set(canonicalize(terms(question.own))), settings.carried)
    topic = None
    if vectors.topic is not None:
        topic = Topic(vectors.topic, _vagueness(question.own, words, settings) * settings.topic, question.article_ids)
    query = Query(
        text,
        vectors.question,
        terms=expand_synonyms(all_terms),
        weights=weights,
        names=frozenset(term for name in _CAPITALIZED.findall(text) for term in canonicalize(content_terms(name))),
        pairs=frozenset(pairwise(canonicalize(content))),
        answer_type=expected_type(question.own) or expected_type(text),
        topic=topic,
    )
    return _without_command(query)


def _without_command(query: Query) -> Query:
    """Give no weight to the words of a command such as "list all", unless there are no others."""
    rest = set(canonicalize(terms(without_command(query.text))))
    weights = {term: weight for term, weight in query.weights.items() if term in rest}
    return replace(query, weights=weights or query.weights)


def _vagueness(text: str, words: Bm25Index, settings: Settings) -> float:
    """Return how little a question says by itself, 0 to 1: 1 where its content terms are common words."""
    rarity = sum(map(words.rarity, set(content_terms(text))))
    return min(1.0, settings.vague * math.log1p(len(words)) / rarity) if rarity else 1.0


def _scale_carried(weights: dict[str, float], own: Collection[str], share: float) -> dict[str, float]:
    """Scale the weights of terms carried over to a share of the weight of the question's own terms."""
    own_weight = sum(weight for term, weight in weights.items() if term in own)
    carried_weight = sum(weights.values()) - own_weight
    if not own_weight or not carried_weight:
        return weights
    scale = min(1.0, share * own_weight / carried_weight)
    return {term: weight * (1 if term in own else scale) for term, weight in weights.items()}
