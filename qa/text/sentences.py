"""Sentence spans: a partition of the text, so that the pieces joined are the text again."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from qa.types.articles import Span

_LONGEST_LINE = 20_000  # code points given to the splitter at once; some splitters are quadratic, none is tested further
_WRAPPED = range(40, 101)  # code points in a line that an editor may have wrapped

# The splitter takes these for the end of a sentence.
_ABBREVIATION = re.compile(r"\b(?:Ft|Ms|Lt|Col|Gov|Sec|Mt|Rep|Maj|approx)\.\s*$")
_BEFORE_ZONE = re.compile(r"\b[ap]\.m\.\s*$")
_ZONE = re.compile(r"(?:[ECMP][SD]?T|GMT|UTC|BST|CET|CEST|IST|JST|KST|AEST)\b")
_ENDS_SENTENCE = re.compile(r"[.!?:;…。！？]['\"”’)\]]*\s*$")
_NUMBER = re.compile(r"\s*\(?\d{1,3}[.)]\s*")
_LONG_QUOTATION = 150  # code points of a sentence, from which the sentences spoken in it are told apart
_OPENING = re.compile(r"(?<=\s)[“„«‘(\[]\s*\Z")
_SPEECH = re.compile(r"(?P<mark>[\"“”„«»])|(?<=[\w)’'])[.!?]\s+(?=[A-Z])")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_STARTS_ITEM = re.compile(r"\s*(?:[-*+•·#>|]|\d{1,3}[.)]\s)")


def split_sentences(text: str) -> list[Span]:
    """Cut a text into sentences with the white space after them: `"".join(text[s.start:s.end])` is the text.

    A line break ends a sentence unless the line was merely wrapped.
    """
    spans: list[Span] = []
    for start, end in _blocks(text):
        spans.extend(_split_block(text, start, end))
    return spans


def trim(text: str, span: Span) -> Span:
    """The span without the white space at its ends."""
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, max(start, span.end - (len(piece) - len(piece.rstrip()))))


def ends_with_stop(sentence: str) -> bool:
    """Whether a sentence ends with a full stop or its like, before any closing quotation marks and brackets."""
    return bool(_ENDS_SENTENCE.search(sentence[-12:]))


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines in which sentences may go on from line to line; together they are the text."""
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
    """Whether this line goes on in the next: broken by an editor's margin and not by the writer."""
    line, after = lines[number], lines[number + 1]
    if len(line) not in _WRAPPED or not after or _STARTS_ITEM.match(after):
        return False
    return (after[0].islower() and not _ENDS_SENTENCE.search(line)) or _wraps_at_margin(lines, number)


def _wraps_at_margin(lines: list[str], number: int) -> bool:
    """Whether this line reaches the margin of a paragraph of three lines or more that were all wrapped at it."""
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

    # A wrapped line's break is a space to the splitter; one character for one, so that places stay.
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
    """The cut, moved before a quotation mark or bracket that opens what comes next."""
    opening = _OPENING.search(block, begin, cut)
    return opening.start() if opening and opening.start() > begin and cut < len(block) else cut


def _spoken(block: str, begin: int, end: int) -> Iterator[int]:
    """Where sentences end inside a quotation that the splitter left whole; a long one would be found for none of them.

    A quote is made whole again when it is shown.
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
    """Where the splitter ends sentences; the last cut is the block's end."""
    offset = 0
    while offset < len(block):
        piece = block[offset : offset + _LONGEST_LINE]
        found = [int(boundary["end_index"]) for boundary in boundaries("en", piece)]
        cuts = [cut for cut in found if 0 < cut < len(piece)]
        if offset + len(piece) == len(block) or not cuts:
            cuts.append(len(piece))  # else the piece's last sentence goes on in the next piece
        yield from (offset + cut for cut in cuts)
        offset += cuts[-1]


def _joined(block: str, begin: int, cut: int) -> bool:
    """Whether the splitter's cut falls inside a sentence."""
    if block[begin:cut].isspace() or _NUMBER.fullmatch(block, begin, cut):
        return True  # white space and a list item's number belong to the sentence that follows
    before = block[max(begin, cut - 40) : cut]
    return bool(_ABBREVIATION.search(before) or (_BEFORE_ZONE.search(before) and _ZONE.match(block, cut)))


def begins_paragraph(text: str, at: int) -> bool:
    """Whether what stands at a place, which is no white space, begins a paragraph."""
    end = at
    while end > 0 and text[end - 1].isspace():
        end -= 1
    return end == 0 or _apart(text, end, at)


def ends_paragraph(text: str, at: int) -> bool:
    """Whether what ends at a place ends its paragraph."""
    start = at
    while start < len(text) and text[start].isspace():
        start += 1
    return start == len(text) or _apart(text, at, start)


def _apart(text: str, end: int, start: int) -> bool:
    """Whether the white space from `end` to `start` is more than a space or a wrapped line's end."""
    breaks = len(_BREAK.findall(text, end, start))
    return breaks > 1 or (breaks == 1 and end - _line_start(text, end) not in _WRAPPED)


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
