"""Texts in Markdown that are read back to themselves: CommonMark 0.31, and `~`, `|` and `$` of its dialects."""

import re

_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$]")  # whatever stands before and after
_AT_LINE_START = re.compile(r"^(?:([#+=-])|(\d{1,9})([.)]))")
_LINE_BREAK = re.compile(r"\r\n|[\r\n\u2028\u2029]")


def inline(text: str) -> str:
    """A text within a line, what Markdown would take for its own escaped."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def line(text: str) -> str:
    """A line of a paragraph; white space at its ends, which Markdown would drop, as references to its characters."""
    bare = text.strip(" \t")
    if not bare:
        return ""
    begins = text[: len(text) - len(text.lstrip(" \t"))]
    ends = text[len(text.rstrip(" \t")) :]
    escaped = _AT_LINE_START.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", inline(bare))
    return f"{_referred(begins)}{escaped}{_referred(ends)}"


def block(text: str) -> str:
    """A text as a block quote that is read back to it line by line; a line break stays one."""
    lines = [line(each) for each in _LINE_BREAK.split(text)]
    broken = [f"{each}\\" if each and index + 1 < len(lines) and lines[index + 1] else each for index, each in enumerate(lines)]
    return "\n".join(f"> {each}".rstrip(" ") for each in broken)


def _referred(white: str) -> str:
    return "".join(f"&#{ord(character)};" for character in white)
