"""Asking by stage, opening, memory, and how much of the exact result the vector index finds.

Every system asks from a process of its own that has only opened what was saved; they take turns in blocks of questions.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks import peers
from benchmarks.borrowed import Source
from benchmarks.table import Bar, Row, alone, compared
from benchmarks.workers import Clock, Worker, call

if TYPE_CHECKING:
    from qa import Assistant

_WARM = 20  # questions before any is timed, others than those that are
_LARGE = 1_000_000  # passages for which the bars are set
_READING = "with the reader"  # which the others have nothing like
_DEPTH = 100  # of which recall is taken
_RECALLED = 100  # questions for it
_AT_ONCE = 1 << 22  # bytes


def rows(
    title: str, folder: Path, others: dict[str, Path], asked: Sequence[str], model: str, rounds: int, size: int = 0
) -> list[Row]:
    """What asking costs in one library and in what others made of the same passages.

    Args:
        folder: of the library.
        others: the folders of the other systems, by their names.
        asked: questions, the first of which only warm.
    """
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker()) for name in ["Pullquote", _READING, *others]}
        ours = {"module": "benchmarks.asking", "folder": str(folder), "reader": "none"}
        theirs = {name: {"module": "benchmarks.peers", "folder": str(path), "name": name} for name, path in others.items()}
        where = {"Pullquote": ours, _READING: {**ours, "reader": "bundled"}, **theirs}
        for path in (folder, *others.values()):
            read_once(path)
        opened = {name: _do(workers[name], "opened", where[name], model=model) for name in workers}
        timed: dict[str, list[dict[str, float]]] = {name: [] for name in workers}
        for name, worker in workers.items():
            _do(worker, "asked", where[name], model=model, questions=asked[:_WARM])
        for number in range(rounds):
            for name, worker in workers.items():
                some = asked[_WARM + number :: rounds]
                timed[name] += _do(worker, "asked", where[name], model=model, questions=some)
        peak = {name: worker.peak_mb() for name, worker in workers.items()}
    large = size >= _LARGE
    return [
        Row(f"Asking: {title}"),
        *_stages(timed["Pullquote"], large),
        alone("opening the library", opened["Pullquote"], unit="s", bar=Bar(5, at_least=False, unit="s") if large else None),
        alone("memory, peak", peak["Pullquote"], unit="MB", bar=Bar(3000, at_least=False, unit="MB") if large else None),
        alone(f"a question {_READING}, median", median(each["asked"] for each in timed[_READING]) * 1e3, unit="ms"),
        alone(f"memory {_READING}, peak", peak[_READING], unit="MB"),
        *(row for name in others for row in _beside(name, timed, opened, peak)),
    ]


def read_once(folder: Path) -> None:
    """Read all files, so that every system finds its own in the disk's cache, whichever was made or read last."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb", buffering=0) as file:
                while file.read(_AT_ONCE):
                    pass


def recall_row(folder: Path, source: Source, size: int, asked: Sequence[str], model: str) -> Row:
    """The share of the exact nearest hundred that the vector index finds."""
    arguments = {**source.arguments, "folder": str(folder), "model": model, "size": size}
    found = call("benchmarks.asking:recall", **arguments, asked=asked[_WARM : _WARM + _RECALLED])
    bar = Bar(0.99, at_least=True) if size >= _LARGE else None
    return alone(f"recall@{_DEPTH} of the vector index", found, unit="", bar=bar, shown=f"{found:.4f}")


def _do(worker: Worker, what: str, where: dict[str, str], **arguments: Any) -> Any:
    rest = {name: value for name, value in where.items() if name != "module"}
    return worker.call(f"{where['module']}:{what}", **rest, **arguments)


def _stages(timed: list[dict[str, float]], large: bool) -> list[Row]:
    """A question's whole time, each stage's, and what it takes beyond encoding the question."""
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
    def times(of: str) -> list[float]:
        return [each["asked"] * 1e3 for each in timed[of]]

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


def opened(folder: str, model: str, reader: str) -> float:
    """Open a library and its indexes; the seconds. The encoder is loaded after, and not counted."""
    import qa  # noqa: F401 - importing is measured by starting the command

    clock = Clock()
    _assistant(folder, model, reader)
    seconds = clock.seconds
    _ = _assistant(folder, model, reader).encoder
    return seconds


def asked(folder: str, model: str, reader: str, questions: Sequence[str]) -> list[dict[str, float]]:
    """Ask; the seconds of each question on the clock outside, and by stage."""
    assistant = _assistant(folder, model, reader)
    timed = []
    for question in questions:
        clock = Clock()
        answer = assistant.ask(question)
        timed.append({"asked": clock.seconds, **answer.timings})
    return timed


def recall(folder: str, model: str, size: int, asked: Sequence[str], vectors: str, seed: int, blocks: int) -> float:
    """Compare with the exact nearest of the same vectors, which were stored in the order of the passages' ids, from 1 on."""
    import numpy as np

    assistant = _assistant(folder, model, "none")
    encoder = assistant.encoder
    wanted = np.stack([encoder.encode_questions([question])[0] for question in asked])
    scores = np.concatenate([some @ wanted.T for some in Source(Path(vectors), seed, blocks).passage_vectors(size)])
    depth = min(_DEPTH, len(scores))
    found = []
    with assistant.library.snapshot() as snapshot:
        index = assistant.indexes.at(snapshot, lambda: encoder.dimension).vectors
        _verify(snapshot, scores.shape[0])
        for number, vector in enumerate(wanted):
            exact = np.argpartition(scores[:, number], -depth)[-depth:] + 1
            got = {passage_id for passage_id, _ in index.search(vector, depth)}
            found.append(len(got & set(exact.tolist())) / depth)
    return float(np.mean(found))


def _verify(snapshot: Any, size: int) -> None:
    n_passages = snapshot.count()[1]
    ids = [passage.id for passage in snapshot.passages([1, n_passages])]
    assert (n_passages, ids) == (size, [1, n_passages]), "the passages' ids are not what recall takes them for"


@cache
def _assistant(folder: str, model: str, reader: str) -> "Assistant":
    from qa import Assistant

    assistant = Assistant.open(folder, reader=reader, create=False)
    with assistant.library.snapshot() as snapshot:
        assistant.indexes.at(snapshot, lambda: assistant.encoder.dimension)
    return assistant
