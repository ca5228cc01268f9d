"""What a user would otherwise have, made with the same model of the same passages and saved to disk.

plain: `SentenceTransformer.encode`, `faiss.IndexFlatIP` and bm25s, the two best hundreds fused by reciprocal ranks.
txtai: `Embeddings(hybrid=True, content=True)`, with its own defaults for all the rest.

Both are given the passages as Pullquote cuts them, ready in memory. Batch sizes are their defaults.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.borrowed import Source
from benchmarks.engines import reference
from benchmarks.workers import Clock

PLAIN, TXTAI = "plain", "txtai"
_NEEDED = {PLAIN: "bm25s", TXTAI: "txtai"}
_DEPTH, _WANTED, _RRF_K = 100, 5, 60


def installed() -> list[str]:
    """Which of them can be measured here; `pip install '.[bench]'` brings both."""
    return [name for name, package in _NEEDED.items() if find_spec(package)]


def added(name: str, folder: str, model: str, passages: Sequence[str]) -> float:
    """Encode, index and save passages; the seconds. The model is loaded and warm before."""
    if name == PLAIN:
        encoder = reference(model)
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


def built(name: str, folder: str, model: str, vectors: str, seed: int, blocks: int, size: int) -> float:
    """Index and save passages with vectors that are there already; the seconds."""
    import numpy as np

    source = Source(Path(vectors), seed, blocks)
    texts, rows = [], []
    for block in source.until(size):
        texts += [" ".join(sentences) for article in block.articles for sentences in article.passages]
        rows.append(block.passages)
    ready = np.concatenate(rows)
    clock = Clock()
    if name == PLAIN:
        _save_plain(Path(folder), ready, texts)
        return clock.seconds
    embeddings = _new_txtai(model)
    _lend(embeddings, texts, ready)
    embeddings.index(texts)
    embeddings.save(folder)
    return clock.seconds


def opened(name: str, folder: str, model: str) -> float:
    """Open what was saved; the seconds. The encoder is loaded before where that can be, and not counted."""
    if name == PLAIN:
        import bm25s  # noqa: F401 - importing is not counted for Pullquote either
        import faiss  # noqa: F401

        reference(model)
        clock = Clock()
        _plain(folder)
        return clock.seconds
    import txtai  # noqa: F401

    clock = Clock()
    _txtai(folder)
    return clock.seconds


def asked(name: str, folder: str, model: str, questions: Sequence[str]) -> list[dict[str, float]]:
    """From a question to the texts of the five best passages; the seconds of each."""
    find = _ask_plain if name == PLAIN else _ask_txtai
    timed = []
    for question in questions:
        clock = Clock()
        found = find(folder, model, question)
        timed.append({"asked": clock.seconds})
        assert len(found) == _WANTED, found
    return timed


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
def _plain(folder: str) -> tuple[Any, Any, list[str]]:
    import bm25s
    import faiss

    index = faiss.read_index(str(Path(folder, "vectors.faiss")))
    words = bm25s.BM25.load(str(Path(folder, "words")), show_progress=False)
    texts: list[str] = json.loads(Path(folder, "texts.json").read_text())
    return index, words, texts


def _ask_plain(folder: str, model: str, question: str) -> list[str]:
    import bm25s

    index, words, texts = _plain(folder)
    depth = min(_DEPTH, len(texts))
    vector = reference(model).encode(question)
    near = index.search(vector.reshape(1, -1), depth)[1][0].tolist()
    tokens = bm25s.tokenize([question], show_progress=False)
    holding = words.retrieve(tokens, k=depth, show_progress=False)[0][0].tolist()
    scores: dict[int, float] = {}
    for ranked in (near, holding):
        for rank, number in enumerate(ranked, 1):
            scores[number] = scores.get(number, 0) + 1 / (_RRF_K + rank)
    return [texts[number] for number in sorted(scores, key=lambda number: -scores[number])[:_WANTED]]


def _new_txtai(model: str) -> Any:
    import txtai

    from embeddings import locate

    return txtai.Embeddings(path=str(locate(model).folder), hybrid=True, content=True)


@cache
def _txtai(folder: str) -> Any:
    import txtai

    embeddings = txtai.Embeddings()
    embeddings.load(folder)
    return embeddings


def _ask_txtai(folder: str, model: str, question: str) -> list[str]:
    return [found["text"] for found in _txtai(folder).search(question, _WANTED)]


def _lend(embeddings: Any, texts: Sequence[str], vectors: Any) -> None:
    """Let txtai take these vectors for these texts; it is the method's name in its settings that is saved, not this."""
    import numpy as np

    lent = dict(zip(texts, vectors, strict=True))
    model = embeddings.model

    def encode(data: Sequence[str], category: str | None = None) -> Any:
        return np.stack([lent[text] for text in data])

    model.encode = encode
