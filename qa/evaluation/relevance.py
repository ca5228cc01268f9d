"""Relevance: which articles and passages of a library a test question should find."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from qa.assistant import Assistant
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.metrics.outcomes import passage_key


class SourceSuffixes:
    """Article ids, looked up by the end of their source: its last path parts, or a file and an id in it."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """Index sources by article id."""
        self._reversed = sorted((source[::-1], article_id) for article_id, source in sources.items())

    def find(self, suffix: str) -> list[str]:
        """Return the ids of the articles whose source ends with `suffix`.

        A match at the border of a path part is preferred: `ferry.txt` finds `a/ferry.txt`, not `a/oldferry.txt`.
        """
        prefix = suffix[::-1]
        matches = []  # the character before the suffix, and the article id
        for at in range(bisect_left(self._reversed, (prefix, "")), len(self._reversed)):
            source, article_id = self._reversed[at]
            if not source.startswith(prefix):
                break
            matches.append((source[len(prefix) : len(prefix) + 1], article_id))
        exact = [article_id for before, article_id in matches if not before.isalnum()]
        return exact or [article_id for _, article_id in matches]


class Judge:
    """Relevance judgements for the articles of a library and their passages."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.sources = {article.id: article.source for article in assistant.articles()}
        self._suffixes = SourceSuffixes(self.sources)
        self._passages: dict[str, list[tuple[int, int]]] = {}  # (start, end) by article id

    def articles(self, question: TestQuestion) -> dict[str, int]:
        """Return the grade of each relevant article by its id. Empty if the question names none.

        An article that is not in the library keeps the name that the question gives it, so it counts as not found.
        """
        named = [] if question.source is None or question.answers == () else [(question.source, 1)]
        grades: dict[str, int] = {}
        for suffix, grade in (*named, *question.relevant):
            for article_id in self._suffixes.find(suffix) or [suffix]:
                grades[article_id] = max(grade, grades.get(article_id, grade))
        return grades

    def passages(self, question: TestQuestion, articles: dict[str, int]) -> dict[str, int]:
        """Return the passages of relevant articles that hold a gold answer, each with its article's grade."""
        grades: dict[str, int] = {}
        for article_id, grade in articles.items():
            if grade > 0 and question.answers and article_id in self.sources:
                grades |= dict.fromkeys(self._passages_with(article_id, question.answers), grade)
        return grades

    def _passages_with(self, article_id: str, answers: Sequence[str]) -> list[str]:
        text = self._assistant.article(article_id).text
        if article_id not in self._passages:
            with self._assistant.library.snapshot() as snapshot:
                passages = snapshot.article_passages(article_id)
            self._passages[article_id] = [(passage.start, passage.end) for passage in passages]
        return [
            passage_key(article_id, start, end)
            for start, end in self._passages[article_id]
            if any(answer in text[start:end] for answer in answers)
        ]
