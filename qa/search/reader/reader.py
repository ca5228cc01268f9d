"""Reader: an extractive question answering model that finds the best answer span in each sentence of a passage."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from tokenizers import Encoding, Tokenizer

from embeddings import PassageText
from embeddings.engines.token_model import TokenIds, batches, pad
from qa.types.articles import Span

Numbers = np.ndarray[Any, np.dtype[np.float32]]

QUESTION = 64  # tokens of a question. The rest is cut off.
_LONGEST_SPAN = 30  # tokens
_NO_TOKEN = -30.0  # logit of a sentence without a token, below any other. JSON has no infinity.


class Network(Protocol):
    """A runtime of the transformer."""

    def outputs(self, ids: TokenIds, mask: TokenIds, *, question: bool) -> Numbers:
        """Return the logits of each token, (inputs, tokens, outputs): start, end and, for the bundled model, sentence."""


@dataclass(frozen=True, slots=True)
class ReaderScores:
    """The scores of each sentence of a passage, as logits relative to "this passage does not answer"."""

    words: Numbers  # (sentences,): of the best answer span
    sentence: Numbers  # (sentences,): of the whole sentence, 0 where the model has no such output
    spans: tuple[Span, ...]  # the best answer span, in the sentence's own text


class Reader:
    """An extractive question answering model."""

    def __init__(self, name: str, tokenizer: Tokenizer, network: Network, *, limit: int, padding: int) -> None:
        """Combine a tokenizer and a network.

        Args:
            limit: the most tokens of an input, with the question and special tokens.
            padding: the id of the padding token.
        """
        self.name = name
        self._tokenizer = tokenizer
        self._network = network
        self._limit, self._padding = limit, padding
        tokenizer.no_truncation()
        tokenizer.no_padding()

    def warm(self) -> None:
        """Read a probe, so that the network is compiled before the first question."""
        self.read("warm", [PassageText("warm", ((0, 4),))])

    def read(self, question: str, passages: Sequence[PassageText]) -> list[ReaderScores]:
        """Score the sentences of passages for a question. A passage that is too long is read in windows that overlap by half.

        Source: Devlin et al., NAACL 2019, arXiv 1810.04805, section 4.3: a span's score minus that of the first token.
        """
        return self.read_many([(question, passage) for passage in passages])

    def read_many(self, pairs: Sequence[tuple[str, PassageText]]) -> list[ReaderScores]:
        """Score the sentences of passages, each for a question of its own, in batches across the questions."""
        encoded_questions = {question: self._encode_question(question) for question, _ in pairs}
        passages = [passage for _, passage in pairs]
        encodings = self._tokenizer.encode_batch([passage.text for passage in passages], add_special_tokens=False)
        offsets = [np.array(encoding.offsets, np.int64).reshape(-1, 2) for encoding in encodings]  # before windows are cut
        inputs = [
            (row, *window)
            for row, ((question, _), encoding) in enumerate(zip(pairs, encodings, strict=True))
            for window in self._windows(encoded_questions[question], encoding)
        ]
        logits = self._logits([encoding for _, _, encoding in inputs])
        merged = [np.full((len(rows), logits[0].shape[1]), -np.inf, np.float32) for rows in offsets] if logits else []
        for (row, first, encoding), window_logits in zip(inputs, logits, strict=True):
            relative = window_logits[np.array(encoding.sequence_ids) == 1] - window_logits[0]
            window = merged[row][first : first + len(relative)]
            np.maximum(window, relative, out=window)
        return list(map(_score_sentences, passages, offsets, merged))

    def _encode_question(self, question: str) -> Encoding:
        encoding = self._tokenizer.encode(question, add_special_tokens=False)
        encoding.truncate(QUESTION)
        return encoding

    def _windows(self, question: Encoding, passage: Encoding) -> Iterator[tuple[int, Encoding]]:
        """Yield the inputs for a passage, each with the index of its first token in the passage."""
        special = self._tokenizer.num_special_tokens_to_add(True)
        room = max(8, self._limit - special - len(question))
        if len(passage) <= room:
            yield 0, self._tokenizer.post_process(question, passage)
            return
        passage.truncate(room, stride=room // 2)
        for number, window in enumerate([passage, *passage.overflowing]):
            yield number * (room - room // 2), self._tokenizer.post_process(question, window)

    def _logits(self, inputs: Sequence[Encoding]) -> list[Numbers]:
        """Return the logits of each input, (tokens, outputs)."""
        logits: dict[int, Numbers] = {}
        for batch in batches([len(encoding) for encoding in inputs]):
            ids, mask = pad([inputs[at] for at in batch], self._padding, self._limit)
            outputs = self._network.outputs(ids, mask, question=False)
            logits |= {at: outputs[row, : len(inputs[at])] for row, at in enumerate(batch)}
        return [logits[at] for at in range(len(inputs))]


def _score_sentences(passage: PassageText, offsets: TokenIds, logits: Numbers) -> ReaderScores:
    """Find the best answer span of each sentence of a passage.

    Args:
        offsets: of the tokens in the text, (tokens, 2).
        logits: (tokens, outputs).
    """
    starts, ends = offsets[:, 0], offsets[:, 1]
    words, sentences, spans = [], [], []
    for start, end in passage.sentences:
        tokens = np.flatnonzero((starts < end) & (ends > start) & (ends > starts))
        if not len(tokens):
            words.append(_NO_TOKEN)
            sentences.append(_NO_TOKEN)
            spans.append(Span(0, end - start))
            continue
        first, last, score = _best_span(logits[tokens])
        words.append(score)
        sentences.append(float(logits[tokens, 2].mean()) if logits.shape[1] > 2 else 0.0)
        span_start, span_end = max(int(starts[tokens[first]]), start), min(int(ends[tokens[last]]), end)
        spans.append(Span(span_start - start, span_end - start))
    return ReaderScores(np.array(words, np.float32), np.array(sentences, np.float32), tuple(spans))


def _best_span(logits: Numbers) -> tuple[int, int, float]:
    """Return the first and last token of the best answer span, at most 30 tokens long, and its score."""
    n = len(logits)
    scores = logits[:, 0][:, None] + logits[:, 1][None, :]
    allowed = np.triu(np.ones((n, n), bool)) & ~np.triu(np.ones((n, n), bool), _LONGEST_SPAN)
    best = int(np.where(allowed, scores, -np.inf).argmax())
    return best // n, best % n, float(scores[best // n, best % n])
