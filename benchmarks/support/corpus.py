"""Generated articles in any number, the same from the same seed, with word frequencies like those of a language.

Function words are English, with about their usual shares. Content words are made of syllables and follow the Zipf–Mandelbrot
law. Every article has a topic, whose words and names it prefers.

Articles come in blocks. One number decides a block's shape: the number and length of its sentences, and its topics. Another
decides its words. Blocks of one shape have as many passages and sentences, so that one can take the vectors of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

ARTICLES = 256  # in a block
PASSAGE_WORDS = 80  # at most, so that the encoder reads a passage whole: a made-up word has several tokens
_VOCABULARY, _NAMES, _NUMBERS = 200_000, 20_000, 2_500
_TOPICS, _TOPIC_WORDS, _TOPIC_NAMES = 500, 200, 24
_ONSETS = (*"bcdfghjklmnprstvw", "ch", "pr", "qu", "sh", "sl", "st", "tr")
_VOWELS = ("a", "e", "i", "o", "u", "a", "e", "i", "o", "ai", "ea", "ou")
_CODAS = ("", "", "", "n", "r", "s", "t", "l", "m", "nd", "rk", "ck")
# Per cent of all running words, rounded from counts of American English.
_SHARES = """
the 6.9 of 3.6 and 2.8 to 2.6 a 2.3 in 2.1 that 1.05 is 1.0 was .98 he .95 for .93 it .87 with .72 as .71 his .69 on .66
be .63 at .53 by .52 this .51 had .51 not .45 are .43 but .43 from .43 or .41 have .39 an .37 they .36 which .35 one .32
were .32 her .3 all .29 she .28 there .27 would .27 their .26 we .26 him .26 been .24 has .24 when .23 who .22 will .22
more .22 no .22 if .21 out .2 so .19 up .19 into .18 than .18
"""
_FUNCTION_WORDS = dict(zip(_SHARES.split()[::2], map(float, _SHARES.split()[1::2]), strict=True))
_TOPICAL, _NUMERIC = 0.18, 0.02  # shares of the running words; the rest is drawn from the whole vocabulary

Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class GeneratedArticle:
    """An article of passages, each a paragraph of sentences."""

    source: str
    passages: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """The text of the article's file."""
        return "\n\n".join(" ".join(sentences) for sentences in self.passages) + "\n"


