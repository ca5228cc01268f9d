"""What others wrote in a message: earlier messages of a reply are set aside, forwarded ones are parts with their author.

Mail programs mark an earlier message with a line of dashes, with a block of its headers, with a line such as "On Monday Anna
wrote:", or with ">" before each line, in the language of their user (`phrases`).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Literal

from qa.sources.formats.mail import phrases
from qa.types.articles import Part, SetAside

Kind = Literal["forward", "reply"]

QUOTED, HEADER = "quoted message", "mail header"  # rules of places that are set aside
QUOTED_LINE = re.compile(r" ?>")
DASHES = "-- "  # above a signature, RFC 3676
_SIGNATURE = re.compile(r"^-- ?$", re.M)
_MAX_ATTRIBUTION, _MAX_LINES = 400, 3  # characters and lines
_ADDRESS = re.compile(r"\s*[<\[(].*")
_MAX_HEADER_LINES = 24

# A date or a time of figures, or an address, which a line about somebody's writing in an article seldom has.
_WHEN = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d+年|<[^<>\s]+@[^<>\s]+>|\[mailto:")


@dataclass(frozen=True, slots=True)
class Others:
    """What others wrote in a message, and what belongs to no text of it."""

    set_aside: tuple[SetAside, ...]
    forwarded: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class _Boundary:
    """Where an earlier message begins: its banner or headers, and its text below them."""

    start: int
    text_start: int
    is_forward: bool  # the banner says so
    headers: dict[str, str] = field(default_factory=dict)


def is_header_line(line: str) -> bool:
    """Tell whether a line is a header of an earlier message, such as "Sent: Monday"."""
    return phrases.HEADER_LINE.match(line) is not None


def is_attribution(line: str) -> bool:
    """Tell whether a line says who wrote what is quoted below it, such as "On Monday Anna wrote:"."""
    return line.rstrip().endswith((":", "：")) and len(line) <= _MAX_ATTRIBUTION and phrases.ATTRIBUTION.match(line) is not None


def kind_of_message(subject: str, *, is_answer: bool) -> Kind | None:
    """Tell from the subject and the headers whether a message forwards or answers another, or None.

    Args:
        is_answer: whether its headers name the message that it answers.
    """
    if phrases.FORWARD_SUBJECT.match(subject) and not re.match(r"\s*(?:VS|I)\s*:", subject):
        return "forward"
    if phrases.REPLY_SUBJECT.match(subject):
        return "reply"
    return "forward" if phrases.FORWARD_SUBJECT.match(subject) else "reply" if is_answer else None


def unquote_forwarded(text: str) -> str:
    """Remove the ">" before each line of a message that is forwarded that way, as Apple Mail does."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        match = phrases.BANNER.match(line)
        if match is None or not (match["forward"] or match["begin"]) or QUOTED_LINE.match(line):
            continue
        below = number + 1
        while below < len(lines) and not lines[below].strip(" \t\r>"):
            below += 1
        if below == len(lines) or not QUOTED_LINE.match(lines[below]) or not is_header_line(lines[below]):
            continue
        end = below
        while end < len(lines) and (QUOTED_LINE.match(lines[end]) or not lines[end].strip()):
            end += 1
        lines[number + 1 : end] = [re.sub(r"^ ?> ?", "", each) for each in lines[number + 1 : end]]
    return "\n".join(lines)


def find_others(text: str, marked: Sequence[SetAside], kind: Kind | None) -> Others:
    """Find the earlier messages and the signature in the text of a message.

    Args:
        marked: places that the message's HTML marks as quoted, as headers of an earlier message, or as a signature.
        kind: whether the message forwards or answers another, if that is known.
    """
    lines = list(_lines(text))
    quotes = [place for place in marked if place.rule == QUOTED]
    headers_marked = [place for place in marked if place.rule == HEADER]
    boundaries = [each for each in _boundaries(text, lines, headers_marked) if not QUOTED_LINE.match(text, each.start)]
    first = _first_boundary(text, boundaries, quotes)
    taken = [place for place in marked if place.rule not in (QUOTED, HEADER)]
    forwarded: list[Part] = []
    end = len(text) if first is None else first.start
    own_quotes = [place for place in quotes if place.start < end]
    if first is not None:
        if _is_forwarded(first, text, kind):
            later = [each for each in boundaries if each.start >= first.start]
            headers, forwarded = _forwarded(text, later)
            taken += headers
            taken += [place for part in forwarded for place in _quoted_in_forward(text, lines, part)]
        else:
            taken.append(SetAside(first.start, len(text.rstrip()), QUOTED))
    taken = sorted([*taken, *own_quotes], key=lambda place: place.start)
    for place in (*_quoted_lines(lines, end), *_unmarked_reply(text, lines, end, own_quotes)):
        _add(taken, place)
    signature = _SIGNATURE.search(text, 0, end)
    if signature:
        below = min((place.start for place in taken if place.start > signature.start()), default=end)
        _add(taken, SetAside(signature.start(), len(text[:below].rstrip()), "signature"))
    return Others(tuple(taken), tuple(forwarded))


