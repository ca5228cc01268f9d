"""The section "adding" of `benchmarks.speed`: from files to a saved, searchable library, beside other tools."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.support import peers
from benchmarks.support.stored_library import disk_mb
from benchmarks.support.table import Bar, Row, alone, compared
from benchmarks.support.workers import Clock, Worker, call

_WARM = 32  # passages encoded before anything is timed, by every system


def rows(folder: Path, texts: Sequence[str], model: str, rounds: int, others: Sequence[str]) -> list[Row]:
    """Measure articles and passages per second, memory and disk. The libraries of the last round stay in the folder."""
    files = folder / "files"
    files.mkdir(parents=True)
    for number, text in enumerate(texts):
        (files / f"{number:06d}.txt").write_bytes(text.encode())
    passages = [text for text, _ in call("benchmarks.support.engines:cut_passages", model=model, texts=texts)]
    took: dict[str, list[float]] = {name: [] for name in ["Pullquote", *others]}
    result: dict[str, Any] = {}
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker()) for name in took}
        for number in range(rounds):
            for name, worker in workers.items():
                into = str(library_folder(folder, name, number))
                if name == "Pullquote":
                    arguments = {"folder": into, "files": str(files), "model": model, "warm": passages[:_WARM]}
                    result = worker.call("benchmarks.support.adding:add", **arguments)
                    took[name].append(result["seconds"])
                else:
                    arguments = {"name": name, "folder": into, "model": model, "passages": passages}
                    took[name].append(worker.call("benchmarks.support.peers:add", **arguments))
        peak = {name: worker.peak_mb() for name, worker in workers.items()}
    seconds = {name: median(times) for name, times in took.items()}
    disk = {name: disk_mb(library_folder(folder, name, rounds - 1)) for name in took}
    title = f"Adding: {len(texts):,} articles, {result['passages']:,} passages, {rounds} rounds in turn"
    return [
        Row(title),
        alone("passages added", result["passages"] / seconds["Pullquote"], unit="/s"),
        alone("memory, peak", peak["Pullquote"], unit="MB"),
        alone("on disk", disk["Pullquote"], unit="MB"),
        *(row for name in others for row in _beside(name, len(texts), seconds, peak, disk)),
    ]


def library_folder(folder: Path, name: str, number: int) -> Path:
    """Return the folder of a system's library of a round."""
    return folder / f"{name}-{number}"


def add(folder: str, files: str, model: str, warm: Sequence[str]) -> dict[str, float]:
    """Add all files to a new library and return the seconds. The model is loaded and warm before."""
    from embeddings import PassageText
    from qa import Assistant

    assistant = Assistant.open(folder, model=model)
    assistant.encoder.encode_passages([PassageText(text, ((0, len(text)),)) for text in warm])
    clock = Clock()
    report = assistant.add(files)
    seconds = clock.seconds
    assert not report.failed, report.failed[:3]
    with assistant.library.snapshot() as snapshot:
        return {"seconds": seconds, "passages": snapshot.count()[1]}


def _beside(name: str, n_articles: int, seconds: dict[str, float], peak: dict[str, float], disk: dict[str, float]) -> list[Row]:
    rate = {system: n_articles / took for system, took in seconds.items()}
    bar = Bar(2, at_least=True) if name == peers.TXTAI else None
    return [
        compared("articles added", rate["Pullquote"], rate[name], name, unit="/s", bar=bar),
        compared("memory, peak", peak["Pullquote"], peak[name], name, unit="MB"),
        compared("on disk", disk["Pullquote"], disk[name], name, unit="MB"),
    ]