class Corpus:
    """All articles of a seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def block(self, number: int, shape: int | None = None) -> list[GeneratedArticle]:
        """Generate the articles of a block.

        Args:
            number: decides the words.
            shape: decides the number and lengths of sentences and the topics. By default `number`.
        """
        draw = np.random.default_rng([self.seed, 1, number if shape is None else shape])
        n_sentences = np.clip(np.rint(draw.lognormal(2.35, 0.6, ARTICLES)), 3, 30).astype(np.int64)
        lengths = np.clip(np.rint(draw.lognormal(2.75, 0.45, int(n_sentences.sum()))), 4, 45).astype(np.int64)
        topics = np.repeat(draw.integers(_TOPICS, size=ARTICLES), np.add.reduceat(lengths, _starts(n_sentences)))
        words = self._words[self._draw(np.random.default_rng([self.seed, 2, number]), topics)].tolist()
        sentences = [_sentence(words[start:end]) for start, end in pairwise(accumulate(lengths.tolist(), initial=0))]
        articles = []
        for index, (start, end) in enumerate(pairwise(accumulate(n_sentences.tolist(), initial=0))):
            passages = _passages(sentences[start:end], lengths[start:end].tolist())
            articles.append(GeneratedArticle(f"generated/{number:06d}/{index:03d}.txt", passages))
        return articles

    def articles(self, count: int) -> list[GeneratedArticle]:
        """Generate the first articles."""
        blocks = -(-count // ARTICLES)
        return [article for number in range(blocks) for article in self.block(number)][:count]

    def _draw(self, draw: np.random.Generator, topics: Numbers) -> Numbers:
        kinds = draw.random(len(topics))
        share = sum(_FUNCTION_WORDS.values()) / 100
        where = draw.random(len(topics))
        ids = len(_FUNCTION_WORDS) + np.searchsorted(self._content_shares, where)
        function = kinds < share
        ids[function] = np.searchsorted(self._function_shares, where[function])
        topical = ~function & (kinds < share + _TOPICAL)
        ids[topical] = self._topics[topics[topical], np.searchsorted(self._topic_shares, where[topical])]
        numeric = kinds > 1 - _NUMERIC
        ids[numeric] = len(self._words) - 1 - (where[numeric] * _NUMBERS).astype(np.int64)
        return ids

    @cached_property
    def _words(self) -> np.ndarray[Any, np.dtype[np.object_]]:
        """Function words, content words by falling frequency, names, and numbers."""
        draw = np.random.default_rng([self.seed, 0])
        content = _make_words(draw, _VOCABULARY + _NAMES, taken=set(_FUNCTION_WORDS))
        names = [word.capitalize() for word in content[_VOCABULARY:]]
        numbers = [str(number) for number in range(2, _NUMBERS + 2)]
        return np.array([*_FUNCTION_WORDS, *content[:_VOCABULARY], *names, *numbers], dtype=object)

    @cached_property
    def _topics(self) -> Numbers:
        """The words of each topic, the most frequent first: words of medium rank, and some names."""
        draw = np.random.default_rng([self.seed, 3])
        first = len(_FUNCTION_WORDS)
        words = first + draw.integers(100, 30_000, size=(_TOPICS, _TOPIC_WORDS))
        names = draw.integers(_TOPIC_WORDS, size=(_TOPICS, _TOPIC_NAMES))
        words[np.arange(_TOPICS)[:, None], names] = first + _VOCABULARY + draw.integers(_NAMES, size=names.shape)
        return words

    @cached_property
    def _function_shares(self) -> Any:
        return _cumulate(np.array(list(_FUNCTION_WORDS.values())))

    @cached_property
    def _content_shares(self) -> Any:
        return _cumulate(1 / (np.arange(1, _VOCABULARY + 1) + 30) ** 1.05)

    @cached_property
    def _topic_shares(self) -> Any:
        return _cumulate(1 / (np.arange(1, _TOPIC_WORDS + 1) + 2.7))


def questions(articles: Sequence[GeneratedArticle], count: int, seed: int) -> list[str]:
    """Generate questions, each about content words of one sentence of the articles."""
    draw = np.random.default_rng([seed, 4])
    generated: list[str] = []
    while len(generated) < count:
        passages = articles[int(draw.integers(len(articles)))].passages
        sentences = passages[draw.integers(len(passages))]
        words = sentences[draw.integers(len(sentences))].rstrip(".").split()
        content = [word for word in dict.fromkeys(words) if word.lower() not in _FUNCTION_WORDS]
        if len(content) >= 3:
            chosen = [content[place] for place in sorted(draw.permutation(len(content))[:4])]
            generated.append(f"Which {chosen[0]} was the {' '.join(chosen[1:-1])} of {chosen[-1]}?")
    return generated


def _starts(counts: Numbers) -> Numbers:
    return np.concatenate(([0], np.cumsum(counts)[:-1]))


def _cumulate(weights: Any) -> Any:
    cumulated = np.cumsum(weights)
    return cumulated[:-1] / cumulated[-1]  # without the last, so that no draw lies beyond it


def _sentence(words: list[str]) -> str:
    joined = " ".join(words)
    return joined[0].upper() + joined[1:] + "."


def _passages(sentences: list[str], lengths: list[int]) -> tuple[tuple[str, ...], ...]:
    passages: list[tuple[str, ...]] = []
    start, words = 0, 0
    for index, length in enumerate(lengths):
        if words + length > PASSAGE_WORDS:
            passages.append(tuple(sentences[start:index]))
            start, words = index, 0
        words += length
    return (*passages, tuple(sentences[start:]))


def _make_words(draw: np.random.Generator, count: int, taken: set[str]) -> list[str]:
    """Make distinct words of syllables. Short ones tend to come first, as frequent words are short in a language."""
    syllables = np.array([onset + vowel + coda for onset in _ONSETS for vowel in _VOWELS for coda in _CODAS], dtype=object)
    words: dict[str, None] = {}
    while len(words) < count:
        n_syllables = 1 + draw.binomial(3, min(0.2 + 0.6 * len(words) / count, 0.8), 10_000)
        parts = syllables[draw.integers(len(syllables), size=(10_000, 4))]
        for row, n in zip(parts.tolist(), n_syllables.tolist(), strict=True):
            word = "".join(row[:n])
            if word not in taken:
                words[word] = None
    return list(words)[:count]
