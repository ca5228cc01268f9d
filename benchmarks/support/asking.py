"""The section "asking" of `benchmarks.speed`: the time of a question by stage, opening, memory, and recall of the vector index.

Every system asks from a process of its own that has only opened what was saved. They take turns in blocks of questions.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.support import peers
from benchmarks.support.table import Bar, Row, alone, compared
from benchmarks.support.vector_source import VectorSource
from benchmarks.support.workers import Clock, Worker, call

if TYPE_CHECKING:
    from qa import Assistant

_WARM = 20  # questions asked before any is timed, different from those timed
_LARGE = 1_000_000  # passages that the bars are set for
_READING = "with the reader"  # the others have no counterpart
_DEPTH = 100  # k of the recall
_RECALLED = 100  # questions whose recall is measured
_CHUNK = 1 << 22  # bytes


def rows(
    title: str, folder: Path, others: dict[str, Path], asked: Sequence[str], model: str, rounds: int, size: int = 0
) -> list[Row]:
    """Measure asking in one library, and in what other systems made of the same passages.

    Args:
        title: of the section.
        folder: of the library.
        others: the folders of the other systems by name.
        asked: questions, the first of which only warm up.
        model: of the encoder.
        rounds: in which the systems take turns.
        size: of the library, in passages.
    """
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker()) for name in ["Pullquote", _READING, *others]}
        ours = {"module": "benchmarks.support.asking", "folder": str(folder), "reader": "none"}
        theirs = {
            name: {"module": "benchmarks.support.peers", "folder": str(path), "name": name} for name, path in others.items()
        }
        where = {"Pullquote": ours, _READING: {**ours, "reader": "bundled"}, **theirs}
        for path in (folder, *others.values()):
            read_once(path)
        opened = {name: _call(workers[name], "open_library", where[name], model=model) for name in workers}
        timed: dict[str, list[dict[str, float]]] = {name: [] for name in workers}
        for name, worker in workers.items():
            _call(worker, "ask", where[name], model=model, questions=asked[:_WARM])
        for number in range(rounds):
            for name, worker in workers.items():
                block = asked[_WARM + number :: rounds]
                timed[name] += _call(worker, "ask", where[name], model=model, questions=block)
        peak = {name: worker.peak_mb() for name, worker in workers.items()}
    large = size >= _LARGE
    return [
        Row(f"Asking: {title}"),
        *_stages(timed["Pullquote"], large),
        alone("opening the library", opened["Pullquote"], unit="s", bar=Bar(5, at_least=False, unit="s") if large else None),
        alone("memory, peak", peak["Pullquote"], unit="MB", bar=Bar(3000, at_least=False, unit="MB") if large else None),
        alone(f"a question {_READING}, median", median(times["asked"] for times in timed[_READING]) * 1e3, unit="ms"),
        alone(f"memory {_READING}, peak", peak[_READING], unit="MB"),
        *(row for name in others for row in _beside(name, timed, opened, peak)),
    ]


def read_once(folder: Path) -> None:
    """Read all files into the disk cache, so that no system has an advantage."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb", buffering=0) as file:
                while file.read(_CHUNK):
                    pass


def recall_row(folder: Path, source: VectorSource, size: int, asked: Sequence[str], model: str) -> Row:
    """Measure the share of the exact nearest hundred passages that the vector index finds."""
    arguments = {**source.arguments, "folder": str(folder), "model": model, "size": size}
    share = call("benchmarks.support.asking:recall", **arguments, asked=asked[_WARM : _WARM + _RECALLED])
    bar = Bar(0.99, at_least=True) if size >= _LARGE else None
    return alone(f"recall@{_DEPTH} of the vector index", share, unit="", bar=bar, shown=f"{share:.4f}")


def _call(worker: Worker, function: str, where: dict[str, str], **arguments: Any) -> Any:
    rest = {name: value for name, value in where.items() if name != "module"}
    return worker.call(f"{where['module']}:{function}", **rest, **arguments)


