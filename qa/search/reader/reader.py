"""Reader: for each sentence of some passages the words that best answer a question, weighed against no answer at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from tokenizers import Encoding, Tokenizer

from embeddings import PassageText
from embeddings.engines.token_model import Ids, batches, padded
from qa.types.articles import Span

Numbers = np.ndarray[Any, np.dtype[np.float32]]

QUESTION = 64  # tokens of a question that are read
_LONGEST = 30  # tokens of an answer
_NOTHING = -30.0  # logits of a sentence without a token, which is below what any other gets; JSON has no infinity


class Network(Protocol):
    """What runs the transformer."""

    def outputs(self, ids: Ids, mask: Ids, *, question: bool) -> Numbers:
        """For each token the numbers that an answer begins there, ends there and, where the model knows, is told there."""


@dataclass(frozen=True, slots=True)
class ReaderScores:
    """What a passage tells, sentence by sentence; numbers are logits against "this passage does not answer"."""

    words: Numbers  # (sentences,): of the best words of each
    sentence: Numbers  # (sentences,): of the sentence as a whole; 0 where the model does not tell
    spans: tuple[Span, ...]  # the best words of each, in the sentence's own text


class Reader:
    """An extractive model of questions and passages."""

    def __init__(self, name: str, tokenizer: Tokenizer, network: Network, *, limit: int, padding: int) -> None:
        """Take a model apart.

        Args:
            limit: tokens of one input, question and special ones included.
            padding: the id that fills shorter inputs up.
        """
        self.name = name
        self._tokenizer = tokenizer
        self._network = network
        self._limit, self._padding = limit, padding
        tokenizer.no_truncation()
        tokenizer.no_padding()

    def warm(self) -> None:
        """Read something, so that the first question finds all compiled."""
        self.read("warm", [PassageText("warm", ((0, 4),))])

    def read(self, question: str, passages: Sequence[PassageText]) -> list[ReaderScores]:
        """Read passages for a question; what is longer than the model reads is read in windows that overlap by half.

        Source: Devlin et al., NAACL 2019, arXiv 1810.04805, section 4.3, a span's score less that of the first token.
        """
        asked = self._tokenizer.encode(question, add_special_tokens=False)
        asked.truncate(QUESTION)
        encodings = self._tokenizer.encode_batch([passage.text for passage in passages], add_special_tokens=False)
        places = [np.array(encoding.offsets, np.int64).reshape(-1, 2) for encoding in encodings]  # before windows are cut
        inputs = [(row, *window) for row, encoding in enumerate(encodings) for window in self._windows(asked, encoding)]
        found = self._numbers([whole for _, _, whole in inputs])
        merged = [np.full((len(each), found[0].shape[1]), -np.inf, np.float32) for each in places] if found else []
        for (row, first, whole), numbers in zip(inputs, found, strict=True):
            inside = numbers[np.array(whole.sequence_ids) == 1] - numbers[0]
            place = merged[row][first : first + len(inside)]
            np.maximum(place, inside, out=place)
        return list(map(_told, passages, places, merged))

    def _windows(self, asked: Encoding, passage: Encoding) -> Iterator[tuple[int, Encoding]]:
        """The inputs that a passage is read in, each with the first of the passage's tokens in it."""
        special = self._tokenizer.num_special_tokens_to_add(True)
        room = max(8, self._limit - special - len(asked))
        if len(passage) <= room:
            yield 0, self._tokenizer.post_process(asked, passage)
            return
        passage.truncate(room, stride=room // 2)
        for number, window in enumerate([passage, *passage.overflowing]):
            yield number * (room - room // 2), self._tokenizer.post_process(asked, window)

    def _numbers(self, inputs: Sequence[Encoding]) -> list[Numbers]:
        """Each input's numbers, (tokens, outputs)."""
        found: dict[int, Numbers] = {}
        for some in batches([len(each) for each in inputs]):
            ids, mask = padded([inputs[at] for at in some], self._padding, self._limit)
            outputs = self._network.outputs(ids, mask, question=False)
            found |= {at: outputs[row, : len(inputs[at])] for row, at in enumerate(some)}
        return [found[at] for at in range(len(inputs))]


def _told(passage: PassageText, places: Ids, numbers: Numbers) -> ReaderScores:
    starts, ends = places[:, 0], places[:, 1]
    words, sentences, spans = [], [], []
    for start, end in passage.sentences:
        inside = np.flatnonzero((starts < end) & (ends > start) & (ends > starts))
        if not len(inside):  # no token of its own
            words.append(_NOTHING)
            sentences.append(_NOTHING)
            spans.append(Span(0, end - start))
            continue
        first, last, score = _best_span(numbers[inside])
        words.append(score)
        sentences.append(float(numbers[inside, 2].mean()) if numbers.shape[1] > 2 else 0.0)
        begins, finishes = max(int(starts[inside[first]]), start), min(int(ends[inside[last]]), end)
        spans.append(Span(begins - start, finishes - start))
    return ReaderScores(np.array(words, np.float32), np.array(sentences, np.float32), tuple(spans))


def _best_span(numbers: Numbers) -> tuple[int, int, float]:
    """The first and last token of the best answer among some, which ends where it begins or up to so many tokens later."""
    n = len(numbers)
    together = numbers[:, 0][:, None] + numbers[:, 1][None, :]
    allowed = np.triu(np.ones((n, n), bool)) & ~np.triu(np.ones((n, n), bool), _LONGEST)
    best = int(np.where(allowed, together, -np.inf).argmax())
    return best // n, best % n, float(together[best // n, best % n])
