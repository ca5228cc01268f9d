"""Tests that a follow-up is rewritten with the earlier turns, and that a standalone question is searched unchanged."""

from pathlib import Path

import pytest
from support.nasty import write

from qa import Answer, Assistant, Conversation, Quote, Reference
from qa.question.followups import is_follow_up, quoted_articles, rewrite
from qa.types.articles import Turn
from qa.types.settings import LONGEST_HISTORY, LONGEST_QUESTION

HERE = Reference("0123456789ab", "Bridges", "/a.txt", None, "a" * 64)
ELSEWHERE = Reference("ba9876543210", "Towers", "/b.txt", None, "b" * 64)


def turn(question: str, *quoted: str, searched_for: str | None = None, article: Reference = HERE) -> Turn:
    quotes = [Quote(rank, article, 0, len(text), text, 1.0, 0.9, None) for rank, text in enumerate(quoted, start=1)]
    return Turn(question, question if searched_for is None else searched_for, tuple(quotes))


CARON = turn(
    "What did Joseph Caron tell reporters?", "There are 44 people in all, Canadian Ambassador Joseph Caron told reporters."
)


@pytest.mark.parametrize(
    "question",
    [
        "How many refugees were airlifted to South Korea in July?",
        "Is it true that the bridge at Hoeryong was closed?",
        "Who scaled the wall that surrounds the embassy in Beijing?",
        "How many people are there in North Korea?",
        "When did Kim Jong Il visit his father's grave in Pyongyang?",
        "What did the guards wear in North Korea?",
        "What is salt?",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    assert rewrite(question, [CARON]) == question
    assert not is_follow_up(question)


@pytest.mark.parametrize("question", ["What did he say about them?", "Why?", "And in Vietnam?", "it", "", "More"])
def test_without_turns_before_it_every_question_is_left_as_it_is(question: str) -> None:
    assert rewrite(question, []) == question
    assert quoted_articles(question, []) == {}


@pytest.mark.parametrize(
    ("question", "searched_for"),
    [
        ("Why?", "What did Joseph Caron tell reporters? Why?"),
        ("And in summer?", "What did Joseph Caron tell reporters? And in summer?"),
        ("what about the children?", "What did Joseph Caron tell reporters? what about the children?"),
        ("Where else?", "What did Joseph Caron tell reporters?"),
    ],
)
def test_a_continuation_is_appended_to_the_last_question(question: str, searched_for: str) -> None:
    assert rewrite(question, [CARON]) == searched_for


@pytest.mark.parametrize(
    ("last", "then", "searched_for"),
    [
        ("When was the bridge closed?", "Why?", "Why was the bridge closed?"),
        ("why did the bridge fall?", "and where?", "Where did the bridge fall?"),
        ("How many saw it fall?", "Why?", "How many saw it fall? Why?"),
    ],
)
def test_a_bare_adverb_takes_the_place_of_the_one_before(last: str, then: str, searched_for: str) -> None:
    assert rewrite(then, [turn(last)]) == searched_for


def test_a_question_with_a_pronoun_gets_names_and_content_words() -> None:
    searched_for = rewrite("What did he say about the injured?", [CARON])
    assert searched_for.startswith("What did he say about the injured? ")
    carried = searched_for.removeprefix("What did he say about the injured? ")
    assert "Joseph Caron" in carried
    assert "reporters" in carried
    assert len(carried.split()) == len({word.lower() for word in carried.split()}), "each word once"


def test_a_question_with_a_pronoun_that_lacks_nothing_is_left_as_it_is() -> None:
    question = "Did they see that bridge fall when it fell?"
    assert is_follow_up(question)
    assert rewrite(question, [turn("When did the bridge fall?")]) == question


def test_a_pronoun_is_resolved_by_the_last_turn_alone() -> None:
    history = [CARON, turn("How tall is the Eiffel Tower?", "The Eiffel Tower is 330 metres tall.", article=ELSEWHERE)]
    searched_for = rewrite("Who built it?", history)
    assert "Eiffel Tower" in searched_for
    assert "Caron" not in searched_for
    assert quoted_articles("Who built it?", history) == {ELSEWHERE.id: 1.0, HERE.id: 0.5}


def test_a_follow_up_of_a_follow_up_continues_what_was_searched_for() -> None:
    last = turn("And its height?", searched_for="Eiffel Tower height")
    assert rewrite("Why?", [last]) == "Eiffel Tower height Why?"


def test_a_follow_up_to_a_question_without_quotes_gets_its_words_and_prefers_no_article() -> None:
    last = turn("Who built the bridge at Hoeryong?")
    assert "Hoeryong" in rewrite("When did they build it?", [last])
    assert quoted_articles("When did they build it?", [last]) == {}


def test_any_question_may_be_about_the_articles_of_the_last_two_turns_with_quotes() -> None:
    oldest, unanswered = Reference("c" * 12, "Ferries", "/c.txt", None, "c" * 64), turn("Who built the bridge at Hoeryong?")
    history = [
        turn("When did it sail?", "At noon.", article=oldest),
        CARON,
        turn("Why?", "It fell.", article=ELSEWHERE),
        unanswered,
    ]
    assert quoted_articles("Are all the animals back?", history) == {ELSEWHERE.id: 1.0, HERE.id: 0.5}


@pytest.mark.parametrize(
    "question",
    [
        "Something else: who stole the tanker?",
        "new one: how old is the man with the kite?",
        "ok back to the bank robber, what sentence is he facing?",
        "Different story: how old did the woman get?",
        "switching to Spain: how many are out of work?",
        "Another thing, were they genuine police?",
    ],
)
def test_a_question_that_announces_a_new_topic_is_about_no_quoted_article(question: str) -> None:
    assert quoted_articles(question, [CARON]) == {}


@pytest.mark.parametrize(
    "question", ["What else did he say?", "Who came back?", "Is there another ferry?", "Did the other one fall?"]
)
def test_words_like_another_and_else_inside_a_question_leave_no_topic(question: str) -> None:
    assert quoted_articles(question, [CARON]) == {HERE.id: 1.0}


def test_after_any_number_of_follow_ups_the_newest_is_still_asked() -> None:
    history: list[Turn] = [CARON]
    for number in range(500):
        question = f"And on day{number}?"
        searched_for = rewrite(question, history)
        assert searched_for.endswith(question)
        assert len(searched_for) <= LONGEST_QUESTION
        history.append(turn(question, searched_for=searched_for))


def test_a_long_question_is_not_cut_by_what_is_carried_over() -> None:
    last = turn("x", searched_for="bridge " * 280)
    question = "Why did they " + "not " * 400 + "go?"
    assert rewrite(question, [last]).startswith(question)


class Echo:
    """An assistant that records the arguments of each question."""

    def __init__(self) -> None:
        self.given: list[tuple[str, int, int]] = []

    def ask(self, question: str, k: int = 5, *, history: object = (), on_stage: object = None) -> Answer:
        turns = list(history)  # type: ignore[call-overload]
        self.given.append((question, k, len(turns)))
        return Answer(question, f"searched {question}", False, 0.0, (), (), 1)


def test_a_conversation_passes_its_turns_on_and_keeps_the_last_twenty() -> None:
    echo = Echo()
    conversation = Conversation(echo)
    for number in range(LONGEST_HISTORY + 5):
        assert conversation.ask(f"question {number}", k=number + 1).question == f"question {number}"
    assert echo.given[:2] == [("question 0", 1, 0), ("question 1", 2, 1)]
    assert echo.given[-1] == (f"question {LONGEST_HISTORY + 4}", LONGEST_HISTORY + 5, LONGEST_HISTORY)
    assert conversation.turns[0] == Turn("question 5", "searched question 5", ())
    assert len(conversation.turns) == LONGEST_HISTORY


def test_a_question_that_is_refused_is_not_remembered(assistant: Assistant) -> None:
    conversation = assistant.conversation()
    with pytest.raises(Exception, match="holds no word"):
        conversation.ask("?!")
    assert conversation.turns == []


def test_an_answer_says_what_was_asked_and_what_was_searched_for(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a="The bridge fell at noon. The Eiffel Tower stood. It was old."))
    conversation = assistant.conversation()
    conversation.ask("When did the bridge fall?")
    answer = conversation.ask("Why?")
    assert (answer.question, answer.searched_for) == ("Why?", "Why did the bridge fall?")
    assert [turn.question for turn in conversation.turns] == ["When did the bridge fall?", "Why?"]
    assert conversation.turns[1].quotes == answer.quotes


def test_follow_ups_on_the_seeds_find_their_answers(seed_assistant: Assistant) -> None:
    conversation = seed_assistant.conversation()
    first = conversation.ask("Which television station interviewed the two border guards who deserted?")
    assert any("Asahi TV" in quote.text for quote in first.quotes)
    second = conversation.ask("How much did they earn a year by smuggling?")
    assert any("20,000 won" in quote.text for quote in second.quotes)
