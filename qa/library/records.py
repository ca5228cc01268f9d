"""What the library holds: a passage, with what is derived from its text once and kept, and a file that was read."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from embeddings.model_spec import Vectors
from qa.text.answer_types import AnswerType, has_words, such_words
from qa.text.coverage import SentenceTerms, Truths
from qa.text.sentences import ends_with_stop
from qa.text.synonyms import canonical
from qa.text.terms import content_terms
from qa.types.articles import Article, Reference

_WORD = re.compile(r"\w+")
_APART = bytes(byte if _WORD.match(chr(byte)) else ord(" ") for byte in range(128)).ljust(256)  # other bytes never occur


class StoredFile(NamedTuple):
    """A file or page that was read."""

    origin: str
    sha256: str  # of its bytes
    loaders: int  # which edition of the loaders read it
    articles: tuple[str, ...]  # ids of what it held


@dataclass(frozen=True)
class PassageRow:
    """A passage as stored but for its article, which ranking needs of none but the best."""

    id: int
    article_id: str
    version: str  # of the article
    spans: np.ndarray[Any, np.dtype[np.int32]]  # (n, 2): start and end in the article's text
    vectors: Vectors  # (1 + n, dimension): the passage's own, then its sentences'


@dataclass(frozen=True)
class StoredPassage(PassageRow):
    """A passage as stored."""

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
        """The sentences joined by spaces: what is encoded and indexed, not what is shown."""
        return " ".join(self.sentences)

    @cached_property
    def terms(self) -> SentenceTerms:
        """The content terms of each sentence."""
        return SentenceTerms([canonical(content_terms(sentence)) for sentence in self.sentences])

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Each sentence as it is compared to find repetitions; see `comparable`."""
        return tuple(comparable(sentence) for sentence in self.sentences)

    @cached_property
    def reference(self) -> Reference:
        """The article without its text."""
        return self.article.reference

    def fits(self, kind: AnswerType, question: str) -> Truths:
        """Whether each sentence has words of a kind; for names, one that the question itself does not have."""
        if kind == "name":
            asked = question.casefold()
            return np.array([any(name not in asked for name in names) for names in self._names], bool)
        if kind not in self._fits:
            self._fits[kind] = np.array([has_words(kind, sentence) for sentence in self.sentences], bool)
        return self._fits[kind]

    @cached_property
    def _fits(self) -> dict[AnswerType, Truths]:
        return {}

    @cached_property
    def _names(self) -> tuple[set[str], ...]:
        return tuple(
            {sentence[span.start : span.end].casefold() for span in such_words("name", sentence)} for sentence in self.sentences
        )

    @cached_property
    def headings(self) -> Truths:
        """Whether each sentence ends without a stop, as headings, captions and list items do."""
        return np.array([not ends_with_stop(sentence) for sentence in self.sentences], bool)


def comparable(text: str) -> str:
    """A text's letters and digits in lower case, words set apart by single spaces, one at either end."""
    if text.isascii():  # most are, and bytes are translated many times faster than characters are matched
        return f" {' '.join(text.lower().encode().translate(_APART).decode().split())} "
    return f" {' '.join(_WORD.findall(text.casefold()))} "
