"""Assistant: the one path from a question to a cited answer."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar, Unpack

from embeddings import Encoder, PullquoteError
from embeddings.index.flat_index import Ids
from qa.answer.disagreements import disagreements
from qa.answer.quotes import choose
from qa.librarian import Librarian
from qa.library.filters import Filter
from qa.library.indexes import Indexes, read_in_step
from qa.library.snapshot import Snapshot
from qa.question.conversation import Conversation, FollowUp, follow_up, new_first, seen
from qa.question.date_filter import offered
from qa.question.greetings import help_line, is_about_pullquote, is_thanks
from qa.question.intents import asks_for_words
from qa.question.source_mentions import answered_by_source, looked_at
from qa.question.understanding import question_vectors, understood
from qa.question.validate import usable
from qa.search.ranking import rank_sentences
from qa.search.reader.loading import load as load_reader
from qa.search.reader.reader import Reader
from qa.search.retriever import Candidate, Query, as_passages, by_themselves, retrieve
from qa.search.retriever import read as read_passages
from qa.types.articles import Answer, Passage, Turn
from qa.types.filter_options import Only
from qa.types.stopwatch import Stopwatch

T = TypeVar("T")


class Assistant(Librarian):
    """Answers questions with quotes from a library of articles, which it keeps."""

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

    def ask(
        self,
        question: str,
        k: int = 5,
        *,
        history: Sequence[Turn] = (),
        on_stage: Callable[[str], None] | None = None,
        **only: Unpack[Only],
    ) -> Answer:
        """Answer with up to k quotes, or with none when the articles do not say; a greeting, with how Pullquote is used.

        Args:
            history: the turns before, which a follow-up is understood with; see `conversation`.
            on_stage: told the name of each stage of `Answer.timings` when it ends.
            only: what articles must be for their passages to be searched; see `Only`.

        Raises:
            QuestionUnusable: the question is empty, too long or holds no word, or k is out of range.
        """
        watch = Stopwatch(on_stage)
        question, wanted = usable(question, k), Filter.of(only)
        if is_about_pullquote(question) or is_thanks(question):
            return self._help(question, watch)
        follow = follow_up(question, history)
        already = seen(question, history, self.settings)
        n = max(k, self.settings.n_read)
        reader = self.reader

        def read(snapshot: Snapshot, understood: Query, candidates: Sequence[Candidate]) -> Answer:
            calibration = self.applied_calibration(snapshot)
            settings = calibration.applied(self.settings) if calibration else self.settings

            def answer(searched: Query, candidates: Sequence[Candidate]) -> Answer:
                if reader and asks_for_words(searched.text):  # it has learned nothing else
                    candidates = read_passages(reader, searched, candidates, settings)
                watch.lap("reader")
                best = by_themselves(candidates)[: settings.n_read]
                ranked = list(rank_sentences(searched, best, settings))
                quotes, confidence, left_out = choose(searched, ranked, snapshot, k + len(already), settings)
                if already and quotes:
                    quotes = new_first(quotes, already, settings)[:k]
                    confidence = quotes[0].confidence
                differing = disagreements(searched, ranked, quotes, snapshot, settings)
                passages = as_passages(candidates)
                watch.lap("quote")
                return Answer(
                    question,
                    searched.text,
                    bool(quotes),
                    confidence,
                    quotes,
                    passages,
                    snapshot.generation,
                    watch.timings(),
                    differing,
                    only=wanted.to_only(),
                    offer={} if wanted else self._offer(question, snapshot),
                    left_out=left_out,
                )

            found = answered_by_source(understood, candidates, n, settings, answer)
            return calibration.told(found) if calibration else found

        return self._read(follow.text, read, looked_at(follow.text, n), watch, wanted, follow=follow)

    def search(self, query: str, k: int = 10, **only: Unpack[Only]) -> tuple[Passage, ...]:
        """The k best passages with their scores, nothing quoted and nothing refused.

        Args:
            only: as for `ask`.

        Raises:
            QuestionUnusable: as for `ask`.
        """
        query, wanted = usable(query, k), Filter.of(only)
        return self._read(query, lambda _, __, candidates: as_passages(candidates), k, Stopwatch(), wanted)

    def conversation(self) -> Conversation:
        """A conversation, in which follow-ups are understood."""
        return Conversation(self)

    def _chosen_by(self, wanted: Filter, snapshot: Snapshot) -> Ids:
        return self._filtered.passage_ids(wanted, snapshot)

    def _offer(self, question: str, snapshot: Snapshot) -> dict[str, Any]:
        """The filter that a date in the question suggests, where it would leave some articles and not all."""
        suggested = offered(question)
        n = len(self._chosen_by(suggested, snapshot)) if suggested else 0
        return suggested.to_only() if suggested and 0 < n < snapshot.count()[1] else {}

    def _help(self, question: str, watch: Stopwatch) -> Answer:
        with self.library.snapshot() as snapshot:
            said, generation = help_line(question, snapshot.count()[0]), snapshot.generation
        return Answer(question, question, False, 0.0, (), (), generation, watch.timings(), help=said)

    def _read(
        self,
        text: str,
        read: Callable[[Snapshot, Query, list[Candidate]], T],
        n: int,
        watch: Stopwatch,
        wanted: Filter,
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
            wanted: what articles must be.
            follow: what the text was made of; what is looked for lies halfway between it and the question asked.
            encoder: the library's; by default the one at hand, which is compared with the library's when that is read.
        """
        encoder = encoder or self._encoder or self.encoder

        def search(snapshot: Snapshot, indexes: Indexes) -> T:
            watch.lap("indexes")
            if indexes.model != encoder.files.sha256:
                raise _Reembedded
            question = understood(text, follow, vector, topic, indexes, snapshot, encoder, self.settings, watch)
            allowed = self._chosen_by(wanted, snapshot) if wanted else None
            return read(snapshot, question, retrieve(question, n, indexes, snapshot, self.settings, watch, allowed))

        vector, topic = question_vectors(encoder, text, follow)
        watch.lap("encode")
        try:
            result: T = read_in_step(self.library, self.indexes, lambda: self.encoder.dimension, search)
        except _Reembedded:
            return self._read(text, read, n, watch, wanted, follow=follow, encoder=self.encoder)
        return result


class _Reembedded(Exception):
    """The library's model became another one after the question was encoded."""
