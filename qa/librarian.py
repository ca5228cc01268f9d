"""Librarian: keeps a library of articles, and the models that its articles and questions are read with."""

import threading
from collections.abc import Callable, Iterable
from copy import copy
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from embeddings import DEFAULT_MODEL, Encoder, locate
from qa.library.calibration import Basis, Calibration, CalibrationFile
from qa.library.filters import FilterCache
from qa.library.indexes import IndexCache
from qa.library.journal import Journal
from qa.library.library import Library
from qa.library.snapshot import Snapshot
from qa.library.trash import Removed
from qa.search.reader.loading import BUNDLED
from qa.sources.web import NEWEST
from qa.types.article_summary import ArticleSummary
from qa.types.articles import Article, Reference, Report
from qa.types.errors import LibraryError, NoSuchArticle
from qa.types.settings import Settings

if TYPE_CHECKING:
    from qa.ingest.progress import Progress, Step
    from qa.library.integrity import Checked
    from qa.sources.files import Upload


T = TypeVar("T")


class Librarian:
    """Keeps a library: what goes in, what comes out, and whether it is whole."""

    def __init__(
        self, library: Library, *, device: str | None = None, reader: str = BUNDLED, settings: Settings | None = None
    ) -> None:
        """Take a library that is open; see `open`."""
        self.library = library
        self.settings = settings or Settings()
        self._device = device
        self._reader_name = reader
        self._encoder: Encoder | None = None
        self._loading = threading.Lock()
        self.indexes = IndexCache(library)
        self.journal = Journal(library.folder)
        self.calibration = CalibrationFile(library.folder)
        self._filtered = FilterCache()

    @classmethod
    def open(
        cls,
        folder: str | PathLike[str],
        *,
        model: str | None = None,
        device: str | None = None,
        reader: str = BUNDLED,
        settings: Settings | None = None,
        create: bool = True,
    ) -> Self:
        """Open a library folder, making it if there is none.

        Args:
            model: another encoder than the default: a folder or a sentence-transformers name on the hub. A library keeps the
                one it was made with.
            device: one of PyTorch's, such as "cuda", to run the encoder there; by default OpenVINO runs it on the processor.
            reader: what reads the best passages together with the question and finds the words that answer: the bundled model,
                another extractive one by its folder or hub name, or "none".
            create: whether a library is made where there is none.

        Raises:
            LibraryError: the folder cannot be used, or was made with another model.
            ModelError: the model cannot be had.
        """
        path = Path(folder).expanduser()
        made = Library.exists(path)
        if not made and not create:
            raise LibraryError(f"There is no library in {path}: add articles first, with `pullquote add`.")
        files = None if made and model is None else locate(model or DEFAULT_MODEL)
        return cls(Library.open(path, files), device=device, reader=reader, settings=settings)

    @property
    def encoder(self) -> Encoder:
        """The library's model, loaded when it is first needed, and when another Assistant has reembedded the library since.

        Raises:
            ModelError: it cannot be had.
            LibraryError: what goes by its name now is not what the library was made with.
        """
        with self.library.snapshot() as snapshot:
            name, sha256 = snapshot.meta("model_name"), snapshot.meta("model_sha256")
        with self._loading:
            if self._encoder is None or self._encoder.files.sha256 != sha256:
                self._encoder = self._load(name, sha256)
            return self._encoder

    @property
    def reader_name(self) -> str:
        """Which reader it was opened with, as `open` takes it."""
        return self._reader_name

    def with_settings(self, settings: Settings) -> Self:
        """The same library and models, asked with other settings."""
        other = copy(self)
        other.settings = settings
        return other

    def basis(self, snapshot: Snapshot) -> Basis:
        """All that the confidence comes of, for a calibration to be compared with."""
        return Basis.by(snapshot.meta("model_sha256"), self._reader_name, self.settings.weights)

    def applied_calibration(self, snapshot: Snapshot) -> Calibration | None:
        """The library's calibration, where it is to be applied and is one of such confidences."""
        if not self.settings.calibrated or self.calibration.load() is None:
            return None
        return self.calibration.fitting(self.basis(snapshot))

    def _load(self, name: str, sha256: str) -> Encoder:
        files = locate(name)
        if files.sha256 != sha256:
            raise LibraryError(
                f"The model {name}, or the prompt its passages get, has changed since the library in {self.library.folder} was "
                f"made with it (SHA-256 {files.sha256[:12]}…, was {sha256[:12]}…): encode the library anew with "
                f"`pullquote reembed --model {name} --library {self.library.folder}`."
            )
        return Encoder.load(files, device=self._device)

    def add(
        self,
        paths: "str | PathLike[str] | Upload | Iterable[str | PathLike[str] | Upload]",
        *,
        newest: int = NEWEST,
        on_step: "Callable[[Step], None] | None" = None,
        on_progress: "Callable[[Progress], None] | None" = None,
    ) -> Report:
        """Add files, all articles in folders, and pages; what is there already stays, what has changed gets a new version.

        Args:
            paths: of files and folders; addresses that begin with http:// or https://, of pages, feeds or sitemaps; uploads.
            newest: how many pages of a feed or sitemap.
            on_step: told of each file once its fate is sealed, that is, after it is safe on disk.
            on_progress: told now and then how far the addition has come and how long the rest will take.

        Raises:
            LibraryBusy: another process is changing the library. A file that cannot be read raises nothing; it is in
                `report.failed` with the reason, and the rest go in.
        """
        from qa.ingest.pipeline import add
        from qa.sources.discovery import discover
        from qa.sources.files import Upload

        with self.library.writing():
            several = [paths] if isinstance(paths, Upload) else _several(paths)
            found = discover(several, newest)
            return add(self.library, self.indexes, lambda: self.encoder, found, on_step, on_progress)

    def sync(
        self,
        paths: str | PathLike[str] | Iterable[str | PathLike[str]],
        *,
        keep_missing: bool = False,
        newest: int = NEWEST,
        on_step: "Callable[[Step], None] | None" = None,
        on_progress: "Callable[[Progress], None] | None" = None,
    ) -> Report:
        """Bring the library in step with folders: as `add`, and what is in them no more is taken out.

        What a feed or sitemap names no more stays. Cut short, it goes on where it stopped when it is called again.

        Args:
            keep_missing: take nothing out.
        """
        from qa.ingest.syncing import sync

        several, encoder = _several(paths), lambda: self.encoder
        with self.library.writing():
            return sync(self.library, self.indexes, encoder, several, newest, keep_missing, on_step, on_progress)

    def article(self, article_id: str, version: str | None = None) -> Article:
        """An article with its exact text, as it is now or in an earlier version.

        Raises:
            NoSuchArticle: the library holds none of that id, or not in that version.
        """
        with self.library.snapshot() as snapshot:
            article = snapshot.article(article_id, version)
        if article is None:
            which = f"version {version[:12]}… of article {article_id}" if version else f"article {article_id}"
            raise NoSuchArticle(f"The library holds no {which}: `pullquote list` shows what there is.")
        return article

    def articles(self) -> list[Reference]:
        """All articles, by source."""
        with self.library.snapshot() as snapshot:
            return snapshot.references()

    def remove(self, article_id: str) -> Reference:
        """Take an article and its earlier versions out of the library.

        Raises:
            NoSuchArticle: the library holds none of that id.
            LibraryBusy: another process is changing the library.
        """
        return self._without(article_id, lambda: next(iter(self.library.remove([article_id])), None))

    def holdings(self) -> list[ArticleSummary]:
        """All articles with how many passages they have and when they came, by source."""
        with self.library.snapshot() as snapshot:
            return snapshot.holdings()

    def take_out(self, article_id: str) -> Removed:
        """Take an article out as `remove` does, and give what `put_back` needs to undo that.

        Raises:
            NoSuchArticle: the library holds none of that id.
            LibraryBusy: another process is changing the library.
            LibraryDamaged: it cannot be read, so it could not be put back; `remove` takes it out all the same.
        """
        return self._without(article_id, lambda: self.library.take_out(article_id))

    def _without(self, article_id: str, take_out: Callable[[], T | None]) -> T:
        """What a way to take an article out gives for it, once the indexes are without it."""
        with self.library.writing():
            removed = take_out()
            if removed:
                self._write_indexes()
        if not removed:
            raise NoSuchArticle(f"The library holds no article {article_id}: `pullquote list` shows what there is.")
        return removed

    def put_back(self, removed: Removed) -> Reference:
        """Undo `take_out`: the article is there again with its id, all its versions and vectors; nothing is encoded.

        Raises:
            LibraryError: it was added again in the meantime, or the library was reembedded.
            LibraryBusy: another process is changing the library.
        """
        with self.library.writing():
            self.library.put_back(removed)
            self._write_indexes()
        return removed.reference

    def _write_indexes(self) -> None:
        with self.library.snapshot() as snapshot:
            self.indexes.write(snapshot, lambda: self.encoder.dimension)

    def check(self) -> "Checked":
        """Read every byte of the library and verify every checksum and every place that may be quoted."""
        from qa.library.integrity import check

        return check(self.library, self.calibration, self.basis)

    def reembed(self, model: str, *, on_step: "Callable[[Step], None] | None" = None) -> None:
        """Encode all articles anew with another model; until that is done, the library answers with the old one.

        Raises:
            ModelError: the model cannot be had.
            LibraryBusy: another process is changing the library.
        """
        from qa.ingest.pipeline import reembed

        encoder = Encoder.load(locate(model), device=self._device)
        reembed(self.library, self.indexes, encoder, on_step)
        self._encoder = encoder


def _several(paths: str | PathLike[str] | Iterable[T]) -> list[str | PathLike[str]] | list[T]:
    return [paths] if isinstance(paths, (str, PathLike)) else list(paths)
