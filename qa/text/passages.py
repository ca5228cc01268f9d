"""Passage spans: windows of whole sentences that fit in one forward pass of the encoder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from embeddings import PassageText
from qa.text.sentences import split_sentences, trim
from qa.types.articles import SetAside, Span

_CHARACTERS_PER_TOKEN = 8  # at most; a tokenizer makes one token of the longest "word", but no reader can read it
_FULL_ENOUGH = 0.6  # of the size, from which a passage ends rather with its paragraph than later in the next

TokenCounter = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True)
class Window:
    """A passage before it is stored: places in the article, and the string that is encoded for it."""

    sentences: tuple[Span, ...]
    encoded: PassageText

    @cached_property
    def start(self) -> int:
        return self.sentences[0].start

    @cached_property
    def end(self) -> int:
        return self.sentences[-1].end


def chunk(text: str, set_aside: Sequence[SetAside], count_tokens: TokenCounter, size: int) -> list[Window]:
    """Cut a text into passages of whole sentences, leaving out what was set aside.

    Args:
        count_tokens: the encoder's own count, without special tokens.
        size: tokens a passage may have; a sentence longer than that is cut into pieces, so nothing is lost.
    """
    windows: list[Window] = []
    for run in _runs(text, _fitting(text, quotable_sentences(text, set_aside), count_tokens, size), size):
        windows.extend(_windows(text, run, count_tokens, size))
    return windows


def quotable_sentences(text: str, set_aside: Sequence[SetAside]) -> Iterator[Span]:
    """The sentences, trimmed, less the places set aside; only those with a letter or digit in them."""
    places = iter(sorted(set_aside, key=lambda place: place.start))
    place = next(places, None)
    for sentence in split_sentences(text):
        start = sentence.start
        while place and place.start < sentence.end:
            yield from _if_it_says_something(text, start, place.start)
            start = max(start, place.end)
            if place.end > sentence.end:
                break  # it goes on in the next sentence
            place = next(places, None)
        yield from _if_it_says_something(text, start, sentence.end)


def _if_it_says_something(text: str, start: int, end: int) -> Iterator[Span]:
    if start < end:
        span = trim(text, Span(start, end))
        if any(character.isalnum() for character in text[span.start : span.end]):
            yield span


def _fitting(text: str, sentences: Iterable[Span], count_tokens: TokenCounter, size: int) -> Iterator[tuple[Span, int]]:
    """The sentences, those that are too long in pieces, each with its tokens."""
    from semantic_text_splitter import TextSplitter

    def measure(piece: str) -> int:
        return max(count_tokens([piece])[0], -(-len(piece) // _CHARACTERS_PER_TOKEN))

    sentences = list(sentences)
    counts = count_tokens([text[sentence.start : sentence.end] for sentence in sentences]) if sentences else []
    for sentence, count in zip(sentences, counts, strict=True):
        if count <= size and sentence.end - sentence.start <= size * _CHARACTERS_PER_TOKEN:
            yield sentence, count
            continue
        pieces = TextSplitter.from_callback(measure, size).chunk_indices(text[sentence.start : sentence.end])
        for (offset, piece), of_piece in zip(pieces, count_tokens([piece for _, piece in pieces]), strict=True):
            yield Span(sentence.start + offset, sentence.start + offset + len(piece)), of_piece


def _runs(text: str, sentences: Iterable[tuple[Span, int]], size: int) -> Iterator[list[Span]]:
    """Fill passages in order, ending one at a blank line when it is full enough."""
    run: list[Span] = []
    used = 0
    for sentence, count in sentences:
        new_paragraph = bool(run) and text.count("\n", run[-1].end, sentence.start) >= 2
        if run and (used + count > size or (new_paragraph and used >= _FULL_ENOUGH * size)):
            yield run
            run, used = [], 0
        run.append(sentence)
        used += count
    if run:
        yield run


def _windows(text: str, run: list[Span], count_tokens: TokenCounter, size: int) -> Iterator[Window]:
    """One window, or two where the joined sentences have more tokens than they had one by one."""
    encoded = join_sentences([text[sentence.start : sentence.end] for sentence in run])
    if len(run) > 1 and count_tokens([encoded.text])[0] > size:
        yield from _windows(text, run[: len(run) // 2], count_tokens, size)
        yield from _windows(text, run[len(run) // 2 :], count_tokens, size)
    else:
        yield Window(tuple(run), encoded)


def join_sentences(sentences: Sequence[str]) -> PassageText:
    """What is encoded for a passage of these sentences."""
    places, at = [], 0
    for sentence in sentences:
        places.append((at, at + len(sentence)))
        at += len(sentence) + 1
    return PassageText(" ".join(sentences), tuple(places))
