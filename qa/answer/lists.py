"""The lead-in of a list item: "The following are banned:" some items above."""

import re
from collections.abc import Callable, Sequence

from qa.text.sentences import split, trimmed
from qa.types.articles import Span

_MARKER = re.compile(r"(?:[-*+•·‣◦–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+")
_STOP = re.compile(r"[.!?…。！？]['\"”’)\]]*$")
_FURTHEST = 5_000  # code points that are looked back over
_LONGEST_ITEM = 200  # code points of a line without a marker that may still be an item


def lead_in(text: str, quote: Span, sentences: Callable[[], Sequence[Span]]) -> Span | None:
    """The sentence that introduces the list in which a quote is an item; None where it is none.

    An item begins with a bullet, a number or a letter, or is a short line without a full stop. Between an item and its
    lead-in, which ends with a colon, stand only other items and blank lines.

    Args:
        sentences: asked for the sentences around where a lead-in is found.
    """
    line_start = _line_start(text, quote.start)
    if text[line_start : quote.start].strip() or not (_is_marked(text, quote.start) or _is_bare(text[quote.start : quote.end])):
        return None
    marked = _is_marked(text, quote.start)
    indent = quote.start - line_start
    at = line_start
    while at > 0 and quote.start - at < _FURTHEST:
        end, at = at - 1, _line_start(text, at - 1)
        line = text[at:end].rstrip()
        bare = line.lstrip()
        if not bare:
            continue
        begin = at + len(line) - len(bare)
        is_item = _is_marked(text, begin)
        if bare.endswith((":", "：")) and not (is_item and begin - at >= indent):
            return _last_sentence(text, Span(begin, at + len(line)), sentences())
        if not (is_item if marked else _is_bare(bare)) and not (marked and begin - at > indent):
            return None  # neither an item nor the rest of one, which is indented
    return None


def _is_marked(text: str, at: int) -> bool:
    return _MARKER.match(text, at) is not None


def _is_bare(line: str) -> bool:
    return len(line) <= _LONGEST_ITEM and "\n" not in line and not _STOP.search(line) and not line.endswith((":", "："))


def _line_start(text: str, at: int) -> int:
    """Where the line that holds a place begins, or how far it is looked for."""
    low = max(0, at - _FURTHEST)
    return max(low, text.rfind("\n", low, at) + 1)


def _last_sentence(text: str, line: Span, sentences: Sequence[Span]) -> Span:
    """The sentence that a line ends with; it may begin in a line before."""
    known = next((each for each in sentences if each.end == line.end), None)
    if known:
        return known
    last = split(text[line.start : line.end])[-1]
    return trimmed(text, Span(line.start + last.start, line.start + last.end))
