"""What a user would otherwise have: other tools on the same passages and with the same model, saved to disk.

- plain: `SentenceTransformer.encode`, `faiss.IndexFlatIP` and bm25s, the best hundred of each fused by reciprocal ranks.
- txtai: `Embeddings(hybrid=True, content=True)` with its defaults.

Both are given the passages as Pullquote cuts them, in memory. Batch sizes are their defaults.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.support.engines import load_reference
from benchmarks.support.vector_source import VectorSource
from benchmarks.support.workers import Clock

PLAIN, TXTAI = "plain", "txtai"
_NEEDED = {PLAIN: "bm25s", TXTAI: "txtai"}
_DEPTH, _K, _RRF_K = 100, 5, 60
_SENTENCES = 3  # best sentences of a ranking


def installed() -> list[str]:
    """Return the names of those installed. `pip install '.[bench]'` brings both."""
    return [name for name, package in _NEEDED.items() if find_spec(package)]


def add(name: str, folder: str, model: str, passages: Sequence[str]) -> float:
    """Encode, index and save passages, and return the seconds. The model is loaded and warm before."""
    if name == PLAIN:
        encoder = load_reference(model)
        encoder.encode(list(passages[:32]), show_progress_bar=False)
        clock = Clock()
        vectors = encoder.encode(list(passages), show_progress_bar=False)
        _save_plain(Path(folder), vectors, passages)
        return clock.seconds
    embeddings = _new_txtai(model)
    embeddings.batchtransform(list(passages[:32]))
    clock = Clock()
    embeddings.index(list(passages))
    embeddings.save(folder)
    return clock.seconds


def build(name: str, folder: str, model: str, vectors: str, seed: int, blocks: int, size: int) -> float:
    """Index and save passages whose vectors exist already, and return the seconds."""
    import numpy as np

    source = VectorSource(Path(vectors), seed, blocks)
    texts, rows = [], []
    for block in source.until(size):
        texts += [" ".join(sentences) for article in block.articles for sentences in article.passages]
        rows.append(block.passages)
    all_vectors = np.concatenate(rows)
    clock = Clock()
    if name == PLAIN:
        _save_plain(Path(folder), all_vectors, texts)
        return clock.seconds
    embeddings = _new_txtai(model)
    _use_vectors(embeddings, texts, all_vectors)
    embeddings.index(texts)
    embeddings.save(folder)
    return clock.seconds


def open_library(name: str, folder: str, model: str) -> float:
    """Open what was saved and return the seconds. The encoder is loaded before, if possible, and not counted."""
    if name == PLAIN:
        import bm25s  # noqa: F401 - imports are not counted for Pullquote either
        import faiss  # noqa: F401

        load_reference(model)
        clock = Clock()
        _load_plain(folder)
        return clock.seconds
    import txtai  # noqa: F401

    clock = Clock()
    _load_txtai(folder)
    return clock.seconds


def ask(name: str, folder: str, model: str, questions: Sequence[str]) -> list[dict[str, float]]:
    """Find the texts of the five best passages for each question, and return the seconds of each."""
    find = _ask_plain if name == PLAIN else _ask_txtai
    timed = []
    for question in questions:
        clock = Clock()
        texts = find(folder, model, question)
        timed.append({"asked": clock.seconds})
        assert len(texts) == _K, texts
    return timed


def rank_sentences(sentences: Sequence[str], questions: Sequence[str], model: str) -> dict[str, list[list[int]]]:
    """Rank all sentences for each question: by BM25, by vectors, and by txtai with both if it is installed.

    Returns the numbers of the three best sentences for each question, by the name of the ranking.
    """
    rankings = {"sentences, vectors": _rank_by_vectors(sentences, questions, model)}
    if PLAIN in installed():
        rankings["sentences, BM25"] = _rank_by_words(sentences, questions)
    if TXTAI in installed():
        embeddings = _new_txtai(model)
        embeddings.index(list(sentences))
        hits = (embeddings.search(question, _SENTENCES) for question in questions)
        rankings["sentences, txtai hybrid"] = [[int(hit["id"]) for hit in found] for found in hits]
    return rankings


def _rank_by_vectors(sentences: Sequence[str], questions: Sequence[str], model: str) -> list[list[int]]:
    encoder = load_reference(model)
    ours, theirs = (encoder.encode(list(texts), show_progress_bar=False) for texts in (questions, sentences))
    best: list[list[int]] = (-(ours @ theirs.T)).argsort(axis=1)[:, :_SENTENCES].tolist()
    return best


def _rank_by_words(sentences: Sequence[str], questions: Sequence[str]) -> list[list[int]]:
    import bm25s

    words = bm25s.BM25()
    words.index(bm25s.tokenize(list(sentences), show_progress=False), show_progress=False)
    tokens = bm25s.tokenize(list(questions), show_progress=False)
    found: list[list[int]] = words.retrieve(tokens, k=_SENTENCES, show_progress=False)[0].tolist()
    return found


def _save_plain(folder: Path, vectors: Any, texts: Sequence[str]) -> None:
    import bm25s
    import faiss
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, np.float32))
    faiss.write_index(index, str(folder / "vectors.faiss"))
    words = bm25s.BM25()
    words.index(bm25s.tokenize(list(texts), show_progress=False), show_progress=False)
    words.save(str(folder / "words"), show_progress=False)
    (folder / "texts.json").write_text(json.dumps(texts))


@cache
def _load_plain(folder: str) -> tuple[Any, Any, list[str]]:
    import bm25s
    import faiss

    index = faiss.read_index(str(Path(folder, "vectors.faiss")))
    words = bm25s.BM25.load(str(Path(folder, "words")), show_progress=False)
    texts: list[str] = json.loads(Path(folder, "texts.json").read_text())
    return index, words, texts


def _ask_plain(folder: str, model: str, question: str) -> list[str]:
    import bm25s

    index, words, texts = _load_plain(folder)
    depth = min(_DEPTH, len(texts))
    vector = load_reference(model).encode(question)
    dense = index.search(vector.reshape(1, -1), depth)[1][0].tolist()
    tokens = bm25s.tokenize([question], show_progress=False)
    lexical = words.retrieve(tokens, k=depth, show_progress=False)[0][0].tolist()
    scores: dict[int, float] = {}
    for ranked in (dense, lexical):
        for rank, number in enumerate(ranked, 1):
            scores[number] = scores.get(number, 0) + 1 / (_RRF_K + rank)
    return [texts[number] for number in sorted(scores, key=lambda number: -scores[number])[:_K]]


def _new_txtai(model: str) -> Any:
    import txtai

    from embeddings import locate

    return txtai.Embeddings(path=str(locate(model).folder), hybrid=True, content=True)


@cache
def _load_txtai(folder: str) -> Any:
    import txtai

    embeddings = txtai.Embeddings()
    embeddings.load(folder)
    return embeddings


def _ask_txtai(folder: str, model: str, question: str) -> list[str]:
    return [hit["text"] for hit in _load_txtai(folder).search(question, _K)]


def _use_vectors(embeddings: Any, texts: Sequence[str], vectors: Any) -> None:
    """Make txtai use these vectors for these texts. It saves the name of its encoding method, not this function."""
    import numpy as np

    by_text = dict(zip(texts, vectors, strict=True))
    model = embeddings.model

    def encode(data: Sequence[str], category: str | None = None) -> Any:
        return np.stack([by_text[text] for text in data])

    model.encode = encode
