"""Tests that passages are ranked by a weighted sum, checked by hand."""

import math
from pathlib import Path

import numpy as np
import pytest
from support.nasty import write

from qa import Assistant, Passage, Settings
from qa.question.parsing import Question, parse
from qa.question.query import Query, QuestionVectors, embed, formulate
from qa.search.ranking import without_topic
from qa.search.retrieval import retrieve
from qa.types.articles import Turn
from qa.types.stopwatch import Stopwatch
from qa.types.weights import Weights

ARTICLES = {
    "bridge": "The old bridge fell at noon in a storm. Nobody was hurt.",
    "tower": "The iron tower was built by masons. It is tall.",
    "bread": "Bread is baked from flour and water at night.",
    "storm": "A storm came over the sea and broke the masts of nine ships in the harbour.",
}
QUESTION = "When did the old bridge fall in the storm?"


@pytest.fixture
def filled(assistant: Assistant, tmp_path: Path) -> Assistant:
    assistant.add(write(tmp_path, **ARTICLES))
    return assistant


def search(assistant: Assistant, **weights: float) -> tuple[Passage, ...]:
    assistant.settings = Settings(weights=Weights.none(passage=weights))
    return assistant.search(QUESTION, 10)


def query_of(assistant: Assistant, text: str) -> Query:
    question = parse(text)
    with assistant.library.snapshot() as snapshot:
        words = assistant.indexes.at(snapshot, lambda: 32).words
        return formulate(question, embed(question, assistant.encoder), words, assistant.settings)


def test_a_passages_score_is_the_weighted_sum_of_its_parts(filled: Assistant) -> None:
    passages = search(filled, words=0.5, meaning=0.25, sentence=2, coverage=3, sentence_coverage=5, pairs=7)
    assert len(passages) == 4
    for passage in passages:
        parts = passage.parts
        found = 0.5 * parts.words + 0.25 * parts.meaning + 2 * parts.sentence
        assert passage.score == pytest.approx(found + 3 * parts.coverage + 5 * parts.sentence_coverage + 7 * parts.pairs)
    assert [passage.rank for passage in passages] == [1, 2, 3, 4]
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)


def test_the_parts_are_the_share_of_the_best_bm25_and_the_cosines(filled: Assistant) -> None:
    vector = filled.encoder.encode_questions([QUESTION])[0]
    passages = search(filled, words=1)
    with filled.library.snapshot() as snapshot:
        stored = {passage.article.id: passage for passage in snapshot.added_since(-1)}
        words = dict(filled.indexes.at(snapshot, lambda: 32).words.search(query_of(filled, QUESTION).terms, 10))
    for passage in passages:
        mine = stored[passage.article.id]
        assert passage.parts.meaning == pytest.approx(float(mine.vector @ vector), abs=1e-5)
        cosines = (mine.sentence_vectors @ vector).tolist()
        assert [sentence.score for sentence in passage.sentences] == pytest.approx(cosines, abs=1e-5)
        assert passage.parts.sentence == pytest.approx(max(cosines), abs=1e-5)
        assert passage.parts.words == pytest.approx(words.get(mine.id, 0) / max(words.values()))
    assert passages[0].parts.words == 1


def test_the_other_parts_are_what_the_passage_and_the_best_of_its_sentences_hold(filled: Assistant) -> None:
    parts = {Path(passage.article.source).stem: passage.parts for passage in search(filled, words=1)}
    weights = query_of(filled, QUESTION).weights  # old, bridge, fall, storm; "fell" does not match "fall"
    held, total = weights["old"] + weights["bridg"] + weights["storm"], sum(weights.values())
    assert parts["bridge"].coverage == pytest.approx(held / total)
    assert parts["bridge"].sentence_coverage == pytest.approx(held / total)
    assert parts["bridge"].pairs == pytest.approx(1 / 3)  # of old bridge, bridge fall, fall storm
    assert parts["storm"].coverage == pytest.approx(weights["storm"] / total)
    assert (parts["bread"].coverage, parts["bread"].sentence_coverage, parts["bread"].pairs) == (0, 0, 0)


