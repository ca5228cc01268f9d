"""Tests that `article.text[start:end] == text` for every quote, passage and place shown, for any article text."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.nasty import FIXED, WORDS, law_is_broken_by, texts, write

from qa import Assistant

QUESTIONS = ("refugees wall", "Who said that Dr. Caron left?", "北京大使館", "cafe naive Angstrom", "a 1 x", "שלום مرحبا")
QUOTATION = (
    *(
        "“We came.",
        "We saw the wall. ",
        "We left”",
        '"Nobody was hurt."',
        " he said.",
        "said Mr. Kim.",
        "[an error occurred while",
    ),
    *(
        " processing this directive]",
        "\nHome | News | Sport\n",
        "\n\n",
        "\r\n\r\n",
        " ",
        "Why? ",
        "«Non. Jamais.»",
        "photo.jpgHere it is. ",
    ),
)


def ask_all(assistant: Assistant) -> None:
    answers = [assistant.ask(question, k) for question in QUESTIONS for k in (1, 9)]
    refusing = assistant.with_settings(replace(assistant.settings, least_confidence=2, least_closest=0))
    answers += [refusing.ask(question) for question in QUESTIONS]
    assert law_is_broken_by(assistant, answers) == []
    for answer in answers:
        assert answer.found == bool(answer.quotes)
        assert not (answer.found and answer.closest)
        assert [quote.rank for quote in answer.quotes] == list(range(1, len(answer.quotes) + 1))


@pytest.fixture
def number(tmp_path: Path) -> Callable[[], Path]:
    """Return a function that names a new folder at each call, because Hypothesis runs a test many times."""
    used: list[int] = []

    def next_folder() -> Path:
        used.append(1)
        return tmp_path / str(len(used))

    return next_folder


def test_the_law_holds_for_every_fixed_awkward_text(assistant: Assistant, tmp_path: Path) -> None:
    report = assistant.add([*write(tmp_path, **{f"t{n:02}": text for n, text in enumerate(FIXED)})])
    assert len(report.added) >= 12
    ask_all(assistant)


@settings(max_examples=15)
@given(st.lists(texts(60), min_size=1, max_size=16))
def test_the_law_holds_for_any_texts(opened: Callable[..., Assistant], number: Callable[[], Path], articles: list[str]) -> None:
    folder = number()
    assistant = opened(folder / "library")
    assistant.add(write(folder, **{f"t{n}": text for n, text in enumerate(articles)}))
    ask_all(assistant)


@pytest.mark.slow
@settings(max_examples=15)
@given(st.lists(st.lists(st.sampled_from((*QUOTATION, *WORDS)), min_size=4, max_size=60).map("".join), min_size=1, max_size=16))
def test_the_law_holds_where_quotations_run_over_sentences_and_places_set_aside(
    opened: Callable[..., Assistant], number: Callable[[], Path], articles: list[str]
) -> None:
    folder = number()
    assistant = opened(folder / "library")
    assistant.add(write(folder, **{f"t{n}": text for n, text in enumerate(articles)}))
    ask_all(assistant)


def test_no_quotation_is_completed_over_a_place_that_was_set_aside(assistant: Assistant, tmp_path: Path) -> None:
    text = "The bridge\n\n“We saw it fall. [an error occurred while processing this directive] Nobody was hurt,” they wrote."
    reference = assistant.add(write(tmp_path, a=text)).added[0]
    assert [place.rule for place in assistant.article(reference.id).set_aside] == ["server error"]
    answer = assistant.ask("Who saw it fall?", 10)
    assert law_is_broken_by(assistant, [answer]) == []
    assert "“We saw it fall." in [quote.text for quote in answer.quotes]


def test_the_law_holds_across_versions(assistant: Assistant, tmp_path: Path) -> None:
    answers = []
    for shift in ("", "é", "👩‍👩‍👧‍👦\r\n", "A longer beginning.\n\n"):
        assistant.add(write(tmp_path, a=f"{shift}The wall stood. Refugees climbed it at noon.\r\n"))
        answers += [assistant.ask(question) for question in QUESTIONS]
    assert law_is_broken_by(assistant, answers) == []
    assert len({quote.article.version for answer in answers for quote in answer.quotes}) == 4


@pytest.mark.slow
def test_the_law_holds_for_the_seeds_under_the_real_model(seed_assistant: Assistant) -> None:
    questions = ("How high is the fence?", "Who said “no one can touch you”?", "When was it stormed?", "Why did they smuggle?")
    answers = [seed_assistant.ask(question, 10) for question in questions]
    assert any(answer.quotes for answer in answers)
    assert law_is_broken_by(seed_assistant, answers) == []
