"""Adding: files are read, cut, encoded and stored, batch by batch, each batch whole or not at all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from embeddings import Encoder
from qa.articles import Article, Failure, Reference, Report
from qa.errors import ArticleUnreadable, LibraryDamaged
from qa.indexes import IndexCache
from qa.library import Library, NewArticle
from qa.loaders import Draft, files, load, source_name
from qa.passages import Window, cut
from qa.rows import View
from qa.schema import text_version

_BATCH_WINDOWS = 64  # passages encoded and stored together; a crash loses at most the work on these

Fate = Literal["added", "updated", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one file, told once it is so."""

    source: str
    fate: Fate
    done: int  # files so far
    total: int  # files in all
    reference: Reference | None = None
    reason: str = ""  # of a failure


def add(
    library: Library,
    indexes: IndexCache,
    encoder: Callable[[], Encoder],
    paths: Sequence[Path],
    on_step: Callable[[Step], None] | None,
    on_encoded: Callable[[int, int], None] | None,
) -> Report:
    """Add what the paths lead to; see `Assistant.add`."""
    with library.writing():
        adding = _Adding(library, indexes, encoder, on_step, on_encoded)
        found = list(files.find(paths))
        adding.total = len(found)
        for item in found:
            if isinstance(item, Failure):
                adding.tell(item.source, "failed", reason=item.reason)
                continue
            try:
                adding.take(load(item))
            except ArticleUnreadable as error:
                adding.tell(source_name(item), "failed", reason=str(error))
        adding.store()
        adding.write_indexes()
    return adding.report()


class _Adding:
    """One call of `add`: what is waiting to be stored, and what became of the rest."""

    def __init__(
        self,
        library: Library,
        indexes: IndexCache,
        encoder: Callable[[], Encoder],
        on_step: Callable[[Step], None] | None,
        on_encoded: Callable[[int, int], None] | None,
    ) -> None:
        self.total = 0
        self._library, self._indexes, self._encoder = library, indexes, encoder
        self._on_step, self._on_encoded = on_step, on_encoded
        self._waiting: list[tuple[Draft, list[Window], Fate]] = []
        self._steps: list[Step] = []

    def take(self, draft: Draft) -> None:
        """Prepare one article, storing the batch when it is full."""
        with self._library.reading() as view:
            known = view.version_of(draft.source)
            if known and known[1] == text_version(draft.text) and _is_intact(view, known[0]):
                return self.tell(draft.source, "unchanged", view.reference(known[0]))
        encoder = self._encoder()
        windows = cut(draft.text, draft.set_aside, encoder.count_tokens, encoder.capacity)
        if not windows:
            return self.tell(draft.source, "failed", reason="no sentence in it can be quoted")
        self._waiting.append((draft, windows, "updated" if known else "added"))
        if sum(len(windows) for _, windows, _ in self._waiting) >= _BATCH_WINDOWS:
            self.store()
        return None

    def store(self) -> None:
        """Encode and commit what is waiting, bring the word index along, and only then tell of it."""
        if not self._waiting:
            return
        encoded = _encoded(self._encoder(), [(draft, windows) for draft, windows, _ in self._waiting], self._on_encoded)
        self._library.store(encoded)
        with self._library.reading() as view:
            self._indexes.write(view, lambda: self._encoder().dimension, vectors=False)
            for draft, _, fate in self._waiting:
                known = view.version_of(draft.source)
                self.tell(draft.source, fate, view.reference(known[0]) if known else None)
        self._waiting.clear()

    def write_indexes(self) -> None:
        """Write the vectors if anything was stored."""
        if any(step.fate in ("added", "updated") for step in self._steps):
            with self._library.reading() as view:
                self._indexes.write(view, lambda: self._encoder().dimension)

    def tell(self, source: str, fate: Fate, reference: Reference | None = None, reason: str = "") -> None:
        step = Step(source, fate, len(self._steps) + 1, self.total, reference, reason)
        self._steps.append(step)
        if self._on_step:
            self._on_step(step)

    def report(self) -> Report:
        def of(fate: Fate) -> tuple[Reference, ...]:
            return tuple(step.reference for step in self._steps if step.fate == fate and step.reference)

        failed = tuple(Failure(step.source, step.reason) for step in self._steps if step.fate == "failed")
        return Report(of("added"), of("updated"), of("unchanged"), failed)


def reembed(library: Library, indexes: IndexCache, encoder: Encoder, on_step: Callable[[Step], None] | None) -> None:
    """Cut and encode every article anew, in one transaction; see `Assistant.reembed`."""
    with library.writing():
        with library.reading() as view:
            articles = [reference.id for reference in view.references()]

        def anew() -> Iterator[tuple[Article, NewArticle]]:
            for done, article_id in enumerate(articles, start=1):
                with library.reading() as view:
                    article = view.article(article_id)
                assert article is not None
                draft = Draft(article.source, article.title, article.published, article.text, article.set_aside)
                windows = cut(article.text, article.set_aside, encoder.count_tokens, encoder.capacity)
                yield article, _encoded(encoder, [(draft, windows)])[0]
                if on_step:
                    on_step(Step(article.source, "updated", done, len(articles), article.reference))

        library.replace_passages(encoder.files, anew())
        with library.reading() as view:
            indexes.write(view, lambda: encoder.dimension)


def _is_intact(view: View, article_id: str) -> bool:
    try:
        return view.article(article_id) is not None
    except LibraryDamaged:
        return False  # it is stored anew


def _encoded(
    encoder: Encoder, drafts: Sequence[tuple[Draft, list[Window]]], on_encoded: Callable[[int, int], None] | None = None
) -> list[NewArticle]:
    passages = [window.encoded for _, windows in drafts for window in windows]
    done = 0

    def progress(more: int) -> None:
        nonlocal done
        done += more
        if on_encoded:
            on_encoded(done, len(passages))

    vectors = iter(encoder.encode_passages(passages, progress=progress))
    return [NewArticle(draft, windows, [next(vectors) for _ in windows]) for draft, windows in drafts]
