"""The large letter that begins a text beside its first lines, joined with the word that it begins."""

import re
from collections.abc import Collection, Sequence

from embeddings.vocabulary import default_vocabulary
from qa.sources.formats.pdf.lines import Line

_CAP = re.compile(r"[\"'“„«‘¿¡]?[^\W\d_][\"'’”]?")
_WORD = re.compile(r"[^\W\d_]+")
_WORDS_OF_ONE_LETTER = ("A", "I", "O", "À", "É", "Y", "E")
_MAX_RANK = 20_000  # of a word; rarer tokens are names and parts of words
# Distances, as multiples of the font size of the letter
_LEAST_LARGER = 1.8  # than the text beside it
_NEAR = 0.6  # between it and the text beside it
_ABOVE = 1.1  # its baseline: the first line
_BELOW = 0.15  # its baseline: the last line beside it


def join_drop_caps(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the lines of each page, each drop cap joined with the first line beside it."""
    words = {word.lower() for page in pages for line in page for word in _WORD.findall(line.text)}
    return [_join_on_page(page, words) for page in pages]


def _join_on_page(lines: Sequence[Line], words: Collection[str]) -> list[Line]:
    joined = list(lines)
    for cap in [line for line in lines if _CAP.fullmatch(line.text) and not line.rule]:
        beside = [line for line in joined if _stands_beside(line, cap)]
        if not beside:
            continue
        first = max(beside, key=lambda line: line.y)
        for line in beside:
            begins = cap.text + _between(cap.text, line.text, words) if line is first else ""
            joined[_place(joined, line)] = line._replace(text=begins + line.text, x=cap.x)
        del joined[_place(joined, cap)]
    return joined


def _stands_beside(line: Line, cap: Line) -> bool:
    return (
        line.turn == cap.turn
        and cap.size >= _LEAST_LARGER * line.size
        and -0.3 * line.size <= line.x - cap.end <= _NEAR * cap.size
        and cap.y - _BELOW * cap.size <= line.y <= cap.y + _ABOVE * cap.size
    )


def _between(cap: str, text: str, words: Collection[str]) -> str:
    """Return what stands between a drop cap and the text: nothing, unless it is a word of its own.

    Args:
        words: of the document, in lower case.
    """
    word = _WORD.match(text)
    if not word:
        return "" if text[0] in "'’" else " "
    joined = (cap + word[0]).lower()
    if cap.upper() not in _WORDS_OF_ONE_LETTER or joined in words or joined in default_vocabulary():
        return ""
    is_word = default_vocabulary().get(word[0].lower(), _MAX_RANK) < _MAX_RANK
    return " " if is_word else ""


def _place(lines: Sequence[Line], line: Line) -> int:
    return next(index for index, other in enumerate(lines) if other is line)
