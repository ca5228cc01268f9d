"""How many quotes to show, and whether the first reads on its own: `python -m benchmarks.choosing --squad dev-v1.1.json`.

Data: 3,000 questions on SQuAD dev, asked once of one library of its paragraphs. Each rule for when to stop is then applied to
the same quotes. The rules are chosen on the articles with even numbers and reported on those with odd numbers.

Whether a quote reads on its own is judged by its first word, from another list than Pullquote's own, and only if nothing
stands before it. "sentence@1" counts a gold answer only in the sentence that was found, so that the context that a quote
takes along earns nothing. Asking takes some three minutes on two cores, adding the articles two more.
"""

import argparse
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.support.squad import is_odd, library
from qa import Assistant, Settings
from qa.evaluation import TestQuestion
from qa.evaluation.metrics.quoting import first_hit
from qa.text.quotation import LONGEST_QUOTE
from qa.types.articles import Quote, Span

_ALL = 12  # quotes asked for, of which each rule drops some
_SHOWN = 5  # quotes shown of the rest
_PRONOUNS = {"he", "she", "it", "they", "his", "her", "its", "their", "this", "that", "these", "those", "such"}
_CONNECTIVES = {"but", "and", "or", "so", "yet", "however", "therefore", "thus", "hence", "moreover", "also", "instead"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, all quotes that could be shown, and the sentence that the first was made of."""

    question: TestQuestion
    quotes: tuple[Quote, ...]
    sentence: str  # without the context that the quote takes along

    @property
    def odd(self) -> bool:
        """Whether the question is on an article with an odd number."""
        return is_odd(self.question)


def main() -> None:
    """Ask the questions and print both tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad", type=Path, required=True, help="a SQuAD file; each paragraph becomes an article")
    options.add_argument("--questions", type=int, default=3000)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    every = replace(Settings(), furthest_below=math.inf, least_further=0.0)
    with library(chosen.squad, every) as (assistant, questions):
        random.Random(chosen.seed).shuffle(questions)
        asked = [_ask(assistant, question) for question in questions[: chosen.questions]]
    halves = [[each for each in asked if each.odd == odd] for odd in (False, True)]
    console = Console(width=128)
    console.print(_stopping(halves))
    console.print(_reading(asked))


def _ask(assistant: Assistant, question: TestQuestion) -> Asked:
    quotes = assistant.ask(question.question, _ALL).quotes
    return Asked(question, quotes, _sentence(assistant, quotes[0]) if quotes else "")


def _sentence(assistant: Assistant, quote: Quote) -> str:
    """Return the sentence of a quote that holds its highlight, or the whole quote if there is none."""
    place = quote.highlight or Span(quote.start, quote.end)
    article = assistant.article(quote.article.id)
    with assistant.library.snapshot() as snapshot:
        spans = [span for passage in snapshot.article_passages(article.id) for span in passage.spans.tolist()]
    return next((article.text[start:end] for start, end in spans if start <= place.start < place.end <= end), quote.text)


def _stopping(halves: Sequence[Sequence[Asked]]) -> Table:
    table = Table("score below the first", "confidence", box=None, pad_edge=False)
    for half in ("even", "odd"):
        for name in ("quotes", "quote@3", "quote@5"):
            table.add_column(f"{name} {half}")
    rules = [
        (math.inf, 0.0),
        *((gap, 0.0) for gap in (0.8, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3)),
        (math.inf, 0.05),
        (math.inf, 0.1),
        *((gap, 0.05) for gap in (0.6, 0.5, 0.45, 0.4)),
        (0.5, 0.1),
    ]
    for gap, least in rules:
        row = [
            f"{figure:.4f}" if at else f"{figure:.2f}"
            for half in halves
            for at, figure in enumerate(_figures(half, gap, least))
        ]
        table.add_row("any" if gap == math.inf else f"≤ {gap}", f"≥ {least}" if least else "any", *row)
    ours = Settings()
    figures = [_figures(half, ours.furthest_below, ours.least_further, ours.highlighted) for half in halves]
    row = [f"{figure:.4f}" if at else f"{figure:.2f}" for each in figures for at, figure in enumerate(each)]
    table.add_row(f"≤ {ours.furthest_below}", f"≥ {ours.least_further}, or ≥ {ours.highlighted}", *row)
    return table


def _figures(asked: Sequence[Asked], gap: float, least: float, likely: float = math.inf) -> tuple[float, float, float]:
    """Compute the mean number of quotes of an answered question, quote@3 and quote@5."""
    shown = [list(islice(_apply_rule(each.quotes, gap, least, likely), _SHOWN)) for each in asked]
    pairs = zip(shown, asked, strict=True)
    ranks = [first_hit([quote.text for quote in quotes], each.question.answers) for quotes, each in pairs]
    at = [sum(rank is not None and rank <= k for rank in ranks) / len(ranks) for k in (3, 5)]
    return sum(map(len, shown)) / max(1, sum(map(bool, shown))), at[0], at[1]


def _apply_rule(quotes: Sequence[Quote], gap: float, least: float, likely: float) -> Iterable[Quote]:
    return (
        quote
        for quote in quotes
        if quote.rank == 1 or quote.confidence >= likely or (quotes[0].score - quote.score <= gap and quote.confidence >= least)
    )


def _reading(asked: Sequence[Asked]) -> Table:
    answered = [each for each in asked if each.quotes]
    bare = [(each.sentence, False) for each in answered]
    quoted = [(each.quotes[0].text, each.quotes[0].lead is not None) for each in answered]
    table = Table("the first quote", "the sentence alone", "as quoted", box=None, pad_edge=False)
    for name, words in (("begins with a pronoun, nothing before it", _PRONOUNS), ("with a connective", _CONNECTIVES)):
        table.add_row(name, *(f"{_begins(texts, words):.4f}" for texts in (bare, quoted)))
    table.add_row("has a lead", "0", f"{sum(lead for _, lead in quoted) / len(quoted):.4f}")
    table.add_row("characters, mean", *(f"{sum(len(text) for text, _ in texts) / len(texts):.0f}" for texts in (bare, quoted)))
    longest = [f"{sum(len(text) > LONGEST_QUOTE for text, _ in texts) / len(texts):.4f}" for texts in (bare, quoted)]
    table.add_row(f"is longer than {LONGEST_QUOTE}", *longest)
    hits = [
        sum(any(gold in text for gold in each.question.answers) for each, (text, _) in zip(answered, texts, strict=True))
        for texts in (bare, quoted)
    ]
    table.add_row("holds the answer (sentence@1, quote@1)", *(f"{hit / len(asked):.4f}" for hit in hits))
    return table


def _begins(texts: Sequence[tuple[str, bool]], words: set[str]) -> float:
    """Compute the share of texts that have no lead and begin with one of these words."""
    return sum(
        not lead and text.lstrip("\"“”‘'([— ").split(maxsplit=1)[0].strip(",.’'").lower() in words for text, lead in texts
    ) / len(texts)


if __name__ == "__main__":
    main()
