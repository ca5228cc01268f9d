"""How much of a question a sentence holds, every term by its weight, in this form or another."""

import random

import pytest

from qa.coverage import SentenceTerms, coverages
from qa.words import content_terms

WEIGHTS = {"bridg": 3.0, "noon": 1.0, "storm": 4.0}


def test_coverage_is_the_share_of_the_questions_weights_that_a_sentence_holds() -> None:
    sentences = [{"bridg", "noon", "unasked"}, {"bridg", "noon", "storm"}, set(), {"unasked"}]
    assert coverages(WEIGHTS, (), [SentenceTerms(sentences)]).tolist() == [pytest.approx((3 + 1) / 8), 1, 0, 0]


def test_sentences_of_several_passages_are_told_apart_and_stay_in_order() -> None:
    passages = [SentenceTerms([{"storm"}, set()]), SentenceTerms([]), SentenceTerms([{"noon"}]), SentenceTerms([{"storm"}])]
    assert coverages(WEIGHTS, (), passages).tolist() == [0.5, 0, 0.125, 0.5]


def test_without_terms_or_sentences_nothing_is_held() -> None:
    assert coverages({}, (), [SentenceTerms([{"noon"}, {"storm"}])]).tolist() == [0, 0]
    assert coverages({"noon": 0.0}, (), [SentenceTerms([{"noon"}])]).tolist() == [0]
    assert coverages(WEIGHTS, (), []).tolist() == []


def test_two_forms_of_a_term_in_one_sentence_count_once() -> None:
    assert coverages({"injuri": 1.0, "noon": 1.0}, (), [SentenceTerms([{"injuri", "injur"}])]).tolist() == [0.5]


@pytest.mark.parametrize(("name", "form"), [("China", "Chinese"), ("Canada", "Canadian"), ("Korea", "Korean")])
def test_a_name_is_held_in_its_other_forms_and_a_like_beginning_is_not_enough(name: str, form: str) -> None:
    (term,) = content_terms(name)
    sentences = SentenceTerms([set(content_terms(form)), {name[:3].lower() + "xyz"}, {term[:4] + "abcdefgh"}])
    assert coverages({term: 1.0}, {term}, [sentences]).tolist() == [1, 0, 0]


@pytest.mark.parametrize(("word", "form", "held"), [("injuri", "injur", 1), ("canada", "canadian", 0), ("cat", "cats", 0)])
def test_a_word_that_is_no_name_has_fewer_forms(word: str, form: str, held: int) -> None:
    assert coverages({word: 1.0}, (), [SentenceTerms([{form}])]).tolist() == [held]
    assert coverages({word: 1.0}, (), [SentenceTerms([{word}])]).tolist() == [1]


def test_looking_up_terms_finds_what_comparing_every_term_with_every_other_finds() -> None:
    def is_form(word: str, other: str, stem: int, ending: int) -> bool:
        shared = max(n for n in range(min(len(word), len(other)) + 1) if word[:n] == other[:n])
        return word == other or (shared >= stem and max(len(word), len(other)) - shared <= ending)

    draw = random.Random(0)
    made = ["".join(draw.choices("ab", k=draw.randint(1, 8))) for _ in range(300)]
    weights = {word: draw.uniform(0, 9) for word in draw.sample(made, 20)}
    names = frozenset(draw.sample(sorted(weights), 10))
    passages = [[set(draw.sample(made, draw.randint(0, 9))) for _ in range(draw.randint(0, 6))] for _ in range(30)]
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
    assert coverages(weights, names, [SentenceTerms(passage) for passage in passages]).tolist() == pytest.approx(expected)
