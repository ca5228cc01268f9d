"""Query: from a stand-alone question to what both indexes of one generation of the library are searched for."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from embeddings import Encoder
from embeddings.model_spec import Vectors, unit
from qa.library.bm25_index import Bm25Index
from qa.question.intents import Intent, parse_intent, without_command
from qa.question.parsing import Question
from qa.question.source_mentions import Mention, mentions
from qa.text.answer_types import AnswerType, expected_type
from qa.text.synonyms import canonicalize, expand_synonyms
from qa.text.terms import content_terms, terms
from qa.types.settings import Settings

_CAPITALIZED = re.compile(r"\b[A-Z]\w+")


class QuestionVectors(NamedTuple):
    """The embeddings of a question."""

    question: Vectors  # (dimension,)
    topic: Vectors | None  # (dimension,)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a conversation has been about, to rank passages on it higher for a vague question."""

    vector: Vectors  # (dimension,)
    weight: float  # of a passage's cosine with it
    articles: Mapping[str, float]  # ids of the articles quoted lately, and how likely the question is about each, 0 to 1


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
    intent: Intent
    read_as: str  # the text that the reader reads: the question's own words, without what was carried over
    mentions: tuple[Mention, ...]  # sources, then dates of publication
    topic: Topic | None = None


def embed(question: Question, encoder: Encoder) -> QuestionVectors:
    """Embed a question, a follow-up as the mean of its own words and the stand-alone question."""
    return embed_many([question], encoder)[0]


def embed_many(questions: Sequence[Question], encoder: Encoder) -> list[QuestionVectors]:
    """Embed questions, each as `embed` does, in batches across them."""
    texts = [list(dict.fromkeys((question.standalone, question.own))) for question in questions]
    topics = [[question.topic] if question.topic else [] for question in questions]
    vectors = encoder.encode_questions([text for own, topic in zip(texts, topics, strict=True) for text in (*own, *topic)])
    embedded, start = [], 0
    for own, topic in zip(texts, topics, strict=True):
        end = start + len(own)
        embedded.append(QuestionVectors(unit(vectors[start:end].sum(axis=0)), vectors[end] if topic else None))
        start = end + len(topic)
    return embedded


def formulate(question: Question, vectors: QuestionVectors, words: Bm25Index, settings: Settings) -> Query:
    """Build the query for one generation of the library, whose word index says how rare each term is."""
    text = question.standalone
    all_terms = tuple(dict.fromkeys(terms(text)))
    content = content_terms(text)
    weights = {canonicalize((term,))[0]: words.rarity(term) for term in dict.fromkeys(content) or all_terms}
    weights = _scale_carried(weights, set(canonicalize(terms(question.own))), settings.carried)
    topic = None
    if vectors.topic is not None:
        topic = Topic(vectors.topic, _vagueness(question.own, words, settings) * settings.topic, question.quoted_articles)
    query = Query(
        text,
        vectors.question,
        terms=expand_synonyms(all_terms),
        weights=weights,
        names=frozenset(term for name in _CAPITALIZED.findall(text) for term in canonicalize(content_terms(name))),
        pairs=frozenset(pairwise(canonicalize(content))),
        answer_type=expected_type(question.own) or expected_type(text),
        intent=parse_intent(text),
        read_as=question.own if content_terms(question.own) else text,
        mentions=mentions(text),
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
