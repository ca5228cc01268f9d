"""How well Pullquote answers questions asked from memory: `python -m benchmarks.natural --questions test.json.gz`.

The file is in the form of SQuAD 2.0. Its impossible questions are near misses: their paragraph is about the same thing and
does not answer. Every paragraph becomes an article of one library, which is asked all questions.

Beside Pullquote stand rankings of the same sentences: by BM25, by the encoder's vectors, and by txtai if it is installed
(`pip install '.[bench]'`). They refuse nothing. It takes some ten minutes on two cores.
"""

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.support import peers
from embeddings import DEFAULT_MODEL, locate
from qa import Assistant
from qa.evaluation import TestQuestion, evaluate, unpack_squad
from qa.evaluation.metrics.confidence import auroc, calibration_error
from qa.evaluation.metrics.outcomes import Outcome
from qa.search.reader.loading import BUNDLED, NONE
from qa.text.terms import content_terms
from training import samples

_KINDS = {
    "yes/no": r"(is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b",
    "said": r".*\b(say|said|says|tell|told|claim\w*|argue\w*|explain\w*|reaction|comment\w*|think|thought|opinion)\b",
    "how many": r".*\bhow (many|much|long|old|far|big|large|tall|often|fast|high)\b",
    "when": r".*\b(when|what year|which year|what date|what day)\b",
    "who": r".*\b(who|whose|whom)\b",
    "where": r".*\bwhere\b",
    "why": r".*\b(why|what reason|what made|what caused)\b",
    "how": r".*\bhow\b",
}
_SHARES = (0.01, 0.34, 0.67)  # bounds of the share of a question's words in the sentence that answers
_console = Console(width=140)


def main() -> None:
    """Measure with each reader and print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--questions", type=Path, required=True, help="in the form of SQuAD 2.0, gzip or not")
    options.add_argument("--reader", nargs="*", default=[NONE, BUNDLED], help="the readers to measure, one after the other")
    options.add_argument("--model", default=DEFAULT_MODEL, help="the encoder")
    chosen = options.parse_args()
    table = Table(*_HEADINGS, box=None, pad_edge=False)
    for reader in chosen.reader:
        with _library(chosen.questions, reader, chosen.model) as (assistant, questions):
            asked = _Asked(evaluate(assistant, questions).outcomes, assistant)
            table.add_row(f"Pullquote, reader {reader}", *asked.figures())
            _console.print(_by_group(f"reader {reader}, by kind of question", asked, lambda each: _kind(each.question)))
            _console.print(_by_group(f"reader {reader}, by share of common words", asked, asked.common_words))
    for name, (first, third) in _rankings(assistant, questions, chosen.model).items():
        table.add_row(name, f"{first:.3f}", f"{third:.3f}")
    _console.print(table)


_HEADINGS = (
    "",
    "quote@1",
    "quote@3",
    "refused: answerable",
    "near misses",
    "AUROC",
    "calibration error",
    "titles first",
    "median",
)


@contextmanager
def _library(path: Path, reader: str, model: str) -> Iterator[tuple[Assistant, list[TestQuestion]]]:
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        plain = Path(temporary, "questions.json")
        samples.write(plain, samples.read(path))
        questions = unpack_squad(plain, Path(temporary, "articles"))
        assistant = Assistant.open(Path(temporary, "library"), reader=reader, model=model)
        assistant.add(Path(temporary, "articles"))
        yield assistant, questions


@dataclass(frozen=True)
class _Asked:
    """The answers to all questions."""

    outcomes: Sequence[Outcome]
    assistant: Assistant

    @cached_property
    def answerable(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.answerable]

    @cached_property
    def sentences(self) -> dict[str, list[str]]:
        """The sentences of each article, by its source's last two parts."""
        return {key: [text for _, text in found] for key, found in _sentences(self.assistant).items()}

    def figures(self) -> list[str]:
        """The cells of the table."""
        confidences = [each.confidence for each in self.outcomes]
        right = [float(each.answerable and each.rank == 1) for each in self.outcomes if each.found]
        found = [each.confidence for each in self.outcomes if each.found]
        misses = [each for each in self.outcomes if each.unanswerable]
        titles = sum(_is_title(each) for each in self.outcomes if each.found)
        seconds = float(np.median([each.seconds for each in self.outcomes]))
        return [
            f"{_share(each.rank == 1 for each in self.answerable):.3f}",
            f"{_share(each.rank is not None and each.rank <= 3 for each in self.answerable):.3f}",
            f"{_share(not each.found for each in self.answerable):.3f}",
            f"{_share(not each.found for each in misses):.3f}",
            f"{auroc(confidences, [each.answerable for each in self.outcomes]):.3f}",
            f"{calibration_error(found, right):.3f}",
            f"{titles} of {len(found)}",
            f"{seconds * 1000:.0f} ms",
        ]

    def common_words(self, outcome: Outcome) -> str:
        """Name the share of a question's words that stand in the sentence that answers it."""
        terms = set(content_terms(outcome.question.question))
        holding = [
            len(terms & set(content_terms(text))) / max(1, len(terms))
            for text in self.sentences.get(outcome.question.source or "", [])
            if any(answer in text for answer in outcome.question.answers or ())
        ]
        share = max(holding, default=0.0)
        return ("none", "to a third", "to two thirds", "more")[sum(share >= bound for bound in _SHARES)]


