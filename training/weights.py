"""Learn the weights of passages, sentences and confidence: `python -m training.weights --squad dev-v1.1.json`.

Writes `qa/types/weights.json`, and prints how well the confidence holds on articles that it did not learn from. It learns from
the articles with even numbers, in a library of their own, and reports on those with odd numbers.

Passages and sentences: a linear score, whose softmax over what was read for a question gives most to what is right, by maximum
likelihood. Source: ListNet's top-one likelihood, Cao et al., ICML 2007.

With the reader, sentences and confidence have weights of their own. They are learned in the same way on those of the articles
that the reader did not learn from, in a library of them all.

Confidence: a logistic model of whether the first sentence holds an answer. It must mean the same in large and small libraries,
so it learns from both: half of the articles, and eight paragraphs of an article with four of another. Each is asked questions
that it answers, and as many on what was left out. With the reader, questions that are made to mislead count a little too, and
so do other sets in the form of SQuAD 2.0, such as questions asked from memory and near misses: the fifth of their paragraphs
that the reader does not learn from, in a library for each set.
"""

import argparse
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression

from qa import Settings
from qa.evaluation.metrics.confidence import auroc, calibration_error
from qa.search.ranking import confidence_features, probabilities, reader_features, sentence_features
from qa.search.reader.loading import BUNDLED, load
from qa.search.reader.reader import Reader
from qa.text.coverage import Shares, Truths
from qa.types.weights import CONFIDENCE, GROUPS, PASSAGE, SENTENCE, Weights, ordered_weights
from training import samples
from training.samples import Articles, Asking, Sample

_HEADING = -0.12  # by hand: SQuAD's paragraphs have no headings to learn from
_COSINE = 0.8  # the weight of a sentence's cosine in either score; others are scaled to it
_PENALTY = 1e-3  # on the squares of the standardised weights
_MISLEADING = 0.1  # weight of misleading questions in the confidence; with more it would be too low for others
_QUESTIONS = 4_000  # asked of the large library, half of them answerable
_READ = 300  # asked of each library where the reader reads, which takes up to half a second each
_OF_A_SET = 1_200  # questions asked of each other set, at most


