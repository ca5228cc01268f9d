"""BEIR folders: a corpus, queries and relevance judgements."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa.evaluation.datasets.questions import TestQuestion, check_unique
from qa.evaluation.datasets.trec import attach_judgements, load_qrels
from qa.types.errors import QuestionsUnreadable

_ARTICLES_PER_FILE = 1_000
_CORPUS, _QUERIES = "corpus.jsonl", "queries.jsonl"


def is_beir(folder: Path) -> bool:
    """Tell whether a folder holds a corpus and queries in BEIR's format."""
    return (folder / _CORPUS).is_file() and (folder / _QUERIES).is_file()


def unpack_beir(folder: Path, articles: Path | None, split: str = "test") -> list[TestQuestion]:
    """Write the corpus into a folder as JSON Lines, which Pullquote adds as articles, and return the judged queries.

    Judged documents are named by the end of their article's source, file and id: `0000.jsonl#MED-10`.

    Args:
        folder: in BEIR's format.
        articles: the folder to write to. None writes nothing.
        split: the judgements to take, from `qrels/SPLIT.tsv`, else from `qrels.tsv`.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there.

    Source: Thakur et al., NeurIPS 2021 datasets and benchmarks, arXiv 2104.08663.
    """
    qrels = folder / "qrels" / f"{split}.tsv"
    if not qrels.exists() and split == "test" and (folder / "qrels.tsv").exists():
        qrels = folder / "qrels.tsv"
    if not qrels.is_file():
        splits = ", ".join(sorted(path.stem for path in folder.glob("qrels/*.tsv"))) or "none"
        raise QuestionsUnreadable(f"{qrels} is not there; the splits of {folder} are: {splits}.")
    sources = _unpack_corpus(folder / _CORPUS, articles)
    judgements = load_qrels(qrels)
    for question, grades in judgements.items():
        for document in grades:
            if document not in sources:
                raise QuestionsUnreadable(f"{qrels} judges {document!r} for {question!r}, which is not in {folder / _CORPUS}.")
    by_source = {
        question: {sources[document]: grade for document, grade in grades.items()} for question, grades in judgements.items()
    }
    queries = check_unique(folder / _QUERIES, _queries(folder / _QUERIES))
    return attach_judgements(folder / _QUERIES, queries, qrels, by_source)


def _queries(path: Path) -> Iterator[tuple[int, TestQuestion]]:
    for number, record in _records(path):
        text = record.get("text")
        if not isinstance(text, str) or not text.strip():
            raise QuestionsUnreadable(f"{path}, line {number}: 'text' must be text.")
        yield number, TestQuestion(record["_id"], text, None, None)


def _unpack_corpus(path: Path, folder: Path | None) -> dict[str, str]:
    """Write the articles, and return the end of each one's source by document id."""
    sources: dict[str, str] = {}
    lines: list[str] = []
    name = ""
    for number, record in _records(path):
        identity, title, text = record["_id"], record.get("title") or "", record.get("text") or ""
        if not (isinstance(title, str) and isinstance(text, str) and (title.strip() or text.strip())):
            raise QuestionsUnreadable(f"{path}, line {number}: 'title' and 'text' must be text, and one of them say something.")
        if identity in sources:
            raise QuestionsUnreadable(f"{path}, line {number}: the id {identity!r} is taken by an earlier line.")
        name = f"{len(sources) // _ARTICLES_PER_FILE:04d}.jsonl"
        sources[identity] = f"{name}#{identity}"
        lines.append(json.dumps({"id": identity, "title": title, "text": text if text.strip() else title}))
        if len(sources) % _ARTICLES_PER_FILE == 0:
            _write(folder, name, lines)
            lines = []
    if lines:
        _write(folder, name, lines)
    return sources


def _write(folder: Path | None, name: str, lines: list[str]) -> None:
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise QuestionsUnreadable(f"The articles cannot be written to {folder / name}: {error}.") from error


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the JSON objects of a file with their line numbers. Each has an id without spaces."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise QuestionsUnreadable(f"{path}, line {number}: this is no JSON ({error}).") from error
                identity = record.get("_id") if isinstance(record, dict) else None
                if not isinstance(identity, str) or len(identity.split()) != 1 or identity != identity.strip():
                    raise QuestionsUnreadable(f"{path}, line {number}: '_id' must be a text without spaces.")
                yield number, record
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsUnreadable(f"{path} cannot be read: {error}.") from error
