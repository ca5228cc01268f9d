"""Assistant: the one path from a question to a cited answer."""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from embeddings import DEFAULT_MODEL, Encoder, PullquoteError, locate
from qa.articles import Answer, Article, Passage, Reference, Report, Turn
from qa.asking.greetings import help_line, is_about_pullquote, is_thanks
from qa.asking.mentions import answered_by_source, looked_at
from qa.asking.shapes import asks_for_words
from qa.asking.understanding import question_vectors, understood
from qa.asking.usable import usable
from qa.conversation import Conversation, FollowUp, follow_up, new_first, seen
from qa.disagreements import disagreements
from qa.errors import LibraryError, NoSuchArticle
from qa.indexes import IndexCache, Indexes, read_in_step
from qa.library import Library
from qa.quotes import choose
from qa.ranking import rank_sentences
from qa.reader.loading import BUNDLED
from qa.reader.loading import load as load_reader
from qa.reader.reader import Reader
from qa.retriever import Candidate, Question, as_passages, by_themselves, read_closely, retrieve
from qa.rows import View
from qa.settings import Settings
from qa.stopwatch import Stopwatch

if TYPE_CHECKING:
    from qa.adding import Step
    from qa.check import Checked
    from qa.progress import Progress

T = TypeVar("T")


class Assistant:
    """Answers questions with quotes from a library of articles."""

    def __init__(
        self, library: Library, *, device: str | None = None, reader: str = BUNDLED, settings: Settings | None = None
    ) -> None:
        self.library = library
        self.settings = settings or Settings()
        self._device = device
        self._reader_name = reader
        self._encoder: Encoder | None = None
        self._loading = threading.Lock()
        self.indexes = IndexCache(library)

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
    ) -> "Assistant":
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
        with self.library.reading() as view:
            name, sha256 = view.meta("model_name"), view.meta("model_sha256")
        with self._loading:
            if self._encoder is None or self._encoder.files.sha256 != sha256:
                self._encoder = self._load(name, sha256)
            return self._encoder

    @property
    def reader(self) -> Reader | None:
        """What reads the best passages together with the question, loaded when first needed; ModelError if it cannot be."""
        return load_reader(self._reader_name)

    def load_ahead(self) -> None:
        """Load the models in the background, so that the first question finds them; what fails is said when it is used."""

        def load() -> None:
            with suppress(PullquoteError):
                self.encoder.encode_questions(["warm"])
                if self.reader:
                    self.reader.warm()

        threading.Thread(target=load, name="pullquote-load").start()

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
        paths: str | PathLike[str] | Iterable[str | PathLike[str]],
        *,
        on_step: "Callable[[Step], None] | None" = None,
        on_progress: "Callable[[Progress], None] | None" = None,
    ) -> Report:
        """Add files, and all articles in folders; what is there already stays, what has changed gets a new version.

        Args:
            on_step: told of each file once its fate is sealed, that is, after it is safe on disk.
            on_progress: told now and then how far the addition has come and how long the rest will take.

        Raises:
            LibraryBusy: another process is changing the library. A file that cannot be read raises nothing; it is in
                `report.failed` with the reason, and the rest go in.
        """
        from qa.adding import add

        several = [paths] if isinstance(paths, (str, PathLike)) else list(paths)
        return add(self.library, self.indexes, lambda: self.encoder, [Path(path) for path in several], on_step, on_progress)

    def ask(self, question: str, k: int = 5, *, history: Sequence[Turn] = ()) -> Answer:
        """Answer with up to k quotes, or with none when the articles do not say; a greeting, with how Pullquote is used.

        Args:
            history: the turns before, which a follow-up is understood with; see `conversation`.

        Raises:
            QuestionUnusable: the question is empty, too long or holds no word, or k is out of range.
        """
        watch = Stopwatch()
        question = usable(question, k)
        if is_about_pullquote(question) or is_thanks(question):
            return self._help(question, watch)
        follow = follow_up(question, history)
        already = seen(question, history, self.settings)
        n = max(k, self.settings.n_read)
        reader = self.reader

        def read(view: View, understood: Question, candidates: Sequence[Candidate]) -> Answer:
            def answer(searched: Question, candidates: Sequence[Candidate]) -> Answer:
                if reader and asks_for_words(searched.text):  # it has learned nothing else
                    candidates = read_closely(reader, searched, candidates, self.settings)
                watch.lap("reader")
                best = by_themselves(candidates)[: self.settings.n_read]
                ranked = list(rank_sentences(searched, best, self.settings))
                quotes, confidence = choose(searched, ranked, view, k + len(already), self.settings)
                if already and quotes:
                    quotes = new_first(quotes, already, self.settings)[:k]
                    confidence = quotes[0].confidence
                differing = disagreements(searched, ranked, quotes, view, self.settings)
                passages = as_passages(candidates)
                watch.lap("quote")
                found, timings = bool(quotes), watch.timings()
                return Answer(question, searched.text, found, confidence, quotes, passages, view.generation, timings, differing)

            return answered_by_source(understood, candidates, n, self.settings, answer)

        return self._read(follow.text, read, looked_at(follow.text, n), watch, follow=follow)

    def search(self, query: str, k: int = 10) -> tuple[Passage, ...]:
        """The k best passages with their scores, nothing quoted and nothing refused.

        Raises:
            QuestionUnusable: as for `ask`.
        """
        query = usable(query, k)
        return self._read(query, lambda _, __, candidates: as_passages(candidates), k, Stopwatch())

    def conversation(self) -> Conversation:
        """A conversation, in which follow-ups are understood."""
        return Conversation(self)

    def article(self, article_id: str, version: str | None = None) -> Article:
        """An article with its exact text, as it is now or in an earlier version.

        Raises:
            NoSuchArticle: the library holds none of that id, or not in that version.
        """
        with self.library.reading() as view:
            article = view.article(article_id, version)
        if article is None:
            which = f"version {version[:12]}… of article {article_id}" if version else f"article {article_id}"
            raise NoSuchArticle(f"The library holds no {which}: `pullquote list` shows what there is.")
        return article

    def articles(self) -> list[Reference]:
        """All articles, by source."""
        with self.library.reading() as view:
            return view.references()

    def remove(self, article_id: str) -> Reference:
        """Take an article and its earlier versions out of the library.

        Raises:
            NoSuchArticle: the library holds none of that id.
            LibraryBusy: another process is changing the library.
        """
        with self.library.writing():
            reference = self.library.remove(article_id)
            if reference is not None:
                with self.library.reading() as view:
                    self.indexes.write(view, lambda: self.encoder.dimension)
        if reference is None:
            raise NoSuchArticle(f"The library holds no article {article_id}: `pullquote list` shows what there is.")
        return reference

    def check(self) -> "Checked":
        """Read every byte of the library and verify every checksum and every place that may be quoted."""
        from qa.check import check

        return check(self.library)

    def reembed(self, model: str, *, on_step: "Callable[[Step], None] | None" = None) -> None:
        """Encode all articles anew with another model; until that is done, the library answers with the old one.

        Raises:
            ModelError: the model cannot be had.
            LibraryBusy: another process is changing the library.
        """
        from qa.adding import reembed

        encoder = Encoder.load(locate(model), device=self._device)
        reembed(self.library, self.indexes, encoder, on_step)
        self._encoder = encoder

    def _help(self, question: str, watch: Stopwatch) -> Answer:
        with self.library.reading() as view:
            said, generation = help_line(question, view.count()[0]), view.generation
        return Answer(question, question, False, 0.0, (), (), generation, watch.timings(), help=said)

    def _read(
        self,
        text: str,
        read: Callable[[View, Question, list[Candidate]], T],
        n: int,
        watch: Stopwatch,
        *,
        follow: FollowUp | None = None,
        encoder: Encoder | None = None,
    ) -> T:
        """Search for a text and read what was found, all from one generation of the library.

        Args:
            text: what is searched for.
            read: makes the result of the n best passages.
            n: how many passages are wanted.
            watch: takes the stages up to there.
            follow: what the text was made of; what is looked for lies halfway between it and the question asked.
            encoder: the library's; by default the one at hand, which is compared with the library's when that is read.
        """
        encoder = encoder or self._encoder or self.encoder

        def search(view: View, indexes: Indexes) -> T:
            watch.lap("indexes")
            if indexes.model != encoder.files.sha256:
                raise _Reembedded
            question = understood(text, follow, vector, topic, indexes, view, encoder, self.settings, watch)
            return read(view, question, retrieve(question, n, indexes, view, self.settings, watch))

        vector, topic = question_vectors(encoder, text, follow)
        watch.lap("encode")
        try:
            result: T = read_in_step(self.library, self.indexes, lambda: self.encoder.dimension, search)
        except _Reembedded:
            return self._read(text, read, n, watch, follow=follow, encoder=self.encoder)
        return result


class _Reembedded(Exception):
    """The library's model became another one after the question was encoded."""
