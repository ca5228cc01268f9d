"""Whether test questions fit a library: their articles are in it, and every gold answer stands in its article."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa.assistant import Assistant
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.relevance import Endings

What = Literal["source not found", "source ambiguous", "answer not in article", "relevant not found", "relevant ambiguous"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not fit about a test question."""

    question: str  # its id
    what: What
    which: str  # the source, the answer or the name of what is relevant


def check_questions(assistant: Assistant, questions: Sequence[TestQuestion]) -> list[Problem]:
    """What does not fit the library, in the order of the questions.

    A gold answer of a question without a source must stand in some article; of a question whose source is not there, nothing
    is said of its answers.
    """
    sources = {each.id: each.source for each in assistant.articles()}
    endings = Endings(sources)
    found: list[list[Problem]] = [[] for _ in questions]
    wanted: dict[str, list[tuple[int, str]]] = defaultdict(list)  # by article: the question's number and an answer
    everywhere: list[tuple[int, str]] = []
    for number, question in enumerate(questions):
        answers = [(number, answer) for answer in question.answers or ()]
        if question.source is None:
            everywhere += answers
        else:
            ids = endings.of(question.source)
            if len(ids) != 1:
                what: What = "source ambiguous" if ids else "source not found"
                found[number].append(Problem(question.id, what, question.source))
            for article_id in ids:
                wanted[article_id] += answers
        for name, _ in question.relevant:
            ids = [name] if name in sources else endings.of(name)
            if len(ids) != 1:
                found[number].append(Problem(question.id, "relevant ambiguous" if ids else "relevant not found", name))
    for number, answer in _missing(assistant, sources if everywhere else wanted, wanted, everywhere):
        found[number].append(Problem(questions[number].id, "answer not in article", answer))
    return [problem for problems in found for problem in problems]


def _missing(
    assistant: Assistant,
    article_ids: "dict[str, str] | dict[str, list[tuple[int, str]]]",
    wanted: dict[str, list[tuple[int, str]]],
    everywhere: list[tuple[int, str]],
) -> list[tuple[int, str]]:
    """The answers that stand in none of their articles, each of which is read once."""
    missing = dict.fromkeys([*(each for several in wanted.values() for each in several), *everywhere])
    left = set(everywhere)
    for article_id in article_ids:
        text = assistant.article(article_id).text
        here = {each for each in (*wanted.get(article_id, ()), *left) if each[1] in text}
        left -= here
        for each in here:
            missing.pop(each, None)
    return list(missing)