def _is_title(outcome: Outcome) -> bool:
    first = outcome.quotes[0]
    return first.text.strip() == first.article.title.strip()


def _share(hits: Iterator[bool]) -> float:
    values = list(hits)
    return sum(values) / max(1, len(values))


def _kind(question: TestQuestion) -> str:
    return next((kind for kind, pattern in _KINDS.items() if re.match(pattern, question.question, re.IGNORECASE)), "what")


def _by_group(title: str, asked: _Asked, group: Callable[[Outcome], str]) -> Table:
    """Tabulate quote@1, quote@3 and refusals of the answerable questions of each group."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in asked.answerable:
        groups.setdefault(group(outcome), []).append(outcome)
    table = Table(title, "questions", "quote@1", "quote@3", "refused", box=None, pad_edge=False)
    for name, outcomes in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        first = _share(each.rank == 1 for each in outcomes)
        third = _share(each.rank is not None and each.rank <= 3 for each in outcomes)
        refused = _share(not each.found for each in outcomes)
        table.add_row(name, f"{len(outcomes)}", f"{first:.3f}", f"{third:.3f}", f"{refused:.3f}")
    return table


def _sentences(assistant: Assistant) -> dict[str, list[tuple[str, str]]]:
    """Return the sentences of the library, each with its article's key, by that key."""
    found: dict[str, list[tuple[str, str]]] = {}
    with assistant.library.snapshot() as snapshot:
        for source, article_id in samples.article_ids(assistant).items():
            passages = snapshot.article_passages(article_id)
            found[source] = [(source, text) for passage in passages for text in passage.sentences]
    return found


def _rankings(assistant: Assistant, questions: Sequence[TestQuestion], model: str) -> dict[str, tuple[float, float]]:
    """Measure rankings of all sentences: how often the first, or one of the first three, holds the answer."""
    sentences = [pair for pairs in _sentences(assistant).values() for pair in pairs]
    asked = [question for question in questions if question.answers]
    rankings = peers.rank_sentences(
        [text for _, text in sentences], [question.question for question in asked], str(locate(model).folder)
    )
    return {name: _hits(asked, sentences, ranked) for name, ranked in rankings.items()}


def _hits(
    asked: Sequence[TestQuestion], sentences: Sequence[tuple[str, str]], ranked: Sequence[Sequence[int]]
) -> tuple[float, float]:
    def holds(question: TestQuestion, number: int) -> bool:
        return any(answer in sentences[number][1] for answer in question.answers or ())

    hits = [[holds(question, number) for number in numbers[:3]] for question, numbers in zip(asked, ranked, strict=True)]
    return _share(iter(each[0] for each in hits)), _share(iter(any(each) for each in hits))


if __name__ == "__main__":
    main()
