"""Assistant: the one path from a question to a cited answer, and the upkeep of the library behind it."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Self, TypeVar, Unpack

from embeddings import DEFAULT_MODEL, Encoder, PullquoteError, locate
from qa.ingest import pipeline, syncing
from qa.ingest.importing import import_articles
from qa.ingest.progress import Progress, Step
from qa.journey import Surroundings, answer_question, answer_together
from qa.library.calibration import Basis, Calibration, CalibrationFile
from qa.library.corrections import validate_corrections
from qa.library.filters import Filter, FilterCache
from qa.library.indexes import IndexCache, snapshot_with_indexes
from qa.library.journal import Journal
from qa.library.layout import CALIBRATION, JOURNAL
from qa.library.library import Library
from qa.library.originals import Originals, is_upload
from qa.library.records import StoredFile
from qa.library.snapshot import Snapshot
from qa.library.trash import Removed
from qa.library.upkeep import backup as upkeep_backup
from qa.library.upkeep import compaction
from qa.library.upkeep import repair as upkeep_repair
from qa.library.upkeep.backup import Backup
from qa.library.upkeep.compaction import Compacted
from qa.library.upkeep.export import export_articles
from qa.library.upkeep.integrity import Checked
from qa.library.upkeep.integrity import check as check_integrity
from qa.library.upkeep.repair import Repaired
from qa.question.greetings import help_line, is_small_talk
from qa.question.parsing import Question, parse, validate
from qa.question.query import embed, formulate
from qa.search.reader.loading import BUNDLED
from qa.search.reader.loading import load as load_reader
from qa.search.reader.reader import Reader
from qa.search.retrieval import retrieve, to_passages
from qa.sources.discovery import discover
from qa.sources.files import Upload
from qa.sources.web import NEWEST
from qa.types.articles import Answer, Article, Reference, Report, Turn
from qa.types.errors import LibraryError, NoSuchArticle, QuestionUnusable
from qa.types.filter_options import Only
from qa.types.rows import Answers, Articles, Holdings, Passages
from qa.types.settings import LONGEST_HISTORY, Settings
from qa.types.stopwatch import Stopwatch

T = TypeVar("T")
_BATCH = 64  # questions asked together; more are no faster
_log = logging.getLogger("pullquote")
_LARGEST_UNDONE = 20_000_000  # bytes of an original that are kept in memory until its article is put back


class Assistant:
    """Answers questions with quotes from a library of articles, and keeps that library."""

    def __init__(
        self, library: Library, *, device: str | None = None, reader: str = BUNDLED, settings: Settings | None = None
    ) -> None:
        """Take an open library. See `open`."""
        self.library = library
        self.settings = settings or Settings()
        self.indexes = IndexCache(library)
        self.journal = Journal(library.folder, lambda: library.expect(JOURNAL, "made"))
        self.calibration = CalibrationFile(library.folder, lambda sha256: library.expect(CALIBRATION, sha256))
        self.originals = Originals(library.folder)
        self.keep_originals = True  # of uploads that are added from now on
        self._device = device
        self._reader_name = reader
        self._encoder: Encoder | None = None
        self._encoder_lock = threading.Lock()
        self._filters = FilterCache()

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
        """Open the library in a folder, and create it if there is none.

        Args:
            model: the encoder of a new library, a folder or the name of a sentence-transformers model on the hub. A library
                keeps the encoder it was created with.
            device: a PyTorch device for the encoder, such as "cuda". By default OpenVINO runs it on the processor.
            reader: the question answering model that marks the answer in a passage. The bundled one, another extractive
                model by its folder or hub name, or "none".
            create: whether to create a library where there is none.

        Raises:
            LibraryError: the folder cannot be used, or its library was created with another model.
            ModelError: the model cannot be found or loaded.
        """
        path = Path(folder).expanduser()
        exists = Library.exists(path)
        if not exists and not create:
            raise LibraryError(f"There is no library in {path}: add articles first, with `pullquote add`.")
        files = None if exists and model is None else locate(model or DEFAULT_MODEL)
        return cls(Library.open(path, files), device=device, reader=reader, settings=settings)

    def with_settings(self, settings: Settings) -> Self:
        """Return an assistant for the same library and models with other settings."""
        other = copy(self)
        other.settings = settings
        return other

    # The models.

    @property
    def encoder(self) -> Encoder:
        """The library's encoder, loaded when first needed, and again after another process re-embedded the library.

        Raises:
            ModelError: the model cannot be found or loaded.
            LibraryError: the model of that name is no longer the one that the library was created with.
        """
        with self.library.snapshot() as snapshot:
            return self._encoder_of(snapshot)

    def _encoder_of(self, snapshot: Snapshot) -> Encoder:
        """Return the encoder that embedded the passages of a snapshot."""
        name, sha256 = snapshot.meta("model_name"), snapshot.meta("model_sha256")
        with self._encoder_lock:
            if self._encoder is None or self._encoder.files.sha256 != sha256:
                self._encoder = self._load_encoder(name, sha256)
            return self._encoder

    def _load_encoder(self, name: str, sha256: str) -> Encoder:
        files = locate(name)
        if files.sha256 != sha256:
            raise LibraryError(
                f"The model {name}, or its prompt for passages, has changed since the library in {self.library.folder} was "
                f"created with it (SHA-256 {files.sha256[:12]}…, was {sha256[:12]}…): embed the library again with "
                f"`pullquote reembed --model {name} --library {self.library.folder}`."
            )
        return Encoder.load(files, device=self._device)

    @property
    def reader(self) -> Reader | None:
        """The reader, loaded when first needed, or None.

        Raises:
            ModelError: the model cannot be found or loaded.
        """
        return load_reader(self._reader_name)

    @property
    def reader_name(self) -> str:
        """The name of the reader, as `open` takes it."""
        return self._reader_name

    def load_ahead(self) -> None:
        """Load the models in the background, for a fast first answer. An error is raised when a model is used."""

        def load() -> None:
            with suppress(PullquoteError):
                self.encoder.encode_questions(["warm"])
                if self.reader:
                    self.reader.warm()

        threading.Thread(target=load, name="pullquote-load").start()

    # Questions.

    def ask(
        self,
        question: str,
        k: int = 5,
        *,
        history: Sequence[Turn] = (),
        on_stage: Callable[[str], None] | None = None,
        **only: Unpack[Only],
    ) -> Answer:
        """Answer with up to k quotes, or with none where the articles do not say. Small talk gets a line of help.

        Args:
            history: the turns before, for follow-ups. See `conversation`.
            on_stage: called with the name of each stage of `Answer.timings` when it ends.
            only: a filter of the articles to search. See `Only`.

        Raises:
            QuestionUnusable: the question is empty, too long or holds no word, or k is out of range.
        """
        watch = Stopwatch(on_stage)
        parsed = parse(validate(question, k), history, self.settings)
        return self._answer([parsed], k, Filter.of(only), [watch])[0]

    async def aask(
        self,
        question: str,
        k: int = 5,
        *,
        history: Sequence[Turn] = (),
        on_stage: Callable[[str], None] | None = None,
        **only: Unpack[Only],
    ) -> Answer:
        """Answer as `ask` does, in a thread, so that the event loop goes on. `on_stage` is called in that thread."""
        return await asyncio.to_thread(self.ask, question, k, history=history, on_stage=on_stage, **only)

    def ask_many(
        self,
        questions: Iterable[str],
        k: int = 5,
        *,
        on_progress: Callable[[int, int], None] | None = None,
        **only: Unpack[Only],
    ) -> Answers:
        """Answer many questions, each as `ask` does, in their order. They are encoded and read in batches.

        The library may change between two batches, not within one. The stages in `timings` are those of the batch.

        Args:
            on_progress: called after each batch with how many questions are answered, and how many there are.
            only: as for `ask`.

        Raises:
            QuestionUnusable: as for `ask`, before anything is asked. The message names the question by its number.
        """
        parsed = [self._parse_numbered(number, text, k) for number, text in enumerate(questions, start=1)]
        article_filter = Filter.of(only)
        answers: list[Answer] = []
        for start in range(0, len(parsed), _BATCH):
            batch = parsed[start : start + _BATCH]
            answers += self._answer(batch, k, article_filter, [Stopwatch() for _ in batch])
            if on_progress:
                on_progress(len(answers), len(parsed))
        return Answers(answers)

    def _parse_numbered(self, number: int, text: str, k: int) -> Question:
        try:
            return parse(validate(text, k), (), self.settings)
        except QuestionUnusable as error:
            raise QuestionUnusable(f"Question {number}: {error}") from None

    def _answer(self, questions: Sequence[Question], k: int, only: Filter, watches: Sequence[Stopwatch]) -> list[Answer]:
        """Answer small talk with a line of help, and search for the rest together."""
        to_search = [n for n, question in enumerate(questions) if not is_small_talk(question.text)]
        answers: dict[int, Answer] = {}
        if to_search:
            chosen = [(questions[n], watches[n]) for n in to_search]
            answers |= zip(to_search, self._search_together(chosen, k, only), strict=True)
        for number, (question, watch) in enumerate(zip(questions, watches, strict=True)):
            if number not in answers:
                answers[number] = self._help(question.text, watch)
        return [answers[number] for number in range(len(questions))]

    def _help(self, text: str, watch: Stopwatch) -> Answer:
        with self.library.snapshot() as snapshot:
            line = help_line(text, snapshot.count()[0])
            return Answer(text, text, False, 0.0, (), (), snapshot.generation, watch.timings(), help=line)

    def _search_together(self, questions: Sequence[tuple[Question, Stopwatch]], k: int, only: Filter) -> list[Answer]:
        reader = self.reader
        with snapshot_with_indexes(self.library, self.indexes, lambda: self.encoder.dimension) as (snapshot, indexes):
            for _, watch in questions:
                watch.lap("indexes")
            calibration = self.applied_calibration(snapshot)
            settings = calibration.with_threshold(self.settings) if calibration else self.settings
            encoder = self._encoder_of(snapshot)
            around = Surroundings(snapshot, indexes, encoder, reader, settings, only, self._filters)
            journeys = [answer_question(question, k, around, watch) for question, watch in questions]
            answers = answer_together(journeys, around)
        return [calibration.apply(answer) for answer in answers] if calibration else answers

    def search(self, query: str, k: int = 10, **only: Unpack[Only]) -> Passages:
        """Return the k best passages with their scores. Nothing is quoted, nothing refused, and no spelling corrected.

        Args:
            only: as for `ask`.

        Raises:
            QuestionUnusable: as for `ask`.
        """
        question = parse(validate(query, k))
        article_filter = Filter.of(only)
        with snapshot_with_indexes(self.library, self.indexes, lambda: self.encoder.dimension) as (snapshot, indexes):
            vectors = embed(question, self._encoder_of(snapshot))
            formulated = formulate(question, vectors, indexes.words, self.settings)
            allowed = self._filters.passage_ids(article_filter, snapshot) if article_filter else None
            return Passages(to_passages(retrieve(formulated, k, indexes, snapshot, self.settings, Stopwatch(), allowed)))

    def conversation(self) -> "Conversation":
        """Begin a conversation, in which follow-ups are understood."""
        return Conversation(self)

    # The calibration of the confidence.

    def basis(self, snapshot: Snapshot) -> Basis:
        """Return what the confidence is computed from. A calibration is valid for one basis."""
        return Basis.of(snapshot.meta("model_sha256"), self._reader_name, self.settings.weights)

    def applied_calibration(self, snapshot: Snapshot) -> Calibration | None:
        """Return the library's calibration, if it is valid for this assistant and its settings apply it."""
        if not self.settings.calibrated or self.calibration.load() is None:
            return None
        return self.calibration.load_for(self.basis(snapshot))

    # The library.

    def add(
        self,
        paths: str | PathLike[str] | Upload | Iterable[str | PathLike[str] | Upload],
        *,
        newest: int = NEWEST,
        on_step: Callable[[Step], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Report:
        """Add files, folders and pages. An article that is known already stays, and one that has changed gets a new version.

        A file that cannot be read raises no error. It is in `report.failed` with the reason.

        Args:
            paths: files, folders, uploads, and addresses of pages, feeds or sitemaps (http:// or https://).
            newest: the number of pages to take from a feed or sitemap.
            on_step: called for each file once it is safely stored or has failed.
            on_progress: called now and then with the progress and the remaining time.

        Raises:
            LibraryBusy: another process is changing the library.
        """
        with self.library.writing():
            sources = discover([paths] if isinstance(paths, Upload) else _as_list(paths), newest)
            kept = self.originals if self.keep_originals else None
            report = pipeline.add(self.library, self.indexes, lambda: self.encoder, sources, on_step, on_progress, kept)
            self._prune_originals()
            return report

    def sync(
        self,
        paths: str | PathLike[str] | Iterable[str | PathLike[str]],
        *,
        keep_missing: bool = False,
        newest: int = NEWEST,
        on_step: Callable[[Step], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Report:
        """Bring the library in step with folders: add as `add` does, and remove what is no longer in them.

        Articles that a feed or sitemap no longer lists stay. An interrupted sync continues when it is called again.

        Args:
            keep_missing: whether to remove nothing.
        """
        roots, encoder = _as_list(paths), lambda: self.encoder
        with self.library.writing():
            report = syncing.sync(self.library, self.indexes, encoder, roots, newest, keep_missing, on_step, on_progress)
            self._prune_originals()
            return report

    def article(self, article_id: str, version: str | None = None) -> Article:
        """Return an article with its exact text, as it is now or in an earlier version.

        Raises:
            NoSuchArticle: there is no article with that id, or not in that version.
        """
        with self.library.snapshot() as snapshot:
            article = snapshot.article(article_id, version)
        if article is None:
            raise _no_article(f"version {version[:12]}… of article {article_id}" if version else f"article {article_id}")
        return article

    def articles(self) -> Articles:
        """Return all articles, sorted by source."""
        with self.library.snapshot() as snapshot:
            return Articles(snapshot.references())

    def holdings(self) -> Holdings:
        """Return a summary of each article with its number of passages and when it was added, sorted by source."""
        with self.library.snapshot() as snapshot:
            return Holdings(snapshot.holdings())

    def edit(
        self,
        article_id: str,
        *,
        title: str | None = None,
        author: str | None = None,
        published: str | None = None,
        undo: bool = False,
    ) -> Article:
        """Correct an article's title, author or date, and return the article.

        The text, its version and what the source says stay as they are. A correction holds when the source is added or synced
        again.

        Args:
            title: None leaves it as it is.
            author: likewise. "" says that none is known.
            published: likewise, a date, a month or a year such as 2019-05-03, 2019-05 or 2019.
            undo: whether to take back all earlier corrections first.

        Raises:
            NoSuchArticle: there is no article with that id.
            CorrectionUnusable: a value cannot be taken. The message names it.
            LibraryBusy: another process is changing the library.
        """
        corrections = validate_corrections(title, author, published)
        self.article(article_id)
        if undo or corrections:
            with self.library.writing():
                if undo:
                    self.library.correct(article_id, None)
                if corrections:
                    self.library.correct(article_id, corrections)
                self._update_indexes()
        return self.article(article_id)

    def remove(self, article_id: str) -> Reference:
        """Remove an article and its earlier versions from the library.

        Raises:
            NoSuchArticle: there is no article with that id.
            LibraryBusy: another process is changing the library.
        """
        with self.library.writing():
            removed = self.library.remove([article_id])
            if removed:
                self._update_indexes()
            self._prune_originals()
        if not removed:
            raise _no_article(f"article {article_id}")
        return removed[0]

    def take_out(self, article_id: str) -> Removed:
        """Remove an article as `remove` does, and return what `put_back` needs to restore it.

        Raises:
            NoSuchArticle: there is no article with that id.
            LibraryBusy: another process is changing the library.
            LibraryDamaged: the article cannot be read, so it could not be restored. `remove` removes it all the same.
        """
        with self.library.writing():
            original = self._original_for_undo(article_id)
            removed = self.library.take_out(article_id)
            if removed:
                self._update_indexes()
                removed = replace(removed, original=original)
            self._prune_originals()
        if not removed:
            raise _no_article(f"article {article_id}")
        return removed

    def put_back(self, removed: Removed) -> Reference:
        """Restore an article that `take_out` removed, with its id, versions and vectors.

        Raises:
            LibraryError: the article was added again in the meantime, or the library was re-embedded.
            LibraryBusy: another process is changing the library.
        """
        with self.library.writing():
            self.library.put_back(removed)
            self._update_indexes()
            if removed.original is not None:
                with suppress(OSError):  # the article is back all the same
                    self.originals.keep(removed.original)
        return removed.reference

    def original(self, article_id: str) -> tuple[str, bytes] | None:
        """Return the name and content of the file that an article was uploaded in.

        None if it was not uploaded, or its original is not kept.
        """
        file = self._upload_of(article_id)
        content = self.originals.read(file.sha256) if file else None
        return (file.origin, content) if file and content is not None else None

    def has_original(self, article_id: str) -> bool:
        """Whether `original` has the file of an article."""
        file = self._upload_of(article_id)
        return file is not None and self.originals.has(file.sha256)

    def _upload_of(self, article_id: str) -> StoredFile | None:
        with self.library.snapshot() as snapshot:
            files = (file for file in snapshot.files() if is_upload(file.origin) and article_id in file.articles)
            return next(files, None)

    def _original_for_undo(self, article_id: str) -> bytes | None:
        """Return the original that goes with an article, unless it is too large to be kept in memory."""
        _, content = self.original(article_id) or ("", b"")
        return content if content and len(content) <= _LARGEST_UNDONE else None

    def _prune_originals(self) -> None:
        with suppress(OSError), self.library.snapshot() as snapshot:
            self.originals.prune(snapshot)

    def _update_indexes(self) -> None:
        with self.library.snapshot() as snapshot:
            self.indexes.write(snapshot, lambda: self.encoder.dimension)

    def check(self) -> Checked:
        """Read the whole library, and verify every checksum and the place of every sentence."""
        return check_integrity(self.library, self.calibration, self.basis)

    def repair(self, *, drop: bool = False) -> Repaired:
        """Make again what can be made again of a damaged library, and list the rest. Changes that were lost are accepted.

        Args:
            drop: whether to remove articles, and earlier versions, whose text or record is damaged.

        Raises:
            LibraryBusy: another process is changing the library.
        """
        with self.library.writing():
            return upkeep_repair.repair(
                self.library, self.indexes, lambda: self.encoder, self.calibration, self.basis, drop=drop
            )

    def compact(self, answers: Iterable[Answer] = ()) -> Compacted:
        """Remove earlier versions of articles that no saved answer cites, and make the files as small as they can be.

        Args:
            answers: saved elsewhere. What conversations and runs cite stays in any case.

        Raises:
            LibraryBusy: another process is changing the library.
            LibraryDamaged: a conversation cannot be read, so what it cites is not known.
        """
        with self.library.writing():
            return compaction.compact(self.library, self.indexes, self.journal, answers, lambda: self.encoder.dimension)

    def export_articles(self, file: str | PathLike[str]) -> tuple[int, list[str]]:
        """Write all articles to a file of JSON Lines, in their current versions.

        Returns:
            How many were written, and a line for each that cannot be read.

        Raises:
            LibraryError: the file cannot be written.
        """
        return export_articles(self.library, Path(file).expanduser())

    def import_articles(self, file: str | PathLike[str], *, on_step: Callable[[Step], None] | None = None) -> Report:
        """Add the articles that `export_articles` wrote, under their sources. Their files are not needed.

        A line that is no such article raises no error. It is in `report.failed` with the reason.

        Raises:
            ArticleUnreadable: the file cannot be read.
            LibraryBusy: another process is changing the library.
        """
        with self.library.writing():
            path = Path(file).expanduser()
            return import_articles(self.library, self.indexes, lambda: self.encoder, path, on_step, _log.warning)

    def back_up(self, file: str | PathLike[str]) -> Backup:
        """Write the library, its conversations, runs and calibration to one file. It may be asked and changed meanwhile.

        Raises:
            LibraryError: the file cannot be written. An older backup in its place is unchanged.
        """
        return upkeep_backup.back_up(self.library, Path(file).expanduser())

    @staticmethod
    def restore(file: str | PathLike[str], folder: str | PathLike[str]) -> Backup:
        """Make a library of a backup, in a folder that holds none. Every file is verified.

        Raises:
            BackupUnusable: the file is no backup, is damaged, or is of a newer Pullquote.
            LibraryError: the folder holds something already, or cannot be written.
        """
        return upkeep_backup.restore(Path(file).expanduser(), Path(folder).expanduser())

    def reembed(self, model: str, *, on_step: Callable[[Step], None] | None = None) -> None:
        """Embed all articles again with another model. Questions are answered with the old one until that is done.

        Raises:
            ModelError: the model cannot be found or loaded.
            LibraryBusy: another process is changing the library.
        """
        encoder = Encoder.load(locate(model), device=self._device)
        pipeline.reembed(self.library, self.indexes, encoder, on_step)
        self._encoder = encoder


class Conversation:
    """Questions asked one after another, each understood with those before it."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.turns: list[Turn] = []

    def ask(self, question: str, k: int = 5, *, on_stage: Callable[[str], None] | None = None, **only: Unpack[Only]) -> Answer:
        """Answer a question or a follow-up, and remember it. The arguments are those of `Assistant.ask`."""
        answer = self._assistant.ask(question, k, history=self.turns, on_stage=on_stage, **only)
        if answer.help is None:
            self.turns.append(Turn(question, answer.searched_for, answer.quotes))
        del self.turns[:-LONGEST_HISTORY]
        return answer


def _as_list(paths: str | PathLike[str] | Iterable[T]) -> list[str | PathLike[str]] | list[T]:
    return [paths] if isinstance(paths, (str, PathLike)) else list(paths)


def _no_article(which: str) -> NoSuchArticle:
    return NoSuchArticle(f"The library holds no {which}: `pullquote list` shows what there is.")
