"""Records: a stored passage, with what is computed of its text once and cached, and a file that was read."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from embeddings.model_spec import Vectors
from qa.text.answer_types import AnswerType, has_type, spans_of_type
from qa.text.coverage import SentenceTerms, Truths
from qa.text.headings import is_heading
from qa.text.near_duplicates import normalize_words
from qa.text.questions import is_question
from qa.text.sentences import ends_with_stop
from qa.text.synonyms import canonicalize
from qa.text.terms import content_terms
from qa.types.articles import Article, Reference, Span


class StoredFile(NamedTuple):
    """A file or page that was read."""

    origin: str
    sha256: str  # of its bytes
    loaders: int  # the version of the loaders that read it
    articles: tuple[str, ...]  # ids of the articles in it


@dataclass(frozen=True)
class PassageRow:
    """A stored passage without its article, which ranking needs only for the best."""

    id: int
    article_id: str
    version: str  # of the article
    spans: np.ndarray[Any, np.dtype[np.int32]]  # (n, 2): start and end in the article's text
    vectors: Vectors  # (1 + n, dimension): the passage's own, then its sentences'


@dataclass(frozen=True)
class StoredPassage(PassageRow):
    """A stored passage with its article."""

    article: Article

    @property
    def vector(self) -> Vectors:
        """The passage's own vector, (dimension,)."""
        own: Vectors = self.vectors[0]
        return own

    @property
    def sentence_vectors(self) -> Vectors:
        """The sentences' vectors, (n, dimension)."""
        return self.vectors[1:]

    @cached_property
    def start(self) -> int:
        return int(self.spans[0, 0])

    @cached_property
    def end(self) -> int:
        return int(self.spans[-1, 1])

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The sentences' texts."""
        return tuple(self.article.text[start:end] for start, end in self.spans.tolist())

    @property
    def text(self) -> str:
        """The sentences joined by spaces: the text that is encoded and indexed, not the text that is shown."""
        return " ".join(self.sentences)

    @cached_property
    def terms(self) -> SentenceTerms:
        """The content terms of each sentence."""
        return SentenceTerms([canonicalize(content_terms(sentence)) for sentence in self.sentences])

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Each sentence as `normalize_words` returns it, for finding repetitions."""
        return tuple(normalize_words(sentence) for sentence in self.sentences)

    @cached_property
    def reference(self) -> Reference:
        """The article without its text."""
        return self.article.reference

    def fits(self, kind: AnswerType, question: str) -> Truths:
        """Return whether each sentence has words of the type, (n,). A name in the question itself does not count."""
        if kind == "name":
            asked = question.casefold()
            return np.array([any(name not in asked for name in names) for names in self._names], bool)
        if kind not in self._fits:
            self._fits[kind] = np.array([has_type(kind, sentence) for sentence in self.sentences], bool)
        return self._fits[kind]

    @cached_property
    def _fits(self) -> dict[AnswerType, Truths]:
        return {}

    @cached_property
    def _names(self) -> tuple[set[str], ...]:
        return tuple(
            {sentence[span.start : span.end].casefold() for span in spans_of_type("name", sentence)}
            for sentence in self.sentences
        )

    @cached_property
    def without_stop(self) -> Truths:
        """Whether each sentence ends without a full stop, as headings, captions and list items do, (n,)."""
        return np.array([not ends_with_stop(sentence) for sentence in self.sentences], bool)

    @cached_property
    def headings(self) -> Truths:
        """Whether each sentence is a title, heading, caption or byline, (n,). None is in a passage of nothing else."""
        text, title = self.article.text, self.article.title
        headings = np.array([is_heading(text, Span(start, end), title) for start, end in self.spans.tolist()], bool)
        return headings & ~headings.all()

    @cached_property
    def questions(self) -> Truths:
        """Whether each sentence only asks something, (n,)."""
        return np.array(list(map(is_question, self.sentences)), bool)
