"""The plain text of a message: its lines as paragraphs, and which of it is quoted from others or a signature."""

import re
from collections.abc import Iterable, Iterator

from qa.types.articles import SetAside

_WRAPPED = range(50, 82)  # characters of a line that a mail program broke
_LIST = re.compile(r"\s*(?:[-*•·+]|\d{1,3}[.)]|[a-zA-Z][.)])\s")
_QUOTED = re.compile(r" ?>")
_ORIGINAL = re.compile(
    r"^[ \t]*(?:-{2,}\s*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine)\s*-{2,}"
    r"|_{20,}\n+From:)",
    re.M | re.I,
)
_WROTE = re.compile(r"^[ \t]*(?:On|Am|Le|El)\b[^\n]{5,200}(?:wrote|schrieb[^\n]*|a écrit|escribió)\s*:[ \t]*$", re.M)
_DASHES = "-- "  # above a signature, RFC 3676
_SIGNATURE = re.compile(r"^-- ?$", re.M)


def rewrapped(text: str, *, flowed: bool) -> str:
    """A text with the lines of a paragraph as one, where a mail program broke them.

    Args:
        flowed: whether a space at a line's end says that it goes on, RFC 3676; else lines of a usual length are taken to.
    """
    lines = text.split("\n")
    made: list[str] = []
    goes_on = False
    for number, line in enumerate(lines):
        bare = line if flowed or line == _DASHES else line.rstrip()
        if goes_on and bare.strip() and not _QUOTED.match(bare) and not _LIST.match(bare):
            made[-1] = f"{made[-1].rstrip()} {bare.lstrip()}"
        else:
            made.append(bare)
        following = lines[number + 1] if number + 1 < len(lines) else ""
        goes_on = _goes_on(line) if flowed else _was_broken(bare, following)
    return "\n".join(line if line == _DASHES else line.rstrip() for line in made)


def _goes_on(line: str) -> bool:
    """Whether a line that a mail program marked is only the beginning of one."""
    return line.endswith(" ") and line != _DASHES and not _QUOTED.match(line)


def _was_broken(line: str, following: str) -> bool:
    """Whether a line ends where the next word would have made it too long."""
    first_word = len(following.split(maxsplit=1)[0]) if following.strip() else 0
    return (
        bool(first_word)
        and len(line) in _WRAPPED
        and len(line) + 1 + first_word > _WRAPPED.start + 15
        and not _QUOTED.match(line)
        and line != _DASHES
    )


def parts_set_aside(text: str, already: Iterable[SetAside]) -> Iterator[SetAside]:
    """Messages quoted in a text and its signature, less what is set aside already."""
    taken = list(already)
    whole = _ORIGINAL.search(text)  # all below is an earlier message
    found = [SetAside(whole.start(), len(text), "quoted message")] if whole else [*_quoted(text)]
    end = whole.start() if whole else len(text)
    signature = _SIGNATURE.search(text, 0, end)
    if signature:
        stop = next((place.start for place in found if place.start > signature.start()), len(text))
        found.append(SetAside(signature.start(), len(text[:stop].rstrip()), "signature"))
    for place in sorted(found, key=lambda place: place.start):
        if place.start < place.end and not any(each.start < place.end and place.start < each.end for each in taken):
            taken.append(place)
            yield place


def _quoted(text: str) -> Iterator[SetAside]:
    """Runs of lines that begin with ">", each with the line above it that says who wrote them."""
    at, start, end = 0, -1, -1
    for line in text.splitlines(keepends=True):
        if _QUOTED.match(line):
            start = _said_by(text, at) if start < 0 else start
            end = at + len(line.rstrip())
        elif line.strip() and start >= 0:
            yield SetAside(start, end, "quoted message")
            start = -1
        at += len(line)
    if start >= 0:
        yield SetAside(start, end, "quoted message")


def _said_by(text: str, at: int) -> int:
    above = text[max(0, at - 400) : at].rstrip()
    match = next((match for match in _WROTE.finditer(above) if match.end() == len(above)), None)
    return max(0, at - 400) + match.start() if match else at