def test_what_two_sentences_hold_between_them_is_the_passages_and_no_sentences(filled: Assistant) -> None:
    weights = query_of(filled, "Which tower by masons is tall?").weights
    parts = filled.search("Which tower by masons is tall?", 1)[0].parts
    assert set(weights) == {"tower", "mason", "tall"}
    assert parts.coverage == 1
    assert parts.sentence_coverage == pytest.approx((weights["tower"] + weights["mason"]) / sum(weights.values()))


def test_by_words_alone_the_passage_with_the_words_comes_first_and_one_without_has_none(filled: Assistant) -> None:
    passages = search(filled, words=1)
    assert [Path(passage.article.source).stem for passage in passages[:2]] == ["bridge", "storm"]
    assert {Path(passage.article.source).stem: passage.parts.words for passage in passages}["bread"] == 0


def test_by_meaning_alone_the_order_is_that_of_the_cosines(filled: Assistant) -> None:
    passages = search(filled, meaning=1)
    assert [passage.score for passage in passages] == pytest.approx([passage.parts.meaning for passage in passages])
    by_sentence = search(filled, sentence=1)
    assert [passage.score for passage in by_sentence] == pytest.approx([passage.parts.sentence for passage in by_sentence])


def test_a_passage_that_only_one_index_finds_is_a_candidate(filled: Assistant) -> None:
    filled.settings = Settings(n_nearest=1)
    vector = filled.encoder.encode_questions(["flour water"])[0]
    with filled.library.snapshot() as snapshot:
        nearest = filled.indexes.at(snapshot, lambda: 32).vectors.search(vector, 1)[0][0]
        by_meaning = snapshot.passages([nearest])[0].article.id
    found = {passage.article.id for passage in filled.search("flour water")}
    bread = next(each.id for each in filled.articles() if each.source.endswith("bread.txt"))
    assert found == {bread, by_meaning}


def test_only_the_best_by_both_indexes_are_read_and_ranked_anew(filled: Assistant) -> None:
    both = {"words": 0.0, "meaning": 0.0, "sentence": 0.0}
    filled.settings = Settings(**{**both, "words": 1.0}, n_read=2, weights=Weights.none(passage={"meaning": 1}))  # type: ignore[arg-type]
    found = filled.search(QUESTION, 2)
    assert {Path(passage.article.source).stem for passage in found} == {"bridge", "storm"}  # the passages with its terms
    assert found[0].parts.meaning > found[1].parts.meaning
    assert len(filled.search(QUESTION, 1)) == 1
    filled.settings = Settings(**{**both, "words": 1.0}, n_read=1)  # type: ignore[arg-type]
    assert len(filled.search(QUESTION, 4)) == 4  # all four are read, though `n_read` is 1


def test_numbers_and_months_are_found_however_they_are_written(filled: Assistant) -> None:
    assert {"9", "nine"} <= set(query_of(filled, "Which storm broke 9 masts?").terms)
    found = filled.search("9 ships")[0]
    assert Path(found.article.source).stem == "storm"
    assert (found.parts.words, found.parts.coverage, found.parts.pairs) == (1, 1, 1)


def test_a_passage_is_the_articles_text_from_its_first_sentence_to_its_last(filled: Assistant) -> None:
    for passage in filled.search(QUESTION):
        text = ARTICLES[Path(passage.article.source).stem]
        assert (passage.start, passage.end, passage.text) == (0, len(text), text)
        said = [text[sentence.start : sentence.end] for sentence in passage.sentences]
        assert " ".join(said) == text


