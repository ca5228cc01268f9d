"""A library of any size, stored by the library's own code: `Library.store` in batches, then `IndexCache.write`.

Only reading files, cutting and encoding are left out, for which there would be hours to wait at a million passages.
"""

import json
import shutil
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.borrowed import Block, Source, places
from benchmarks.workers import Clock, Worker

if TYPE_CHECKING:
    from qa.library.writes import NewArticle

_BYTES = 9_000  # a passage of the default model takes on disk in the library, its text and its indexes
_DONE = "done.json"


def needed_bytes(size: int) -> int:
    """About the space that a library of so many passages takes."""
    return size * _BYTES


def build(folder: Path, source: Source, size: int, model: str) -> dict[str, Any]:
    """Store so many passages in a process of its own; what it took, also where an earlier run kept the library."""
    done = folder / _DONE
    if done.exists():
        found: dict[str, Any] = json.loads(done.read_text())
        return found
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    free = shutil.disk_usage(folder).free
    print(f"{size:,} passages: {needed_bytes(size) / 1e9:.1f} GB wanted, {free / 1e9:.0f} GB free", file=sys.stderr)
    if free < 1.2 * needed_bytes(size):
        raise SystemExit(f"{folder} has {free / 1e9:.1f} GB free: too little for {size:,} passages")
    with Worker() as worker:
        arguments = {**source.arguments, "folder": str(folder), "size": size, "model": model}
        took: dict[str, Any] = worker.call("benchmarks.libraries:store", **arguments)
        took["peak_mb"] = worker.peak_mb()
    took["disk_mb"] = disk_mb(folder)
    done.write_text(json.dumps(took))
    print(f"{size:,} passages: stored in {took['store']:.0f} s, indexed in {took['index']:.0f} s", file=sys.stderr)
    return took


def store(folder: str, vectors: str, seed: int, blocks: int, size: int, model: str) -> dict[str, float]:
    """Store and index; seconds of each, generating the articles not counted."""
    from qa import Assistant

    assistant = Assistant.open(folder, model=model)
    storing, dimension, done = 0.0, 0, 0
    whole = Clock()
    with assistant.library.writing():
        for block in Source(Path(vectors), seed, blocks).until(size):
            dimension = block.passages.shape[1]
            articles = _new(block)
            clock = Clock()
            assistant.library.store(articles)
            storing += clock.seconds
            done += len(block.passages)
        generated = whole.seconds - storing
        clock = Clock()
        with assistant.library.snapshot() as snapshot:
            assistant.indexes.write(snapshot, lambda: dimension)
    return {"store": storing, "index": clock.seconds, "generate": generated, "passages": done}


def disk_mb(folder: Path) -> float:
    """MB of 1,000,000 bytes in all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _new(block: Block) -> "list[NewArticle]":
    from embeddings import PassageText, PassageVectors
    from qa.library.writes import NewArticle
    from qa.sources.formats.draft import Draft
    from qa.text.passages import Window
    from qa.types.articles import Span

    passages, sentences = iter(block.passages), iter(block.sentences)
    articles = []
    for article in block.articles:
        windows, vectors, begin = [], [], 0
        for each in article.passages:
            text = " ".join(each)
            spans = tuple(Span(start, end) for start, end in places(each, begin))
            windows.append(Window(spans, PassageText(text, places(each))))
            own = _stack(list(islice(sentences, len(each))))
            vectors.append(PassageVectors(next(passages), own))
            begin += len(text) + 2
        title = " ".join(article.passages[0][0].split()[:6])
        articles.append(NewArticle(Draft(f"/{article.source}", title, None, article.text, ()), windows, vectors))
    return articles


def _stack(vectors: list[Any]) -> Any:
    import numpy as np

    return np.stack(vectors)
