"""TokenModel: batching, padding and pooling around whichever engine runs the transformer."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from tokenizers import Encoding, Tokenizer

from embeddings.model_spec import ModelSpec, PassageText, PassageVectors, Vectors, unit

TokenIds = np.ndarray[Any, np.dtype[np.int64]]

_BATCH_TOKENS = 2_048  # of a forward pass, with padding; larger batches are no faster on a CPU
_LEAST = 0.9  # of the longest input of a batch: a shorter input goes into another, since padding costs more
_MULTIPLE = 8  # for lengths and batch sizes: OpenVINO caches kernels of half a megabyte for each shape


class Engine(Protocol):
    """A library that runs a transformer."""

    name: str

    def outputs(self, ids: TokenIds, mask: TokenIds, *, question: bool) -> Vectors:
        """Return the last layer's output for each token.

        Args:
            ids: token ids with padding, (inputs, tokens).
            mask: 1 for a token and 0 for padding, of the same shape.
            question: whether the inputs are a few short ones that a user waits for.

        Returns:
            Vectors of any length, (inputs, tokens, dimension).
        """


class TokenModel:
    """A tokenizer and an engine, with the pooling of token vectors to those of questions, passages and sentences."""

    def __init__(self, spec: ModelSpec, tokenizer: Tokenizer, engine: Engine) -> None:
        self.spec = spec
        self.engine = engine
        self._tokenizer = tokenizer
        tokenizer.no_truncation()  # nothing is cut off silently
        tokenizer.no_padding()
        self._special = tokenizer.num_special_tokens_to_add(False)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without special tokens."""
        return [len(encoding) for encoding in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Encode questions, each cut off at the model's limit. Return shape (number of questions, dimension)."""
        return self._encode(questions, self.spec.question_prompt, question=True)

    def encode_passages(self, passages: Sequence[PassageText]) -> Iterator[dict[int, PassageVectors]]:
        """Encode passages and their sentences. Yield batches, longest first, as vectors by index in `passages`.

        A model that mean-pools gives a sentence the mean of its tokens' outputs in the passage. So the vector knows the
        sentences around it, at no further cost. Other models encode each sentence by itself.

        Source: late chunking, Günther et al., arXiv 2409.04701.
        """
        prompt = self.spec.passage_prompt
        encodings = self._tokenizer.encode_batch([prompt + passage.text for passage in passages])
        for index, encoding in enumerate(encodings):  # a word right after the prompt can have more tokens
            if len(encoding) > self.spec.limit:
                encodings[index] = self._within_limit(prompt + passages[index].text)
        for batch in full_batches([len(encoding) for encoding in encodings]):
            chosen = [passages[index] for index in batch]
            if self.spec.pooling == "mean":
                one_of_many = len(batch) < len(passages)
                vectors = self._in_context(chosen, [encodings[index] for index in batch], one_of_many)
            else:
                vectors = encode_separately(chosen, lambda texts: self._encode(texts, prompt))
            yield dict(zip(batch, vectors, strict=True))

    def _in_context(
        self, passages: Sequence[PassageText], encodings: Sequence[Encoding], one_of_many: bool
    ) -> list[PassageVectors]:
        outputs = self._outputs(encodings, one_of_many=one_of_many)
        shift = len(self.spec.passage_prompt)
        vectors = []
        for passage, encoding, output in zip(passages, encodings, outputs, strict=True):
            tokens = output[: len(encoding)]
            offsets = np.array(encoding.offsets, np.int64) - shift  # in code points of the passage's text
            vectors.append(PassageVectors(unit(self._pool(tokens)), _sentence_means(tokens, offsets, passage.sentences)))
        return vectors

    def _encode(self, texts: Sequence[str], prompt: str, *, question: bool = False) -> Vectors:
        encodings = [self._within_limit(prompt + text) for text in texts]
        vectors = np.zeros((len(texts), self.spec.dimension), np.float32)
        for batch in batches([len(encoding) for encoding in encodings]):
            chosen = [encodings[index] for index in batch]
            for index, encoding, pad in zip(batch, chosen, self._outputs(chosen, question=question), strict=True):
                vectors[index] = self._pool(pad[: len(encoding)])
        return unit(vectors)

    def _pool(self, tokens: Vectors) -> Vectors:
        vector: Vectors = tokens.mean(axis=0) if self.spec.pooling == "mean" else tokens[0]
        return vector

    def _within_limit(self, text: str) -> Encoding:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        encoding.truncate(self.spec.limit - self._special)
        return self._tokenizer.post_process(encoding)

    def _outputs(self, encodings: Sequence[Encoding], *, question: bool = False, one_of_many: bool = False) -> Vectors:
        ids, mask = pad(encodings, self.spec.padding, self.spec.limit, one_of_many=one_of_many)
        return self.engine.outputs(ids, mask, question=question)[: len(encodings)]


def pad(encodings: Sequence[Encoding], padding: int, limit: int, *, one_of_many: bool = False) -> tuple[TokenIds, TokenIds]:
    """Pad token ids to a common length, at most `limit`, and build the attention mask.

    Args:
        one_of_many: whether this is one of many batches. It then gets a few empty inputs more, so that few different shapes
            occur.
    """
    n, length = len(encodings), min(_round_up(max(len(encoding) for encoding in encodings)), limit)
    shape = (max(n, min(_round_up(n), _BATCH_TOKENS // length)) if one_of_many else n, length)
    ids, mask = np.full(shape, padding, np.int64), np.zeros(shape, np.int64)
    mask[n:] = 1  # softmax needs at least one token
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding)] = encoding.ids
        mask[row, : len(encoding)] = 1
    return ids, mask


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the indexes of inputs in batches of similar length and a bounded number of tokens, the longest first."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        longest = lengths[batch[0]] if batch else 0
        if batch and (lengths[index] < _LEAST * longest or (len(batch) + 1) * longest > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def full_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the indexes of many inputs in batches of a bounded number of tokens, the longest first.

    Each padded length has one batch size; only the last batch is smaller. So memory does not grow with the number of inputs,
    at the price of a little more padding than in `batches`.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    start = 0
    while start < len(order):
        batch = order[start : start + max(1, _BATCH_TOKENS // _round_up(max(lengths[order[start]], 1)))]
        yield batch
        start += len(batch)


def _round_up(n: int) -> int:
    return -(-n // _MULTIPLE) * _MULTIPLE


def encode_separately(passages: Sequence[PassageText], encode: Callable[[Sequence[str]], Vectors]) -> list[PassageVectors]:
    """Encode passages, and each of their sentences by itself."""
    texts = [passage.text for passage in passages]
    for passage in passages:
        texts += [passage.text[start:end] for start, end in passage.sentences]
    vectors = encode(texts)
    ends = len(passages) + np.cumsum([len(passage.sentences) for passage in passages])
    return [
        PassageVectors(vectors[row], vectors[end - len(passage.sentences) : end])
        for row, (passage, end) in enumerate(zip(passages, ends.tolist(), strict=True))
    ]


def _sentence_means(tokens: Vectors, offsets: TokenIds, sentences: Sequence[tuple[int, int]]) -> Vectors:
    """Return the mean of each sentence's tokens, or of all tokens for a sentence that has none."""
    if not sentences:
        return np.zeros((0, tokens.shape[1]), np.float32)
    spans = np.array(sentences, np.int64)
    starts, ends = offsets[:, 0], offsets[:, 1]
    inside = (starts < spans[:, 1:]) & (ends > spans[:, :1]) & (ends > starts)
    inside[~inside.any(axis=1)] = True
    return unit(inside.astype(np.float32) @ tokens)  # scaling to length 1 makes the sum the mean
