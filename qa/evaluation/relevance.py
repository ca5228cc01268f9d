"""Which of the things that can be found should be."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from qa.assistant import Assistant
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.outcomes import passage_key


class Endings:
    """Articles by how their sources end."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """Take the sources by article id."""
        self._backwards = sorted((source[::-1], article_id) for article_id, source in sources.items())

    def of(self, ending: str) -> list[str]:
        """The ids of those whose source ends so; those alone where that is a whole part of a path, if there are any."""
        backwards = ending[::-1]
        found = []
        for at in range(bisect_left(self._backwards, (backwards, "")), len(self._backwards)):
            source, article_id = self._backwards[at]
            if not source.startswith(backwards):
                break
            found.append((source[len(backwards) : len(backwards) + 1], article_id))
        whole = [article_id for before, article_id in found if not before.isalnum()]
        return whole or [article_id for _, article_id in found]


class Judge:
    """Knows the articles of a library by the ends of their names, and where in them gold answers stand."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        references = assistant.articles()
        self.sources = {each.id: each.source for each in references}
        self._endings = Endings(self.sources)
        self._places: dict[str, list[tuple[int, int]]] = {}

    def articles(self, question: TestQuestion) -> dict[str, int]:
        """The ids of the articles that should be found, with their grades; empty where the question does not say.

        One that is not in the library goes by the name that the question gives it, and so counts as not found.
        """
        named = [] if question.source is None or question.answers == () else [(question.source, 1)]
        grades: dict[str, int] = {}
        for ending, grade in (*named, *question.relevant):
            for article_id in self._endings.of(ending) or [ending]:
                grades[article_id] = max(grade, grades.get(article_id, grade))
        return grades

    def passages(self, question: TestQuestion, articles: dict[str, int]) -> dict[str, int]:
        """The passages of those articles that hold a gold answer, each with its article's grade."""
        held: dict[str, int] = {}
        for article_id, grade in articles.items():
            if grade > 0 and question.answers and article_id in self.sources:
                held |= dict.fromkeys(self._holding(article_id, question.answers), grade)
        return held

    def _holding(self, article_id: str, answers: Sequence[str]) -> list[str]:
        text = self._assistant.article(article_id).text
        if article_id not in self._places:
            with self._assistant.library.snapshot() as snapshot:
                self._places[article_id] = [(each.start, each.end) for each in snapshot.article_passages(article_id)]
        places = self._places[article_id]
        return [passage_key(article_id, s, e) for s, e in places if any(answer in text[s:e] for answer in answers)]
