"""Training examples as token ids, and batches of them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer

from qa.search.reader.loading import LIMIT
from qa.search.reader.reader import QUESTION
from training.examples import Example, Read


class Tokens(NamedTuple):
    """A question and a passage as one input of the network."""

    ids: np.ndarray  # type: ignore[type-arg]
    first: int  # the passage's first token
    end: int  # after the passage's last token
    sentences: list[tuple[int, int]]  # [start, end) in tokens
    answers: list[tuple[int, int]]  # first and last token of each


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example as token ids."""

    right: Tokens | None
    wrong: tuple[Tokens, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Passages of several questions, those of a question in a row."""

    n_passages: int  # of each question
    ids: torch.Tensor  # (passages, tokens)
    mask: torch.Tensor
    inside: torch.Tensor  # (passages, tokens): which tokens belong to the passage
    starts: torch.Tensor  # (passages, tokens): which begin an answer
    ends: torch.Tensor  # (passages, tokens): which end one
    means: torch.Tensor  # (passages, sentences, tokens): weight of each token in each sentence's mean
    answering: torch.Tensor  # (passages, sentences): which hold the beginning of an answer

    def to(self, device: str) -> "Batch":
        """Copy the batch to a device."""
        values = [getattr(self, field.name) for field in fields(self)]
        return Batch(*(value.to(device) if isinstance(value, torch.Tensor) else value for value in values))


@cache
def _tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(example: Example, folder: Path) -> Encoded | None:
    """Tokenize an example. Return None if its answer lies beyond what the reader reads."""
    tokenizer = _tokenizer(folder)
    question = tokenizer.encode(example.question, add_special_tokens=False)
    question.truncate(QUESTION)
    right = _tokenize(tokenizer, question, example.right) if example.right else None
    if right is not None and not right.answers:
        return None
    return Encoded(right, tuple(_tokenize(tokenizer, question, passage) for passage in example.wrong))


def _tokenize(tokenizer: Tokenizer, question: object, read: Read) -> Tokens:
    passage = tokenizer.encode(read.text, add_special_tokens=False)
    passage.truncate(LIMIT - 3 - len(question.ids))  # type: ignore[attr-defined]
    encoding = tokenizer.post_process(question, passage)  # type: ignore[arg-type]
    first = len(question.ids) + 2  # type: ignore[attr-defined]
    starts, ends = (np.array(column) for column in zip(*passage.offsets, strict=True))

    def token_span(start: int, end: int) -> tuple[int, int] | None:
        inside = np.flatnonzero((starts < end) & (ends > start))
        return (first + int(inside[0]), first + int(inside[-1])) if len(inside) else None

    sentences = [(span[0], span[1] + 1) for span in (token_span(*place) for place in read.sentences) if span]
    last = int(ends[-1])
    answers = [span for span in (token_span(*place) for place in read.answers if place[1] <= last) if span]
    return Tokens(np.array(encoding.ids, np.int64), first, first + len(passage.ids), sentences, answers)


def batches(examples: Sequence[Encoded], n_passages: int, tokens: int, seed: int, alone: float = 0.0) -> "Batches":
    """Batch examples of similar lengths, with a bounded number of tokens, in random order.

    For each example with an answer, some wrong passages are drawn, better ranked ones more often. One without an answer is
    read with a single passage, the one that seems to answer, from which there is most to learn.

    Args:
        examples: with and without an answer.
        n_passages: passages of an example with an answer.
        tokens: the most tokens of a batch, padding included.
        seed: the source of randomness.
        alone: share of the examples with an answer that are read with their own passage alone.
    """
    draw = random.Random(seed)
    several: list[Encoded] = []
    single: list[Sequence[Tokens]] = []
    for each in examples:
        if each.right and alone and draw.random() < alone:
            single.append([each.right])
        elif each.right:
            several.append(each)
    answered = _group([_draw_passages(each, n_passages, draw) for each in several], n_passages, tokens, draw)
    by_themselves = _group(single, 1, tokens, draw)
    unanswered = _group([[each.wrong[0]] for each in examples if not each.right], 1, tokens, draw)
    groups = [(group, n_passages) for group in answered] + [(group, 1) for group in [*by_themselves, *unanswered]]
    draw.shuffle(groups)
    return Batches(groups)


def _group(drawn: Sequence[Sequence[Tokens]], n_passages: int, tokens: int, draw: random.Random) -> list[list[Tokens]]:
    """Group the passages of examples of similar lengths, with at most `tokens` tokens in a group."""
    lengths = [max(len(passage.ids) for passage in passages) for passages in drawn]
    order = sorted(range(len(drawn)), key=lambda at: lengths[at] + draw.random() * 16)
    groups: list[list[int]] = [[]]
    for at in order:
        longest = max([lengths[at], *(lengths[other] for other in groups[-1])])
        if groups[-1] and (len(groups[-1]) + 1) * n_passages * longest > tokens:
            groups.append([])
        groups[-1].append(at)
    return [[passage for at in group for passage in drawn[at]] for group in groups if group]


class Batches(Sequence[Batch]):
    """A sequence of batches, each built on access."""

    def __init__(self, groups: Sequence[tuple[Sequence[Tokens], int]]) -> None:
        """Take the passages of each batch, and how many of them belong to a question."""
        self._groups = groups

    def __len__(self) -> int:
        return len(self._groups)

    def __getitem__(self, at: int) -> Batch:  # type: ignore[override]
        return _build_batch(*self._groups[at])


def _draw_passages(example: Encoded, n: int, draw: random.Random) -> list[Tokens]:
    """Draw the passage that answers and some of those that do not."""
    assert example.right is not None
    drawn, wrong = [example.right], list(example.wrong)
    weights = [1 / (rank + 1) for rank in range(len(wrong))]
    while len(drawn) < n and wrong:
        at = draw.choices(range(len(wrong)), weights)[0]
        drawn.append(wrong.pop(at))
        weights.pop(at)
    return drawn + [drawn[-1]] * (n - len(drawn))  # a tiny library may have fewer


def _build_batch(passages: Sequence[Tokens], n_passages: int) -> Batch:
    longest = max(len(each.ids) for each in passages)
    most = max(max(len(each.sentences), 1) for each in passages)
    ids, mask = torch.zeros((2, len(passages), longest), dtype=torch.long)
    inside, starts, ends = torch.zeros((3, len(passages), longest), dtype=torch.bool)
    means = torch.zeros((len(passages), most, longest))
    answering = torch.zeros((len(passages), most), dtype=torch.bool)
    for row, each in enumerate(passages):
        n = len(each.ids)
        ids[row, :n], mask[row, :n], inside[row, each.first : each.end] = torch.from_numpy(each.ids), 1, True
        for at, (begin, end) in enumerate(each.sentences):
            means[row, at, begin:end] = 1 / (end - begin)
        for begin, last in each.answers:
            starts[row, begin], ends[row, last] = True, True
            for at, (sentence, end) in enumerate(each.sentences):
                answering[row, at] |= sentence <= begin < end
    return Batch(n_passages, ids, mask, inside, starts, ends, means, answering)
