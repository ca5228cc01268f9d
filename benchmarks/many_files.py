"""How memory and time grow with many small files: `python -m benchmarks.many_files`.

Data: 10,000 made-up files of one passage each. Measured are whether memory stays flat while they are added, and the time to
find that nothing changed. Memory is that of the process that holds the library, anonymous and file-mapped, at the 1,000th
file, at a few in between and at the last. It takes some two minutes on two cores and needs Linux.
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.support.corpus import Corpus
from qa import Assistant
from qa.ingest.progress import Step

_SAMPLED_AT = (1_000, 3_000, 6_000)  # files after which memory is measured, besides the last
_BAR = 0.1  # allowed growth of memory from the first sample to the last


def main() -> None:
    """Write files, add them, sync twice and print the figures."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--files", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    memory: dict[int, tuple[float, float]] = {}

    def note(step: Step) -> None:
        if step.done in (*_SAMPLED_AT, chosen.files):
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
    samples = list(memory.values())
    growth, anonymous_growth = sum(samples[-1]) / sum(samples[0]) - 1, samples[-1][0] / samples[0][0] - 1
    print(f"from the first to the last {growth:+.1%} (at most {_BAR:+.0%}), anonymous memory {anonymous_growth:+.1%}")
    print(f"sync, nothing changed: {again:.2f} s, 1/{first / again:.0f} of that")
    print(f"sync, one file changed and one gone: {changed:.2f} s")
    print("check: " + ("all as written" if not problems else "; ".join(problems)))


def _write(folder: Path, n: int, seed: int) -> None:
    folder.mkdir()
    corpus, n_written, block = Corpus(seed), 0, 0
    while n_written < n:
        for article in corpus.block(block):
            for passage in article.passages[: n - n_written]:
                (folder / f"{n_written:06}.txt").write_text(" ".join(passage) + "\n")
                n_written += 1
        block += 1


def _timed(call):  # type: ignore[no-untyped-def]
    start = time.monotonic()
    result = call()
    return time.monotonic() - start, result


def _memory_mb() -> tuple[float, float]:
    """Return the resident anonymous and file-mapped memory of this process in MB. Only Linux reports it."""
    lines = (line.split() for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    bytes_of = {words[0]: int(words[1]) * 1024 for words in lines}
    anonymous = bytes_of["Anonymous:"]
    return anonymous / 1e6, (bytes_of["Rss:"] - anonymous) / 1e6


if __name__ == "__main__":
    main()
