"""Tests of the share of a query's terms that a sentence holds, by weight and across word forms."""

import random
from collections.abc import Collection, Mapping, Sequence

import pytest

from qa.text.coverage import SentenceTerms, measure_coverage
from qa.text.terms import content_terms

WEIGHTS = {"bridg": 3.0, "noon": 1.0, "storm": 4.0}


def held(weights: Mapping[str, float], names: Collection[str], passages: Sequence[SentenceTerms]) -> list[float]:
    found: list[float] = measure_coverage(weights, names, (), passages).sentence.tolist()
    return found


def test_coverage_is_the_share_of_the_questions_weights_that_a_sentence_holds() -> None:
    sentences = [{"bridg", "noon", "unasked"}, {"bridg", "noon", "storm"}, set(), {"unasked"}]
    assert held(WEIGHTS, (), [SentenceTerms(sentences)]) == [pytest.approx((3 + 1) / 8), 1, 0, 0]


def test_sentences_of_several_passages_are_told_apart_and_stay_in_order() -> None:
    passages = [
        SentenceTerms([{"storm"}, set()]),
        SentenceTerms([set()]),
        SentenceTerms([{"noon"}]),
        SentenceTerms([{"storm"}]),
    ]
    assert held(WEIGHTS, (), passages) == [0.5, 0, 0, 0.125, 0.5]
    together = measure_coverage(WEIGHTS, (), (), passages)
    for at, sentences in enumerate([[0.5, 0], [0], [0.125], [0.5]]):
        assert together.of_passage(at).sentence.tolist() == sentences


def test_a_sentence_and_the_one_before_it_hold_together_what_either_holds_but_not_across_passages() -> None:
    passages = [SentenceTerms([{"storm"}, {"bridg"}, {"noon"}]), SentenceTerms([{"storm"}])]
    found = measure_coverage(WEIGHTS, (), (), passages)
    assert found.with_previous.tolist() == [0.5, 0.875, 0.5, 0.5]
    assert found.passage.tolist() == [1, 0.5]
    assert found.missing.tolist() == [[False, True], [False, True], [False, False]]
    assert [found.of_passage(at).passage.tolist() for at in (0, 1)] == [[1], [0.5]]
    assert found.of_passage(1).missing.tolist() == [[True], [True], [False]]


def test_words_that_are_neighbours_in_the_question_count_where_they_are_neighbours_in_a_sentence() -> None:
    weights, pairs = {"old": 1.0, "bridg": 1.0, "fall": 1.0}, {("old", "bridg"), ("bridg", "fall")}
    sentences = [
        ["old", "bridg", "fall"],
        ["bridg", "old"],
        ["old", "bridg", "old", "bridg"],
        ["bridg", "stone", "fall"],
        ["old"],
    ]
    found = measure_coverage(weights, (), pairs, [SentenceTerms([*sentences, ["bridg"]]), SentenceTerms([["fall"]])])
    assert found.pairs.tolist() == [1, 0, 0.5, 0, 0, 0, 0]  # and bigrams do not span sentences
    assert measure_coverage(weights, (), (), [SentenceTerms(sentences)]).pairs.tolist() == [0] * 5


def test_neighbours_in_other_forms_are_neighbours() -> None:
    found = measure_coverage(
        {"china": 1.0, "injuri": 1.0}, {"china"}, {("china", "injuri")}, [SentenceTerms([["chines", "injur"]])]
    )
    assert found.pairs.tolist() == [1]


def test_without_terms_or_sentences_nothing_is_held() -> None:
    assert held({}, (), [SentenceTerms([{"noon"}, {"storm"}])]) == [0, 0]
    assert held({"noon": 0.0}, (), [SentenceTerms([{"noon"}])]) == [0]
    assert held(WEIGHTS, (), []) == []


def test_two_forms_of_a_term_in_one_sentence_count_once() -> None:
    assert held({"injuri": 1.0, "noon": 1.0}, (), [SentenceTerms([{"injuri", "injur"}])]) == [0.5]


@pytest.mark.parametrize(("name", "form"), [("China", "Chinese"), ("Canada", "Canadian"), ("Korea", "Korean")])
def test_a_name_is_held_in_its_other_forms_and_a_like_beginning_is_not_enough(name: str, form: str) -> None:
    (term,) = content_terms(name)
    sentences = SentenceTerms([set(content_terms(form)), {name[:3].lower() + "xyz"}, {term[:4] + "abcdefgh"}])
    assert held({term: 1.0}, {term}, [sentences]) == [1, 0, 0]


@pytest.mark.parametrize(("word", "form", "share"), [("injuri", "injur", 1), ("canada", "canadian", 0), ("cat", "cats", 0)])
def test_a_word_that_is_no_name_has_fewer_forms(word: str, form: str, share: int) -> None:
    assert held({word: 1.0}, (), [SentenceTerms([{form}])]) == [share]
    assert held({word: 1.0}, (), [SentenceTerms([{word}])]) == [1]


def test_looking_up_terms_finds_what_comparing_every_term_with_every_other_finds() -> None:
    def is_form(word: str, other: str, stem: int, ending: int) -> bool:
        shared = max(n for n in range(min(len(word), len(other)) + 1) if word[:n] == other[:n])
        return word == other or (shared >= stem and max(len(word), len(other)) - shared <= ending)

    draw = random.Random(0)
    made = ["".join(draw.choices("ab", k=draw.randint(1, 8))) for _ in range(300)]
    weights = {word: draw.uniform(0, 9) for word in draw.sample(made, 20)}
    names = frozenset(draw.sample(sorted(weights), 10))
    passages = [[set(draw.sample(made, draw.randint(0, 9))) for _ in range(draw.randint(1, 6))] for _ in range(30)]
    expected = [
        sum(
            weight
            for word, weight in weights.items()
            if any(is_form(word, other, *((4, 3) if word in names else (5, 1))) for other in sentence)
        )
        / sum(weights.values())
        for passage in passages
        for sentence in passage
    ]
    assert len({round(share, 9) for share in expected}) > 50
    assert held(weights, names, [SentenceTerms(passage) for passage in passages]) == pytest.approx(expected)
