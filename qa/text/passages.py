"""Cut texts into passages: windows of whole sentences that fit in one forward pass of the encoder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from embeddings import PassageText
from qa.text.sentences import split_sentences, trim
from qa.types.articles import SetAside, Span

_CHARACTERS_PER_TOKEN = 8  # at most; some tokenizers make one token of any "word", but a passage must stay readable
_FULL_ENOUGH = 0.6  # share of the size; a passage this full ends with its paragraph

TokenCounter = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True)
class Window:
    """A passage before it is stored: the spans of its sentences in the article, and the text to encode."""

    sentences: tuple[Span, ...]
    encoded: PassageText

    @cached_property
    def start(self) -> int:
        return self.sentences[0].start

    @cached_property
    def end(self) -> int:
        return self.sentences[-1].end


def chunk(text: str, set_aside: Sequence[SetAside], count_tokens: TokenCounter, size: int) -> list[Window]:
    """Cut a text into passages of whole sentences, without the spans set aside.

    Args:
        count_tokens: counts each text's tokens with the encoder's tokenizer, without special tokens.
        size: the most tokens in a passage. A longer sentence is cut into pieces, so no text is lost.
    """
    windows: list[Window] = []
    for run in _runs(text, _fitting(text, quotable_sentences(text, set_aside), count_tokens, size), size):
        windows.extend(_windows(text, run, count_tokens, size))
    return windows


def quotable_sentences(text: str, set_aside: Sequence[SetAside]) -> Iterator[Span]:
    """Yield the trimmed sentences outside the spans set aside. Those without a letter or digit are skipped."""
    places = iter(sorted(set_aside, key=lambda place: place.start))
    place = next(places, None)
    for sentence in split_sentences(text):
        start = sentence.start
        while place and place.start < sentence.end:
            yield from _if_it_says_something(text, start, place.start)
            start = max(start, place.end)
            if place.end > sentence.end:
                break  # it continues in the next sentence
            place = next(places, None)
        yield from _if_it_says_something(text, start, sentence.end)


def _if_it_says_something(text: str, start: int, end: int) -> Iterator[Span]:
    if start < end:
        span = trim(text, Span(start, end))
        if any(character.isalnum() for character in text[span.start : span.end]):
            yield span


def _fitting(text: str, sentences: Iterable[Span], count_tokens: TokenCounter, size: int) -> Iterator[tuple[Span, int]]:
    """Yield sentences with their numbers of tokens, cutting those that are too long into pieces."""
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
    """Yield runs of sentences that fill a passage each. A run that is full enough ends at a blank line."""
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
    """Yield a run as one window, or split it if the joined sentences have more tokens than the sum of each."""
    encoded = join_sentences([text[sentence.start : sentence.end] for sentence in run])
    if len(run) > 1 and count_tokens([encoded.text])[0] > size:
        yield from _windows(text, run[: len(run) // 2], count_tokens, size)
        yield from _windows(text, run[len(run) // 2 :], count_tokens, size)
    else:
        yield Window(tuple(run), encoded)


def join_sentences(sentences: Sequence[str]) -> PassageText:
    """Join sentences with spaces into the text to encode, and record where each stands in it."""
    places, at = [], 0
    for sentence in sentences:
        places.append((at, at + len(sentence)))
        at += len(sentence) + 1
    return PassageText(" ".join(sentences), tuple(places))
