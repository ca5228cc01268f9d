"""How files of all kinds fare: `python -m benchmarks.formats FOLDER…` prints a line for each kind of file.

Data: any folders. Every file is added by name, even those that Pullquote would not look for. Then the library is checked byte
by byte, and no article may be without text. The time depends on the files; pictures and scans take some seconds a page.
"""

import argparse
import re
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from qa import Assistant
from qa.ingest.progress import Step
from qa.sources.formats.ocr.recognition import is_installed
from qa.sources.sandbox.libreoffice import find
from qa.sources.sandbox.parser_pool import shared_pool

_REASONS = 3  # most frequent reasons of failure printed for each kind


def main() -> None:
    """Add the files, check the library and print the tables."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("folders", type=Path, nargs="+")
    options.add_argument("--failures", action="store_true", help="print each file that failed, with the reason")
    chosen = options.parse_args()
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        files = sorted(file for folder in chosen.folders for file in folder.rglob("*") if file.is_file())
        assistant = Assistant.open(Path(temporary, "library"))
        assistant.encoder.encode_questions(["warm"])
        steps: list[Step] = []
        start = time.monotonic()
        assistant.add(files, on_step=steps.append)
        seconds = time.monotonic() - start
        print(f"{len(files)} files, {seconds:.0f} seconds; LibreOffice: {find() is not None}, OCR: {is_installed()}\n")
        _print_table(steps)
        for step in steps if chosen.failures else []:
            if step.fate == "failed":
                print(f"{Path(step.source).name}: {step.reason}")
        _print_checks(assistant)


def _print_table(steps: Sequence[Step]) -> None:
    """Print a line for each kind of file. One with several articles counts once, and one in an archive by its own kind."""
    files: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        files[_file(step.source)].append(step)
    kinds: dict[str, list[list[Step]]] = defaultdict(list)
    for file, of_file in files.items():
        kinds[Path(file).suffix.lower() or "(none)"].append(of_file)
    print("| kind | files | added | articles | failed | why |\n|---|---|---|---|---|---|")
    rows = []
    for kind, of_kind in sorted(kinds.items()):
        n_articles = sum(step.fate != "failed" for of_file in of_kind for step in of_file)
        n_added = sum(any(step.fate != "failed" for step in of_file) for of_file in of_kind)
        reasons = Counter(_general(of_file[0].reason) for of_file in of_kind if all(step.fate == "failed" for step in of_file))
        why = "; ".join(f"{reason} ({n})" for reason, n in reasons.most_common(_REASONS))
        rows.append((len(of_kind), n_added, n_articles, len(of_kind) - n_added))
        print(f"| {kind} | {' | '.join(map(str, rows[-1]))} | {why} |")
    print(f"| all | {' | '.join(str(sum(column)) for column in zip(*rows, strict=True))} | |")


def _file(source: str) -> str:
    """Return the file that an article is from: that in an archive, if it is in one."""
    archive, mark, member = source.partition("#/")
    return archive + mark + member.split("#")[0] if mark else source.split("#")[0]


def _general(reason: str) -> str:
    """Return the reason for failure without what it names in one file alone."""
    return re.sub(r": found .*|\(.*?\)", "", reason).strip()


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
