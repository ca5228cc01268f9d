"""TokenModel: one way to batch, pad and pool, whichever engine runs the transformer."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from tokenizers import Encoding, Tokenizer

from embeddings.model_spec import PassageText, PassageVectors, Recipe, Vectors, unit

Ids = np.ndarray[Any, np.dtype[np.int64]]

_BATCH_TOKENS = 2_048  # of a forward pass, padding included; on a CPU larger batches gain nothing and wait longer
_LEAST = 0.9  # of a batch's longest input that its shortest must be: padding costs more than another pass
_MULTIPLE = 8  # of lengths and of numbers of inputs: an engine makes kernels for each shape and keeps half a megabyte of each


class Engine(Protocol):
    """What runs a transformer."""

    name: str

    def outputs(self, ids: Ids, mask: Ids, *, question: bool) -> Vectors:
        """The last layer's output for each token.

        Args:
            ids: token ids, (inputs, tokens), filled up with the padding's.
            mask: 1 for a token and 0 for padding, of the same shape.
            question: whether these are a few short inputs that someone waits for.

        Returns:
            The vectors, (inputs, tokens, dimension), not scaled.
        """


class TokenModel:
    """A tokenizer and an engine, and how the tokens' vectors become those of questions, passages and sentences."""

    def __init__(self, recipe: Recipe, tokenizer: Tokenizer, engine: Engine) -> None:
        self.recipe = recipe
        self.engine = engine
        self._tokenizer = tokenizer
        tokenizer.no_truncation()  # nothing is cut off in silence
        tokenizer.no_padding()
        self._special = tokenizer.num_special_tokens_to_add(False)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special ones not included."""
        return [len(encoding) for encoding in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Encode questions, each cut off at the model's limit; shape (number of questions, dimension)."""
        return self._encode(questions, self.recipe.question_prompt, question=True)

    def encode_passages(self, passages: Sequence[PassageText]) -> Iterator[dict[int, PassageVectors]]:
        """Encode passages and their sentences, yielding a batch at a time by their places among the passages, longest first.

        The sentences of a model that mean-pools are the means of their own tokens' outputs, so each knows the sentences around
        it at no further cost; with other models each sentence is encoded by itself.

        Source: late chunking, Günther et al., arXiv 2409.04701.
        """
        prompt = self.recipe.passage_prompt
        encodings = self._tokenizer.encode_batch([prompt + passage.text for passage in passages])
        for index, encoding in enumerate(encodings):  # a word that runs on from the prompt can be cut into more tokens
            if len(encoding) > self.recipe.limit:
                encodings[index] = self._within_limit(prompt + passages[index].text)
        for batch in full_batches([len(encoding) for encoding in encodings]):
            several = [passages[index] for index in batch]
            if self.recipe.pooling == "mean":
                one_of_many = len(batch) < len(passages)
                vectors = self._in_context(several, [encodings[index] for index in batch], one_of_many)
            else:
                vectors = apart(several, lambda texts: self._encode(texts, prompt))
            yield dict(zip(batch, vectors, strict=True))

    def _in_context(
        self, passages: Sequence[PassageText], encodings: Sequence[Encoding], one_of_many: bool
    ) -> list[PassageVectors]:
        outputs = self._outputs(encodings, one_of_many=one_of_many)
        shift = len(self.recipe.passage_prompt)
        found = []
        for passage, encoding, output in zip(passages, encodings, outputs, strict=True):
            tokens = output[: len(encoding)]
            places = np.array(encoding.offsets, np.int64) - shift  # to code points of the passage's own text
            found.append(PassageVectors(unit(self._pooled(tokens)), _means(tokens, places, passage.sentences)))
        return found

    def _encode(self, texts: Sequence[str], prompt: str, *, question: bool = False) -> Vectors:
        encodings = [self._within_limit(prompt + text) for text in texts]
        vectors = np.zeros((len(texts), self.recipe.dimension), np.float32)
        for batch in batches([len(encoding) for encoding in encodings]):
            several = [encodings[index] for index in batch]
            for index, encoding, padded in zip(batch, several, self._outputs(several, question=question), strict=True):
                vectors[index] = self._pooled(padded[: len(encoding)])
        return unit(vectors)

    def _pooled(self, tokens: Vectors) -> Vectors:
        whole: Vectors = tokens.mean(axis=0) if self.recipe.pooling == "mean" else tokens[0]
        return whole

    def _within_limit(self, text: str) -> Encoding:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        encoding.truncate(self.recipe.limit - self._special)
        return self._tokenizer.post_process(encoding)

    def _outputs(self, encodings: Sequence[Encoding], *, question: bool = False, one_of_many: bool = False) -> Vectors:
        ids, mask = padded(encodings, self.recipe.padding, self.recipe.limit, one_of_many=one_of_many)
        return self.engine.outputs(ids, mask, question=question)[: len(encodings)]