def test_a_follow_up_prefers_the_article_that_was_just_quoted(filled: Assistant) -> None:
    conversation = filled.conversation()
    filled.settings = Settings(least_confidence=0, same_article=0)
    conversation.ask("How tall is the iron tower?")
    indifferent = filled.ask("When was it built?", history=conversation.turns)
    filled.settings = Settings(least_confidence=0, same_article=5)
    preferred = filled.ask("When was it built?", history=conversation.turns)
    tower = conversation.turns[0].quotes[0].article
    assert preferred.passages[0].article == tower
    before = {passage.article.id: passage.score for passage in indifferent.passages}
    for passage in preferred.passages:
        assert passage.score == pytest.approx(before[passage.article.id] + (5 if passage.article == tower else 0))


def test_a_follow_up_is_surer_of_the_article_that_was_just_quoted(filled: Assistant) -> None:
    conversation = filled.conversation()
    filled.settings = Settings(least_confidence=0, same_article=5, following=0)
    conversation.ask("How tall is the iron tower?")
    plain = filled.ask("When was it built?", history=conversation.turns).quotes[0]
    filled.settings = Settings(least_confidence=0, same_article=5, following=1)
    surer = filled.ask("When was it built?", history=conversation.turns).quotes[0]
    assert (surer.text, surer.article) == (plain.text, conversation.turns[0].quotes[0].article)
    odds = math.e * plain.confidence / (1 - plain.confidence)
    assert surer.confidence == pytest.approx(odds / (1 + odds))


def test_the_reader_reads_the_words_of_a_follow_up_itself(filled: Assistant) -> None:
    turn = Turn("How tall is the iron tower?", "How tall is the iron tower?", ())
    with filled.library.snapshot() as snapshot:
        words = filled.indexes.at(snapshot, lambda: 32).words
        queries = []
        for text in ("Who built it?", "Why?"):
            question = parse(text, [turn])
            queries.append(formulate(question, embed(question, filled.encoder), words, filled.settings))
    assert [query.read_as for query in queries] == ["Who built it?", queries[1].text], "unless it has none that say anything"
    assert all("tower" in query.text for query in queries)


def test_the_topic_of_a_conversation_counts_for_passages_and_not_for_sentences(filled: Assistant) -> None:
    about, text = filled.encoder.encode_questions(["The iron tower"])[0], "When was it built?"
    with filled.library.snapshot() as snapshot:
        indexes = filled.indexes.at(snapshot, lambda: 32)
        vector = filled.encoder.encode_questions([text])[0]
        alone, followed = (
            formulate(Question(text, text, text), QuestionVectors(vector, topic), indexes.words, filled.settings)
            for topic in (None, about)
        )
        plain, candidates = (
            {each.passage.id: each for each in retrieve(question, 10, indexes, snapshot, filled.settings, Stopwatch())}
            for question in (alone, followed)
        )
    assert followed.topic is not None
    for candidate in without_topic(list(candidates.values())):
        on_topic = followed.topic.weight * float(candidate.passage.vector @ about)
        assert abs(on_topic) > 0.01
        assert candidates[candidate.passage.id].score == pytest.approx(plain[candidate.passage.id].score + on_topic, abs=1e-5)
        assert candidate.score == pytest.approx(plain[candidate.passage.id].score, abs=1e-5)


def test_a_question_is_about_its_content_words_each_by_its_rarity(filled: Assistant) -> None:
    question = query_of(filled, "What was the storm about? The storm!")
    with filled.library.snapshot() as snapshot:
        rarity = filled.indexes.at(snapshot, lambda: 32).words.rarity("storm")
    assert question.weights == {"storm": rarity}
    assert set(question.terms) == {"what", "was", "the", "storm", "about"}
    assert rarity == pytest.approx(np.log(1 + (4 - 2 + 0.5) / (2 + 0.5)))


def test_a_question_of_common_words_alone_is_about_those(filled: Assistant) -> None:
    assert set(query_of(filled, "Who is it?").weights) == {"who", "is", "it"}