def _add(taken: list[SetAside], place: SetAside) -> None:
    """Add a place unless it is empty or overlaps another. The places are in order and apart."""
    at = bisect_left(taken, place.start, key=lambda other: other.start)
    is_after = at == 0 or taken[at - 1].end <= place.start
    if place.start < place.end and is_after and (at == len(taken) or place.end <= taken[at].start):
        taken.insert(at, place)


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        yield _Line(start, line)
        start += len(line) + 1


def _boundaries(text: str, lines: Sequence[_Line], marked: Iterable[SetAside]) -> Iterator[_Boundary]:
    """Yield where earlier messages begin, in order."""
    headers_at = {place.start: place.end for place in marked}
    number = 0
    while number < len(lines):
        line = lines[number]
        banner = phrases.BANNER.match(line.text) if len(line.text) < 200 else None
        after = _skip_blank(lines, number + 1) if banner or phrases.RULE.match(line.text) else number
        end, headers = _header_block(lines, after)
        marked_end = next(
            (stop for start, stop in headers_at.items() if line.start <= start < max(line.end, line.start + 1)), 0
        )
        if marked_end > line.start and not headers:
            end = bisect_right(lines, marked_end - 1, key=lambda each: each.start)
            headers = _unknown_headers(lines[number:end])
        is_forward = banner is not None and bool(banner["forward"] or banner["begin"])
        if headers or (banner and not QUOTED_LINE.match(line.text) and not (banner["begin"] and after == number)):
            stop = end if headers else number + 1
            text_start = lines[stop].start if stop < len(lines) else len(text)
            yield _Boundary(line.start, text_start, is_forward, headers)
            number = stop
        else:
            number += 1


def _skip_blank(lines: Sequence[_Line], number: int) -> int:
    while number < len(lines) and not lines[number].text.strip(" \t>"):
        number += 1
    return number


def _header_block(lines: Sequence[_Line], number: int) -> tuple[int, dict[str, str]]:
    """Return the line after a block of headers that begins at a line, and its headers. There are none if it is no such block.

    A block names the sender and at least one thing more. A long list of recipients may go on in the next line.
    """
    headers: dict[str, str] = {}
    is_spaced, at = False, number
    while at < min(len(lines), number + _MAX_HEADER_LINES):
        match = phrases.HEADER_LINE.match(lines[at].text)
        if match is None:
            if at == number:
                break
            if lines[at - 1].text.rstrip().endswith((",", ";")) and lines[at].text.strip():
                at += 1
                continue
            following = _skip_blank(lines, at)
            is_spaced = is_spaced or len(headers) == 1  # some programs write each header as a paragraph
            if is_spaced and following > at and following < len(lines) and phrases.HEADER_LINE.match(lines[following].text):
                at = following
                continue
            break
        if "from" in headers and _kind(match) == "from":
            break  # of another message
        inline = _inline_headers(lines[at].text)
        for label, value in inline.items() if len(inline) > 2 else [(match["label"], match["value"])]:
            kind = phrases.KIND_OF_LABEL[label.casefold()]
            if kind == "to" and "from" not in headers and label.casefold() in ("a", "à"):
                return number, {}  # an ordinary line that begins with one letter
            headers.setdefault(kind, value.strip())
        at += 1
    is_block = "from" in headers and len(headers) >= 2 and bool({"date", "subject", "to"} & headers.keys())
    return (at, headers) if is_block else (number, {})


def _kind(match: re.Match[str]) -> str:
    return phrases.KIND_OF_LABEL[match["label"].casefold()]


def _inline_headers(line: str) -> dict[str, str]:
    """Return the headers of a line that holds several: "From: Anna Sent: Monday To: Bo"."""
    matches = list(phrases.INLINE_HEADERS.finditer(line))
    ends = [*(match.start() for match in matches[1:]), len(line)] if matches else []
    return {match["label"]: line[match.end() : end].strip() for match, end in zip(matches, ends, strict=True)}


def _unknown_headers(lines: Sequence[_Line]) -> dict[str, str]:
    """Return the headers in a block that the HTML marks as such, in whatever language. The sender comes first."""
    values = [line.text.partition(":")[2].strip() for line in lines if ":" in line.text]
    return dict(zip(("from", "date"), values, strict=False))


