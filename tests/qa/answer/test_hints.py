"""Tests that a question in another language than the articles is told to be that."""

from pathlib import Path

import pytest

from embeddings import DEFAULT_MODEL
from qa import Assistant
from qa.answer.hints import OTHER_LANGUAGE, find_hint
from qa.types.articles import Passage, Reference, Scores

ENGLISH = "The mill on the river was built in 1931, and it has been closed since."
SPANISH = "El molino del río fue construido en 1931 y está cerrado desde entonces."
JAPANESE = "水車は1931年に建てられた。"


def passage(text: str) -> Passage:
    article = Reference("0123456789ab", "The mill", "/mill.txt", None, "a" * 64)
    return Passage(1, article, 0, len(text), text, 1.0, Scores(0, 0, 0, 0, 0, 0), ())


@pytest.mark.parametrize(
    ("question", "texts", "hint"),
    [
        ("¿Cuándo construyeron el molino?", [ENGLISH], OTHER_LANGUAGE),
        ("水車はいつ建てられましたか？", [ENGLISH, SPANISH], OTHER_LANGUAGE),
        ("When was the mill built?", [SPANISH], OTHER_LANGUAGE),
        ("When was the mill built?", [ENGLISH], None),
        ("¿Cuándo construyeron el molino?", [ENGLISH, SPANISH], None),
        ("水車", [JAPANESE], None),  # in Chinese characters alone
        ("mill", [SPANISH], None),  # no word tells its language
        ("When was the mill built?", [], None),
    ],
)
def test_the_hint_needs_all_passages_in_another_language(question: str, texts: list[str], hint: str | None) -> None:
    assert find_hint(question, [passage(text) for text in texts], DEFAULT_MODEL) == hint


def test_an_encoder_of_many_languages_needs_no_hint() -> None:
    assert find_hint("¿Cuándo construyeron el molino?", [passage(ENGLISH)], "multilingual") is None


def test_the_hint_is_on_the_answer_and_in_its_json(seed_assistant: Assistant, tmp_path: Path) -> None:
    answer = seed_assistant.ask("¿Quién ganó el partido de tenis de Melbourne?")
    assert not answer.found
    assert answer.hint == OTHER_LANGUAGE
    assert type(answer).from_json(answer.to_json()) == answer
    assert seed_assistant.ask("Who won the tennis match in Melbourne?").hint is None
