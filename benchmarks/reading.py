"""How well the reader marks the words that answer: `python -m benchmarks.reading --squad dev-v1.1.json`.

Data: the 5,173 questions on SQuAD's articles with odd numbers, which the reader never saw. Each is read with the passages of
its own paragraph alone, and the best words are compared with the gold answers. 800 of them are read by PyTorch in single
precision as well. It also measures what reading only uncertain questions would cost. It takes some ten minutes on two cores.
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
from qa.text.passages import join_sentences
from qa.types.weights import CONFIDENCE
from training import samples
from training.samples import Asking

_COMPARED = 800  # questions read by both engines


def main() -> None:
    """Read the questions and print the tables."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--squad", type=Path, required=True, help="SQuAD 1.1 dev")
    options.add_argument("--reader", default=BUNDLED)
    chosen = options.parse_args()
    pairs = list(_questions_and_passages(chosen.squad))
    reader = load(chosen.reader)
    assert reader is not None, "there is nothing to measure"
    start = time.perf_counter()
    words = [best_words(reader, question.question, passages) for question, passages in pairs]
    seconds = time.perf_counter() - start
    table = Table("the words marked in the right passage", "questions", "F1", "EM", "passages/s", box=None, pad_edge=False)
    gold = [question.answers for question, _ in pairs]
    f1 = np.mean([token_f1(*pair) for pair in zip(words, gold, strict=True)])
    em = np.mean([exact_match(*pair) for pair in zip(words, gold, strict=True)])
    rate = sum(len(passages) for _, passages in pairs) / seconds
    table.add_row(chosen.reader, f"{len(pairs):,}", f"{f1:.3f}", f"{em:.3f}", f"{rate:.0f}")
    Console().print(table)
    sampled = random.Random(0).sample(range(len(pairs)), min(_COMPARED, len(pairs)))
    exact = load_in_torch(chosen.reader)
    same = [best_words(exact, pairs[at][0].question, pairs[at][1]) == words[at] for at in sampled]
    _skipping(chosen.squad, reader)
    Console().print(f"the same words as by PyTorch in single precision: {np.mean(same):.4f} of {len(sampled)} questions")


def _skipping(squad: Path, reader: Reader) -> None:
    """Tabulate what it would cost to read only if the first sentence is not far ahead of those of other passages."""
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
    """Return the words of the passages that answer best."""
    best = (-np.inf, "")
    for passage, told in zip(passages, reader.read(question, passages), strict=True):
        at = int(told.words.argmax())
        start, _ = passage.sentences[at]
        words = passage.text[start + told.spans[at].start : start + told.spans[at].end]
        best = max(best, (float(told.words[at]), words))
    return best[1]


def _questions_and_passages(squad: Path) -> Iterator[tuple[TestQuestion, list[PassageText]]]:
    articles = samples.odd(samples.read(squad))
    with samples.library(articles, Settings()) as (assistant, questions), assistant.library.snapshot() as snapshot:
        ids = samples.article_ids(assistant)
        for question in questions:
            assert question.source is not None
            yield question, [join_sentences(passage.sentences) for passage in snapshot.article_passages(ids[question.source])]


if __name__ == "__main__":
    main()
