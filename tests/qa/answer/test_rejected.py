"""Tests that an answer lists the best sentences that were not quoted, with reasons."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from qa import Assistant, Settings
from qa.answer.answers import ENOUGH, FAR_BELOW, HEADING, MOST_REJECTED, SAID_ALREADY, TOO_UNSURE
from qa.types.articles import Answer

HIDING = "How many North Koreans are hiding in China?"


def places(answer: Answer) -> set[tuple[str, int, int]]:
    return {(each.article.id, each.start, each.end) for each in answer.left_out}


@pytest.mark.slow
@pytest.mark.parametrize("question", [HIDING, "Who is the Canadian ambassador?", "Who won the tennis match in Melbourne?"])
def test_a_rejected_sentence_is_the_stored_text_and_in_no_quote(seed_assistant: Assistant, question: str) -> None:
    answer = seed_assistant.ask(question)
    assert 0 < len(answer.left_out) <= MOST_REJECTED
    assert len(places(answer)) == len(answer.left_out)
    for each in answer.left_out:
        text = seed_assistant.article(each.article.id, each.article.version).text
        assert text[each.start : each.end] == each.text
        for quote in answer.quotes:
            assert quote.article.id != each.article.id or each.end <= quote.start or quote.end <= each.start


def test_where_nothing_is_quoted_all_is_too_unsure(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("Who won the tennis match in Melbourne?")
    assert not answer.found
    assert {each.why for each in answer.left_out} == {TOO_UNSURE}
    assert all(each.confidence < seed_assistant.settings.least_confidence for each in answer.left_out[:1])


def test_a_far_less_likely_sentence_is_rejected_for_that(seed_assistant: Assistant) -> None:
    assert {each.why for each in seed_assistant.ask(HIDING).left_out} == {FAR_BELOW, HEADING}


def test_beyond_as_many_as_were_asked_for_there_were_quotes_enough(seed_assistant: Assistant) -> None:
    all_quotes = seed_assistant.ask(HIDING).quotes
    assert len(all_quotes) == 2
    fewer = seed_assistant.ask(HIDING, 1)
    enough = [each for each in fewer.left_out if each.why == ENOUGH]
    assert [(each.article.id, each.start) for each in enough] == [(all_quotes[1].article.id, all_quotes[1].start)]


def test_a_question_is_quoted_only_where_one_is_asked_for(opened: Callable[..., Assistant], tmp_path: Path) -> None:
    assistant = opened()
    text = (
        "The new mill\n\nWill there be a fee?\n\nNo. The guild voted against one in May.\n\nWho paid for it?\n\nThe county did."
    )
    (tmp_path / "a.txt").write_text(text)
    assistant.add(tmp_path / "a.txt")
    answer = assistant.ask("Will there be a fee?", 10)
    assert answer.quotes[0].text == "Will there be a fee?\n\nNo. The guild voted against one in May."
    assert {quote.text for quote in answer.quotes} == {answer.quotes[0].text, "Who paid for it?\n\nThe county did."}
    alone = [each.text for each in assistant.ask("Which question was asked about a fee?", 10).quotes]
    assert "Will there be a fee?" in alone


def test_a_near_duplicate_is_rejected_as_what_a_quote_says(opened: Callable[..., Assistant], tmp_path: Path) -> None:
    assistant = opened()
    assistant.settings = Settings(least_confidence=0, furthest_below=math.inf, least_further=0)
    (tmp_path / "a.txt").write_text("The old bridge over the wide river fell at noon yesterday.\n\nNobody was hurt in it.")
    (tmp_path / "b.txt").write_text("The old bridge over the wide river fell at noon.\n\nThe mayor came to see what was left.")
    assistant.add([tmp_path / "a.txt", tmp_path / "b.txt"])
    answer = assistant.ask("What fell at noon?")
    repeated = [each for each in answer.left_out if each.why == SAID_ALREADY]
    assert [each.text.split()[:3] for each in repeated] == [["The", "old", "bridge"]]
