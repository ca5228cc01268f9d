"""The table of `make bench`: speed, memory and disk beside other tools, measured in the same run: `python -m benchmarks.speed`.

Data: generated text, or SQuAD with --squad. docs/results/speed.md says what each row means and how it is measured. With the
default sizes it takes half an hour or more and 20 GB of disk, and minutes with `--sizes 2000`.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks.support import adding, asking, engines, peers, startup, stored_library
from benchmarks.support.corpus import questions
from benchmarks.support.table import Row, alone, as_markdown, as_text, machine
from benchmarks.support.vector_source import VectorSource
from benchmarks.support.workers import WorkerFailed, call
from embeddings import DEFAULT_MODEL

SECTIONS = ("engines", "adding", "asking", "start")
_WARM = 20  # questions asked before any counts


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    chosen = options().parse_args(arguments)
    if unknown := set(chosen.only) - set(SECTIONS):
        raise SystemExit(f"--only takes {', '.join(SECTIONS)}, not {', '.join(sorted(unknown))}")
    if missing := set(chosen.peers) - set(peers.installed()):
        print(f"without {', '.join(sorted(missing))}: `pip install '.[bench]'` brings it", file=sys.stderr)
        chosen.peers = [name for name in chosen.peers if name not in missing]
    table = rows(chosen)
    print((as_markdown if chosen.markdown else as_text)(table))
    print(("\nMeasured on " if chosen.markdown else "\n") + machine())


def options() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    names = f"any of {','.join(SECTIONS)}"
    parser.add_argument("--only", type=_names, default=list(SECTIONS), help=names)
    parser.add_argument("--sizes", type=_sizes, default=[2_000, 100_000, 1_000_000], help="passages of the libraries asked")
    parser.add_argument("--articles", type=int, default=1_000, help="articles to add, and to encode")
    parser.add_argument("--encoded", type=int, default=20_000, help="passages that are encoded; others get perturbed copies")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5, help="rounds in which the systems take turns")
    parser.add_argument("--peers", type=_names, default=list(peers.installed()) or [peers.PLAIN, peers.TXTAI])
    parser.add_argument("--largest-txtai", type=int, default=100_000, help="leave txtai out of larger libraries, in passages")
    parser.add_argument("--largest-plain", type=int, default=1_000_000, help="the same for faiss and bm25s")
    parser.add_argument("--squad", type=Path, help="a SQuAD file for engines and adding instead of generated text")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=user_cache_path("pullquote") / "bench", help="folder of the vectors")
    parser.add_argument("--keep", action="store_true", help="keep the large libraries too, for the next run")
    parser.add_argument("--markdown", action="store_true")
    return parser


def rows(chosen: argparse.Namespace) -> list[Row]:
    """Measure the chosen sections. A section that fails is reported, and the others go on."""
    table: list[Row] = []
    for name, measure in _sections(chosen):
        print(f"measuring {name}", file=sys.stderr)
        try:
            table += measure()
        except WorkerFailed as error:
            print(error, file=sys.stderr)
            table.append(Row(f"{name}: failed"))
    return table


def _sections(chosen: argparse.Namespace) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
    if {"engines", "adding"} & set(chosen.only):
        texts, asked = _texts(chosen)
    if "engines" in chosen.only:
        fewer = texts[: max(1, chosen.articles // 5)]
        yield "engines", lambda: engines.rows(chosen.model, fewer, asked[_WARM:], chosen.rounds)
    if "adding" in chosen.only:
        yield "adding", lambda: _adding(chosen, texts, asked)
    if "asking" in chosen.only:
        source = VectorSource.prepare(chosen.cache, chosen.seed, chosen.model, min(chosen.encoded, max(chosen.sizes)))
        for size in chosen.sizes:
            yield f"asking {size:,} passages", partial(_asking, chosen, source, size)
    if "start" in chosen.only:
        yield "starting", lambda: _start(chosen)


def _adding(chosen: argparse.Namespace, texts: list[str], asked: list[str]) -> list[Row]:
    """Add articles, then ask about them."""
    rounds = min(chosen.rounds, 3)
    with _folder(chosen.cache) as folder:
        table = adding.rows(folder, texts, chosen.model, rounds, chosen.peers)
        others = {name: adding.library_folder(folder, name, rounds - 1) for name in chosen.peers}
        ours = adding.library_folder(folder, "Pullquote", rounds - 1)
        title = "the articles added above"
        return table + asking.rows(title, ours, others, asked, chosen.model, chosen.rounds)


def _asking(chosen: argparse.Namespace, source: VectorSource, size: int) -> list[Row]:
    """Build libraries of one size, ask and compare them, and delete them."""
    top = chosen.cache / "libraries" / f"{source.folder.name}-{source.blocks}-{size}"
    try:
        took = stored_library.build(top / "Pullquote", source, size, chosen.model)
        others = {name: top / name for name in chosen.peers if size <= _largest(chosen, name)}
        for name, folder in others.items():
            if not folder.exists():
                print(f"making {name} of {size:,} passages", file=sys.stderr)
                arguments = {"name": name, "folder": str(folder), "model": chosen.model, "size": size}
                call("benchmarks.support.peers:build", **arguments, **source.arguments)
        blocks = [article for block in source.until(min(size, chosen.encoded)) for article in block.articles]
        asked = questions(blocks, chosen.questions + _WARM, chosen.seed)
        copies = max(0, size - source.passages)
        title = f"{size:,} passages" + (f", {copies:,} with perturbed copies of the others' vectors" if copies else "")
        return [
            *asking.rows(title, top / "Pullquote", others, asked, chosen.model, chosen.rounds, size),
            asking.recall_row(top / "Pullquote", source, size, asked, chosen.model),
            alone("stored and indexed, vectors given", size / (took["store"] + took["index"]), unit="passages/s"),
            alone("memory while storing, peak", took["peak_mb"], unit="MB"),
            alone("on disk", took["disk_mb"], unit="MB"),
        ]
    finally:
        if not chosen.keep:
            shutil.rmtree(top, ignore_errors=True)


def _start(chosen: argparse.Namespace) -> list[Row]:
    with _folder(chosen.cache) as folder:
        return startup.rows(folder, chosen.rounds)


def _texts(chosen: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Return articles to encode, and questions about them."""
    count = chosen.questions + _WARM
    if chosen.squad is None:
        return engines.generated_texts(chosen.seed, chosen.articles, count)
    from qa.evaluation import unpack_squad

    with tempfile.TemporaryDirectory() as folder:
        asked = unpack_squad(chosen.squad, Path(folder, "articles"))
        files = sorted(Path(folder, "articles").rglob("*.txt"))[: chosen.articles]
        names = {"/".join(path.parts[-2:]) for path in files}
        texts = [path.read_bytes().decode() for path in files]
    return texts, [each.question for each in asked if each.source in names][:count]


def _largest(chosen: argparse.Namespace, name: str) -> int:
    return int(chosen.largest_txtai if name == peers.TXTAI else chosen.largest_plain)


@contextmanager
def _folder(cache: Path) -> Iterator[Path]:
    """Make a temporary folder on the cache's disk, since syncing to a file system in memory would cost nothing."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as folder:
        yield Path(folder)


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _sizes(text: str) -> list[int]:
    return [int(size) for size in _names(text)]


if __name__ == "__main__":
    main()
