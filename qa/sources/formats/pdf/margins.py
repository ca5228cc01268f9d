"""What stands around the text of a PDF's pages and is not quoted: headers, footers, footnotes."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from qa.sources.formats.pdf.lines import Line

_LETTER = re.compile(r"\w")
_NUMERALS = re.compile(r"\d+|\b[ivxlc]+\b", re.I)
_OUTER_NUMBER = re.compile(r"\s*(\d{1,4})\b|\b(\d{1,4})\s*$")  # at the beginning or the end of a line
_MARKER = re.compile(r"(?:\d{1,3}|[*†‡§¶#]{1,3}|\[\d{1,3}\]|\(\d{1,3}\))[.):]?\s?\W?[^\W\d]")  # of a footnote, and its text

_EDGE = 4  # lines at the top or bottom of a page that may be a header or footer
_SURE_EDGE = 2  # of those, the outermost, which need no other header or footer outside
_MIN_REPEATED = 3  # pages with the same line; at least half of those between the first and the last
_SAME_PLACE = 2.0  # points by which the header of a document of two pages may move
_SMALL = 0.93  # of the usual font size; footnotes are no larger


def find_margins(pages: Sequence[Sequence[Line]], usual_size: float) -> list[dict[int, str]]:
    """Find the lines of each page that are set aside.

    Returns:
        For each page the rule, such as "page header" or "footnote", by the index of the line.
    """
    rules = _headers_and_footers(pages)
    for page, on_page in zip(pages, rules, strict=True):
        on_page.update({index: line.rule for index, line in enumerate(page) if line.rule})
        on_page.update(dict.fromkeys(_footnotes(page, on_page, usual_size), "footnote"))
    is_all = all(len(page) == len(on_page) for page, on_page in zip(pages, rules, strict=True))
    return [{} for _ in pages] if is_all else rules  # a document has more than what stands around it


def _headers_and_footers(pages: Sequence[Sequence[Line]]) -> list[dict[int, str]]:
    """Find the lines that many pages have at the same edge, apart from the numbers in them."""
    edges = []
    pages_with: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, page in enumerate(pages):
        down = sorted((index for index, line in enumerate(page) if not line.rule), key=lambda index: -page[index].y)
        edges.append({"page header": down[:_EDGE], "page footer": down[::-1][:_EDGE]})
        for rule, indexes in edges[-1].items():
            for key in {_key(page[index].text) for index in indexes}:
                pages_with[rule, key].append(number)
    repeated = {
        (rule, key)
        for (rule, key), on in pages_with.items()
        if key and len(on) >= _MIN_REPEATED and 2 * len(on) > on[-1] - on[0]
    }
    rules: list[dict[int, str]] = []
    for page, edge in zip(pages, edges, strict=True):
        rules.append({})
        for rule, indexes in edge.items():
            for place, index in enumerate(indexes):
                if (rule, _key(page[index].text)) in repeated:
                    rules[-1].setdefault(index, rule)
                elif place >= _SURE_EDGE - 1:
                    break
    for number, index, rule in (*_numbered(pages, edges), *_on_both_pages(pages, edges)):
        rules[number].setdefault(index, rule)
    return rules


def _key(text: str) -> str:
    """Return a line without its numbers, or nothing if it is only numbers, and more of them than a page number has."""
    key = _NUMERALS.sub("#", text)
    return key if _LETTER.search(key) or key.count("#") in (1, 2) else ""


def _numbered(pages: Sequence[Sequence[Line]], edges: Sequence[dict[str, list[int]]]) -> Iterator[tuple[int, int, str]]:
    """Yield the outermost lines whose number grows with the page, whatever else they say: page, index and rule."""
    for rule in ("page header", "page footer"):
        offsets: dict[int, list[int]] = defaultdict(list)
        for number, (page, edge) in enumerate(zip(pages, edges, strict=True)):
            for match in _OUTER_NUMBER.finditer(page[edge[rule][0]].text) if edge[rule] else ():
                offsets[int(match[1] or match[2]) - number].append(number)
        for on in offsets.values():
            if len(on) >= _MIN_REPEATED and 2 * len(on) > on[-1] - on[0]:
                yield from ((number, edges[number][rule][0], rule) for number in on)


def _on_both_pages(pages: Sequence[Sequence[Line]], edges: Sequence[dict[str, list[int]]]) -> Iterator[tuple[int, int, str]]:
    """Yield the outermost lines that a document of two pages has on both at the same place."""
    if len(pages) != _MIN_REPEATED - 1:
        return
    for rule in ("page header", "page footer"):
        outermost = [(page[edge[rule][0]], edge[rule][0]) for page, edge in zip(pages, edges, strict=True) if edge[rule]]
        if len(outermost) < len(pages):
            continue
        (first, _), (second, _) = outermost
        if _key(first.text) and _key(first.text) == _key(second.text) and abs(first.y - second.y) <= _SAME_PLACE:
            yield from ((number, index, rule) for number, (_, index) in enumerate(outermost))


def _footnotes(page: Sequence[Line], rules: dict[int, str], usual_size: float) -> Iterator[int]:
    """Yield the indexes of small lines at the foot of a column, from the first on that begins like a footnote."""
    body = [line for index, line in enumerate(page) if index not in rules]
    large = [line for line in body if line.size > _SMALL * usual_size]
    if not large:
        return
    indexes = sorted((index for index, line in enumerate(page) if index not in rules), key=lambda index: page[index].y)
    for cell in Counter(line.cell for line in body):
        block = []
        for index in indexes:
            line = page[index]
            if line.cell == cell and (line.size > _SMALL * usual_size or line.is_row):
                break
            if line.cell == cell:
                block.append(index)
        down = block[::-1]
        first = next((place for place, index in enumerate(down) if _MARKER.match(page[index].text)), len(down))
        notes = down[first:]
        if notes and max(line.y for line in large) > page[notes[0]].y:
            yield from notes
