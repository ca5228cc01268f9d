"""How well follow-ups are answered: `python -m benchmarks.conversations --questions followups.jsonl --articles DIR`.

Each line of the file is a conversation: its turns with the question as asked, its stand-alone form, the article's name and the
answers, which are empty where the article does not say. Every file of the folder becomes an article of one library. Each
conversation is asked in order, so that a follow-up builds on what Pullquote itself quoted. Beside it stand the same questions
asked alone, and their stand-alone forms.

People also leave an article without a word. So the stand-alone forms are asked once more, shuffled between conversations:
each one comes after questions on other articles, and should be answered as if it were asked alone. It takes some minutes.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.support.ranks import shares_at_1_and_3
from qa import Answer, Assistant
from qa.evaluation.metrics.quoting import first_hit
from qa.search.reader.loading import BUNDLED

_Conversation = Sequence[dict[str, Any]]  # its turns


@dataclass(frozen=True, slots=True)
class Follow:
    """A follow-up and what was answered."""

    answer: Answer
    answers: Sequence[str]
    moved: bool  # whether it is about another article than the turn before

    @property
    def rank(self) -> int | None:
        """The rank of the first quote that holds an answer."""
        return first_hit([quote.text for quote in self.answer.quotes], self.answers)


def main() -> None:
    """Measure each way to ask and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--questions", type=Path, required=True, help="conversations, one a line")
    options.add_argument("--articles", type=Path, required=True, help="the folder of the articles")
    options.add_argument("--reader", default=BUNDLED)
    chosen = options.parse_args()
    lines = chosen.questions.read_text(encoding="utf-8").splitlines()
    conversations = [json.loads(line)["turns"] for line in lines]
    ways: dict[str, Callable[[Assistant, _Conversation], Iterator[Follow]]] = {
        "alone": _alone,
        "in conversation": _in_conversation,
        "stand-alone form": _standalone,
    }
    headings = ("", "follow-ups", "quote@1", "quote@3", "wrongly refused", "rightly refused", "other article: quote@1")
    table = Table(*headings, box=None, pad_edge=False)
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        assistant = Assistant.open(Path(temporary, "library"), reader=chosen.reader)
        assistant.add(chosen.articles)
        for name, way in ways.items():
            table.add_row(name, *_figures([follow for turns in conversations for follow in way(assistant, turns)]))
        shuffled = _shuffled(conversations)
        for name in ("alone", "in conversation"):
            follows = [follow for turns in shuffled for follow in ways[name](assistant, turns)]
            table.add_row(f"on other articles, {name}", *_figures(follows))
    Console(width=140).print(table)


def _shuffled(conversations: Sequence[_Conversation]) -> list[_Conversation]:
    """Make conversations of stand-alone questions, each three turns of three different ones."""
    turns = chain.from_iterable(zip_longest(*conversations))  # all first turns, then all second ones
    alone = [{**turn, "question": turn["standalone"]} for turn in turns if turn]
    return [alone[start : start + 3] for start in range(0, len(alone), 3)]


def _figures(follows: Sequence[Follow]) -> list[str]:
    """Return the cells of a way in the table."""
    answerable = [follow for follow in follows if follow.answers]
    impossible = [follow for follow in follows if not follow.answers]
    moved = [follow for follow in answerable if follow.moved]
    first, third = shares_at_1_and_3(follow.rank for follow in answerable)
    refused = sum(not follow.answer.found for follow in answerable) / len(answerable)
    rightly = sum(not follow.answer.found for follow in impossible)
    return [
        f"{len(answerable)}",
        *(f"{value:.3f}" for value in (first, third, refused)),
        f"{rightly} of {len(impossible)}",
        f"{sum(follow.rank == 1 for follow in moved)} of {len(moved)}",
    ]


def _alone(assistant: Assistant, turns: _Conversation) -> Iterator[Follow]:
    return _each(turns, lambda turn: assistant.ask(turn["question"]))


def _standalone(assistant: Assistant, turns: _Conversation) -> Iterator[Follow]:
    return _each(turns, lambda turn: assistant.ask(turn["standalone"]))


def _in_conversation(assistant: Assistant, turns: _Conversation) -> Iterator[Follow]:
    conversation = assistant.conversation()
    return _each(turns, lambda turn: conversation.ask(turn["question"]))


def _each(turns: _Conversation, ask: Callable[[dict[str, Any]], Answer]) -> Iterator[Follow]:
    """Ask every turn, and yield those after the first."""
    answers = [ask(turn) for turn in turns]
    for before, turn, answer in zip(turns, turns[1:], answers[1:], strict=False):
        yield Follow(answer, turn["answers"], turn["source"] != before["source"])


if __name__ == "__main__":
    main()
