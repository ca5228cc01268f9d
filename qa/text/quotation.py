"""Extend quotes so that they contain whole quotations, and the words that name the speaker."""

import re
from collections.abc import Callable, Iterator, Sequence

from qa.types.articles import Span

LONGEST_QUOTE = 600  # characters; a sentence is not extended beyond this

_MARKS = re.compile(r"[\"“”„«»「」『』]")
_OPENING = "“„«「『"
_CLOSED_BY = {"„": "“”", "“": "”", "«": "»", "»": "«", "「": "」", "『": "』", '"': '"', "”": "”"}
SAID = "said|says|told|tells|added|adds|asked|replied|wrote|writes|explained|shouted|cried|warned|insisted|recalled|joked"
_WHO = r"(?:he|she|they|it|we|I|(?:the|a|an|one)(?:\s+[a-z]+){1,3}|(?:[A-Z][\w.’'-]*\s*){1,4})"
ATTRIBUTION = re.compile(rf"^(?:{_WHO}\s+(?:later\s+|then\s+)?(?:{SAID})\b|(?:{SAID})\s+[A-Z])[^\"“”]{{0,60}}$")


def extend_to_quotation(text: str, sentence: Span, sentences: Callable[[], Sequence[Span]]) -> Span:
    """Extend a sentence by its neighbours until it contains whole quotations and the words that name the speaker.

    Args:
        text: the article's text. All spans are offsets into it.
        sentences: returns the sentences around, in order. It is called only if the paragraph has quotation marks.

    Returns:
        The extended span, or the sentence itself if that would be longer than `LONGEST_QUOTE`.
    """
    paragraph = _paragraph(text, sentence)
    if not _MARKS.search(text, paragraph.start, paragraph.end):
        return sentence
    inside = [each for each in sentences() if paragraph.start <= each.start and each.end <= paragraph.end]
    if sentence not in inside:
        return sentence
    at = inside.index(sentence)
    first, last = _completed(text, inside, at)
    if last + 1 < len(inside) and _hangs(text, inside[last], inside[last + 1]):
        last += 1
    if first == at and at > 0 and _hangs(text, inside[at - 1], inside[at]):
        first, _ = _completed(text, inside, at - 1)
    whole = Span(inside[first].start, inside[last].end)
    return whole if whole.end - whole.start <= LONGEST_QUOTE else sentence


def follow_quotations(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield the place of each quotation mark, and the opening mark of the quotation that is open after it, or "".

    The mark that closes a German quotation opens an English one, and Swedish ones open and close with the same.
    """
    opened = ""
    for match in _MARKS.finditer(text, start, end):
        mark = match.group()
        if opened and mark in _CLOSED_BY[opened]:
            opened = ""
        elif mark in _OPENING or (not opened and (mark == '"' or (mark in "”»" and _begins_word(text, match.start())))):
            opened = mark
        yield match.start(), opened


def _begins_word(text: str, at: int) -> bool:
    """Tell whether white space or nothing stands before a mark, and a letter or number after it."""
    return (at == 0 or text[at - 1].isspace()) and text[at + 1 : at + 2].isalnum()


def is_within_marks(text: str, start: int, at: int) -> bool:
    """Tell whether a quotation or bracket that opens after `start`, and not far before a place, is still open there."""
    start = max(start, at - LONGEST_QUOTE)
    opened = [mark for _, mark in follow_quotations(text, start, at)][-1:]
    return any(opened) or text.count("(", start, at) > text.count(")", start, at)


def _paragraph(text: str, sentence: Span) -> Span:
    """Return the span between the blank lines around a sentence, searching no further than a quote may reach."""
    low, high = max(0, sentence.start - LONGEST_QUOTE), min(len(text), sentence.end + LONGEST_QUOTE)
    before = [match.end() for match in re.finditer(r"\n\s*\n", text[low : sentence.start])]
    after = re.search(r"\n\s*\n", text[sentence.end : high])
    return Span(low + before[-1] if before else low, sentence.end + after.start() if after else high)


def _completed(text: str, sentences: Sequence[Span], at: int) -> tuple[int, int]:
    """Return the indices of the first and last sentence of the quotation around or in sentence `at`."""
    opened_in: int | None = None  # index of the sentence that opened the current quotation
    first = last = at
    marks = follow_quotations(text, sentences[0].start, sentences[-1].end)
    place, opened = next(marks, (len(text), ""))
    for index, sentence in enumerate(sentences):
        if index == at and opened_in is not None:
            first = opened_in
        while place < sentence.end:
            opens = opened and (opened_in is None or text[place] in _OPENING)
            opened_in = index if opens else opened_in if opened else None
            place, opened = next(marks, (len(text), ""))
        if index >= at:
            last = index  # an unclosed quotation ends with its paragraph
            if opened_in is None:
                break
    return first, last


def _hangs(text: str, quotation: Span, after: Span) -> bool:
    """Tell whether a sentence only names the speaker of the quotation before it."""
    spoken, words = text[quotation.start : quotation.end], text[after.start : after.end]
    return spoken[-1] in '"”»“' and len(words) <= 80 and bool(ATTRIBUTION.match(words))
