"""BEIR folders: a corpus, queries and relevance judgements."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa.evaluation.datasets.questions import TestQuestion, told_apart
from qa.evaluation.datasets.trec import judged, load_qrels
from qa.types.errors import QuestionsUnreadable

_AT_ONCE = 1_000  # articles in a file
_CORPUS, _QUERIES = "corpus.jsonl", "queries.jsonl"


def is_beir(folder: Path) -> bool:
    """Whether a folder has a corpus and queries of that format."""
    return (folder / _CORPUS).is_file() and (folder / _QUERIES).is_file()


def unpack_beir(folder: Path, articles: Path | None, split: str = "test") -> list[TestQuestion]:
    """Write the corpus into a folder as JSON Lines that the loaders read, and return the judged queries.

    What was judged is named as the articles' sources end, file and id: `0000.jsonl#MED-10`.

    Args:
        articles: None writes nothing.
        split: the judgements to take, in `qrels/SPLIT.tsv` or else `qrels.tsv`.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there.

    Source: Thakur et al., NeurIPS 2021 datasets and benchmarks, arXiv 2104.08663.
    """
    inside = folder / "qrels" / f"{split}.tsv"
    qrels = folder / "qrels.tsv" if not inside.exists() and split == "test" and (folder / "qrels.tsv").exists() else inside
    if not qrels.is_file():
        others = ", ".join(sorted(path.stem for path in folder.glob("qrels/*.tsv"))) or "none"
        raise QuestionsUnreadable(f"{qrels} is not there; the splits of {folder} are: {others}.")
    named = _unpack(folder / _CORPUS, articles)
    judgements = load_qrels(qrels)
    for question, grades in judgements.items():
        for document in grades:
            if document not in named:
                raise QuestionsUnreadable(f"{qrels} judges {document!r} for {question!r}, which is not in {folder / _CORPUS}.")
    as_named = {question: {named[each]: grade for each, grade in grades.items()} for question, grades in judgements.items()}
    asked = told_apart(folder / _QUERIES, _queries(folder / _QUERIES))
    return judged(folder / _QUERIES, asked, qrels, as_named)


def _queries(path: Path) -> Iterator[tuple[int, TestQuestion]]:
    for number, record in _records(path):
        text = record.get("text")
        if not isinstance(text, str) or not text.strip():
            raise QuestionsUnreadable(f"{path}, line {number}: 'text' must be text.")
        yield number, TestQuestion(record["_id"], text, None, None)


def _unpack(path: Path, folder: Path | None) -> dict[str, str]:
    """Write the articles and return how their sources end, by their ids."""
    named: dict[str, str] = {}
    waiting: list[str] = []
    name = ""
    for number, record in _records(path):
        identity, title, text = record["_id"], record.get("title") or "", record.get("text") or ""
        if not (isinstance(title, str) and isinstance(text, str) and (title.strip() or text.strip())):
            raise QuestionsUnreadable(f"{path}, line {number}: 'title' and 'text' must be text, and one of them say something.")
        if identity in named:
            raise QuestionsUnreadable(f"{path}, line {number}: the id {identity!r} is taken by an earlier line.")
        name = f"{len(named) // _AT_ONCE:04d}.jsonl"
        named[identity] = f"{name}#{identity}"
        waiting.append(json.dumps({"id": identity, "title": title, "text": text if text.strip() else title}))
        if len(named) % _AT_ONCE == 0:
            _write(folder, name, waiting)
            waiting = []
    if waiting:
        _write(folder, name, waiting)
    return named


def _write(folder: Path | None, name: str, lines: list[str]) -> None:
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise QuestionsUnreadable(f"The articles cannot be written to {folder / name}: {error}.") from error


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file, a line each, with the numbers of their lines; an id is a word."""
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
