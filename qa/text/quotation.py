"""Where a quote must begin and end so that no quotation is cut and no "he said" is left hanging."""

import re
from collections.abc import Callable, Sequence

from qa.types.articles import Span

LONGEST_QUOTE = 600  # characters; a sentence is quoted alone rather than made longer than this

_MARKS = re.compile(r"[\"“”„«»]")
_OPENING, _CLOSING = "“„«", "”»"
SAID = "said|says|told|tells|added|adds|asked|replied|wrote|writes|explained|shouted|cried|warned|insisted|recalled|joked"
_WHO = r"(?:he|she|they|it|we|I|(?:the|a|an|one)(?:\s+[a-z]+){1,3}|(?:[A-Z][\w.’'-]*\s*){1,4})"
_ATTRIBUTION = re.compile(rf"^(?:{_WHO}\s+(?:later\s+|then\s+)?(?:{SAID})\b|(?:{SAID})\s+[A-Z])[^\"“”]{{0,60}}$")


def extend_to_quotation(text: str, sentence: Span, sentences: Callable[[], Sequence[Span]]) -> Span:
    """The sentence, with those around it that complete a quotation it cuts or say who speaks.

    Args:
        sentences: asked for the sentences around, in order, only when one of them is needed or may be.
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


def _paragraph(text: str, sentence: Span) -> Span:
    """The text between the blank lines around a sentence, not looked for further than a quote may reach."""
    low, high = max(0, sentence.start - LONGEST_QUOTE), min(len(text), sentence.end + LONGEST_QUOTE)
    before = [match.end() for match in re.finditer(r"\n\s*\n", text[low : sentence.start])]
    after = re.search(r"\n\s*\n", text[sentence.end : high])
    return Span(low + before[-1] if before else low, sentence.end + after.start() if after else high)


def _completed(text: str, sentences: Sequence[Span], at: int) -> tuple[int, int]:
    """First and last of the sentences that the quotation around or in sentence `at` runs over."""
    opened_in: int | None = None  # the sentence that opened the quotation we are in
    first = last = at
    for index, sentence in enumerate(sentences):
        if index == at and opened_in is not None:
            first = opened_in
        for mark in _MARKS.findall(text, sentence.start, sentence.end):
            opens = mark in _OPENING or (mark not in _CLOSING and opened_in is None)
            opened_in = index if opens else None
        if index >= at:
            last = index  # a quotation that is never closed ends with its paragraph
            if opened_in is None:
                break
    return first, last


def _hangs(text: str, quotation: Span, after: Span) -> bool:
    """Whether a sentence only says who spoke the quotation before it."""
    spoken, words = text[quotation.start : quotation.end], text[after.start : after.end]
    return spoken[-1] in '"”»' and len(words) <= 80 and bool(_ATTRIBUTION.match(words))
