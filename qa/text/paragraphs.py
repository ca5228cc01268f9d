"""Where paragraphs begin and end: at blank lines, and at the ends of lines that no margin has wrapped."""

import re

from qa.text.sentences import WRAPPED

_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


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
    return breaks > 1 or (breaks == 1 and end - _line_start(text, end) not in WRAPPED)


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
