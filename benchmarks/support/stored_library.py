"""A library of any size, stored by the library's own code: `Library.store` in batches, then `IndexCache.write`.

Only reading, cutting and encoding are left out, which would take hours for a million passages.
"""

import json
import shutil
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.support.vector_source import Block, VectorSource, places
from benchmarks.support.workers import Clock, Worker

if TYPE_CHECKING:
    from qa.library.writes import NewArticle

_BYTES = 9_000  # on disk for each passage of the default model, text and indexes included
_DONE = "done.json"


def bytes_needed(size: int) -> int:
    """Estimate the disk space of a library of this many passages."""
    return size * _BYTES


def build(folder: Path, source: VectorSource, size: int, model: str) -> dict[str, Any]:
    """Store passages in a process of its own and return the costs. A library kept by an earlier run is reused."""
    done = folder / _DONE
    if done.exists():
        costs: dict[str, Any] = json.loads(done.read_text())
        return costs
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    free = shutil.disk_usage(folder).free
    print(f"{size:,} passages: {bytes_needed(size) / 1e9:.1f} GB needed, {free / 1e9:.0f} GB free", file=sys.stderr)
    if free < 1.2 * bytes_needed(size):
        raise SystemExit(f"{folder} has {free / 1e9:.1f} GB free: too little for {size:,} passages")
    with Worker() as worker:
        arguments = {**source.arguments, "folder": str(folder), "size": size, "model": model}
        costs = worker.call("benchmarks.support.stored_library:store", **arguments)
        costs["peak_mb"] = worker.peak_mb()
    costs["disk_mb"] = disk_mb(folder)
    done.write_text(json.dumps(costs))
    print(f"{size:,} passages: stored in {costs['store']:.0f} s, indexed in {costs['index']:.0f} s", file=sys.stderr)
    return costs


def store(folder: str, vectors: str, seed: int, blocks: int, size: int, model: str) -> dict[str, float]:
    """Store and index, and return the seconds of each. Generating the articles is not counted."""
    from qa import Assistant

    assistant = Assistant.open(folder, model=model)
    storing, dimension, n_stored = 0.0, 0, 0
    total = Clock()
    with assistant.library.writing():
        for block in VectorSource(Path(vectors), seed, blocks).until(size):
            dimension = block.passages.shape[1]
            articles = _to_new_articles(block)
            clock = Clock()
            assistant.library.store(articles)
            storing += clock.seconds
            n_stored += len(block.passages)
        generated = total.seconds - storing
        clock = Clock()
        with assistant.library.snapshot() as snapshot:
            assistant.indexes.write(snapshot, lambda: dimension)
    return {"store": storing, "index": clock.seconds, "generate": generated, "passages": n_stored}


def disk_mb(folder: Path) -> float:
    """Return the size of all files of a folder in MB of 1,000,000 bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _to_new_articles(block: Block) -> "list[NewArticle]":
    from embeddings import PassageText, PassageVectors
    from qa.library.writes import NewArticle
    from qa.sources.formats.draft import Draft
    from qa.text.passages import Window
    from qa.types.articles import Span

    passages, sentences = iter(block.passages), iter(block.sentences)
    articles = []
    for article in block.articles:
        windows, vectors, offset = [], [], 0
        for passage in article.passages:
            text = " ".join(passage)
            spans = tuple(Span(start, end) for start, end in places(passage, offset))
            windows.append(Window(spans, PassageText(text, places(passage))))
            vectors.append(PassageVectors(next(passages), _stack(list(islice(sentences, len(passage))))))
            offset += len(text) + 2
        title = " ".join(article.passages[0][0].split()[:6])
        articles.append(NewArticle(Draft(f"/{article.source}", title, None, article.text, ()), windows, vectors))
    return articles


def _stack(vectors: list[Any]) -> Any:
    import numpy as np

    return np.stack(vectors)
