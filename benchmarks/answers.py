"""How well Pullquote finds, quotes and refuses: `python -m benchmarks.answers --squad dev-v1.1.json`.

Nothing was tuned on this data:

- SQuAD: the questions on articles with odd numbers, in a library of all paragraphs. The weights were learned from the others.
- PolicyQA, COVID-QA, mtrag_un and RAMDocs, if given.
- Confidence: libraries of half of SQuAD's odd articles, or of 12 paragraphs, asked what they answer and what they do not.

It takes some eight minutes per reader on two cores with SQuAD, PolicyQA and COVID-QA.
"""

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import disagreements, followups
from benchmarks.support.squad import is_odd, libraries, library
from embeddings import DEFAULT_MODEL, locate
from qa import Assistant, Settings
from qa.evaluation import Run, TestQuestion, evaluate, load_questions
from qa.evaluation.metrics.confidence import area, auroc, calibration_error, risk_coverage
from qa.search.reader.loading import BUNDLED, NONE, load
from qa.types.weights import Weights
from training import samples
from training.samples import Asking, Sample
from training.weights import confidence_samples, confidences, first_sentences, misleading

_SEEDS = Path(__file__).parents[1] / "seeds"
_CONFIDENCE = 4_000  # questions asked of the large library
_MISLEADING = 4_000  # questions asked of SQuAD 2.0
_TIMED = 300  # questions whose time is measured
_RANKING = ("R@1", "R@5", "R@10", "RR@10")
_COVERAGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
_console = Console(width=140)


def main() -> None:
    """Measure with each reader and print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad", type=Path, required=True, help="SQuAD 1.1 dev")
    options.add_argument("--squad2", type=Path, help="SQuAD 2.0 dev, for its impossible questions")
    options.add_argument("--policyqa", type=Path, help="PolicyQA dev; one library for each policy, as its questions mean it")
    options.add_argument("--covidqa", type=Path, help="COVID-QA; whole papers")
    options.add_argument("--mtrag", type=Path, help="the folder of mtrag_un, for follow-ups")
    options.add_argument("--ramdocs", type=Path, help="RAMDocs_test.jsonl, for sources that differ")
    options.add_argument("--reader", nargs="*", default=[NONE, BUNDLED], help="the readers to measure, one after the other")
    chosen = options.parse_args()
    for reader in chosen.reader:
        _console.print(f"\nreader: {reader}")
        _seeds(reader)
        _squad(chosen.squad, reader)
        if chosen.policyqa:
            _one_by_one("PolicyQA", chosen.policyqa, reader)
        if chosen.covidqa:
            _together("COVID-QA", chosen.covidqa, reader)
        _confidence(chosen.squad, chosen.squad2, reader)
    if chosen.mtrag:
        followups.main(["--mtrag", str(chosen.mtrag)])
    if chosen.ramdocs:
        disagreements.main(["--ramdocs", str(chosen.ramdocs)])


def _seeds(reader: str) -> None:
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        assistant = Assistant.open(Path(temporary, "library"), reader=reader)
        assistant.add(_SEEDS)
        questions = load_questions(_SEEDS / "questions.jsonl")
        run = evaluate(assistant, questions)
    follow_ups = [outcome for outcome in run.outcomes if outcome.question.history]
    table = _table("seeds", "quote@1", "refused, of unanswerable", "refused, of answerable", "follow-ups with quote@1")
    figures = run.figures
    table.add_row(
        f"{figures.n_questions} questions",
        f"{figures.quote_at_1:.3f}",
        f"{figures.right_refusals} of {figures.n_unanswerable}",
        f"{figures.wrong_refusals} of {figures.n_answerable}",
        f"{sum(outcome.rank == 1 for outcome in follow_ups)} of {len(follow_ups)}",
    )
    _console.print(table)


def _squad(squad: Path, reader: str) -> None:
    with library(squad, reader=reader) as (assistant, all_questions):
        questions = [question for question in all_questions if is_odd(question)]
        _figures("SQuAD 1.1, odd articles", evaluate(assistant, questions, whole_articles=True, baselines=reader == NONE))
        _time(assistant, random.Random(0).sample(questions, _TIMED))


def _time(assistant: Assistant, questions: Sequence[TestQuestion]) -> None:
    """Compare the time of an answer with that of `SentenceTransformer.encode` for the question alone."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(locate(DEFAULT_MODEL).folder), device="cpu")
    ask_seconds, encode_seconds = [], []
    for question in questions:
        start = time.perf_counter()
        assistant.ask(question.question)
        answered = time.perf_counter()
        model.encode(question.question)
        ask_seconds.append(answered - start)
        encode_seconds.append(time.perf_counter() - answered)
    ask, encode = statistics.median(ask_seconds), statistics.median(encode_seconds)
    table = _table("median time of a question", "ask", "SentenceTransformer.encode", "ratio")
    table.add_row(f"{len(questions)} questions", f"{ask * 1000:.1f} ms", f"{encode * 1000:.1f} ms", f"{ask / encode:.2f}")
    _console.print(table)