def _first_boundary(text: str, boundaries: Sequence[_Boundary], quotes: Sequence[SetAside]) -> _Boundary | None:
    """Return the first boundary that is not inside a quote. A forward may begin where a quote is marked."""
    for boundary in boundaries:
        around = next((place for place in quotes if place.start < boundary.start < place.end), None)
        is_at_start = around is not None and not text[around.start : boundary.start].strip()
        if around is None or is_at_start:
            return boundary
    return None


def _is_forwarded(boundary: _Boundary, text: str, kind: Kind | None) -> bool:
    """Tell whether what is below a boundary was forwarded: its banner or the subject says so, or there is nothing above it."""
    return boundary.is_forward or kind == "forward" or (kind is None and not text[: boundary.start].strip())


def _forwarded(text: str, boundaries: Sequence[_Boundary]) -> tuple[list[SetAside], list[Part]]:
    """Return the headers and the texts of forwarded messages, each with its author."""
    headers, parts = [], []
    ends = [boundary.start for boundary in boundaries[1:]] + [len(text)]
    for boundary, end in zip(boundaries, ends, strict=True):
        header_end = len(text[: boundary.text_start].rstrip())
        headers.append(SetAside(boundary.start, max(boundary.start, header_end), HEADER))
        own = text[boundary.text_start : end]
        start = boundary.text_start + len(own) - len(own.lstrip())
        if own.strip():
            parts.append(Part(start, start + len(own.strip()), message_name(boundary.headers)))
    return [place for place in headers if place.start < place.end], parts


def message_name(headers: dict[str, str]) -> str:
    """Return how a citation names an earlier message: by its author, and the date that its headers give."""
    sender = headers.get("from", "").replace("*", "")
    name, address = parseaddr(sender) if "@" in sender and "[mailto:" not in sender else (_ADDRESS.sub("", sender).strip(), "")
    author = name or address
    details = ", ".join(filter(None, (author, headers.get("date", ""))))
    return f"message from {' '.join(details.split())[:150]}" if author else "forwarded message"


def _quoted_in_forward(text: str, lines: Sequence[_Line], part: Part) -> Iterator[SetAside]:
    """Yield what a forwarded message itself quotes."""
    own = [line for line in lines if part.start <= line.start < part.end]
    yield from _quoted_lines(own, part.end)
    yield from _unmarked_reply(text, own, part.end, ())


def _quoted_lines(lines: Sequence[_Line], end: int) -> Iterator[SetAside]:
    """Yield runs of lines that begin with ">", each with the line above it that says who wrote them."""
    start = stop = -1
    for number, line in enumerate(lines):
        if line.start >= end:
            break
        if QUOTED_LINE.match(line.text):
            if start < 0:
                above = _find_attribution(lines, _last_above(lines, number), needs_date=False)
                start = line.start if above is None else lines[above].start
            stop = line.start + len(line.text.rstrip())
        elif line.text.strip() and start >= 0:
            yield SetAside(start, stop, QUOTED)
            start = -1
    if start >= 0:
        yield SetAside(start, stop, QUOTED)


def _last_above(lines: Sequence[_Line], number: int) -> int:
    """Return the number of the next line above that is not blank, or -1."""
    return next((above for above in range(number - 1, -1, -1) if lines[above].text.strip()), -1)


def _find_attribution(lines: Sequence[_Line], last: int, *, needs_date: bool) -> int | None:
    """Return the first line of an attribution such as "On Monday Anna wrote:" that ends with a line, or None.

    Args:
        needs_date: whether it must give a date or an address, so that no sentence of an article is taken for one.
    """
    if last < 0 or not lines[last].text.rstrip().endswith((":", "：")):
        return None
    shortest = None
    for first in range(last, max(-1, last - _MAX_LINES), -1):
        text = lines[first].text.strip()
        joined = " ".join(line.text.strip() for line in lines[first : last + 1])
        is_apart = not text or QUOTED_LINE.match(text) or (first < last and text.endswith((".", "!", "?", "。")))
        if is_apart or len(joined) > _MAX_ATTRIBUTION:
            break
        if phrases.ATTRIBUTION.match(joined) and (shortest is None or _WHEN.search(text)):
            shortest = first if _WHEN.search(joined) or not needs_date else None
    return shortest


def _unmarked_reply(text: str, lines: Sequence[_Line], end: int, quotes: Sequence[SetAside]) -> Iterator[SetAside]:
    """Yield what is below an attribution where no mark tells what is quoted: all of it."""
    for number, line in enumerate(lines):
        if line.start >= end:
            return
        first = _find_attribution(lines, number, needs_date=True)
        below = len(lines) if first is None else _skip_blank(lines, number + 1)
        if first is None or below == len(lines) or QUOTED_LINE.match(lines[below].text):
            continue
        if not any(place.end > line.start for place in quotes):  # else the HTML says what is quoted below it
            yield SetAside(lines[first].start, len(text[:end].rstrip()), QUOTED)
            return
