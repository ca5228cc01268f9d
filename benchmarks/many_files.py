"""Many small files: `python -m benchmarks.many_files`, whether memory stays flat and what it takes to find nothing changed.

The files are made up, one passage each. Memory is the process's own at the 1,000th file and at the last.
"""

import argparse
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.generated import Corpus
from qa import Assistant
from qa.adding import Step

_FIRST = 1_000  # files after which memory is looked at first


def main() -> None:
    """Write files, add them, sync twice, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--files", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    memory: dict[int, float] = {}

    def note(step: Step) -> None:
        if step.done in (_FIRST, chosen.files):
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
    at_first, at_last = memory[_FIRST], memory[chosen.files]
    print(f"memory at file {_FIRST:,}: {at_first:.0f} MB, at the last {at_last:.0f} MB ({at_last / at_first - 1:+.1%})")
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


def _memory_mb() -> float:
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
