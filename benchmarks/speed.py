"""The table of `make bench`: `python -m benchmarks.speed`, and what a user would otherwise have beside it, in the same run.

What each row means and how it is measured is in docs/results/speed.md.
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

from benchmarks import adding, asking, engines, libraries, peers, start
from benchmarks.borrowed import Source
from benchmarks.generated import questions
from benchmarks.table import Row, alone, as_markdown, as_text, machine
from benchmarks.workers import WorkerFailed, call
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
    """What can be chosen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    names = f"any of {','.join(SECTIONS)}"
    parser.add_argument("--only", type=_names, default=list(SECTIONS), help=names)
    parser.add_argument("--sizes", type=_sizes, default=[2_000, 100_000, 1_000_000], help="passages of the libraries asked")
    parser.add_argument("--articles", type=int, default=1_000, help="that are added, and taken for the engines")
    parser.add_argument("--encoded", type=int, default=20_000, help="passages with vectors of their own; others get copies")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5, help="in which what is compared takes turns")
    parser.add_argument("--peers", type=_names, default=list(peers.installed()) or [peers.PLAIN, peers.TXTAI])
    parser.add_argument("--largest-txtai", type=int, default=100_000, help="passages beyond which txtai is left out")
    parser.add_argument("--largest-plain", type=int, default=1_000_000, help="the same for faiss and bm25s")
    parser.add_argument("--squad", type=Path, help="a SQuAD file for engines and adding, in place of generated text")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=user_cache_path("pullquote") / "bench", help="vectors stay there")
    parser.add_argument("--keep", action="store_true", help="keep the large libraries too, for the next run")
    parser.add_argument("--markdown", action="store_true")
    return parser


def rows(chosen: argparse.Namespace) -> list[Row]:
    """Measure what was chosen, part by part; a part that fails is said to have failed, and the others go on."""
    table: list[Row] = []
    for name, measure in _parts(chosen):
        print(f"measuring {name}", file=sys.stderr)
        try:
            table += measure()
        except WorkerFailed as error:
            print(error, file=sys.stderr)
            table.append(Row(f"{name}: failed"))
    return table


def _parts(chosen: argparse.Namespace) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
    if {"engines", "adding"} & set(chosen.only):
        texts, asked = _texts(chosen)
    if "engines" in chosen.only:
        some = texts[: max(1, chosen.articles // 5)]
        yield "engines", lambda: engines.rows(chosen.model, some, asked[_WARM:], chosen.rounds)
    if "adding" in chosen.only:
        yield "adding", lambda: _adding(chosen, texts, asked)
    if "asking" in chosen.only:
        source = Source.prepare(chosen.cache, chosen.seed, chosen.model, min(chosen.encoded, max(chosen.sizes)))
        for size in chosen.sizes:
            yield f"asking {size:,} passages", partial(_asking, chosen, source, size)
    if "start" in chosen.only:
        yield "starting", lambda: _start(chosen)


def _adding(chosen: argparse.Namespace, texts: list[str], asked: list[str]) -> list[Row]:
    """Adding, and asking what was added."""
    rounds = min(chosen.rounds, 3)
    with _folder(chosen.cache) as folder:
        table = adding.rows(folder, texts, chosen.model, rounds, chosen.peers)
        made = {name: adding.made(folder, name, rounds - 1) for name in ["Pullquote", *chosen.peers]}
        ours = made.pop("Pullquote")
        title = "the articles added above"
        return table + asking.rows(title, ours, made, asked, chosen.model, chosen.rounds)


def _asking(chosen: argparse.Namespace, source: Source, size: int) -> list[Row]:
    """One size: built, asked, compared, and deleted again."""
    top = chosen.cache / "libraries" / f"{source.folder.name}-{source.blocks}-{size}"
    try:
        took = libraries.build(top / "Pullquote", source, size, chosen.model)
        others = {name: top / name for name in chosen.peers if size <= _largest(chosen, name)}
        for name, folder in others.items():
            if not folder.exists():
                print(f"making {name} of {size:,} passages", file=sys.stderr)
                arguments = {"name": name, "folder": str(folder), "model": chosen.model, "size": size}
                call("benchmarks.peers:built", **arguments, **source.arguments)
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
        return start.rows(folder, chosen.rounds)


def _texts(chosen: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Articles and questions for what is really encoded."""
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
    """A folder on the cache's disk, where additions are synchronised to; in memory that would cost nothing."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as folder:
        yield Path(folder)


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _sizes(text: str) -> list[int]:
    return [int(size) for size in _names(text)]


if __name__ == "__main__":
    main()
