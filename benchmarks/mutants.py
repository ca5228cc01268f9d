"""Test the tests: `python -m benchmarks.mutants` breaks one safeguard at a time and runs the tests that must notice.

Each mutant is a change of one line in a copy of the code. It is caught if its tests fail. A mutant whose line is not in the
code any more is an error, so that the list stays true.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_PARTS = ("embeddings", "qa", "ui", "tests", "benchmarks", "seeds", "pyproject.toml")
_LONGEST = 600  # seconds for the tests of a mutant


@dataclass(frozen=True)
class Mutant:
    """A safeguard, the line that is it, the line in its place, and the tests that must fail."""

    name: str
    file: str
    line: str
    instead: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "a file is renamed without being synced",
        "embeddings/atomic_write.py",
        "            os.fsync(file.fileno())\n",
        "",
        ("tests/embeddings/test_atomic_write.py",),
    ),
    Mutant(
        "a folder is not synced after a rename",
        "embeddings/atomic_write.py",
        "    temporary.replace(path)\n    sync_folder(path.parent)\n",
        "    temporary.replace(path)\n",
        ("tests/embeddings/test_atomic_write.py",),
    ),
    Mutant(
        "a new library's folders are not synced",
        "qa/library/library.py",
        "                        _sync_folders(folder.absolute(), outer)\n",
        "",
        ("tests/qa/library/test_power_cuts.py", "-m", "not slow"),
    ),
    Mutant(
        "commits are not synced",
        "qa/library/schema.py",
        "PRAGMA synchronous = FULL",
        "PRAGMA synchronous = NORMAL",
        ("tests/qa/library/test_power_cuts.py", "-m", "not slow"),
    ),
    Mutant(
        "a living writer is swept",
        "embeddings/atomic_write.py",
        "        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "",
        ("tests/embeddings/test_atomic_write.py",),
    ),
    Mutant(
        "removed text is not overwritten",
        "qa/library/schema.py",
        "PRAGMA secure_delete = ON",
        "PRAGMA secure_delete = OFF",
        ("tests/qa/library/test_removed_text.py",),
    ),
    Mutant(
        "the checksum of a passage is not compared",
        "qa/library/snapshot.py",
        "    if checksum(article_id, sentences, vector, vectors) != stored:\n",
        "    if not stored:\n",
        ("tests/qa/library/test_damage.py", "-m", "not slow"),
    ),
    Mutant(
        "the checksum of the vectors is not compared",
        "embeddings/index/vector_index.py",
        "    if checksum != hashlib.sha256(content).hexdigest().encode():\n",
        "    if not checksum:\n",
        ("tests/embeddings/test_vector_index.py",),
    ),
    Mutant(
        "the checksum of the word index is not compared",
        "qa/library/bm25_index.py",
        'if stamp.pop("sha256") != _checksum(folder, stamp):',
        'if stamp.pop("sha256") == "":',
        ("tests/qa/library/test_bm25_index.py",),
    ),
    Mutant(
        "the checksum of a backup is not compared",
        "qa/library/upkeep/backup.py",
        'digest.hexdigest() != expected["sha256"]',
        "False",
        ("tests/qa/library/upkeep/test_backup.py",),
    ),
    Mutant(
        "the library is not locked against other processes",
        "qa/library/library.py",
        "            return self._lock.acquire(timeout=_LOCK_WAIT if wait else 0)\n",
        "            return suppress()\n",
        ("tests/qa/library/test_library.py",),
    ),
    Mutant(
        "lost changes are not looked for before a change",
        "qa/library/library.py",
        "            if lost := self.lost_changes():  # else the next generation would be taken for the one that was lost\n",
        "            if lost := None:\n",
        ("tests/qa/library/test_lost_changes.py",),
    ),
    Mutant(
        "a calibration is recorded only once it is saved",
        "qa/library/calibration.py",
        "        if self.path.exists():\n            self._record",
        "        if False:\n            self._record",
        ("tests/qa/library/test_companions.py",),
    ),
    Mutant(
        "titles and texts are not escaped",
        "ui/html/environment.py",
        "        autoescape=True,\n",
        "        autoescape=False,\n",
        ("tests/ui/html/test_render.py",),
    ),
    Mutant(
        "pages are fetched from inside addresses",
        "qa/sources/web/addresses.py",
        "    return address.is_global and not special\n",
        "    return True\n",
        ("tests/qa/sources/web/test_fetching.py",),
    ),
    Mutant(
        "a cache that others may write is used",
        "embeddings/cache_folder.py",
        "    if not is_own(status):\n",
        "    if False:\n",
        ("tests/embeddings/test_cache.py",),
    ),
    Mutant(
        "a newer library is opened",
        "qa/library/library.py",
        "        if schema > SCHEMA:\n",
        "        if schema > SCHEMA + 9:\n",
        ("tests/qa/library/test_library.py", "tests/qa/library/test_migrations.py"),
    ),
)


def catch(mutant: Mutant, copy: Path) -> bool:
    """Break a safeguard in a copy of the code, run its tests, and mend it. Return whether they failed.

    Raises:
        ValueError: the line is not in the code, or not once.
    """
    path = copy / mutant.file
    code = path.read_text(encoding="utf-8")
    if code.count(mutant.line) != 1:
        raise ValueError(f"{mutant.name}: {mutant.file} holds its line {code.count(mutant.line)} times")
    path.write_text(code.replace(mutant.line, mutant.instead), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", *mutant.tests]
    try:
        done = subprocess.run(
            command, cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True, check=False, timeout=_LONGEST
        )
        if done.returncode not in (0, 1):  # the tests were not run
            raise ValueError(f"{mutant.name}: {done.stdout.decode()[-500:]}")
        return done.returncode == 1
    finally:
        path.write_text(code, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", help="mutants whose name holds this")
    arguments = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for part in _PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, copy / part)
        for mutant in MUTANTS:
            if not arguments.only or arguments.only in mutant.name:
                caught = catch(mutant, copy)
                missed += not caught
                print(f"{'caught' if caught else 'MISSED'}  {mutant.name}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
