"""Integrity: every byte of the library is read and compared with its checksum, and every place with its text."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from embeddings import IndexDamaged, VectorIndex
from qa.library.bm25_index import Bm25Index
from qa.library.calibration import Basis, CalibrationFile
from qa.library.journal import Journal
from qa.library.layout import CALIBRATION, RUN, RUNS, VECTORS, WORDS
from qa.library.library import Library
from qa.library.originals import Originals
from qa.library.records import StoredPassage
from qa.library.sealed_json import unseal
from qa.library.snapshot import Snapshot
from qa.types.errors import CalibrationDamaged, LibraryDamaged


@dataclass(frozen=True, slots=True)
class Checked:
    """What was read and what is wrong with it."""

    n_articles: int
    n_versions: int
    n_passages: int
    n_sentences: int
    problems: tuple[str, ...]  # what is lost or wrong, each with what to do
    notes: tuple[str, ...]  # caches that are missing, behind or damaged, which are rebuilt, and a calibration not applied


def check(library: Library, calibration: CalibrationFile, basis: Callable[[Snapshot], Basis]) -> Checked:
    """Read the whole library and verify it.

    Args:
        calibration: the library's.
        basis: returns what the confidences depend on now, which the calibration should have been fitted on.
    """
    lost = library.lost_changes()
    with library.snapshot() as snapshot:
        problems = [lost.describe()] if lost else []
        problems += [f"The database is damaged: {finding}." for finding in snapshot.integrity()]
        problems += [f"The library's fact {key!r} is damaged: run `pullquote repair`." for key in snapshot.damaged_facts()]
        n_versions = n_sentences = 0
        for article_id in snapshot.article_ids():
            try:
                snapshot.reference(article_id)
                versions = snapshot.versions(article_id)
                n_versions += len(versions)
                for version in versions:
                    snapshot.article(article_id, version)
                for passage in snapshot.fresh_passages(article_id):
                    n_sentences += len(passage.spans)
                    problems.extend(passage_problems(passage))
            except LibraryDamaged as error:
                problems.append(str(error))
        problems.extend(library.missing_files())
        problems.extend(Journal(library.folder).problems())
        problems.extend(Originals(library.folder).problems())
        problems.extend(_check_runs(library.folder / RUNS))
        notes = [*_check_permissions(library.folder), *_check_caches(library, snapshot)]
        try:
            stored, expected = calibration.load(), snapshot.expected_files().get(CALIBRATION)
            if stored and expected and stored.sha256 not in expected.split():
                problems.append(f"{calibration.path} is not the one that was saved last: run `pullquote calibrate` again.")
            mismatch = stored.mismatch(basis(snapshot)) if stored else None
            notes += [calibration.explain(mismatch)] if mismatch else []
        except CalibrationDamaged as error:
            problems.append(str(error))
        n_articles, n_passages = snapshot.count()
        return Checked(n_articles, n_versions, n_passages, n_sentences, tuple(problems), tuple(notes))


def passage_problems(passage: StoredPassage) -> Iterator[str]:
    """Yield a line for whatever is wrong with a passage's places or vectors."""
    text = passage.article.text
    previous = 0
    for start, end in passage.spans.tolist():
        if not previous <= start < end <= len(text):
            yield f"Passage {passage.id} of article {passage.article.id} lies outside its text: add the article again."
            return
        previous = end
    if len(passage.sentence_vectors) != len(passage.spans):
        yield f"Passage {passage.id} of article {passage.article.id} lacks vectors: add the article again."


def _check_permissions(folder: Path) -> Iterator[str]:
    """Yield a line if the folder's owner lets other users in. Folders are made private, but older ones were not."""
    status = folder.stat()
    if os.name == "posix" and status.st_uid == os.geteuid() and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"Other users of this machine may read {folder}: run `chmod -R go= {folder}` if they should not."


def _check_runs(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.json")):
        try:
            data = json.loads(path.read_bytes())
            if not isinstance(data, dict) or data.get("schema") != 1:  # before runs had a checksum
                unseal(data, RUN)
        except (OSError, ValueError, RecursionError) as error:
            yield f"The run {path} is damaged: {error}. Restore it from a backup, or delete it and measure again."


def _check_caches(library: Library, snapshot: Snapshot) -> Iterator[str]:
    _, n_passages = snapshot.count()
    for name, load in ((VECTORS, VectorIndex.load), (WORDS, Bm25Index.load)):
        path = library.folder / name
        try:
            index, stamp = load(path)
        except IndexDamaged as error:
            if n_passages:
                yield f"{error} It is rebuilt at the next question."
            continue
        same_library = stamp.get("library") == snapshot.meta("id")
        if same_library and stamp["generation"] > snapshot.generation:
            continue  # it proves that changes were lost, which is a problem and told as one
        if not same_library or stamp["generation"] != snapshot.generation:
            yield f"{path} is behind the library. It is brought up to date at the next question."
        elif len(index) != n_passages:
            yield f"{path} holds {len(index)} passages, not {n_passages}: delete it."