def _together(name: str, squad: Path, reader: str) -> None:
    with library(squad, reader=reader) as (assistant, questions):
        _figures(name, evaluate(assistant, questions, whole_articles=True, baselines=reader == NONE))


def _one_by_one(name: str, squad: Path, reader: str) -> None:
    """Measure with one library per article of the file, whose articles are its paragraphs. All questions count alike."""
    runs = [
        evaluate(assistant, questions, whole_articles=True, baselines=reader == NONE)
        for assistant, questions in libraries(squad, reader=reader)
    ]
    _figures(name, *runs)


def _figures(name: str, *runs: Run) -> None:
    """Print the means of several runs over all their questions, beside those of simpler rankings."""
    n = np.array([run.figures.n_answerable for run in runs])
    all_figures = [run.figures for run in runs]

    def mean(values: Sequence[float | None]) -> str:
        return f"{float(np.average([value or 0.0 for value in values], weights=n)):.4f}"

    table = _table(f"{name}, {n.sum():,} questions", *_RANKING, "quote@1", "quote@3", "quote@5", "refused")
    ranked = [mean([figures.ranking[measure] for figures in all_figures]) for measure in _RANKING]
    quoted = [mean([getattr(figures, f"quote_at_{k}") for figures in all_figures]) for k in (1, 3, 5)]
    table.add_row("Pullquote", *ranked, *quoted, str(sum(figures.wrong_refusals for figures in all_figures)))
    for baseline in runs[0].baselines:
        table.add_row(baseline, *(mean([run.baselines[baseline][measure] for run in runs]) for measure in _RANKING))
    _console.print(table)


def _confidence(squad: Path, squad2: Path | None, reader: str) -> None:
    weights = Weights.shipped()
    asking = Asking(Settings(weights=weights), load(reader))
    articles = samples.odd(samples.read(squad))
    groups = confidence_samples(articles, 0, asking, _CONFIDENCE)
    if squad2:
        misled = misleading(squad2, articles, asking)
        groups["SQuAD 2.0, made to mislead"] = random.Random(0).sample(misled, min(_MISLEADING, len(misled)))
    least = Settings().least_confidence
    heads = (
        "calibration error",
        "AUROC, answerable",
        "AUROC, correct",
        f"refused at {least}: unanswerable",
        "answerable",
        "AURC",
    )
    table = _table("confidence, odd articles", "questions", *heads)
    risks = _table("risk at coverage", *(f"{coverage:.0%}" for coverage in _COVERAGES))
    for name, group in groups.items():
        _add_confidence(table, risks, name, group, weights)
    _console.print(table)
    _console.print(risks)


def _add_confidence(table: Table, risks: Table, name: str, group: Sequence[Sample], weights: Weights) -> None:
    features, correct = first_sentences(group, weights)
    predicted = confidences(features, weights)
    answerable = np.array([sample.asked.answerable for sample in group])
    refused = predicted < Settings().least_confidence
    curve = risk_coverage(predicted.tolist(), correct.tolist())
    table.add_row(
        name,
        f"{len(group):,}",
        f"{calibration_error(predicted.tolist(), correct.tolist()):.3f}",
        f"{auroc(predicted.tolist(), answerable.tolist()):.3f}",
        f"{auroc(predicted.tolist(), correct.tolist()):.3f}",
        f"{refused[~answerable].mean():.3f}",
        f"{refused[answerable].mean():.3f}",
        f"{area(curve):.3f}",
    )
    risks.add_row(name, *(f"{curve[max(0, round(coverage * len(curve)) - 1)].risk:.3f}" for coverage in _COVERAGES))


def _table(*columns: str) -> Table:
    table = Table(*columns, box=None, pad_edge=False)
    table.title_justify = "left"
    return table


if __name__ == "__main__":
    main()
