"""Adding articles, from files to being searchable and saved on disk, beside what others take for the same passages."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import peers
from benchmarks.libraries import disk_mb
from benchmarks.table import Bar, Row, alone, compared
from benchmarks.workers import Clock, Worker, call

_WARM = 32  # passages encoded before any is timed; the others warm with as many


def rows(folder: Path, texts: Sequence[str], model: str, rounds: int, others: Sequence[str]) -> list[Row]:
    """Articles and passages a second, memory and disk; the libraries of the last round stay in the folder by name."""
    files = folder / "files"
    files.mkdir(parents=True)
    for number, text in enumerate(texts):
        (files / f"{number:06d}.txt").write_bytes(text.encode())
    passages = [text for text, _ in call("benchmarks.engines:cut_passages", model=model, texts=texts)]
    took: dict[str, list[float]] = {name: [] for name in ["Pullquote", *others]}
    found: dict[str, Any] = {}
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker()) for name in took}
        for number in range(rounds):
            for name, worker in workers.items():
                into = str(made(folder, name, number))
                if name == "Pullquote":
                    arguments = {"folder": into, "files": str(files), "model": model, "warm": passages[:_WARM]}
                    found = worker.call("benchmarks.adding:added", **arguments)
                    took[name].append(found["seconds"])
                else:
                    arguments = {"name": name, "folder": into, "model": model, "passages": passages}
                    took[name].append(worker.call("benchmarks.peers:added", **arguments))
        peak = {name: worker.peak_mb() for name, worker in workers.items()}
    seconds = {name: median(of) for name, of in took.items()}
    disk = {name: disk_mb(made(folder, name, rounds - 1)) for name in took}
    title = f"Adding: {len(texts):,} articles, {found['passages']:,} passages, {rounds} rounds in turn"
    return [
        Row(title),
        alone("passages added", found["passages"] / seconds["Pullquote"], unit="/s"),
        alone("memory, peak", peak["Pullquote"], unit="MB"),
        alone("on disk", disk["Pullquote"], unit="MB"),
        *(row for name in others for row in _beside(name, len(texts), seconds, peak, disk)),
    ]


def made(folder: Path, name: str, number: int) -> Path:
    """Where a system's library of a round is."""
    return folder / f"{name}-{number}"


def added(folder: str, files: str, model: str, warm: Sequence[str]) -> dict[str, float]:
    """Add all files to a new library; the seconds. The model is loaded and warm before."""
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
    rate = {each: n_articles / of for each, of in seconds.items()}
    bar = Bar(2, at_least=True) if name == peers.TXTAI else None
    return [
        compared("articles added", rate["Pullquote"], rate[name], name, unit="/s", bar=bar),
        compared("memory, peak", peak["Pullquote"], peak[name], name, unit="MB"),
        compared("on disk", disk["Pullquote"], disk[name], name, unit="MB"),
    ]
