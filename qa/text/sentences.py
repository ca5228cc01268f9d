"""Split texts into sentences. The spans partition the text: joined in order, they are the text again."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from qa.types.articles import Span

_LONGEST_LINE = 20_000  # code points per call of the splitter, which may take quadratic time
_WRAPPED = range(40, 101)  # code points in a line that may have been wrapped at a margin

# The splitter wrongly ends a sentence after these.
_ABBREVIATION = re.compile(r"\b(?:Ft|Ms|Lt|Col|Gov|Sec|Mt|Rep|Maj|approx)\.\s*$")
_BEFORE_ZONE = re.compile(r"\b[ap]\.m\.\s*$")
_ZONE = re.compile(r"(?:[ECMP][SD]?T|GMT|UTC|BST|CET|CEST|IST|JST|KST|AEST)\b")
_ENDS_SENTENCE = re.compile(r"[.!?:;…。！？]['\"”’)\]]*\s*$")
_NUMBER = re.compile(r"\s*\(?\d{1,3}[.)]\s*")
_LONG_QUOTATION = 150  # code points; a sentence this long is also split inside its quotations
_OPENING = re.compile(r"(?<=\s)[“„«‘(\[]\s*\Z")
_SPEECH = re.compile(r"(?P<mark>[\"“”„«»])|(?<=[\w)’'])[.!?]\s+(?=[A-Z])")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_STARTS_ITEM = re.compile(r"\s*(?:[-*+•·#>|]|\d{1,3}[.)]\s)")


def split_sentences(text: str) -> list[Span]:
    """Split a text into sentences, each with the white space after it: `"".join(text[s.start:s.end])` is the text.

    A line break ends a sentence, except where a line was wrapped at a margin.
    """
    spans: list[Span] = []
    for start, end in _blocks(text):
        spans.extend(_split_block(text, start, end))
    return spans


def trim(text: str, span: Span) -> Span:
    """Return a span without the white space at its ends."""
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, max(start, span.end - (len(piece) - len(piece.rstrip()))))


def ends_with_stop(sentence: str) -> bool:
    """Tell whether a sentence ends with final punctuation, ignoring closing quotation marks and brackets."""
    return bool(_ENDS_SENTENCE.search(sentence[-12:]))


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of wrapped lines. The runs partition the text."""
    lines = text.splitlines(keepends=True)
    bare = [line.strip() for line in lines]
    start = at = 0
    for number, line in enumerate(lines):
        at += len(line)
        last = number + 1 == len(lines)
        if last or not _wraps(bare, number):
            yield start, at
            start = at


def _wraps(lines: list[str], number: int) -> bool:
    """Tell whether a line continues in the next, because it was wrapped at a margin and not ended by the author."""
    line, after = lines[number], lines[number + 1]
    if len(line) not in _WRAPPED or not after or _STARTS_ITEM.match(after):
        return False
    return (after[0].islower() and not _ENDS_SENTENCE.search(line)) or _wraps_at_margin(lines, number)


def _wraps_at_margin(lines: list[str], number: int) -> bool:
    """Tell whether a line is in a paragraph of at least three lines that are all wrapped at one margin."""
    first = number
    while first > 0 and lines[first - 1] and number - first < 12:
        first -= 1
    last = number + 1
    while last + 1 < len(lines) and lines[last + 1] and last - number < 12:
        last += 1
    paragraph = [len(line) for line in lines[first : last + 1]]
    margin = max(paragraph)
    full = paragraph[:-1] if last + 1 == len(lines) or not lines[last + 1] else paragraph
    return len(paragraph) >= 3 and margin <= max(_WRAPPED) and min(full) >= 0.7 * margin


def _split_block(text: str, start: int, end: int) -> Iterator[Span]:
    from sentencex import get_sentence_boundaries

    # The splitter must read a wrapped line's break as a space. One character replaces one, so that offsets stay.
    block = re.sub(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", " ", text[start:end])
    begin = 0
    for found in _cuts(block, get_sentence_boundaries):
        cut = _before_opening(block, begin, found)
        if cut == len(block) or not _joined(block, begin, cut):
            for inner in _spoken(block, begin, cut):
                yield Span(start + begin, start + inner)
                begin = inner
            yield Span(start + begin, start + cut)
            begin = cut


def _before_opening(block: str, begin: int, cut: int) -> int:
    """Move a cut before a quotation mark or bracket that opens the next sentence."""
    opening = _OPENING.search(block, begin, cut)
    return opening.start() if opening and opening.start() > begin and cut < len(block) else cut


def _spoken(block: str, begin: int, end: int) -> Iterator[int]:
    """Yield the ends of sentences inside long quotations, which the splitter keeps whole.

    A search would find none of the sentences in a long quotation. `extend_to_quotation` makes the quotation whole again
    before it is shown.
    """
    if end - begin < _LONG_QUOTATION:
        return
    quoted = False
    for mark in _SPEECH.finditer(block, begin, end):
        if mark.group("mark"):
            quoted = mark.group("mark") in "“„«" or (mark.group("mark") == '"' and not quoted)
        elif quoted and not _joined(block, begin, mark.end()):
            yield mark.end()
            begin = mark.end()


def _cuts(block: str, boundaries: Callable[[str, str], list[dict[str, Any]]]) -> Iterator[int]:
    """Yield the offsets where the splitter ends sentences. The last is the block's end."""
    offset = 0
    while offset < len(block):
        piece = block[offset : offset + _LONGEST_LINE]
        found = [int(boundary["end_index"]) for boundary in boundaries("en", piece)]
        cuts = [cut for cut in found if 0 < cut < len(piece)]
        if offset + len(piece) == len(block) or not cuts:
            cuts.append(len(piece))  # else the piece's last sentence continues in the next piece
        yield from (offset + cut for cut in cuts)
        offset += cuts[-1]


def _joined(block: str, begin: int, cut: int) -> bool:
    """Tell whether the splitter's cut falls inside a sentence."""
    if block[begin:cut].isspace() or _NUMBER.fullmatch(block, begin, cut):
        return True  # white space and a list item's number belong to the sentence that follows
    before = block[max(begin, cut - 40) : cut]
    return bool(_ABBREVIATION.search(before) or (_BEFORE_ZONE.search(before) and _ZONE.match(block, cut)))


def begins_paragraph(text: str, at: int) -> bool:
    """Tell whether a paragraph begins at an offset. The character there must not be white space."""
    end = at
    while end > 0 and text[end - 1].isspace():
        end -= 1
    return end == 0 or _apart(text, end, at)


def ends_paragraph(text: str, at: int) -> bool:
    """Tell whether a paragraph ends at an offset, which is the end of a span."""
    start = at
    while start < len(text) and text[start].isspace():
        start += 1
    return start == len(text) or _apart(text, at, start)


def _apart(text: str, end: int, start: int) -> bool:
    """Tell whether the white space from `end` to `start` separates paragraphs. The break of a wrapped line does not."""
    breaks = len(_BREAK.findall(text, end, start))
    return breaks > 1 or (breaks == 1 and end - _line_start(text, end) not in _WRAPPED)


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
