"""StoredPassage: a passage as the library holds it, with what is derived from its text once and kept."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from embeddings.encoder import Vectors
from qa.articles import Article
from qa.expectations import Kind, such_words
from qa.sentences import ends_with_stop
from qa.words import content_terms


@dataclass(frozen=True)
class StoredPassage:
    """A passage as stored."""

    id: int
    article: Article
    spans: np.ndarray[Any, np.dtype[np.int32]]  # (n, 2): start and end in the article's text
    vectors: Vectors  # (1 + n, dimension): the passage's own, then its sentences'

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
    def terms(self) -> tuple[frozenset[str], ...]:
        """The content terms of each sentence."""
        return tuple(frozenset(content_terms(sentence)) for sentence in self.sentences)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Each sentence as it is compared to find repetitions; see `comparable`."""
        return tuple(comparable(sentence) for sentence in self.sentences)

    def fits(self, kind: Kind, question: str) -> list[bool]:
        """Whether each sentence has words of a kind; for names, one that the question itself does not have."""
        if kind not in self._found:
            found = [
                {sentence[span.start : span.end].casefold() for span in such_words(kind, sentence)}
                for sentence in self.sentences
            ]
            self._found[kind] = found
        if kind != "name":
            return [bool(words) for words in self._found[kind]]
        asked = question.casefold()
        return [any(name not in asked for name in names) for names in self._found[kind]]

    @cached_property
    def _found(self) -> dict[Kind, list[set[str]]]:
        return {}

    @cached_property
    def headings(self) -> tuple[bool, ...]:
        """Whether each sentence ends without a stop, as headings, captions and list items do."""
        return tuple(not ends_with_stop(sentence) for sentence in self.sentences)


def comparable(text: str) -> str:
    """A text's letters and digits in lower case, words set apart by single spaces, one at either end."""
    return " " + " ".join(re.findall(r"\w+", text.casefold())) + " "
