"""Find English paragraphs for questions in other languages: `python -m benchmarks.languages XQUAD_FOLDER`.

Data: XQuAD (Artetxe, Ruder and Yogatama 2020, arXiv 1910.11856), 1,190 questions on 240 paragraphs of SQuAD, translated by
people; files named `xquad.LANGUAGE.json`, or the same with `.gz`. Each question is compared with the vectors of all English
paragraphs, without words and reader, so this measures the encoder alone. It takes some minutes on one core.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from embeddings import DEFAULT_MODEL, Encoder, PassageText
from embeddings.model_spec import Vectors
from training import samples


def main() -> None:
    """Encode paragraphs and questions with each model, and print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path, help="where XQuAD's files are")
    options.add_argument("--languages", default="en,es,de,ru,ar,zh", help="with commas between them")
    options.add_argument("--models", default=f"multilingual,{DEFAULT_MODEL}", help="with commas between them")
    chosen = options.parse_args()
    paragraphs, _ = read_xquad(chosen.folder, "en")
    table = Table("model", "passages/CPU s", "questions", "questions/CPU s", "R@1", "R@5", box=None, pad_edge=False)
    for name in chosen.models.split(","):
        encoder = Encoder.load(name)
        texts = [fitting(encoder, paragraph) for paragraph in paragraphs]
        encoder.encode_passages([PassageText(texts[0], ())])  # compiles the model
        began = time.process_time()
        encoded = encoder.encode_passages([PassageText(text, ()) for text in texts])
        speed = len(texts) / (time.process_time() - began)
        passages = np.stack([each.passage for each in encoded])
        for language in chosen.languages.split(","):
            _, questions = read_xquad(chosen.folder, language)
            began = time.process_time()
            vectors = encoder.encode_questions([text for text, _ in questions])
            rate = len(questions) / (time.process_time() - began)
            ranks = ranks_of(vectors, passages, [paragraph for _, paragraph in questions])
            found = [f"{np.mean(ranks < k):.3f}" for k in (1, 5)]
            table.add_row(name, f"{speed:.1f}", language, f"{rate:.0f}", *found)
    Console().print(table)


def read_xquad(folder: Path, language: str) -> tuple[list[str], list[tuple[str, int]]]:
    """Read a language's paragraphs, and its questions with the numbers of their paragraphs."""
    path = folder / f"xquad.{language}.json"
    articles = samples.read(path if path.exists() else path.with_suffix(".json.gz"))
    paragraphs: list[dict[str, Any]] = [each for article in articles for each in article["paragraphs"]]
    questions = [(asked["question"], number) for number, each in enumerate(paragraphs) for asked in each["qas"]]
    return [each["context"] for each in paragraphs], questions


def fitting(encoder: Encoder, text: str) -> str:
    """Leave off the last words of a text that is longer than a model reads."""
    while encoder.count_tokens([text])[0] > encoder.capacity:
        text = text.rpartition(" ")[0]
    return text


def ranks_of(questions: Vectors, passages: Vectors, right: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return for each question how many passages come before the right one."""
    cosines = questions @ passages.T
    ranks: np.ndarray[Any, np.dtype[np.int64]] = (cosines > cosines[np.arange(len(right)), right][:, None]).sum(axis=1)
    return ranks


if __name__ == "__main__":
    main()
