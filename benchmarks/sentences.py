"""Measure how many sentences are cut rightly, in twelve languages: `python -m benchmarks.sentences`.

Data: `benchmarks/data/sentences/LANGUAGE.txt`, written for this: one sentence a line, a blank line between paragraphs. The
lines of a paragraph are joined, and a sentence is right if one that is cut begins and ends where it does. Beside it stand
pysbd and syntok, where they are installed (`pip install '.[bench]'`). pysbd is told the language, and that Portuguese
and Swedish, for which it has no rules, are English. syntok takes none. Pullquote is not told: it cuts
all paragraphs of a language as one article. `--wrong` lists no mistakes in a third of the paragraphs, chosen by checksum. They
are no clean test: `docs/results/sentences.md` says why. `--held-out` cuts `benchmarks/data/sentences_held_out` instead, which
was written and committed before it was first cut. Do not list its mistakes, and do not mend rules by it.
"""

import argparse
import hashlib
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from qa.text.sentences import split_sentences, trim
from qa.types.articles import Span

DATA = Path(__file__).parent / "data" / "sentences"
HELD_OUT = DATA.with_name("sentences_held_out")
_UNSPACED = ("ja", "zh")
_PYSBD = {"pt": "en", "sv": "en"}  # it has no rules for these
Splitter = Callable[[str, str], Sequence[tuple[int, int]]]  # text and language -> spans


def main() -> None:
    """Print the share of sentences that are cut rightly, in the paragraphs seen and unseen."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    choice = options.add_mutually_exclusive_group()
    choice.add_argument("--wrong", action="store_true", help="list what Pullquote cuts wrongly in the paragraphs seen")
    choice.add_argument("--held-out", action="store_true", help="cut the set that no rule was written with")
    chosen = options.parse_args()
    splitters: dict[str, Splitter] = {"Pullquote": cut_by_pullquote}
    splitters |= {name: splitter for name, splitter in _PEERS.items() if find_spec(name)}
    unseen = [] if chosen.held_out else [f"{name}, unseen" for name in splitters]
    table = Table("language", "sentences", *splitters, *unseen, box=None, pad_edge=False)
    totals: list[list[bool]] = [[] for _ in range(len(splitters) + len(unseen))]
    for path in sorted((HELD_OUT if chosen.held_out else DATA).glob("*.txt")):
        language, paragraphs = path.stem, read(path)
        seen = [is_seen(paragraph) for paragraph in paragraphs for _ in paragraph]
        columns = [judge(paragraphs, language, splitter) for splitter in splitters.values()]
        if unseen:
            columns += [[fit for fit, known in zip(right, seen, strict=True) if not known] for right in columns]
        for total, column in zip(totals, columns, strict=True):
            total.extend(column)
        table.add_row(language, str(len(seen)), *(f"{sum(column) / len(column):.3f}" for column in columns))
        if chosen.wrong:
            _list_wrong(paragraphs, columns[0], seen)
    table.add_row("all", str(len(totals[0])), *(f"{sum(column) / len(column):.3f}" for column in totals))
    Console(width=128).print(table)


def read(path: Path) -> list[list[str]]:
    """Read the paragraphs of a file, each a list of sentences."""
    return [paragraph.split("\n") for paragraph in path.read_text("utf-8").strip().split("\n\n")]


def is_seen(paragraph: Sequence[str]) -> bool:
    """Tell whether a paragraph is among the two thirds that the rules were written with."""
    return hashlib.sha256("\n".join(paragraph).encode()).digest()[0] % 3 != 0


def judge(paragraphs: Sequence[Sequence[str]], language: str, splitter: Splitter) -> list[bool]:
    """Tell of each sentence whether a splitter cuts it at both ends."""
    space = "" if language in _UNSPACED else " "
    text, places = "", []
    for paragraph in paragraphs:
        for number, sentence in enumerate(paragraph):
            text += space if number else ""
            places.append((len(text), len(text) + len(sentence)))
            text += sentence
        text += "\n\n"
    spans = {trim(text, Span(*span)) for span in splitter(text, language)}
    return [Span(*place) in spans for place in places]


def _list_wrong(paragraphs: Sequence[Sequence[str]], right: Sequence[bool], seen: Sequence[bool]) -> None:
    sentences = (sentence for paragraph in paragraphs for sentence in paragraph)
    for sentence, fits, known in zip(sentences, right, seen, strict=True):
        if known and not fits:
            print(sentence)


def cut_by_pullquote(text: str, language: str) -> Sequence[tuple[int, int]]:
    """Return Pullquote's sentences. It tells the language by itself."""
    return [(span.start, span.end) for span in split_sentences(text)]


def _pysbd(text: str, language: str) -> Sequence[tuple[int, int]]:
    import pysbd

    segmenter: Any = pysbd.Segmenter(language=_PYSBD.get(language, language), clean=False, char_span=True)
    spans = []
    for start, end in _lines(text):
        spans += [(start + each.start, start + each.end) for each in segmenter.segment(text[start:end])]
    return spans


def _syntok(text: str, language: str) -> Sequence[tuple[int, int]]:
    from syntok import segmenter
    from syntok.tokenizer import Tokenizer

    spans = []
    for start, end in _lines(text):
        for sentence in segmenter.segment(Tokenizer().tokenize(text[start:end])):
            last = sentence[-1]
            spans.append((start + sentence[0].offset, start + last.offset + len(last.value)))
    return spans


def _lines(text: str) -> list[tuple[int, int]]:
    """Return the spans of lines, since neither of the peers may be given more than a paragraph."""
    lines, start = [], 0
    for line in text.splitlines(keepends=True):
        lines.append((start, start + len(line)))
        start += len(line)
    return lines


_PEERS: dict[str, Splitter] = {"pysbd": _pysbd, "syntok": _syntok}


if __name__ == "__main__":
    main()
