"""A library whose encoder is a few lines of arithmetic: no model is loaded and no parser is started."""

import math
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from embeddings import ModelFiles, PassageText, PassageVectors
from embeddings.model_spec import Vectors
from embeddings.prompts import Prompts
from qa import Assistant, Settings
from qa.library.library import Library
from qa.library.writes import NewArticle, ReadFile
from qa.sources.formats.draft import LOADERS_VERSION, Draft
from qa.text.passages import chunk
from qa.types.articles import Reference

DIMENSION = 8
FILES = ModelFiles("quick", Path("quick"), "", "0" * 64, Prompts("", ""))


class QuickEncoder:
    """Give a text the sum of its words' pseudo-random vectors. The same text has the same vector on every machine."""

    files, dimension, capacity = FILES, DIMENSION, 60

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        return np.array([_vector(question) for question in questions], np.float32)

    def encode_passages(
        self, passages: Sequence[PassageText], progress: Callable[[int], None] = lambda _: None
    ) -> list[PassageVectors]:
        progress(len(passages))
        return [
            PassageVectors(_vector(each.text), np.array([_vector(each.text[a:b]) for a, b in each.sentences], np.float32))
            for each in passages
        ]


def _vector(text: str) -> Vectors:
    seeds = [zlib.crc32(word.encode()) for word in text.casefold().split()] or [0]
    total = sum(np.array([(seed >> shift & 15) - 7.5 for shift in range(0, 32, 4)]) for seed in seeds)
    return (total / np.linalg.norm(total)).astype(np.float32)


def open_quick(folder: Path) -> Assistant:
    """Open or create a library with that encoder. It quotes at any confidence."""
    settings = Settings(least_confidence=0, furthest_below=math.inf, least_further=0)
    assistant = Assistant(Library.open(folder, FILES), reader="none", settings=settings)
    assistant._encoder = QuickEncoder()  # type: ignore[assignment]
    return assistant


def store(assistant: Assistant, **texts: str) -> list[Reference]:
    """Store texts in one batch as an addition does, under sources such as /articles/name.txt. Return all articles."""
    encoder, articles, files = QuickEncoder(), [], []
    for name, text in texts.items():
        draft = Draft(f"/articles/{name}.txt", text.split("\n")[0], None, text)
        windows = chunk(text, (), encoder.count_tokens, encoder.capacity)
        articles.append(NewArticle(draft, windows, encoder.encode_passages([window.encoded for window in windows])))
        files.append(ReadFile(draft.source, "0" * 64, LOADERS_VERSION, (draft.source,)))
    with assistant.library.writing():
        assistant.library.store(articles, files)
        with assistant.library.snapshot() as snapshot:
            assistant.indexes.write(snapshot, lambda: DIMENSION)
    return assistant.articles()


def harbours(first: int, last: int, when: str = "noon") -> dict[str, str]:
    """Return short articles of two sentences, by name."""
    return {
        f"harbour{n}": f"Harbour {n}\n\nHarbour {n} froze at {when} in winter {n * 7}. Nobody skated on day {n}."
        for n in range(first, last)
    }


@contextmanager
def reading_thread(assistant: Assistant) -> Iterator[None]:
    """Let another thread read the library as it is now, so that what is written meanwhile stays in the write-ahead log."""
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with assistant.library.snapshot() as snapshot:
            snapshot.count()
            reading.set()
            done.wait()

    thread = threading.Thread(target=read)
    thread.start()
    reading.wait()
    try:
        yield
    finally:
        done.set()
        thread.join()