def main() -> None:
    """Learn the weights, write them, and report on the confidence."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad", type=Path, required=True)
    options.add_argument("--squad2", type=Path, help="SQuAD 2.0 dev, for questions that its paragraphs only seem to answer")
    options.add_argument("--sets", type=Path, nargs="*", default=[], help="other files in the form of SQuAD 2.0")
    options.add_argument("--only-read", action="store_true", help="learn only the weights for use with the reader")
    options.add_argument("--report", action=argparse.BooleanOptionalAction, default=True, help="report on the odd articles")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "qa" / "types" / "weights.json")
    chosen = options.parse_args()
    articles, reader = samples.read(chosen.squad), load(BUNDLED)
    weights = Weights.shipped() if chosen.only_read else learn(samples.even(articles), chosen.seed, chosen.sets)
    weights = learn_read(articles, chosen.seed, weights, reader, chosen.squad2, chosen.sets)
    names = [f"{chosen.squad.name}, articles with even numbers", *(f"a fifth of {path.parent.name}" for path in chosen.sets)]
    write(chosen.output, weights, "; ".join(names), chosen.seed)
    if not chosen.report:
        return
    for asking in (Asking(Settings(weights=weights)), Asking(Settings(weights=weights), reader)):
        print("with the reader" if asking.reader else "without the reader")
        for name, asked in confidence_samples(
            samples.odd(articles), chosen.seed, asking, _READ if asking.reader else _QUESTIONS
        ).items():
            report(name, asked, weights)


def learn(articles: Articles, seed: int, sets: Sequence[Path] = ()) -> Weights:
    """Learn the weights for use without the reader, one group after the other.

    Args:
        articles: of SQuAD 1.1.
        seed: the source of randomness.
        sets: other files in the form of SQuAD 2.0.
    """
    weights = Weights.shipped()  # replaced group by group; which passages are read does not depend on them
    asked = list(samples.known(articles, Asking(Settings(weights=weights))))
    passage = _listwise([samples.passage_features(each) for each in asked], [each.gold for each in asked])
    weights = replace(weights, passage=_scaled(dict(zip(PASSAGE, passage, strict=True)), "sentence"))
    asked = [samples.ranked(each, weights) for each in asked]
    asking = Asking(Settings(weights=weights))
    of_sets = [ask_held_back(path, asking) for path in sets]
    weights = replace(weights, sentence=_sentence([*asked, *chain.from_iterable(of_sets)], SENTENCE))
    groups = [*confidence_samples(articles, seed, asking, _QUESTIONS).values(), *of_sets]
    return replace(weights, confidence=_confidence(groups, weights, CONFIDENCE))


def learn_read(
    articles: Articles,
    seed: int,
    weights: Weights,
    reader: Reader | None,
    squad2: Path | None = None,
    sets: Sequence[Path] = (),
) -> Weights:
    """Learn the weights for use with the reader, on the articles that it did not learn from.

    Args:
        articles: of SQuAD 1.1.
        seed: the source of randomness.
        weights: those for use without the reader.
        reader: whose scores are weighed.
        squad2: SQuAD 2.0, whose questions on these articles count a little in the confidence.
        sets: other files in the form of SQuAD 2.0.
    """
    even, fresh = samples.even(articles), samples.for_the_weights(articles)
    others = samples.for_the_reader(articles)
    asking = Asking(Settings(weights=weights), reader)
    asked = list(samples.known(even, asking, fresh, _READ))
    of_sets = [ask_held_back(path, asking) for path in sets]
    weights = replace(weights, sentence_read=_sentence([*asked, *chain.from_iterable(of_sets)], GROUPS["sentence_read"]))
    asking = Asking(Settings(weights=weights), reader)
    groups = [*confidence_samples(fresh, seed, asking, _READ, others).values(), *of_sets]
    counts = [1.0] * len(groups)
    if squad2:
        groups, counts = [*groups, misleading(squad2, fresh, asking, _READ)], [*counts, _MISLEADING]
    return replace(weights, confidence_read=_confidence(groups, weights, GROUPS["confidence_read"], counts))


def _sentence(asked: Sequence[Sample], names: Sequence[str]) -> dict[str, float]:
    """Learn the weights of sentences. That of the heading is set by hand."""
    learned = [name for name in names if name != "heading"]
    columns = [names.index(name) for name in learned]
    tables = [all_features(each)[:, columns] for each in asked]
    weights = _listwise(tables, [_right_sentences(each) for each in asked])
    scaled = _scaled(dict(zip(learned, weights, strict=True)), "meaning")
    return {name: scaled.get(name, _HEADING) for name in names}


def all_features(sample: Sample) -> Shares:
    """Compute the features of each sentence, those of the reader too if it read."""
    features = sentence_features(sample.question, sample.candidates)
    read = any(each.reading is not None for each in sample.candidates)
    return np.column_stack([features, reader_features(sample.candidates)]) if read else features


def confidence_samples(articles: Articles, seed: int, asking: Asking, n: int, others: Articles = ()) -> dict[str, list[Sample]]:
    """Ask a large library n questions, and small ones some, of which half have an answer."""
    draw = random.Random(seed)
    large = list(samples.half_known(articles, n, draw, asking, others))
    return {"large": large, "small": list(samples.small(articles, draw, asking))}


def misleading(squad2: Path, articles: Articles, asking: Asking, n: int | None = None) -> list[Sample]:
    """Ask all questions of SQuAD 2.0 on some articles, or n of them. The paragraphs only seem to answer half of them."""
    return list(samples.known(samples.alike(samples.read(squad2), articles), asking, n=n))


def ask_held_back(path: Path, asking: Asking) -> list[Sample]:
    """Ask the questions on the paragraphs of a set that the reader does not learn from, of a library of these paragraphs."""
    articles = samples.at_most(samples.held_back(samples.read(path)), _OF_A_SET, random.Random(0))
    return list(samples.known(articles, asking))


def write(path: Path, weights: Weights, data: str, seed: int) -> None:
    """Write the weights in a readable form."""
    made = {"made_by": "python -m training.weights", "data": data, "seed": seed}
    rounded = {name: {key: round(float(value), 4) for key, value in getattr(weights, name).items()} for name in GROUPS}
    path.write_text(json.dumps({**made, **rounded}, indent=2) + "\n", encoding="utf-8")


def _right_sentences(sample: Sample) -> Truths:
    """Those that hold the answer in the passage that the question was written on; elsewhere it may stand by chance."""
    pairs = zip(sample.answers, sample.gold, strict=True)
    return np.concatenate([holds & right for holds, right in pairs]) if sample.answers else np.zeros(0, bool)


def _listwise(tables: Sequence[Shares], right: Sequence[Truths]) -> Shares:
    """The weights under which what is right is most likely to come first."""
    kept = [(table, truth) for table, truth in zip(tables, right, strict=True) if truth.any()]
    longest = max(len(table) for table, _ in kept)
    x = np.zeros((len(kept), longest, kept[0][0].shape[1]))
    there, wanted = np.zeros((2, len(kept), longest), bool)
    for at, (table, truth) in enumerate(kept):
        x[at, : len(table)], there[at, : len(table)], wanted[at, : len(truth)] = table, True, truth
    spread = x[there].std(axis=0) + 1e-9
    x /= spread

    def loss(weights: Shares) -> tuple[float, Shares]:
        scores = np.where(there, x @ weights, -np.inf)
        of_right = np.where(wanted, scores, -np.inf)
        all_of_it, right_of_it = logsumexp(scores, axis=1), logsumexp(of_right, axis=1)
        slope = np.exp(scores - all_of_it[:, None]) - np.exp(of_right - right_of_it[:, None])
        gradient = np.einsum("qp,qpf->f", slope, x) / len(kept) + 2 * _PENALTY * weights
        return float((all_of_it - right_of_it).mean() + _PENALTY * weights @ weights), gradient

    found: Shares = minimize(loss, np.zeros(x.shape[2]), jac=True, method="L-BFGS-B").x / spread
    return found


def _scaled(weights: Mapping[str, float], cosine: str) -> dict[str, float]:
    return {name: float(weight) * _COSINE / weights[cosine] for name, weight in weights.items()}


def _confidence(
    groups: Sequence[Sequence[Sample]], weights: Weights, names: Sequence[str], counts: Sequence[float] | None = None
) -> dict[str, float]:
    """Learn the weights of the confidence.

    Args:
        groups: questions of each library.
        weights: of passages and sentences.
        names: of the features.
        counts: the weight of each group, however many questions it has. By default all are equal.
    """
    tables = [first_sentences(group, weights) for group in groups]
    counts = counts or [1.0] * len(groups)
    x = np.concatenate([table for table, _ in tables])
    correct = np.concatenate([right for _, right in tables])
    share = np.concatenate([np.full(len(right), each / len(right)) for (_, right), each in zip(tables, counts, strict=True)])
    spread = x.std(axis=0)
    spread[spread == 0] = 1
    model = LogisticRegression(C=1, max_iter=5000, fit_intercept=False)
    model.fit(x / spread, correct, sample_weight=share * len(correct) / sum(counts))
    return dict(zip(names, (model.coef_[0] / spread).tolist(), strict=True))


def first_sentences(asked: Sequence[Sample], weights: Weights) -> tuple[Shares, Truths]:
    """Return the confidence features of each question's best sentence, and whether it holds an answer."""
    rows, correct = [], []
    for each in asked:
        features = all_features(each)
        group = "sentence" if features.shape[1] == len(SENTENCE) else "sentence_read"
        scores = features @ ordered_weights(getattr(weights, group), GROUPS[group])
        quotable = ~np.concatenate([candidate.passage.headings for candidate in each.candidates])
        best = int(np.argmax(np.where(quotable, scores, -np.inf)))
        rows.append(confidence_features(each.question, each.candidates, features, scores)[best])
        correct.append(bool(np.concatenate(each.answers)[best]))
    return np.array(rows), np.array(correct)


def confidences(features: Shares, weights: Weights) -> Shares:
    """Compute the confidence from the features of `first_sentences`."""
    group = "confidence" if features.shape[1] == len(CONFIDENCE) else "confidence_read"
    return probabilities(features, ordered_weights(getattr(weights, group), GROUPS[group]))


def report(name: str, asked: Sequence[Sample], weights: Weights) -> None:
    """Print how well the confidence holds on questions that it was not learned from."""
    x, correct = first_sentences(asked, weights)
    predicted = confidences(x, weights)
    answerable = np.array([each.asked.answerable for each in asked])
    least = Settings().least_confidence
    refused = {kind: (predicted[answerable == kind] < least).mean() for kind in (True, False)}
    print(f"{name} libraries, {len(asked)} questions on articles not learned from:")
    print(f"  expected calibration error {calibration_error(predicted, correct):.3f}, ", end="")
    print(f"AUROC of answerable {auroc(predicted, answerable):.3f}, of correct {auroc(predicted, correct):.3f}")
    print(f"  at {least}: {refused[False]:.3f} of the unanswerable refused, {refused[True]:.3f} of the answerable")


if __name__ == "__main__":
    main()
