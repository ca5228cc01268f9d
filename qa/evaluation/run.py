"""A run: every test question asked through `Assistant.ask`, what came, and the figures."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa.articles import Answer, Passage
from qa.assistant import Assistant
from qa.evaluation.baselines import rankings
from qa.evaluation.measures import Figures, first_hit, middle, percentile, ranking_figures, share
from qa.evaluation.questions import TestQuestion


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test question and what came of it."""

    question: TestQuestion
    answer: Answer
    rank: int | None  # of the first quote that holds a gold answer, from 1
    n_broken: int  # quotes that are not the slice they say they are
    seconds: float  # of the question itself, its history not counted


@dataclass(frozen=True, slots=True)
class Run:
    """All outcomes, their figures, and those of simpler rankings where they were asked for."""

    outcomes: tuple[Outcome, ...]
    figures: Figures
    baselines: dict[str, dict[str, float]]


def evaluate(
    assistant: Assistant,
    questions: Sequence[TestQuestion],
    *,
    whole_articles: bool = False,
    baselines: bool = False,
    on_question: Callable[[int, int], None] | None = None,
) -> Run:
    """Ask every question and reckon the figures.

    Args:
        assistant: with the library that the questions are about.
        questions: at least one.
        whole_articles: rank articles by their best passage, and count the source as what should be found; otherwise rank
            passages, and count those of the source that hold a gold answer.
        baselines: rank with BM25 alone, vectors alone and reciprocal rank fusion as well.
        on_question: told how many questions are done, and of how many.
    """
    judge = _Judge(assistant, whole_articles)
    outcomes = []
    compared: dict[str, dict[str, list[str]]] = {}
    for done, question in enumerate(questions, start=1):
        outcome = _ask(assistant, question)
        outcomes.append(outcome)
        judge.take(outcome)
        if baselines and question.id in judge.relevant:
            for name, ranking in rankings(assistant, outcome.answer.searched_for, judge.key).items():
                compared.setdefault(name, {})[question.id] = ranking
        if on_question:
            on_question(done, len(questions))
    figures = _figures(outcomes, judge)
    simpler = {name: ranking_figures(found, judge.relevant) for name, found in compared.items()}
    return Run(tuple(outcomes), figures, simpler)


def _ask(assistant: Assistant, question: TestQuestion) -> Outcome:
    conversation = assistant.conversation()
    for earlier in question.history:
        conversation.ask(earlier)
    began = time.perf_counter()
    answer = conversation.ask(question.question, k=5)
    seconds = time.perf_counter() - began
    rank = first_hit([quote.text for quote in answer.quotes], question.answers)
    broken = sum(
        not quote.stands_in(assistant.article(quote.article.id, quote.article.version).text) for quote in answer.quotes
    )
    return Outcome(question, answer, rank, broken, seconds)


class _Judge:
    """Which of the things that can be found should be, and in what order they were."""

    def __init__(self, assistant: Assistant, whole_articles: bool) -> None:
        self._assistant = assistant
        self._whole_articles = whole_articles
        self._articles = assistant.articles()
        self._ids: dict[str, list[str]] = {}
        self.relevant: dict[str, set[str]] = {}
        self.rankings: dict[str, list[str]] = {}

    def key(self, article_id: str, start: int, end: int) -> str:
        return article_id if self._whole_articles else f"{article_id}:{start}:{end}"

    def take(self, outcome: Outcome) -> None:
        """Note what one question should have found and what it did; nothing where its source is not given."""
        question = outcome.question
        if question.source is None or not question.answerable:
            return
        should = {key for article_id in self._from(question.source) for key in self._in_article(article_id, question.answers)}
        if should:
            self.relevant[question.id] = should
            self.rankings[question.id] = list(dict.fromkeys(self._passage_key(each) for each in outcome.answer.passages))

    def _passage_key(self, passage: Passage) -> str:
        return self.key(passage.article.id, passage.start, passage.end)

    def _from(self, source: str) -> list[str]:
        if source not in self._ids:
            self._ids[source] = [each.id for each in self._articles if each.source.endswith(source)]
        return self._ids[source]

    def _in_article(self, article_id: str, answers: Sequence[str]) -> list[str]:
        if self._whole_articles:
            return [article_id]
        text = self._assistant.article(article_id).text
        with self._assistant.library.reading() as view:
            places = [(each.start, each.end) for each in view.article_passages(article_id)]
        return [self.key(article_id, s, e) for s, e in places if any(answer in text[s:e] for answer in answers)]


def _figures(outcomes: Sequence[Outcome], judge: _Judge) -> Figures:
    answerable = [outcome for outcome in outcomes if outcome.question.answerable]
    refused = [outcome for outcome in outcomes if not outcome.answer.found]
    seconds = [outcome.seconds for outcome in outcomes]

    def quote_at(k: int) -> float | None:
        return share([outcome.rank is not None and outcome.rank <= k for outcome in answerable])

    return Figures(
        n_questions=len(outcomes),
        n_answerable=len(answerable),
        quote_at_1=quote_at(1),
        quote_at_3=quote_at(3),
        quote_at_5=quote_at(5),
        ranking=ranking_figures(judge.rankings, judge.relevant),
        n_ranked=len(judge.relevant),
        right_refusals=sum(not outcome.question.answerable for outcome in refused),
        wrong_refusals=sum(outcome.question.answerable for outcome in refused),
        n_quotes=sum(len(outcome.answer.quotes) for outcome in outcomes),
        n_broken_quotes=sum(outcome.n_broken for outcome in outcomes),
        median_seconds=middle(seconds),
        p95_seconds=percentile(seconds, 0.95),
    )
