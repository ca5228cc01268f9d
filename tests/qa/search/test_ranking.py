"""Tests that the scores and confidences of sentences are weighted sums, checked by hand."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.nasty import write

from qa import Assistant, Settings
from qa.question.parsing import parse
from qa.question.query import Query, Topic, embed, formulate
from qa.search.ranking import (
    RankedSentence,
    compare_readings,
    confidence_features,
    rank_passages,
    rank_sentences,
    sentence_features,
)
from qa.search.reader.reader import ReaderScores
from qa.search.retrieval import Candidate, retrieve
from qa.text.answer_types import AnswerType, expected_type, has_type, only_span
from qa.text.synonyms import canonicalize, expand_synonyms
from qa.text.terms import content_terms
from qa.types.articles import Span
from qa.types.stopwatch import Stopwatch
from qa.types.weights import CONFIDENCE, PASSAGE, SENTENCE, Weights

BRIDGE = "The bridge\n\nThe bridge fell on 3 May 1999. Nobody saw the bridge. It was never built again."
BREAD = "Bread is baked in 1999 from flour. The storm"
ASKED = "When did the bridge fall?"


def read(assistant: Assistant, text: str, settings: Settings) -> tuple[Query, list[Candidate]]:
    with assistant.library.snapshot() as snapshot:
        indexes = assistant.indexes.at(snapshot, lambda: 32)
        query = formulate(parse(text), embed(parse(text), assistant.encoder), indexes.words, settings)
        return query, retrieve(query, 10, indexes, snapshot, settings, Stopwatch())


def text_of(sentence: RankedSentence) -> str:
    return sentence.passage.sentences[sentence.index]


@pytest.fixture
def filled(assistant: Assistant, tmp_path: Path) -> Assistant:
    assistant.add(write(tmp_path, bridge=BRIDGE, bread=BREAD))
    return assistant


def test_a_sentences_score_is_the_weighted_sum_of_its_features(filled: Assistant) -> None:
    weights = {
        "meaning": 2,
        "coverage": 3,
        "with_previous": 13,
        "pairs": 17,
        "passage": 5,
        "has_answer_type": 7,
        "heading": -11,
    }
    numbers = Settings(weights=replace(Weights.shipped(), sentence=weights))
    question, candidates = read(filled, ASKED, numbers)
    ranked = list(rank_sentences(question, candidates, numbers))
    by_text = {text_of(sentence): sentence for sentence in ranked}
    dated, headings = {"The bridge fell on 3 May 1999.", "Bread is baked in 1999 from flour."}, {"The bridge", "The storm"}
    assert len(ranked) == len(by_text) == 6
    assert {*dated, *headings} < set(by_text)
    passage_scores = {candidate.passage.id: candidate.score for candidate in candidates}
    total = sum(question.weights.values())
    for text, sentence in by_text.items():
        cosine = float(sentence.passage.sentence_vectors[sentence.index] @ question.vector)
        before = sentence.passage.sentences[sentence.index - 1] if sentence.index else ""
        held, together = (
            sum(question.weights[word] for word in {"bridg", "fall"} & set(content_terms(words))) / total
            for words in (text, f"{before} {text}")
        )
        assert sentence.cosine == pytest.approx(cosine, abs=1e-5)
        assert sentence.coverage == pytest.approx(held)
        by_hand = 2 * cosine + 3 * held + 13 * together + 5 * passage_scores[sentence.passage.id]
        assert sentence.score == pytest.approx(by_hand + 7 * (text in dated) - 11 * (text in headings), abs=1e-4)
    scores = [sentence.score for sentence in ranked]
    assert scores == sorted(scores, reverse=True)
    assert list(rank_sentences(question, [], numbers)) == []


def test_a_headings_words_count_for_the_sentence_after_it_and_it_is_not_quotable(filled: Assistant) -> None:
    question, candidates = read(filled, "the bridge", Settings())
    ranked = {text_of(sentence): sentence for sentence in rank_sentences(question, candidates, Settings())}
    assert [text for text, sentence in ranked.items() if not sentence.quotable] == ["The bridge"]
    candidate = next(each for each in candidates if each.passage.headings.any())
    after = candidate.passage.sentences.index("The bridge") + 1
    assert candidate.parts.coverage == candidate.coverage.with_previous[after] == 1
    titled, candidates = read(filled, "What is the title of the article on the bridge?", Settings())
    assert all(sentence.quotable for sentence in rank_sentences(titled, candidates, Settings()))


def test_a_pair_of_the_questions_words_counts(filled: Assistant) -> None:
    numbers = Settings(weights=Weights.none(sentence={"pairs": 1}))
    ranked = list(rank_sentences(*read(filled, "Which flour storm saw the bridge?", numbers), numbers))
    assert text_of(ranked[0]) == "Nobody saw the bridge."
    assert [sentence.score for sentence in ranked] == [pytest.approx(1 / 3), 0, 0, 0, 0, 0]


@pytest.mark.parametrize("name", [name for name in CONFIDENCE if name != "constant"])
def test_confidence_is_a_logistic_of_the_weighted_sum_of_its_features(filled: Assistant, name: str) -> None:
    weights = replace(Weights.shipped(), confidence=dict.fromkeys(CONFIDENCE, 0.0))
    numbers = Settings(weights=weights.changed("confidence", **{name: 2.0, "constant": -1.0}))
    question, candidates = read(filled, "When did the Bridge fall in Norway?", numbers)
    features = sentence_features(question, candidates)
    scores = np.array([3.0, 1.0, 2.0, 0.0, 5.0, 4.0])
    evidence = dict(zip(CONFIDENCE, confidence_features(question, candidates, features, scores).T.tolist(), strict=True))
    ranked = {text_of(sentence): sentence for sentence in rank_sentences(question, candidates, numbers)}
    if name != "margin":  # the margin depends on the scores, and these are made up
        for text, value in zip((text for each in candidates for text in each.passage.sentences), evidence[name], strict=True):
            assert ranked[text].confidence == pytest.approx(1 / (1 + math.exp(1 - 2 * value)))


def test_the_features_of_the_confidence_are_those_of_the_sentence_its_passage_and_the_question(filled: Assistant) -> None:
    question, candidates = read(filled, "When did the Bridge fall in Norway?", Settings())
    assert [candidate.passage.sentences[0] for candidate in candidates] == ["The bridge", "Bread is baked in 1999 from flour."]
    features = sentence_features(question, candidates)
    scores = np.array([3.0, 1.0, 2.0, 0.0, 5.0, 4.0])
    evidence = dict(zip(CONFIDENCE, confidence_features(question, candidates, features, scores).T.tolist(), strict=True))
    weights = question.weights
    total = sum(weights.values())
    for name in ("meaning", "coverage", "with_previous", "pairs"):
        assert evidence[name] == features[:, SENTENCE.index(name)].tolist()
    assert evidence["lacks_answer_type"] == [1, 0, 1, 1, 0, 1]
    held = weights["bridg"] / total
    assert evidence["passage_coverage"] == pytest.approx([held] * 4 + [0] * 2)
    assert evidence["missing_names"] == pytest.approx(
        [weights["norway"] / (weights["norway"] + weights["bridg"])] * 4 + [1] * 2
    )
    assert evidence["words"] == [candidate.parts.words for candidate in candidates for _ in candidate.cosines]
    assert evidence["margin"] == [3 - 5, 1 - 5, 2 - 5, 0 - 5, 5 - 3, 4 - 3]
    assert evidence["length"] == pytest.approx([math.log(4)] * 6)
    assert evidence["constant"] == [1] * 6


def test_with_one_passage_there_is_no_margin(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, bridge=BRIDGE))
    question, candidates = read(assistant, ASKED, Settings())
    features = sentence_features(question, candidates)
    margins = confidence_features(question, candidates, features, np.array([3.0, 1.0, 2.0, 0.0]))[:, CONFIDENCE.index("margin")]
    assert margins.tolist() == [0, 0, 0, 0]


def test_that_a_story_stands_in_two_papers_is_no_reason_for_doubt(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, bridge=BRIDGE, copy=BRIDGE, bread=BREAD))
    question, candidates = read(assistant, ASKED, Settings())
    assert [len(candidate.cosines) for candidate in candidates] == [4, 4, 2]
    features = sentence_features(question, candidates)
    scores = np.array([0.0, 9.0, 1.0, 2.0, 0.0, 8.0, 1.0, 2.0, 4.0, 5.0])
    margins = confidence_features(question, candidates, features, scores)[:, CONFIDENCE.index("margin")]
    assert margins.tolist() == [0 - 5, 9 - 5, 1 - 5, 2 - 5, 0 - 5, 8 - 5, 1 - 5, 2 - 5, 4 - 9, 5 - 9]


def test_the_weights_shipped_are_readable_and_complete() -> None:
    path = Path(__file__).parents[3] / "qa" / "types" / "weights.json"
    shipped = json.loads(path.read_text(encoding="utf-8"))
    assert shipped["made_by"] == "python -m training.weights"
    for group, names in (("passage", PASSAGE), ("sentence", SENTENCE), ("confidence", CONFIDENCE)):
        assert tuple(shipped[group]) == names
        assert getattr(Weights.shipped(), group) == shipped[group]
        assert all(math.isfinite(weight) for weight in shipped[group].values())


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Which team did he play for when he retired?", "name"),
        ("What is the name of the hall that was built when he died?", "name"),
        ("Where was the population densest?", "name"),
        ("When he left, how many people stayed?", "number"),
        ("What was the population of the town?", "number"),
        ("What is the average number of beds?", "number"),
        ("An increasing number of students has what in common?", None),
        ("In what year did the number fall?", "date"),
        ("Why did it fall when it rained?", "reason"),
        ("How old is the bridge?", "age"),
        ("What percentage of the stones fell?", "percentage"),
        ("What is the telephone number of the mill?", "phone number"),
        ("What is bread?", None),
    ],
)
def test_a_question_asks_for_the_first_thing_that_it_names(question: str, kind: str | None) -> None:
    assert expected_type(question) == kind


@pytest.mark.parametrize(
    ("kind", "has", "has_not"),
    [
        ("number", "Nine boats sank.", "It sank in 1999."),
        ("number", "It cost 1,999 crowns.", "In 2004 it was sold."),
        ("percentage", "They own 40 % of it.", "They own 40 of them."),
        ("percentage", "Half of it burned.", "All 50 burned."),
        ("age", "Anna, 44, is a baker.", "There are 44 bakers."),
        ("age", "A 12-year-old boy saw it.", "Twelve boys saw it."),
        ("phone number", "Call +44 20 7946 0958.", "Of 44 people 12 came."),
    ],
)
def test_words_of_an_answer_type_are_told_from_others(kind: AnswerType, has: str, has_not: str) -> None:
    assert has_type(kind, has)
    assert not has_type(kind, has_not)


def test_an_age_or_a_percentage_is_marked_where_it_is_the_only_number() -> None:
    assert only_span("percentage", "They own 40 % of it.") == Span(9, 11)
    assert only_span("age", "Anna, 44, is a baker.") == Span(6, 8)
    assert only_span("age", "Anna, 44, has 2 sons.") is None
    assert only_span("phone number", "Call +44 20 7946 0958.") is None


def test_forms_of_one_word_stand_for_each_other() -> None:
    assert canonicalize(content_terms("three meters in Sept.")) == canonicalize(content_terms("3 m in September"))
    assert set(expand_synonyms(["3", "bridg"])) == {"3", "three", "bridg"}
    assert expand_synonyms(["three"]) == expand_synonyms(["3"])
    assert canonicalize(["bridg", "30"]) == ["bridg", "30"]


def test_a_reading_is_compared_with_the_best_of_the_other_passages_that_were_read() -> None:
    """Three passages of two, one and one sentences; the last was not read. Columns: span logit, sentence logit, unread."""
    read = np.array([[2.0, 1.0, 0], [-1.0, 3.0, 0], [0.5, -2.0, 0], [0.0, 0.0, 1]])
    compared = compare_readings(read, np.array([0.25, 0.25, 1.0, 1.0]), [2, 1, 1])
    expected = [
        [2.0 - 0.5, 1.0 + 2.0, 1 / (1 + math.exp(-2)), 0.25],
        [-1.0 - 0.5, 3.0 + 2.0, 1 / (1 + math.exp(1)), 0.25],
        [0.5 - 2.0, -2.0 - 3.0, 1 / (1 + math.exp(-0.5)), 1.0],
        [0.0, 0.0, 0.0, 0.0],
    ]
    assert compared == pytest.approx(np.array(expected))
    alone = compare_readings(read[:2], np.zeros(2), [2])
    assert alone[:, :2] == pytest.approx(read[:2, :2]), "where no other passage was read, against 0"


def test_passages_that_were_read_are_ranked_by_their_best_sentence_in_the_places_that_they_have(filled: Assistant) -> None:
    question, candidates = read(filled, ASKED, Settings())

    def with_logit(candidate: Candidate, logit: float) -> Candidate:
        n = len(candidate.cosines)
        logits = np.full(n, logit, np.float32)
        return replace(candidate, reading=ReaderScores(logits, logits, (Span(0, 1),) * n))

    def order(query: Query, given: Sequence[Candidate]) -> list[int]:
        ranked = rank_passages(query, given, rank_sentences(query, given, Settings()))
        return [candidate.passage.id for candidate in ranked]

    first, second, *rest = candidates
    ids = [candidate.passage.id for candidate in candidates]
    given = [with_logit(first, -12), with_logit(second, 12), *rest]
    assert order(question, given) == [ids[1], ids[0], *ids[2:]]
    assert order(question, candidates) == ids, "none was read"
    assert order(replace(question, topic=Topic(question.vector, 0.0, {})), given) == ids, "in a conversation"
