"""Tests that greetings and questions about Pullquote get a fixed reply, and that all other questions are searched."""

import io
import math
from pathlib import Path

import pytest
from rich.console import Console
from support.nasty import write

from embeddings import Encoder
from qa import Answer, Assistant, Settings
from ui.cli.terminal import print_answer
from ui.html.answer import answer_html

EVERY = Settings(least_confidence=0, furthest_below=math.inf, least_further=0)
ABOUT_PULLQUOTE = [
    *("hello", "Hi!", "Hey there", "Good morning, Pullquote.", "HELLO!!!", "How are you today?", "Bonjour"),
    *("who are you?", "What are you?", "Who is Pullquote?", "what’s your name?", "Who am I talking to?", "who are you again?"),
    *("What can you do?", "Hi, what can you do for me?", "help", "Help me please", "Can you help me?", "What is Pullquote?"),
    *("how do you work?", "How does this tool work?", "How do I use this app?", "What can I ask?", "How do I ask a question?"),
    *("are you ChatGPT?", "Are you GPT-4?", "Are you an AI or a human?", "Which model do you use?", "Who made you?"),
    *("How can I add my own articles?", "Which articles do you have?", "How many files do you know?", "Do you speak Thai?"),
]
THANKS = ["thanks", "Thank you very much!", "ok, thanks", "Great!", "okay", "Bye", "Thanks for your help", "Perfect, thank you"]
QUESTIONS = [
    "Who are you talking about in the article on Kim?",
    "Hello Kitty's inventor?",
    "What can you tell me about embassies?",
    "help for refugees",
    "Who can help me renew a passport?",
    "What is the Great Wall?",
    "What are you allowed to carry over the border?",
    "How do you work iron without a forge?",
    "How does it work?",
    "Which model did Ford sell in 1908?",
    "Are human beings mammals?",
    "Who made the first telescope?",
    "How many articles does the treaty have?",
    "How do I add salt to the dough?",
    "Thanks to whom was the bridge saved?",
    "Who said thank you?",
    "What language do they speak in Brazil?",
    "How old are they?",
    "When did the band Hello release its first record?",
    "Goodbye, Columbus",
    "hello " * 40,
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_encoder: Encoder) -> Assistant:
    tmp_path = tmp_path_factory.mktemp("greetings")
    assistant = Assistant.open(tmp_path / "library", model=str(tiny_model), reader="none", settings=EVERY)
    assistant._encoder = tiny_encoder
    assistant.add(write(tmp_path, a="The bridge fell at noon. Nobody was hurt.", b="Hello is a song. Bread needs salt."))
    return assistant


def printed(assistant: Assistant, answer: Answer) -> str:
    console = Console(file=io.StringIO(), width=1000)
    print_answer(console, answer, lambda reference: assistant.article(reference.id, reference.version))
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", [*ABOUT_PULLQUOTE, *THANKS])
def test_a_greeting_gets_a_line_and_no_quote(filled: Assistant, text: str) -> None:
    answer = filled.ask(text)
    assert answer.help
    assert (answer.found, answer.confidence, answer.quotes, answer.passages) == (False, 0.0, (), ())
    assert (answer.question, answer.searched_for, answer.generation) == (text, text, filled.ask("bridge").generation)
    assert set(answer.timings) == {"total"}
    assert Answer.from_json(answer.to_json()) == answer


@pytest.mark.parametrize("text", ABOUT_PULLQUOTE)
def test_the_line_says_what_pullquote_does_how_much_it_has_and_how_articles_are_added(filled: Assistant, text: str) -> None:
    said = filled.ask(text).help or ""
    assert "quoted word for word" in said
    assert "There are 2 articles." in said
    assert "pullquote add" in said


@pytest.mark.parametrize("text", THANKS)
def test_thanks_and_goodbye_get_a_short_reply(filled: Assistant, text: str) -> None:
    assert (filled.ask(text).help or "").startswith("You are welcome.")


def test_with_one_article_or_none_the_line_says_so(assistant: Assistant, tmp_path: Path) -> None:
    assert "There are no articles yet" in (assistant.ask("help").help or "")
    assistant.add(write(tmp_path, a="The bridge fell."))
    assert "There is 1 article." in (assistant.ask("help").help or "")


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_about_something_else_is_searched_for(filled: Assistant, question: str) -> None:
    answer = filled.ask(question)
    assert answer.help is None
    assert answer.passages


def test_a_greeting_before_a_question_does_not_hide_it(filled: Assistant) -> None:
    answer = filled.ask("Hello, when did the bridge fall?")
    assert answer.help is None
    assert "The bridge fell at noon." in [quote.text for quote in answer.quotes]


def test_a_conversation_goes_on_after_thanks_as_if_nothing_had_been_said(filled: Assistant) -> None:
    conversation = filled.conversation()
    conversation.ask("When did the bridge fall?")
    assert conversation.ask("Thanks!").help
    assert [turn.question for turn in conversation.turns] == ["When did the bridge fall?"]
    undisturbed = filled.conversation()
    undisturbed.ask("When did the bridge fall?")
    assert conversation.ask("Why?") == undisturbed.ask("Why?")


def test_terminal_and_page_show_the_line_instead_of_a_refusal(filled: Assistant) -> None:
    answer = filled.ask("Who are you?")
    assert answer.help is not None
    assert printed(filled, answer) == f"{answer.help}\n"
    shown = answer_html(answer, 1)
    assert shown == f'<div class="answer"><p class="help">{answer.help}</p></div>'
    assert "No sentence found" in printed(filled, Answer("x", "x", False, 0.0, (), (), 1))
