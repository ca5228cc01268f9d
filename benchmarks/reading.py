"""How well the reader marks the words that answer: `python -m benchmarks.reading --squad dev-v1.1.json`.

Each question is read with the passages of its own paragraph alone, and the best words of these are compared with the gold
answers; the questions are on the articles with odd numbers, which the reader never saw. Then the same by PyTorch in single
precision.
"""

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from embeddings import PassageText
from qa import Settings
from qa.evaluation import TestQuestion
from qa.evaluation.metrics.quoting import exact_match, token_f1
from qa.search.ranking import confidence_features, score_sentences
from qa.search.reader.loading import BUNDLED, load, load_in_torch
from qa.search.reader.reader import Reader
from qa.text.passages import joined
from qa.types.weights import CONFIDENCE
from training import samples
from training.samples import Asking

_COMPARED = 800  # questions that both engines are asked


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--squad", type=Path, required=True, help="SQuAD 1.1 dev")
    options.add_argument("--reader", default=BUNDLED)
    chosen = options.parse_args()
    asked = list(_asked(chosen.squad))
    reader = load(chosen.reader)
    assert reader is not None, "there is nothing to measure"
    began = time.perf_counter()
    found = [best_words(reader, question.question, passages) for question, passages in asked]
    seconds = time.perf_counter() - began
    table = Table("the words marked in the right passage", "questions", "F1", "EM", "passages/s", box=None, pad_edge=False)
    golds = [question.answers for question, _ in asked]
    f1 = np.mean([token_f1(*each) for each in zip(found, golds, strict=True)])
    em = np.mean([exact_match(*each) for each in zip(found, golds, strict=True)])
    rate = sum(len(passages) for _, passages in asked) / seconds
    table.add_row(chosen.reader, f"{len(asked):,}", f"{f1:.3f}", f"{em:.3f}", f"{rate:.0f}")
    Console().print(table)
    some = random.Random(0).sample(range(len(asked)), min(_COMPARED, len(asked)))
    exact = load_in_torch(chosen.reader)
    same = [best_words(exact, asked[at][0].question, asked[at][1]) == found[at] for at in some]
    _skipping(chosen.squad, reader)
    Console().print(f"the same words as by PyTorch in single precision: {np.mean(same):.4f} of {len(some)} questions")


def _skipping(squad: Path, reader: Reader) -> None:
    """What it would cost to read only where the first sentence is not far ahead of the best one of another passage."""
    articles, weights = samples.odd(samples.read(squad)), Settings().weights
    asked = list(samples.known(articles, Asking(Settings(), reader), articles[::4]))
    ahead, without, read = [], [], []
    for each in asked:
        unread = [replace(candidate, reading=None) for candidate in each.candidates]
        holds = np.concatenate(each.answers)
        features, scores, _ = score_sentences(each.question, unread, weights)
        margin = confidence_features(each.question, unread, features, scores)[:, CONFIDENCE.index("margin")]
        ahead.append(float(margin[scores.argmax()]))
        without.append(bool(holds[scores.argmax()]))
        read.append(bool(holds[score_sentences(each.question, each.candidates, weights)[1].argmax()]))
    table = Table(
        "read unless this far ahead", "questions not read", "the first sentence holds the answer", box=None, pad_edge=False
    )
    for least in (0.0, 0.2, 0.3, 0.4, 0.6, float("inf")):
        right = [one if margin >= least else other for margin, one, other in zip(ahead, without, read, strict=True)]
        table.add_row(f"{least:g}", f"{np.mean(np.array(ahead) >= least):.3f}", f"{np.mean(right):.4f}")
    Console().print(table)


def best_words(reader: Reader, question: str, passages: Sequence[PassageText]) -> str:
    """The words of some passages that answer best."""
    best = (-np.inf, "")
    for passage, told in zip(passages, reader.read(question, passages), strict=True):
        at = int(told.words.argmax())
        start, _ = passage.sentences[at]
        words = passage.text[start + told.spans[at].start : start + told.spans[at].end]
        best = max(best, (float(told.words[at]), words))
    return best[1]


def _asked(squad: Path) -> Iterator[tuple[TestQuestion, list[PassageText]]]:
    articles = samples.odd(samples.read(squad))
    with samples.library(articles, Settings()) as (assistant, questions), assistant.library.snapshot() as snapshot:
        ids = samples.article_ids(assistant)
        for question in questions:
            assert question.source is not None
            yield question, [joined(passage.sentences) for passage in snapshot.article_passages(ids[question.source])]


if __name__ == "__main__":
    main()
