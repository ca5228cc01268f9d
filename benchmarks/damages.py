"""Damage every kind of file of a library and count what came of it: `python -m benchmarks.damages --n 300 --seed 22`.

Data: made-up small articles, encoded by arithmetic. A copy of the library is damaged at a place and in a way drawn by the seed:
one bit flipped, 4 kB zeroed, cut short, or removed. Then it is opened, checked, listed and asked. Each copy must be as it was
(harmless), or say that something is wrong (noticed). Anything else is silent, and a failure. For root, disks with few blocks
left are filled by an addition and by a backup: each must end in the old state with the disk's name, or in the new one.
"""

import argparse
import gc
import logging
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.asked import outcome  # noqa: E402
from support.asked import run as run_of  # noqa: E402
from support.disks import fill, small_disk  # noqa: E402
from support.quick import harbours, open_quick, reading_thread, store  # noqa: E402

from qa import Assistant, PullquoteError  # noqa: E402
from qa.evaluation import load_run, save_run  # noqa: E402
from qa.evaluation.saving import run_file  # noqa: E402
from qa.library.calibration import Calibration, Platt, Promise  # noqa: E402
from qa.library.layout import CALIBRATION, DATABASE, JOURNAL, VECTORS, WORDS  # noqa: E402

QUESTION = "When did harbour 3 freeze?"
BLOCKS = 48  # left on a disk, from none to so many


def damage(path: Path, draw: random.Random) -> None:
    """Damage a file in one of four ways."""
    content = bytearray(path.read_bytes())
    way = draw.choice(["bit", "bit", "zeros", "cut", "remove"])
    at = draw.randrange(max(1, len(content)))
    if way == "remove" or not content:
        path.unlink()
        return
    if way == "bit":
        content[at] ^= 1 << draw.randrange(8)
    elif way == "zeros":
        content[at : at + 4096] = bytes(len(content[at : at + 4096]))
    else:
        del content[at:]
    path.write_bytes(content)


def seen(folder: Path) -> object:
    """Return all that a user sees of a library: texts, an answer, conversations, the run and the calibration."""
    assistant = open_quick(folder)
    texts = [assistant.article(each.id).text for each in assistant.articles()]
    quotes = [quote.text for quote in assistant.ask(QUESTION).quotes]
    headings = assistant.journal.conversations()
    kept = [assistant.journal.conversation(heading.id) for heading in headings]
    run = load_run(run_file(folder, "first"))
    return texts, quotes, headings, kept, run, assistant.calibration.load()


def fate(folder: Path, before: object) -> str:
    """Return what came of a damaged copy."""
    try:
        problems = open_quick(folder).check().problems
        if problems:
            return "noticed"
        return "harmless" if seen(folder) == before else "silent"
    except PullquoteError:
        return "noticed"


def make(folder: Path, copy: Path) -> object:
    """Make a library with every file there is, and copy it while two articles are in the log alone."""
    assistant = open_quick(folder)
    store(assistant, **harbours(0, 12))
    answer = assistant.ask(QUESTION)
    assistant.journal.keep(assistant.journal.begin("Harbours").id, answer)
    save_run(run_of(outcome("q", ("noon",))), run_file(folder, "first"))
    with assistant.library.snapshot() as snapshot:
        basis = assistant.basis(snapshot)
    promise = Promise(40, 10, 30, 3, 0.03, 0.26)
    calibration = Calibration(Platt(1.0, 0.0), 0.0, promise, None, {}, basis, "q" * 64, 1, "2026-01-01T00:00:00+00:00")
    assistant.calibration.save(calibration)
    with reading_thread(assistant):
        store(assistant, **harbours(12, 14))
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-shm"))
    shutil.copytree(copy, folder.with_name("seen"))
    return seen(folder.with_name("seen"))


def damages(top: Path, n: int, seed: int) -> dict[str, Counter[str]]:
    """Damage each kind of file n times."""
    before = make(top / "library", top / "copy")
    words = f"{WORDS}/*"
    counts: dict[str, Counter[str]] = {}
    for name in (f"{DATABASE}-wal", DATABASE, JOURNAL, CALIBRATION, "runs/first.json", VECTORS, words):
        draw, counts[name] = random.Random(f"{seed} {name}"), Counter()
        for number in range(n):
            folder = Path(shutil.copytree(top / "copy", top / f"damaged{number}"))
            damage(draw.choice(sorted(folder.glob(name))), draw)
            counts[name][fate(folder, before)] += 1
            shutil.rmtree(folder, ignore_errors=True)  # an index that is still open may write to it
    draw, counts["a backup"] = random.Random(f"{seed} backup"), Counter()
    for number in range(n):
        file, folder = top / "backup.zip", top / f"restored{number}"
        open_quick(top / "seen").back_up(file)
        damage(file, draw)
        try:
            Assistant.restore(file, folder)
            counts["a backup"]["harmless" if seen(folder) == before else "silent"] += 1
        except PullquoteError:
            counts["a backup"]["noticed" if not folder.exists() else "silent"] += 1
        shutil.rmtree(folder, ignore_errors=True)
    return counts


def full_disks(top: Path) -> dict[str, Counter[str]]:
    """Add and back up on disks with 0 to `BLOCKS` blocks left."""

    def add(disk: Path) -> None:
        store(open_quick(disk / "library"), **harbours(12, 60))

    def back_up(disk: Path) -> None:
        open_quick(disk / "library").back_up(disk / "backup.zip")

    calls: dict[str, Callable[[Path], None]] = {"an addition on a full disk": add, "a backup on a full disk": back_up}
    counts: dict[str, Counter[str]] = {}
    for name, call in calls.items():
        counts[name] = Counter()
        for blocks in range(BLOCKS + 1):
            with small_disk(top / f"disk {name} {blocks}", 1_000) as disk:
                store(open_quick(disk / "library"), **harbours(0, 12))
                gc.collect()  # a library that is still open is none on a full disk
                filler = fill(disk, leave=blocks)
                try:
                    call(disk)
                    end = "done"
                except PullquoteError as error:
                    end = "refused with the disk's name" if str(disk) in str(error) and "full" in str(error) else "refused"
                filler.unlink()
                assistant = open_quick(disk / "library")
                n_articles = {"done": {60, 12} if call is back_up else {60}}.get(end, {12})
                is_sound = len(assistant.articles()) in n_articles and not assistant.check().problems
                counts[name][end if is_sound else "third state"] += 1
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--n", type=int, default=100, help="damages of each kind of file")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    logging.getLogger("pullquote").addHandler(logging.NullHandler())
    logging.getLogger("pullquote").propagate = False
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        counts = damages(Path(name), arguments.n, arguments.seed)
        if os.geteuid() == 0:
            counts |= full_disks(Path(name))
    for kind, count in counts.items():
        print(f"{kind}: {', '.join(f'{n} {end}' for end, n in sorted(count.items()))}")
    return 1 if any(count["silent"] or count["third state"] for count in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