def padded(encodings: Sequence[Encoding], padding: int, limit: int, *, one_of_many: bool = False) -> tuple[Ids, Ids]:
    """Inputs' token ids, filled up with the padding's to one length of at most the limit, and 1 for each token that is none.

    Args:
        one_of_many: whether this is one batch of many, which gets a few inputs more of nothing but padding for its shape to
            be one that is often seen.
    """
    n, length = len(encodings), min(_filled_up(max(len(encoding) for encoding in encodings)), limit)
    shape = (max(n, min(_filled_up(n), _BATCH_TOKENS // length)) if one_of_many else n, length)
    ids, mask = np.full(shape, padding, np.int64), np.zeros(shape, np.int64)
    mask[n:] = 1  # an input without a token has no softmax
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding)] = encoding.ids
        mask[row, : len(encoding)] = 1
    return ids, mask


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Split inputs into batches of about one length and a bounded number of tokens, the longest first."""
    some: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        longest = lengths[some[0]] if some else 0
        if some and (lengths[index] < _LEAST * longest or (len(some) + 1) * longest > _BATCH_TOKENS):
            yield some
            some = []
        some.append(index)
    if some:
        yield some


def full_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Split many inputs into batches of a bounded number of tokens, the longest first, so that each is padded little.

    For each length they are padded to there is one number of inputs, and fewer only in the last batch: memory stays as it
    is however many are encoded, for a little more padding than `batches` has.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    start = 0
    while start < len(order):
        some = order[start : start + max(1, _BATCH_TOKENS // _filled_up(max(lengths[order[start]], 1)))]
        yield some
        start += len(some)


def _filled_up(n: int) -> int:
    return -(-n // _MULTIPLE) * _MULTIPLE


def apart(passages: Sequence[PassageText], encode: Callable[[Sequence[str]], Vectors]) -> list[PassageVectors]:
    """Encode passages and each of their sentences by itself."""
    texts = [passage.text for passage in passages]
    for passage in passages:
        texts += [passage.text[start:end] for start, end in passage.sentences]
    vectors = encode(texts)
    ends = len(passages) + np.cumsum([len(passage.sentences) for passage in passages])
    return [
        PassageVectors(vectors[row], vectors[end - len(passage.sentences) : end])
        for row, (passage, end) in enumerate(zip(passages, ends.tolist(), strict=True))
    ]


def _means(tokens: Vectors, places: Ids, sentences: Sequence[tuple[int, int]]) -> Vectors:
    """The mean of the tokens that stand in each sentence; of all tokens where the tokenizer gave none to it."""
    if not sentences:
        return np.zeros((0, tokens.shape[1]), np.float32)
    spans = np.array(sentences, np.int64)
    starts, ends = places[:, 0], places[:, 1]
    inside = (starts < spans[:, 1:]) & (ends > spans[:, :1]) & (ends > starts)
    inside[~inside.any(axis=1)] = True
    return unit(inside.astype(np.float32) @ tokens)  # scaling to length 1 makes the sum the mean
