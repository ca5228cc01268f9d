"""Tests that answers in words differ only if one excludes the other, and that a "no" counts only if it negates the question."""

import pytest

from qa.answer.values import agree
from qa.answer.wording import Verdict, Words, asks_in_words, asks_yes_or_no, verdict_of, words_of


def words(text: str) -> Words:
    return Words(0, len(text), text)


@pytest.mark.parametrize(
    ("one", "other", "agrees"),
    [
        ("Joseph Caron", "Caron", True),
        ("the Canadian ambassador, Joseph Caron", "Joseph Caron", True),
        ("Joseph Caron", "Frank Pilat", False),
        ("the BBC", "British Broadcasting Corporation", True),
        ("UN", "the United Nations", True),
        ("UN", "the United Kingdom", False),
        ("Republican", "the Republican Party", True),
        ("Ice hockey", "Sumo wrestling", False),
    ],
)
def test_words_agree_where_they_share_one_or_one_is_the_others_initials(one: str, other: str, agrees: bool) -> None:
    assert agree(words(one), words(other)) is agree(words(other), words(one)) is agrees


def test_words_are_not_compared_with_numbers_or_verdicts() -> None:
    assert agree(words("Caron"), Verdict(0, 5, says_yes=True)) is None


@pytest.mark.parametrize(
    ("question", "yes_or_no", "in_words"),
    [
        ("Was the bridge built in 1999?", True, False),
        ("Did nobody see it?", True, False),
        ("Wasn't it built?", False, False),
        ("Is it a bridge or a tunnel?", False, False),
        ("Who is the Canadian ambassador?", False, True),
        ("Which city hosts the school?", False, True),
        ("What sport is Miura associated with?", False, True),
        ("Which countries took part?", False, False),
        ("Who were the other winners?", False, False),
        ("Which two teams played?", False, False),
        ("What happened to the school?", False, False),
        ("Why did they climb?", False, False),
        ("How did they get in?", False, False),
    ],
)
def test_which_questions_one_answer_excludes_another_for(question: str, yes_or_no: bool, in_words: bool) -> None:
    assert asks_yes_or_no(question) is yes_or_no
    assert asks_in_words(question) is in_words


ASKED = {"bridg", "built", "open", "close"}


@pytest.mark.parametrize(
    ("sentence", "says_yes"),
    [
        ("The bridge was built in 1999.", True),
        ("The bridge was never built.", False),
        ("The bridge wasn’t built in 1999.", False),
        ("The bridge had not yet been built.", False),
        ("The bridge was built in 1999, not in 1989.", True),
        ("The mayor did not say who built the bridge.", True),
        ("No bridge was built there.", False),
    ],
)
def test_a_sentence_says_no_where_it_negates_what_was_asked(sentence: str, says_yes: bool) -> None:
    assert verdict_of(sentence, ASKED) == Verdict(0, len(sentence), says_yes)


def test_words_that_the_question_holds_or_that_are_too_many_are_no_answer() -> None:
    sentence = "The bridge was opened by Mayor Anna Berg on a cold and windy day in the early spring."
    assert words_of(sentence, 25, 40, {"bridg", "open"}) == Words(25, 40, "Mayor Anna Berg")
    assert words_of(sentence, 4, 10, {"bridg", "open"}) is None
    assert words_of(sentence, 25, len(sentence), {"bridg", "open"}) is None
