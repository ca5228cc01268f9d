"""Vectors for more generated passages than could be encoded: the first blocks are encoded, others get perturbed copies.

A block beyond the encoded ones has the shape of one of them (see `benchmarks.support.corpus`). So each of its passages and
sentences can take the vector of its counterpart with noise added. What is searched then has the spread of real vectors and no
duplicates. That words and vectors of a passage differ in meaning does not change the cost of a search.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.support.corpus import Corpus, GeneratedArticle
from benchmarks.support.workers import Clock, call

if TYPE_CHECKING:
    from embeddings import Encoder

_NOISE = (0.5, 0.75)  # length of the noise for a vector of length 1: cosines of .89 to .80 to the original
_BLOCKS_PER_WORKER = 20  # blocks encoded between two reports of progress; a stopped run loses no more

Vectors = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Block:
    """Articles with the vectors of their passages and sentences, in order."""

    articles: list[GeneratedArticle]
    passages: Vectors
    sentences: Vectors


@dataclass(frozen=True, slots=True)
class VectorSource:
    """A folder of encoded blocks that vectors come from."""

    folder: Path
    seed: int
    blocks: int  # encoded
    passages: int = 0  # in these blocks, 0 if not known

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments that a worker makes the same source from."""
        return {"vectors": str(self.folder), "seed": self.seed, "blocks": self.blocks}

    @classmethod
    def prepare(cls, cache: Path, seed: int, model: str, encoded: int) -> "VectorSource":
        """Encode the first blocks, until they hold this many passages. Blocks of an earlier run are reused."""
        sha256 = call("benchmarks.support.vector_source:weights_sha256", model=model)
        folder = cache / "vectors" / f"{sha256[:16]}-{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        corpus, blocks, passages = Corpus(seed), 0, 0
        while passages < encoded:
            passages += sum(len(article.passages) for article in corpus.block(blocks))
            blocks += 1
        missing = [number for number in range(blocks) if not (folder / f"{number:06d}.npz").exists()]
        clock = Clock()
        for start in range(0, len(missing), _BLOCKS_PER_WORKER):
            numbers = missing[start : start + _BLOCKS_PER_WORKER]
            call("benchmarks.support.vector_source:encode_blocks", folder=str(folder), seed=seed, model=model, numbers=numbers)
            done = start + len(numbers)
            print(f"encoded {done} of {len(missing)} blocks in {clock.seconds:.0f} s", file=sys.stderr)
        return cls(folder, seed, blocks, passages)

    def until(self, size: int) -> Iterator[Block]:
        """Yield the first blocks, the last one cut so that there are exactly this many passages."""
        corpus, left = Corpus(self.seed), size
        number = 0
        while left > 0:
            articles = corpus.block(number, number % self.blocks)
            block = _cut_to(articles, left)
            n_sentences = sum(len(passage) for article in block for passage in article.passages)
            n_passages = sum(len(article.passages) for article in block)
            passages, sentences = self.vectors(number, "passages"), self.vectors(number, "sentences")
            yield Block(block, passages[:n_passages], sentences[:n_sentences])
            left -= n_passages
            number += 1

    def vectors(self, number: int, kind: str) -> Vectors:
        """Return the vectors of a block's passages or sentences, its own or perturbed copies."""
        own = _load_block(self.folder / f"{number % self.blocks:06d}.npz")[kind].astype(np.float32)
        if number < self.blocks:
            return own
        draw = np.random.default_rng([self.seed, 5, number, kind == "passages"])
        noise = draw.standard_normal(own.shape, dtype=np.float32) / np.float32(own.shape[1] ** 0.5)
        return _normalize(own + noise * draw.uniform(*_NOISE, size=(len(own), 1)).astype(np.float32))

    def passage_vectors(self, size: int) -> Iterator[Vectors]:
        """Yield the passage vectors of `until` as the library stores them, without the texts."""
        left, number = size, 0
        while left > 0:
            vectors = self.vectors(number, "passages")[:left]
            yield vectors.astype(np.float16).astype(np.float32)
            left -= len(vectors)
            number += 1


def encode_blocks(folder: str, seed: int, model: str, numbers: list[int]) -> None:
    """Encode blocks with Pullquote's encoder and save each."""
    from benchmarks.support.engines import load_encoder
    from embeddings import PassageText

    encoder, corpus = load_encoder(model, None), Corpus(seed)
    for number in numbers:
        passages = [_shorten(encoder, sentences) for article in corpus.block(number) for sentences in article.passages]
        vectors = encoder.encode_passages([PassageText(" ".join(sentences), places(sentences)) for sentences in passages])
        path = Path(folder, f"{number:06d}.npz")
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            np.savez(
                file,
                passages=np.stack([passage.passage for passage in vectors]).astype(np.float16),
                sentences=np.concatenate([passage.sentences for passage in vectors]).astype(np.float16),
            )
        temporary.replace(path)


def weights_sha256(model: str) -> str:
    """Return the SHA-256 of the model's weights."""
    from embeddings import locate

    return locate(model).sha256


def places(sentences: tuple[str, ...], offset: int = 0) -> tuple[tuple[int, int], ...]:
    """Return where sentences stand when joined by spaces, the first at `offset`."""
    spans = []
    for sentence in sentences:
        spans.append((offset, offset + len(sentence)))
        offset += len(sentence) + 1
    return tuple(spans)


def _shorten(encoder: "Encoder", sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Shorten sentences until the passage fits the model's capacity."""
    while encoder.count_tokens([" ".join(sentences)])[0] > encoder.capacity:
        sentences = tuple(sentence[: max(1, len(sentence) // 2)] for sentence in sentences)
    return sentences


def _cut_to(articles: list[GeneratedArticle], n_passages: int) -> list[GeneratedArticle]:
    first = []
    for article in articles:
        if n_passages <= 0:
            break
        first.append(GeneratedArticle(article.source, article.passages[:n_passages]))
        n_passages -= len(article.passages)
    return first


@lru_cache(maxsize=256)  # blocks, some 3 MB each
def _load_block(path: Path) -> dict[str, np.ndarray[Any, np.dtype[np.float16]]]:
    with np.load(path) as saved:
        return {name: saved[name] for name in ("passages", "sentences")}


def _normalize(vectors: Vectors) -> Vectors:
    scaled: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return scaled
