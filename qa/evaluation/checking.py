"""Do test questions fit a library: are their articles in it, and does each gold answer stand in its article."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qa.assistant import Assistant
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.relevance import SourceSuffixes

What = Literal["source not found", "source ambiguous", "answer not in article", "relevant not found", "relevant ambiguous"]
_NumberedAnswer = tuple[int, str]  # the question's index, and one of its gold answers


@dataclass(frozen=True, slots=True)
class Problem:
    """A test question that does not fit the library."""

    question: str  # its id
    what: What
    which: str  # the source, the answer or the relevant name


def check_questions(assistant: Assistant, questions: Sequence[TestQuestion]) -> list[Problem]:
    """Return what does not fit the library, in the order of the questions.

    Without a source, each gold answer must stand in some article. If the source is not in the library, the answers are not
    checked.
    """
    sources = {article.id: article.source for article in assistant.articles()}
    suffixes = SourceSuffixes(sources)
    problems: list[list[Problem]] = [[] for _ in questions]
    by_article: dict[str, list[_NumberedAnswer]] = defaultdict(list)
    anywhere: list[_NumberedAnswer] = []
    for number, question in enumerate(questions):
        answers = [(number, answer) for answer in question.answers or ()]
        if question.source is None:
            anywhere += answers
        else:
            ids = suffixes.find(question.source)
            if len(ids) != 1:
                what: What = "source ambiguous" if ids else "source not found"
                problems[number].append(Problem(question.id, what, question.source))
            for article_id in ids:
                by_article[article_id] += answers
        for name, _ in question.relevant:
            ids = [name] if name in sources else suffixes.find(name)
            if len(ids) != 1:
                what = "relevant ambiguous" if ids else "relevant not found"
                problems[number].append(Problem(question.id, what, name))
    for number, answer in _missing_answers(assistant, sources if anywhere else by_article, by_article, anywhere):
        problems[number].append(Problem(questions[number].id, "answer not in article", answer))
    return [problem for of_question in problems for problem in of_question]


def _missing_answers(
    assistant: Assistant,
    article_ids: Collection[str],
    by_article: Mapping[str, Sequence[_NumberedAnswer]],
    anywhere: Sequence[_NumberedAnswer],
) -> list[_NumberedAnswer]:
    """Return the answers that stand in none of their articles. Each article is read once."""
    missing = dict.fromkeys([*(answer for answers in by_article.values() for answer in answers), *anywhere])
    left = set(anywhere)
    for article_id in article_ids:
        text = assistant.article(article_id).text
        present = {(number, answer) for number, answer in (*by_article.get(article_id, ()), *left) if answer in text}
        left -= present
        for answer in present:
            missing.pop(answer, None)
    return list(missing)
