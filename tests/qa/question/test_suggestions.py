"""Tests that suggested questions are built from the articles' own words, and that the articles answer each."""

import time

import pytest

from qa import Assistant
from qa.question.suggestions import suggest, suggestions
from qa.types.articles import Answer, Passage, Place, Quote, Reference, Scores, Sentence, Turn

REFERENCE = Reference("0123456789ab", "A title", "/a.txt", None, "a" * 64)
SCORES = Scores(1, 1, 1, 1, 1, 1)


def answered(text: str, *, quoted: str = "", language: str | None = None) -> Answer:
    """Make an answer with one passage of one sentence. Its quote is `quoted`, or else comes from elsewhere in the article."""
    reference = Reference("0123456789ab", "A title", "/a.txt", None, "a" * 64, language=language)
    start = 100 + text.index(quoted) if quoted else 900
    quote = Quote(1, reference, start, start + (len(quoted) or 10), quoted or "x" * 10, 1.0, 0.9, None)
    sentence = Sentence(100, 100 + len(text), 0.5)
    passage = Passage(1, reference, 100, 100 + len(text), text, 1.0, SCORES, (sentence,))
    return Answer("What fell?", "What fell?", True, 0.9, (quote,), (passage,), 1)


def made_of(text: str) -> list[str]:
    return [each.question for each in suggestions(answered(text))]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("About 20 asylum seekers gained entry to the consulate.", "How many asylum seekers gained entry to the consulate?"),
        ("Forty people were arrested, the police said.", "How many people were arrested?"),
        ("More than 460 refugees were airlifted to Seoul.", "How many refugees were airlifted to Seoul?"),
        ("The bridge was opened on 3 May 1901 by the king.", "When was the bridge opened?"),
        ("Ann Lee was elected in 2004.", "When was Ann Lee elected?"),
        ("The two men were taken to hospital on Monday.", "When were the two men taken to hospital?"),
        ("The treaty was signed in Lisbon, and nobody was glad.", "Where was the treaty signed?"),
        ("The Canadian ambassador said that nobody had been hurt.", "What did the Canadian ambassador say?"),
        ("On Friday, Joseph Caron told reporters nothing.", "What did Joseph Caron say?"),
        ("The company announced that it would close.", "What did the company announce?"),
        ("It was Joseph Caron, the ambassador, who came.", "Who is Joseph Caron?"),
    ],
)
def test_a_sentence_is_turned_into_the_question_that_it_answers(text: str, question: str) -> None:
    assert question in made_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "He was elected in 2004.",
        "They said that nobody had been hurt.",
        "This was decided on Monday.",
        "2004 was a good year for the people of the town.",
        "In the morning the river rose.",
        "Nobody knows.",
        "",
        "The bridge was painted red.",
        "12 May was cold.",
    ],
)
def test_a_sentence_with_an_anaphor_or_without_an_answer_is_turned_into_none(text: str) -> None:
    assert made_of(text) == []


def test_what_was_quoted_has_been_read_but_who_is_named_in_it_may_be_asked() -> None:
    text = "The bridge was opened on 3 May 1901 by Ann Lee, the mayor."
    assert [each.question for each in suggestions(answered(text, quoted=text))] == ["Who is Ann Lee?"]


def test_only_english_sentences_are_turned_into_questions() -> None:
    text = "The bridge was opened on 3 May 1901."
    assert [each.question for each in suggestions(answered(text, language="de"))] == []
    assert [each.question for each in suggestions(answered(text, language="en"))] == ["When was the bridge opened?"]


@pytest.mark.slow
@pytest.mark.parametrize("question", ["How many North Koreans are hiding in China?", "Why do North Koreans flee?"])
def test_each_suggested_question_finds_its_own_answer(seed_assistant: Assistant, question: str) -> None:
    answer = seed_assistant.ask(question)
    history = [Turn(question, answer.searched_for, answer.quotes)]
    offered = suggest(seed_assistant.ask, answer, history, seconds=30)
    assert 1 <= len(offered) <= 3
    for each in offered:
        found = seed_assistant.ask(each, history=history)
        assert found.confidence >= 0.5
        quote = found.quotes[0]
        assert Place(quote.article, quote.start, quote.end) not in [Place(q.article, q.start, q.end) for q in answer.quotes]


@pytest.mark.slow
def test_nothing_is_suggested_twice_or_without_an_answer(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("Why do North Koreans flee?")
    first, *_ = suggest(seed_assistant.ask, answer, [], seconds=30)
    history = [Turn(first, first, ())]
    assert first not in suggest(seed_assistant.ask, answer, history, seconds=30)
    assert suggest(seed_assistant.ask, seed_assistant.ask("Who won the tennis match in Melbourne?"), []) == ()


def test_no_question_is_tried_once_the_time_is_over(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("How many North Koreans are hiding in China?")
    began = time.monotonic()
    assert suggest(seed_assistant.ask, answer, [], seconds=0) == ()
    assert time.monotonic() - began < 0.1
