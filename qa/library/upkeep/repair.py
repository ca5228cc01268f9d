"""Repair: what of a damaged library can be made again is, and the rest is listed. Nothing is removed unless asked for."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from embeddings import Encoder, PullquoteError
from qa.library.calibration import Basis, CalibrationFile
from qa.library.indexes import IndexCache
from qa.library.layout import JOURNAL
from qa.library.library import Library
from qa.library.snapshot import Snapshot
from qa.library.upkeep.integrity import check, passage_problems
from qa.text.passages import chunk
from qa.types.errors import LibraryDamaged


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was done, and what is still wrong."""

    done: tuple[str, ...]
    problems: tuple[str, ...]  # that are left, each with what to do


def repair(
    library: Library,
    indexes: IndexCache,
    encoder: Callable[[], Encoder],
    calibration: CalibrationFile,
    basis: Callable[[Snapshot], Basis],
    *,
    drop: bool,
) -> Repaired:
    """Repair a library. The caller holds it for writing.

    Args:
        drop: whether to remove articles, and earlier versions, whose text or record is damaged.
    """
    done = [*_mend_database(library), *_accept_losses(library, indexes), *_mend_articles(library, encoder, drop=drop)]
    with library.snapshot() as snapshot, suppress(LibraryDamaged):  # the indexes of before answer what is not damaged
        for _ in snapshot.added_since(-1):  # all can be read
            pass
        indexes.rebuild(snapshot, lambda: encoder().dimension)
        done.append("The indexes were made anew.")
    return Repaired(tuple(done), check(library, calibration, basis).problems)


def _accept_losses(library: Library, indexes: IndexCache) -> Iterator[str]:
    """Go on without what is gone for good."""
    if lost := library.lost_changes():
        indexes.delete()  # else they would bring back passages that no article has
        library.skip_to(lost.cached + 1)
        named = f": {', '.join(lost.sources)}" if lost.sources else ""
        yield f"The library goes on without its lost changes. Add again what is missing{named}."
    with library.snapshot() as snapshot:
        expected = snapshot.expected_files()
    if JOURNAL in expected and not (library.folder / JOURNAL).exists():
        library.expect(JOURNAL, None)
        yield "The library goes on without the conversations that were lost."


def _mend_database(library: Library) -> Iterator[str]:
    for key in library.mend_facts():
        yield f"The library's damaged fact {key!r} was removed."
    with library.snapshot() as snapshot:
        is_damaged = bool(snapshot.integrity())
    if is_damaged:
        library.reindex()
        yield "The tables' own indexes were made anew."


def _mend_articles(library: Library, encoder: Callable[[], Encoder], *, drop: bool) -> Iterator[str]:
    """Encode articles anew whose passages are damaged, and remove the unreadable ones if asked to."""
    with library.snapshot() as snapshot:
        ids = snapshot.article_ids()
    for article_id in ids:
        with library.snapshot() as snapshot:
            try:
                article = snapshot.article(article_id)
            except LibraryDamaged:
                article = None
            are_passages_damaged = article is not None and _are_passages_damaged(snapshot, article_id)
            unreadable = [] if article is None else _unreadable_versions(snapshot, article_id)
        if article is None:
            if drop:
                removed = library.remove([article_id])
                yield f"{removed[0].source or f'Article {article_id}'} was removed: add it again from its source."
            continue
        if are_passages_damaged:
            model = encoder()
            windows = chunk(article.text, article.set_aside, model.count_tokens, model.capacity)
            library.replace_passages_of(article_id, windows, model.encode_passages([window.encoded for window in windows]))
            yield f"{article.source} was cut and encoded anew."
        if unreadable and drop:
            library.remove_versions([(article_id, version) for version in unreadable])
            yield f"{len(unreadable)} damaged earlier versions of {article.source} were removed."


def _are_passages_damaged(snapshot: Snapshot, article_id: str) -> bool:
    try:
        return any(problem for passage in snapshot.fresh_passages(article_id) for problem in passage_problems(passage))
    except (PullquoteError, ValueError):
        return True


def _unreadable_versions(snapshot: Snapshot, article_id: str) -> list[str]:
    unreadable = []
    for version in snapshot.versions(article_id):
        try:
            snapshot.article(article_id, version)
        except LibraryDamaged:
            unreadable.append(version)
    return unreadable
