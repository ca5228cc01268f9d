"""Many questions asked at once get the answers that each gets alone, in their order."""

import asyncio
from pathlib import Path

import pytest

from qa import Answer, Assistant
from qa.types.errors import QuestionUnusable

QUESTIONS = ["How tall is the fence?", "hello", "What is the capital of France?", "Who is the Canadian ambassador?", "hello"]


def essence(answer: Answer) -> tuple[object, ...]:
    quotes = [(quote.article.id, quote.start, quote.end, quote.highlight) for quote in answer.quotes]
    return answer.question, answer.searched_for, answer.outcome, answer.help, quotes, answer.left_out[:1] == ()


def test_many_questions_get_the_answers_of_one_by_one(seed_assistant: Assistant) -> None:
    done: list[tuple[int, int]] = []
    together = seed_assistant.ask_many(iter(QUESTIONS), on_progress=lambda *counts: done.append(counts))
    alone = [seed_assistant.ask(question) for question in QUESTIONS]
    assert list(map(essence, together)) == list(map(essence, alone))
    for one, other in zip(together, alone, strict=True):
        assert one.confidence == pytest.approx(other.confidence, abs=1e-4)
    assert done == [(5, 5)]
    assert together.to_frame()["question"].tolist() == QUESTIONS


def test_batches_keep_the_order_and_tell_of_their_progress(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.assistant._BATCH", 2)
    (tmp_path / "kiln.txt").write_text("The kiln was lit in 1840. It cooled in May. The yard sold bricks to Leith.\n")
    assistant.add(tmp_path / "kiln.txt")
    questions = ["When was the kiln lit?", "When did it cool?", "Who bought bricks?"]
    done: list[tuple[int, int]] = []
    answers = assistant.ask_many(questions, 2, on_progress=lambda *counts: done.append(counts), source="kiln")
    assert [answer.question for answer in answers] == questions
    assert [answer.only for answer in answers] == [{"source": "kiln"}] * 3
    assert done == [(2, 3), (3, 3)]
    assert assistant.ask_many([]) == ()


def test_an_unusable_question_is_named_before_anything_is_asked(assistant: Assistant) -> None:
    with pytest.raises(QuestionUnusable, match="Question 2: The question holds no word"):
        assistant.ask_many(["When?", "  "])


def test_a_coroutine_gets_the_same_answer(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "kiln.txt").write_text("The kiln was lit in 1840.\n")
    assistant.add(tmp_path / "kiln.txt")
    assert asyncio.run(assistant.aask("When was the kiln lit?")) == assistant.ask("When was the kiln lit?")
