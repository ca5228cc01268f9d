"""A run: every test question asked through `Assistant.ask`, what came, and the figures."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from qa.assistant import Assistant
from qa.evaluation.baselines import rankings
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.metrics.measures import ARTICLES, PASSAGES, Figures, Level, figures, rank_scores
from qa.evaluation.metrics.quoting import first_hit
from qa.evaluation.outcomes import Around, Outcome, RunInfo, article_of, passage_key
from qa.evaluation.relevance import Judge
from qa.evaluation.run_info import what_makes
from qa.types.articles import Answer, Quote

if TYPE_CHECKING:
    import pandas

AROUND = 200  # characters kept on each side of a quote
DEPTH = 100  # passages ranked, as R@100 needs


@dataclass(frozen=True)  # not slotted: its figures are kept
class Run:
    """All outcomes and what made them, their figures, and those of simpler rankings where they were asked for."""

    outcomes: tuple[Outcome, ...]
    made: RunInfo
    level: Level = "passage"  # what `figures.ranking` and the baselines are of
    baselines: dict[str, dict[str, float]] = field(default_factory=dict)  # by ranking and, as `figures.ranking`, by measure
    by_question: dict[str, dict[str, tuple[float | None, ...]]] = field(
        default_factory=dict
    )  # the same and those of the other level, by their names in `measures`, for each outcome; None where it has none
    sources: dict[str, str] = field(default_factory=dict)  # of the articles that were ranked, by id
    name: str = ""  # what it was saved as

    @cached_property
    def figures(self) -> Figures:
        """The figures, reckoned from the outcomes."""
        return figures(self.outcomes, self.level)

    def to_frame(self) -> "pandas.DataFrame":
        """A table with a row for each question and a column for each measure: see `qa.evaluation.frame`."""
        from qa.evaluation.frame import frame

        return frame(self.outcomes)


def evaluate(
    assistant: Assistant,
    questions: Sequence[TestQuestion],
    *,
    whole_articles: bool = False,
    baselines: bool = False,
    k: int = 5,
    depth: int = DEPTH,
    name: str = "",
    on_question: Callable[[int, int], None] | None = None,
) -> Run:
    """Ask every question; the run's `figures` say how well that went.

    What should be found are the articles that a question names, and those of their passages that hold a gold answer.

    Args:
        assistant: with the library that the questions are about.
        questions: at least one.
        whole_articles: whether `figures.ranking` and the baselines are of articles, each at the place of its best passage,
            rather than of passages.
        baselines: rank with BM25 alone, vectors alone and reciprocal rank fusion as well.
        k: quotes asked for.
        depth: passages ranked; beyond those that `Assistant.ask` reads, they are what `Assistant.search` finds, and the time
            for that is not counted.
        name: of the run.
        on_question: told how many questions are done, and of how many.
    """
    judge, made, began = Judge(assistant), what_makes(assistant, questions, k, depth), time.perf_counter()
    outcomes: list[Outcome] = []
    simpler: dict[str, list[list[str]]] = {}
    for done, question in enumerate(questions, start=1):
        outcomes.append(_ask(assistant, judge, question, k, depth))
        if baselines:
            for each, ranking in rankings(assistant, outcomes[-1].searched_for, passage_key).items():
                simpler.setdefault(each, []).append(ranking)
        if on_question:
            on_question(done, len(questions))
    ranked = {article_of(key) for outcome in outcomes for key in outcome.passages}
    by_question = {each: _by_question(found, outcomes) for each, found in simpler.items()}
    return Run(
        tuple(outcomes),
        replace(made, seconds=time.perf_counter() - began),
        "article" if whole_articles else "passage",
        {each: _means(of, ARTICLES if whole_articles else PASSAGES) for each, of in by_question.items()},
        by_question,
        {article_id: source for article_id, source in judge.sources.items() if article_id in ranked},
        name,
    )


def _ask(assistant: Assistant, judge: Judge, question: TestQuestion, k: int, depth: int) -> Outcome:
    conversation = assistant.conversation()
    for earlier in question.history:
        conversation.ask(earlier)
    began = time.perf_counter()
    answer = conversation.ask(question.question, k=k)
    seconds = time.perf_counter() - began
    beside = [_around(assistant, quote) for quote in answer.quotes]
    answers = question.answers or ()
    gold = judge.articles(question)
    return Outcome(
        question=question,
        searched_for=answer.searched_for,
        found=answer.found,
        confidence=answer.confidence,
        quotes=answer.quotes,
        around=tuple(around for around, _ in beside),
        passages=_ranked(assistant, answer, depth),
        n_read=len(answer.passages),
        answer_read=any(one in each.text for each in answer.passages for one in answers) if answers else None,
        gold_passages=judge.passages(question, gold),
        gold_articles=gold,
        rank=first_hit([quote.text for quote in answer.quotes], answers),
        n_broken=sum(not stands for _, stands in beside),
        seconds=seconds,
        timings=answer.timings,
    )


def _around(assistant: Assistant, quote: Quote) -> tuple[Around, bool]:
    """What stands beside a quote, and whether the quote is the slice that it says it is."""
    text = assistant.article(quote.article.id, quote.article.version).text
    beside = Around(text[max(0, quote.start - AROUND) : quote.start], text[quote.end : quote.end + AROUND])
    return beside, quote.stands_in(text)


def _ranked(assistant: Assistant, answer: Answer, depth: int) -> tuple[str, ...]:
    """The passages that were read, best first, and after them what a search for the same finds."""
    passages = list(answer.passages)
    if passages and len(passages) < depth:
        passages += assistant.search(answer.searched_for, depth)
    keys = dict.fromkeys(passage_key(each.article.id, each.start, each.end) for each in passages)
    return tuple(keys)[:depth]


def _by_question(found: Sequence[Sequence[str]], outcomes: Sequence[Outcome]) -> dict[str, tuple[float | None, ...]]:
    """The measures of another ranking of the passages, by name, those that nothing is known of left out."""
    otherwise = [replace(each, passages=tuple(ranking)) for each, ranking in zip(outcomes, found, strict=True)]
    table = rank_scores(otherwise)
    return {
        name: tuple(None if isnan(value) else value for value in column.tolist())
        for name, column in table.items()
        if np.isfinite(column).any()
    }


def _means(of: Mapping[str, Sequence[float | None]], names: Sequence[str]) -> dict[str, float]:
    known = {plain: [v for v in of.get(name, ()) if v is not None] for name, plain in zip(names, PASSAGES, strict=True)}
    return {name: sum(values) / len(values) for name, values in known.items() if values}