def _stages(timed: list[dict[str, float]], large: bool) -> list[Row]:
    """Build the rows of a question's total time, of the time beyond encoding it, and of each stage."""
    stages = [name for name in timed[0] if name not in ("total", "asked")]
    beyond = _p95([times["asked"] - times["encode"] for times in timed]) * 1e3
    bar = Bar(100, at_least=False, unit="ms") if large else None
    return [
        alone("a question, median", median(times["asked"] for times in timed) * 1e3, unit="ms"),
        alone("a question, p95", _p95([times["asked"] for times in timed]) * 1e3, unit="ms"),
        alone("beyond encoding it, p95", beyond, unit="ms", bar=bar),
        *(alone(f"{name}, median", median(times.get(name, 0) for times in timed) * 1e3, unit="ms") for name in stages),
    ]


def _beside(name: str, timed: dict[str, list[dict[str, float]]], opened: dict[str, float], peak: dict[str, float]) -> list[Row]:
    def times(system: str) -> list[float]:
        return [question["asked"] * 1e3 for question in timed[system]]

    bar = Bar(1, at_least=False) if name == peers.TXTAI else None
    return [
        compared("a question, median", median(times("Pullquote")), median(times(name)), name, unit="ms", bar=bar),
        compared("a question, p95", _p95(times("Pullquote")), _p95(times(name)), name, unit="ms"),
        compared("opening", opened["Pullquote"], opened[name], name, unit="s"),
        compared("memory, peak", peak["Pullquote"], peak[name], name, unit="MB"),
    ]


def _p95(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]


def open_library(folder: str, model: str, reader: str) -> float:
    """Open a library and its indexes and return the seconds. The encoder is loaded afterwards and not counted."""
    import qa  # noqa: F401 - importing is measured by the section "start"

    clock = Clock()
    _assistant(folder, model, reader)
    seconds = clock.seconds
    _ = _assistant(folder, model, reader).encoder
    return seconds


def ask(folder: str, model: str, reader: str, questions: Sequence[str]) -> list[dict[str, float]]:
    """Ask, and return the seconds of each question in all and by stage."""
    assistant = _assistant(folder, model, reader)
    timed = []
    for question in questions:
        clock = Clock()
        answer = assistant.ask(question)
        timed.append({"asked": clock.seconds, **answer.timings})
    return timed


def recall(folder: str, model: str, size: int, asked: Sequence[str], vectors: str, seed: int, blocks: int) -> float:
    """Compare the index with the exact nearest vectors, which are stored in the order of the passage ids, from 1."""
    import numpy as np

    assistant = _assistant(folder, model, "none")
    encoder = assistant.encoder
    queries = np.stack([encoder.encode_questions([question])[0] for question in asked])
    scores = np.concatenate([block @ queries.T for block in VectorSource(Path(vectors), seed, blocks).passage_vectors(size)])
    depth = min(_DEPTH, len(scores))
    shares = []
    with assistant.library.snapshot() as snapshot:
        index = assistant.indexes.at(snapshot, lambda: encoder.dimension).vectors
        _verify(snapshot, scores.shape[0])
        for number, vector in enumerate(queries):
            exact = np.argpartition(scores[:, number], -depth)[-depth:] + 1
            approximate = {passage_id for passage_id, _ in index.search(vector, depth)}
            shares.append(len(approximate & set(exact.tolist())) / depth)
    return float(np.mean(shares))


def _verify(snapshot: Any, size: int) -> None:
    n_passages = snapshot.count()[1]
    ids = [passage.id for passage in snapshot.passages([1, n_passages])]
    assert (n_passages, ids) == (size, [1, n_passages]), "the passages' ids are not 1 to n, as recall needs"


@cache
def _assistant(folder: str, model: str, reader: str) -> "Assistant":
    from qa import Assistant

    assistant = Assistant.open(folder, reader=reader, create=False)
    with assistant.library.snapshot() as snapshot:
        assistant.indexes.at(snapshot, lambda: assistant.encoder.dimension)
    return assistant
