"""A run: every test question asked through `Assistant.ask`, the outcomes, and the figures."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from qa.assistant import Assistant
from qa.evaluation.baselines import mean_scores, rank_baselines, score_baseline
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.failure_reasons import cause
from qa.evaluation.metrics.measures import Figures, Level, figures, scores
from qa.evaluation.metrics.outcomes import Outcome, QuoteContext, article_of, passage_key
from qa.evaluation.metrics.quoting import answering_words, first_hit
from qa.evaluation.relevance import Judge
from qa.evaluation.run_info import RunInfo, collect_run_info
from qa.types.articles import Answer, Quote
from qa.types.display import Displayed
from qa.types.frames import import_pandas

if TYPE_CHECKING:
    import pandas

AROUND = 200  # characters of context on each side of a quote
DEPTH = 100  # passages ranked, as R@100 needs


@dataclass(frozen=True)  # no slots, because `figures` is cached
class Run(Displayed):
    """The outcomes of all test questions, what produced them, and the scores of simpler rankings."""

    outcomes: tuple[Outcome, ...]
    made: RunInfo
    level: Level = "passage"  # of `figures.ranking` and the baselines
    baselines: dict[str, dict[str, float]] = field(default_factory=dict)  # by ranking and, as in `figures.ranking`, by measure
    # By ranking and measure, of both levels: a score for each outcome, None if it has none.
    by_question: dict[str, dict[str, tuple[float | None, ...]]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)  # of the ranked articles, by id
    name: str = ""  # that it was saved under

    @cached_property
    def figures(self) -> Figures:
        """The figures, computed from the outcomes."""
        return figures(self.outcomes, self.level)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table with one row per question, indexed by question id.

        Its columns are question, searched_for, follow_up, answerable (None if not known), found, confidence, rank (of the
        first quote that holds a gold answer), cause, quote (the first), answer (its answering words), source (its article's),
        n_read and seconds. A column for each measure that is a mean over questions follows, NaN if a question has none.
        """
        pandas = import_pandas()
        ids = pandas.Index([outcome.question.id for outcome in self.outcomes], name="id")
        rows = pandas.DataFrame([_frame_row(outcome) for outcome in self.outcomes], index=ids)
        return rows.assign(**scores(self.outcomes))


def _frame_row(outcome: Outcome) -> dict[str, Any]:
    first = outcome.quotes[0] if outcome.quotes else None
    return {
        "question": outcome.question.question,
        "searched_for": outcome.searched_for,
        "follow_up": bool(outcome.question.history),
        "answerable": None if outcome.question.answers is None else outcome.answerable,
        "found": outcome.found,
        "confidence": outcome.confidence,
        "rank": outcome.rank,
        "cause": cause(outcome),
        "quote": first.text if first else None,
        "answer": answering_words(outcome) or None,
        "source": first.article.source if first else None,
        "n_read": outcome.n_read,
        "seconds": outcome.seconds,
    }


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
    """Ask every test question and return the run. Its `figures` say how well that went.

    Relevant are the articles that a question names, and those of their passages that hold a gold answer.

    Args:
        assistant: with the library that the questions are about.
        questions: at least one.
        whole_articles: compute `figures.ranking` and the baselines over articles, each at the rank of its best passage.
        baselines: also rank with BM25 alone, vectors alone and reciprocal rank fusion.
        k: quotes per answer, at most.
        depth: passages ranked. Beyond those that `Assistant.ask` reads, they come from `Assistant.search`, whose time is not
            counted.
        name: of the run.
        on_question: called after each question with how many are done and how many there are.
    """
    judge, info, start = Judge(assistant), collect_run_info(assistant, questions, k, depth), time.perf_counter()
    level: Level = "article" if whole_articles else "passage"
    outcomes: list[Outcome] = []
    rankings: dict[str, list[list[str]]] = {}  # by baseline, one ranking per question
    for n_done, question in enumerate(questions, start=1):
        outcomes.append(_ask(assistant, judge, question, k, depth))
        if baselines:
            for baseline, ranking in rank_baselines(assistant, outcomes[-1].searched_for).items():
                rankings.setdefault(baseline, []).append(ranking)
        if on_question:
            on_question(n_done, len(questions))
    ranked_articles = {article_of(key) for outcome in outcomes for key in outcome.passages}
    by_question = {baseline: score_baseline(each, outcomes) for baseline, each in rankings.items()}
    return Run(
        outcomes=tuple(outcomes),
        made=replace(info, seconds=time.perf_counter() - start),
        level=level,
        baselines={baseline: mean_scores(table, level) for baseline, table in by_question.items()},
        by_question=by_question,
        sources={article_id: source for article_id, source in judge.sources.items() if article_id in ranked_articles},
        name=name,
    )


def _ask(assistant: Assistant, judge: Judge, question: TestQuestion, k: int, depth: int) -> Outcome:
    conversation = assistant.conversation()
    for earlier in question.history:
        conversation.ask(earlier)
    start = time.perf_counter()
    answer = conversation.ask(question.question, k=k)
    seconds = time.perf_counter() - start
    contexts = [_context(assistant, quote) for quote in (*answer.quotes, *([answer.closest] if answer.closest else []))]
    gold = question.answers or ()
    gold_articles = judge.articles(question)
    return Outcome(
        question=question,
        searched_for=answer.searched_for,
        found=answer.found,
        confidence=answer.confidence,
        quotes=answer.quotes,
        around=tuple(context for context, _ in contexts[: len(answer.quotes)]),
        passages=_ranking(assistant, answer, depth),
        n_read=len(answer.passages),
        answer_read=any(text in passage.text for passage in answer.passages for text in gold) if gold else None,
        gold_passages=judge.passages(question, gold_articles),
        gold_articles=gold_articles,
        rank=first_hit([quote.text for quote in answer.quotes], gold),
        n_broken=sum(not is_verbatim for _, is_verbatim in contexts),
        seconds=seconds,
        timings=answer.timings,
        closest=answer.closest,
    )


def _context(assistant: Assistant, quote: Quote) -> tuple[QuoteContext, bool]:
    """Return the text around a quote, and whether the quote is verbatim at its place in the article."""
    text = assistant.article(quote.article.id, quote.article.version).text
    context = QuoteContext(text[max(0, quote.start - AROUND) : quote.start], text[quote.end : quote.end + AROUND])
    return context, quote.stands_in(text)


def _ranking(assistant: Assistant, answer: Answer, depth: int) -> tuple[str, ...]:
    """Rank the passages that were read, best first, then those that a search for the same question finds."""
    passages = list(answer.passages)
    if passages and len(passages) < depth:
        passages += assistant.search(answer.searched_for, depth)
    keys = dict.fromkeys(passage_key(passage.article.id, passage.start, passage.end) for passage in passages)
    return tuple(keys)[:depth]
