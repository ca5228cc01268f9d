"""How well Pullquote answers questions asked from memory: `python -m benchmarks.natural --questions test.json.gz`.

The file is in the form of SQuAD 2.0. Its impossible questions are near misses: their paragraph is about the same thing and
does not answer. Every paragraph becomes an article of one library, which is asked all questions.

Beside Pullquote stand rankings of the same sentences: by BM25, by the encoder's vectors, and by txtai if it is installed
(`pip install '.[bench]'`). They refuse nothing. It takes some ten minutes on two cores.
"""

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.support import peers
from benchmarks.support.ranks import shares_at_1_and_3
from benchmarks.support.squad import library
from embeddings import DEFAULT_MODEL, locate
from qa import Assistant
from qa.evaluation import Run, TestQuestion, evaluate
from qa.evaluation.metrics.outcomes import Outcome
from qa.evaluation.metrics.quoting import first_hit
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
_HEADINGS = (
    *("", "quote@1", "quote@3", "refused: answerable", "near misses", "AUROC", "calibration error"),
    *("titles first", "median"),
)
_console = Console(width=140)


def main() -> None:
    """Measure with each reader and print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--questions", type=Path, required=True, help="in the form of SQuAD 2.0, gzip or not")
    options.add_argument("--reader", nargs="*", default=[NONE, BUNDLED], help="the readers to measure, one after the other")
    options.add_argument("--model", default=DEFAULT_MODEL, help="the encoder")
    chosen = options.parse_args()
    table = Table(*_HEADINGS, box=None, pad_edge=False)
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        squad = Path(temporary, "questions.json")
        samples.write(squad, samples.read(chosen.questions))
        for reader in chosen.reader:
            with library(squad, reader=reader, model=chosen.model) as (assistant, questions):
                sentences = _sentences(assistant)
                run = evaluate(assistant, questions)
            table.add_row(f"Pullquote, reader {reader}", *_figures(run))
            answerable = [outcome for outcome in run.outcomes if outcome.answerable]
            _console.print(_by_group(f"reader {reader}, by kind of question", answerable, _kind))
            shares = partial(_common_words, sentences=sentences)
            _console.print(_by_group(f"reader {reader}, by share of common words", answerable, shares))
    for name, (first, third) in _rankings(sentences, questions, chosen.model).items():
        table.add_row(name, f"{first:.3f}", f"{third:.3f}")
    _console.print(table)


def _figures(run: Run) -> list[str]:
    """Return the cells of a run in the table."""
    figures, found = run.figures, [outcome for outcome in run.outcomes if outcome.found]
    return [
        f"{figures.quote_at_1 or 0:.3f}",
        f"{figures.quote_at_3 or 0:.3f}",
        f"{figures.wrong_refusals / max(1, figures.n_answerable):.3f}",
        f"{figures.right_refusals / max(1, figures.n_unanswerable):.3f}",
        f"{figures.values.get('AUROC', 0):.3f}",
        f"{figures.values.get('ECE', 0):.3f}",
        f"{sum(map(_is_title, found))} of {len(found)}",
        f"{figures.median_seconds * 1000:.0f} ms",
    ]


def _is_title(outcome: Outcome) -> bool:
    first = outcome.quotes[0]
    return first.text.strip() == first.article.title.strip()


def _kind(outcome: Outcome) -> str:
    text = outcome.question.question
    return next((kind for kind, pattern in _KINDS.items() if re.match(pattern, text, re.IGNORECASE)), "what")


def _common_words(outcome: Outcome, sentences: Mapping[str, Sequence[str]]) -> str:
    """Name the share of a question's words that stand in the sentence that answers it."""
    terms = set(content_terms(outcome.question.question))
    holding = [
        len(terms & set(content_terms(text))) / max(1, len(terms))
        for text in sentences.get(outcome.question.source or "", ())
        if any(answer in text for answer in outcome.question.answers or ())
    ]
    share = max(holding, default=0.0)
    return ("none", "to a third", "to two thirds", "more")[sum(share >= bound for bound in _SHARES)]


def _by_group(title: str, answerable: Sequence[Outcome], group: Callable[[Outcome], str]) -> Table:
    """Tabulate quote@1, quote@3 and refusals of the answerable questions of each group."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in answerable:
        groups.setdefault(group(outcome), []).append(outcome)
    table = Table(title, "questions", "quote@1", "quote@3", "refused", box=None, pad_edge=False)
    for name, outcomes in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        first, third = shares_at_1_and_3(outcome.rank for outcome in outcomes)
        refused = sum(not outcome.found for outcome in outcomes) / len(outcomes)
        table.add_row(name, f"{len(outcomes)}", f"{first:.3f}", f"{third:.3f}", f"{refused:.3f}")
    return table


def _sentences(assistant: Assistant) -> dict[str, list[str]]:
    """Return the sentences of each article, by the source that questions name."""
    with assistant.library.snapshot() as snapshot:
        return {
            source: [text for passage in snapshot.article_passages(article_id) for text in passage.sentences]
            for source, article_id in samples.article_ids(assistant).items()
        }


def _rankings(
    by_source: Mapping[str, Sequence[str]], questions: Sequence[TestQuestion], model: str
) -> dict[str, tuple[float, float]]:
    """Measure rankings of all sentences: how often the first, or one of the first three, holds the answer."""
    sentences = [text for texts in by_source.values() for text in texts]
    asked = [question for question in questions if question.answers]
    rankings = peers.rank_sentences(sentences, [question.question for question in asked], str(locate(model).folder))
    return {
        name: shares_at_1_and_3(
            first_hit([sentences[number] for number in numbers], question.answers or ())
            for question, numbers in zip(asked, ranked, strict=True)
        )
        for name, ranked in rankings.items()
    }


if __name__ == "__main__":
    main()
