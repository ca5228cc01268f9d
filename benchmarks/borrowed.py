"""Vectors for more generated passages than could be encoded: real ones for the first blocks, perturbed copies of these beyond.

A block beyond the encoded ones is drawn in the shape of one of them (see `benchmarks.generated`), so each of its passages and
sentences can take the vector of its counterpart with noise added. What is searched then has the spread of real vectors and no
duplicates; that a passage's words and its vector say different things does not change what searching costs.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.generated import Corpus, GeneratedArticle
from benchmarks.workers import Clock, call

if TYPE_CHECKING:
    from embeddings import Encoder

_NOISE = (0.5, 0.75)  # length of the noise for a vector of length 1: cosines to the original of .89 to .80
_WORN_AFTER = 20  # blocks encoded by one process; progress is told and nothing is lost when it is stopped

Vectors = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Block:
    """Articles, the vectors of their passages one after the other, and those of their sentences."""

    articles: list[GeneratedArticle]
    passages: Vectors
    sentences: Vectors


@dataclass(frozen=True, slots=True)
class Source:
    """Where the vectors come from: a folder of encoded blocks."""

    folder: Path
    seed: int
    blocks: int  # that are encoded
    passages: int = 0  # in these blocks, where that is known

    @property
    def arguments(self) -> dict[str, Any]:
        """What a worker makes the same source of."""
        return {"vectors": str(self.folder), "seed": self.seed, "blocks": self.blocks}

    @classmethod
    def prepare(cls, cache: Path, seed: int, model: str, encoded: int) -> "Source":
        """Encode the first blocks until there are so many passages, as far as an earlier run has not."""
        sha256 = call("benchmarks.borrowed:weights_sha256", model=model)
        folder = cache / "vectors" / f"{sha256[:16]}-{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        corpus, blocks, passages = Corpus(seed), 0, 0
        while passages < encoded:
            passages += sum(len(article.passages) for article in corpus.block(blocks))
            blocks += 1
        missing = [number for number in range(blocks) if not (folder / f"{number:06d}.npz").exists()]
        clock = Clock()
        for start in range(0, len(missing), _WORN_AFTER):
            some = missing[start : start + _WORN_AFTER]
            call("benchmarks.borrowed:encode_blocks", folder=str(folder), seed=seed, model=model, numbers=some)
            done = start + len(some)
            print(f"encoded {done} of {len(missing)} blocks in {clock.seconds:.0f} s", file=sys.stderr)
        return cls(folder, seed, blocks, passages)

    def until(self, size: int) -> Iterator[Block]:
        """The first blocks, the last article cut short so that there are exactly so many passages."""
        corpus, left = Corpus(self.seed), size
        number = 0
        while left > 0:
            articles = corpus.block(number, number % self.blocks)
            block = _first(articles, left)
            n_sentences = sum(len(passage) for article in block for passage in article.passages)
            n_passages = sum(len(article.passages) for article in block)
            passages, sentences = self.vectors(number, "passages"), self.vectors(number, "sentences")
            yield Block(block, passages[:n_passages], sentences[:n_sentences])
            left -= n_passages
            number += 1

    def vectors(self, number: int, kind: str) -> Vectors:
        """The vectors of a block's passages or sentences, its own or perturbed copies."""
        own = _encoded(self.folder / f"{number % self.blocks:06d}.npz")[kind].astype(np.float32)
        if number < self.blocks:
            return own
        draw = np.random.default_rng([self.seed, 5, number, kind == "passages"])
        noise = draw.standard_normal(own.shape, dtype=np.float32) / np.float32(own.shape[1] ** 0.5)
        return _unit(own + noise * draw.uniform(*_NOISE, size=(len(own), 1)).astype(np.float32))

    def passage_vectors(self, size: int) -> Iterator[Vectors]:
        """The passages' vectors of `until`, without their texts, as the library stores them."""
        left, number = size, 0
        while left > 0:
            some = self.vectors(number, "passages")[:left]
            yield some.astype(np.float16).astype(np.float32)
            left -= len(some)
            number += 1


def encode_blocks(folder: str, seed: int, model: str, numbers: list[int]) -> None:
    """Encode these blocks with Pullquote's encoder and save each."""
    from benchmarks.engines import loaded
    from embeddings import PassageText

    encoder, corpus = loaded(model, None), Corpus(seed)
    for number in numbers:
        passages = [_fitting(encoder, sentences) for article in corpus.block(number) for sentences in article.passages]
        vectors = encoder.encode_passages([PassageText(" ".join(each), places(each)) for each in passages])
        path = Path(folder, f"{number:06d}.npz")
        whole = path.with_suffix(".tmp")
        with whole.open("wb") as file:
            np.savez(
                file,
                passages=np.stack([each.passage for each in vectors]).astype(np.float16),
                sentences=np.concatenate([each.sentences for each in vectors]).astype(np.float16),
            )
        whole.replace(path)


def weights_sha256(model: str) -> str:
    """Of the model that encodes."""
    from embeddings import locate

    return locate(model).sha256


def places(sentences: tuple[str, ...], begin: int = 0) -> tuple[tuple[int, int], ...]:
    """Where each sentence stands when they are joined by spaces and the first begins at a place."""
    found = []
    for sentence in sentences:
        found.append((begin, begin + len(sentence)))
        begin += len(sentence) + 1
    return tuple(found)


def _fitting(encoder: "Encoder", sentences: tuple[str, ...]) -> tuple[str, ...]:
    """The sentences, or as much of each one's beginning as a model that reads less than usual can take."""
    while encoder.count_tokens([" ".join(sentences)])[0] > encoder.capacity:
        sentences = tuple(sentence[: max(1, len(sentence) // 2)] for sentence in sentences)
    return sentences


def _first(articles: list[GeneratedArticle], n_passages: int) -> list[GeneratedArticle]:
    some = []
    for article in articles:
        if n_passages <= 0:
            break
        some.append(GeneratedArticle(article.source, article.passages[:n_passages]))
        n_passages -= len(article.passages)
    return some


@lru_cache(maxsize=256)  # blocks, some 3 MB each
def _encoded(path: Path) -> dict[str, np.ndarray[Any, np.dtype[np.float16]]]:
    with np.load(path) as saved:
        return {name: saved[name] for name in ("passages", "sentences")}


def _unit(vectors: Vectors) -> Vectors:
    scaled: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return scaled
