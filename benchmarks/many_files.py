"""Many small files: `python -m benchmarks.many_files`, whether memory stays flat and what it takes to find nothing changed.

The files are made up, one passage each. Memory is that of the process that holds the library, anonymous and mapped from files
apart, at the 1,000th file, at a few between and at the last, as each is told of.
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.generated import Corpus
from qa import Assistant
from qa.ingest.progress import Step

_LOOKS = (1_000, 3_000, 6_000)  # files after which memory is looked at, and after the last
_BAR = 0.1  # by which it may grow from the first look to the last


def main() -> None:
    """Write files, add them, sync twice, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--files", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    memory: dict[int, tuple[float, float]] = {}

    def note(step: Step) -> None:
        if step.done in (*_LOOKS, chosen.files):
            memory[step.done] = _memory_mb()

    with TemporaryDirectory(prefix="pullquote-") as temporary:
        folder = Path(temporary, "files")
        _write(folder, chosen.files, chosen.seed)
        assistant = Assistant.open(Path(temporary, "library"))
        first, report = _timed(lambda: assistant.add(folder, on_step=note))
        assert len(report.added) == chosen.files, report.failed[:3]
        again, report = _timed(lambda: assistant.sync(folder))
        assert len(report.unchanged) == chosen.files
        next(folder.glob("*.txt")).write_text("This is new, and one file is gone.\n")
        sorted(folder.glob("*.txt"))[-1].unlink()
        changed, report = _timed(lambda: assistant.sync(folder))
        assert (len(report.updated), len(report.removed)) == (1, 1)
        problems = assistant.check().problems
    print(f"{chosen.files:,} files added in {first:.1f} s")
    for done, (anonymous, mapped) in memory.items():
        print(f"memory at file {done:,}: {anonymous + mapped:.0f} MB, {anonymous:.0f} anonymous and {mapped:.0f} of files")
    looks = list(memory.values())
    first_look, last_look = looks[0], looks[-1]
    grown, grown_anonymous = sum(last_look) / sum(first_look) - 1, last_look[0] / first_look[0] - 1
    print(f"from the first to the last {grown:+.1%} (at most {_BAR:+.0%}), anonymous memory {grown_anonymous:+.1%}")
    print(f"sync, nothing changed: {again:.2f} s, 1/{first / again:.0f} of that")
    print(f"sync, one file changed and one gone: {changed:.2f} s")
    print("check: " + ("all as written" if not problems else "; ".join(problems)))


def _write(folder: Path, n: int, seed: int) -> None:
    folder.mkdir()
    corpus, made, block = Corpus(seed), 0, 0
    while made < n:
        for article in corpus.block(block):
            for passage in article.passages[: n - made]:
                (folder / f"{made:06}.txt").write_text(" ".join(passage) + "\n")
                made += 1
        block += 1


def _timed(call):  # type: ignore[no-untyped-def]
    began = time.monotonic()
    result = call()
    return time.monotonic() - began, result


def _memory_mb() -> tuple[float, float]:
    """What is resident and anonymous, and what is resident and mapped from files; Linux alone tells."""
    lines = (line.split() for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    bytes_of = {words[0]: int(words[1]) * 1024 for words in lines}
    anonymous = bytes_of["Anonymous:"]
    return anonymous / 1e6, (bytes_of["Rss:"] - anonymous) / 1e6


if __name__ == "__main__":
    main()
