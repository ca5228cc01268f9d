"""How files of all kinds fare: `python -m benchmarks.documents FOLDER…` prints a line for each kind of file.

Data: any folders. Every file is added by name, even those that Pullquote would not look for. Files ending in .gz are unpacked
first. Then the library is checked byte by byte, and no article may be without text. The time depends on the files.
"""

import argparse
import gzip
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from qa import Assistant
from qa.ingest.progress import Step
from qa.sources.sandbox.parser_pool import shared_pool

_REASONS = 3  # most frequent reasons of failure printed for each kind


def main() -> None:
    """Add the files, check the library and print the tables."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("folders", type=Path, nargs="+")
    options.add_argument("--failures", action="store_true", help="print each file that failed, with the reason")
    chosen = options.parse_args()
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        files = list(_unpacked(chosen.folders, Path(temporary, "unpacked")))
        assistant = Assistant.open(Path(temporary, "library"))
        assistant.encoder.encode_questions(["warm"])
        steps: list[Step] = []
        start = time.monotonic()
        assistant.add(files, on_step=steps.append)
        seconds = time.monotonic() - start
        print(f"{len(files)} files, {len(steps)} articles and failures, {seconds:.0f} seconds\n")
        _print_table(steps)
        for step in steps if chosen.failures else []:
            if step.fate == "failed":
                print(f"{Path(step.source).name}: {step.reason}")
        _print_checks(assistant)


def _unpacked(folders: Sequence[Path], into: Path) -> Iterator[Path]:
    into.mkdir()
    for path in sorted(file for folder in folders for file in folder.rglob("*") if file.is_file()):
        if path.suffix != ".gz":
            yield path
            continue
        unpacked = into / path.stem
        unpacked.write_bytes(gzip.decompress(path.read_bytes()))
        yield unpacked


def _print_table(steps: Sequence[Step]) -> None:
    kinds: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        kinds[Path(step.source.split("#")[0]).suffix.lower() or "(none)"].append(step)
    print("| kind | articles | failed | why |\n|---|---|---|---|")
    for kind, of_kind in sorted(kinds.items()):
        reasons = Counter(step.reason for step in of_kind if step.fate == "failed")
        why = "; ".join(f"{reason} ({n})" for reason, n in reasons.most_common(_REASONS))
        n_failed = sum(reasons.values())
        print(f"| {kind} | {len(of_kind) - n_failed} | {n_failed} | {why} |")


def _print_checks(assistant: Assistant) -> None:
    checked = assistant.check()
    texts = [assistant.article(reference.id).text for reference in assistant.articles()]
    empty = sum(not any(map(str.isalnum, text)) for text in texts)
    shared_pool.close()  # the memory of a process is known once it has ended
    unit = 1 if sys.platform == "darwin" else 1024
    peaks = [resource.getrusage(who).ru_maxrss * unit / 1e6 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        f"\n{checked.n_articles} articles, {checked.n_passages} passages, {checked.n_sentences} sentences; {empty} without text"
    )
    print("check: " + ("all as written" if not checked.problems else "; ".join(checked.problems)))
    print(f"memory at its most: {peaks[0]:.0f} MB, of a process that reads files {peaks[1]:.0f} MB")


if __name__ == "__main__":
    main()
