"""The section "engines" of `benchmarks.speed`: encoding against `SentenceTransformer.encode` with the same weights.

Pullquote computes a vector of each passage and one of each of its sentences, `SentenceTransformer.encode` those of passages
alone.
"""

from collections.abc import Sequence
from functools import cache
from statistics import median
from typing import TYPE_CHECKING, Any, TypeAlias

from benchmarks.support.corpus import Corpus, questions
from benchmarks.support.table import Bar, Row, alone, compared, has_bf16
from benchmarks.support.workers import Clock, Worker, call

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from embeddings import Encoder, PassageText

Passages: TypeAlias = Sequence[tuple[str, Sequence[tuple[int, int]]]]  # texts with the places of their sentences, as JSON

_WARM = 20  # questions and passages encoded before anything is timed
_ENGINES = {"Pullquote": None, "SentenceTransformer": "st", "Pullquote on torch": "cpu"}


def rows(model: str, texts: Sequence[str], asked: Sequence[str], rounds: int) -> list[Row]:
    """Measure passages per second, milliseconds per question, and the agreement of the vectors."""
    passages = call("benchmarks.support.engines:cut_passages", model=model, texts=texts)
    rate, took = _measure(model, passages, asked, rounds)
    near = call("benchmarks.support.engines:agreement", model=model, passages=passages[:64], asked=asked[:64])
    other, torch = "SentenceTransformer", "Pullquote on torch"
    bar = Bar(2.5 if has_bf16() else 1.5, at_least=True)
    return [
        Row(f"Engines: {len(passages):,} passages, {len(asked):,} questions, {rounds} rounds in turn"),
        compared("passages encoded, with sentences", rate["Pullquote"], rate[other], f"{other}.encode", unit="/s", bar=bar),
        compared("the same on torch", rate[torch], rate[other], f"{other}.encode", unit="/s"),
        compared(
            "a question encoded",
            took["Pullquote"] * 1e3,
            took[other] * 1e3,
            f"{other}.encode",
            unit="ms",
            bar=Bar(0.35, at_least=False),
        ),
        compared("the same on torch", took[torch] * 1e3, took[other] * 1e3, f"{other}.encode", unit="ms"),
        alone("cosine to SentenceTransformer's vectors, least", near, unit="", shown=f"{near:.4f}"),
    ]


def _measure(model: str, passages: Passages, asked: Sequence[str], rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return passages per second and seconds per question, medians over rounds in which the engines take turns."""
    rates: dict[str, list[float]] = {name: [] for name in _ENGINES}
    times: dict[str, list[float]] = {name: [] for name in _ENGINES}
    with Worker() as first, Worker() as second, Worker() as third:
        workers = dict(zip(_ENGINES, (first, second, third), strict=True))
        for name, engine in _ENGINES.items():
            arguments = {"model": model, "engine": engine}
            workers[name].call("benchmarks.support.engines:seconds_a_question", **arguments, asked=asked[:_WARM])
            workers[name].call("benchmarks.support.engines:passages_a_second", **arguments, passages=passages[:_WARM])
        for number in range(rounds):
            for name, engine in _ENGINES.items():
                arguments = {"model": model, "engine": engine}
                rates[name].append(
                    workers[name].call("benchmarks.support.engines:passages_a_second", **arguments, passages=passages)
                )
                block = asked[number::rounds]
                times[name] += workers[name].call("benchmarks.support.engines:seconds_a_question", **arguments, asked=block)
    return {name: median(values) for name, values in rates.items()}, {name: median(values) for name, values in times.items()}


def generated_texts(seed: int, count: int, n_questions: int) -> tuple[list[str], list[str]]:
    """Generate articles, and questions about them."""
    articles = Corpus(seed).articles(count)
    return [article.text for article in articles], questions(articles, n_questions, seed)


def passages_a_second(model: str, engine: str | None, passages: Passages) -> float:
    """Encode all passages once and return how many that is per second."""
    if engine == "st":
        plain, other = [text for text, _ in passages], load_reference(model)
        clock = Clock()
        other.encode(plain, show_progress_bar=False)
    else:
        encoder, prepared = load_encoder(model, engine), _to_passage_texts(passages)
        clock = Clock()
        encoder.encode_passages(prepared)
    return len(passages) / clock.seconds


def seconds_a_question(model: str, engine: str | None, asked: Sequence[str]) -> list[float]:
    """Encode questions one by one, as a user asks them, and return the seconds of each."""
    if engine == "st":
        other = load_reference(model)

        def encode(question: str) -> Any:
            return other.encode(question)
    else:
        encoder = load_encoder(model, engine)

        def encode(question: str) -> Any:
            return encoder.encode_questions([question])

    times = []
    for question in asked:
        clock = Clock()
        encode(question)
        times.append(clock.seconds)
    return times


def agreement(model: str, passages: Passages, asked: Sequence[str]) -> float:
    """Return the least cosine between Pullquote's vectors and SentenceTransformer's, of passages and questions."""
    import numpy as np

    encoder = load_encoder(model, None)
    ours = [vectors.passage for vectors in encoder.encode_passages(_to_passage_texts(passages))]
    ours += list(encoder.encode_questions(list(asked)))
    theirs = load_reference(model).encode([*(text for text, _ in passages), *asked], show_progress_bar=False)
    scaled = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    return float((np.stack(ours) * scaled).sum(axis=1).min())


def cut_passages(model: str, texts: Sequence[str]) -> Passages:
    """Cut texts into the passages that `add` would encode."""
    from qa.text.passages import chunk

    encoder = load_encoder(model, None)
    windows = [window for text in texts for window in chunk(text, (), encoder.count_tokens, encoder.capacity)]
    return [(window.encoded.text, window.encoded.sentences) for window in windows]


@cache
def load_encoder(model: str, device: str | None) -> "Encoder":
    """Load Pullquote's encoder, by default on OpenVINO. Device "cpu" is torch."""
    from embeddings import Encoder

    return Encoder.load(model, device=device)


@cache
def load_reference(model: str) -> "SentenceTransformer":
    """Load the same weights by sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    from embeddings import locate

    return SentenceTransformer(str(locate(model).folder), device="cpu")


def _to_passage_texts(passages: Passages) -> "list[PassageText]":
    from embeddings import PassageText

    return [PassageText(text, tuple((start, end) for start, end in sentences)) for text, sentences in passages]
