"""Headings: titles, captions and bylines, which say what the text below them is about but answer nothing by themselves."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from qa.text.sentences import ends_with_stop
from qa.text.terms import content_terms
from qa.types.articles import Span

_LONGEST_HEADING, _LONGEST_SECTION_HEADING = 12, 8  # words
_PROSE, _SENTENCE = 10, 5  # the fewest words of a line of prose, and of a short sentence that is a paragraph
_MOST_LINES = 5  # between a title and the prose below it
_LONGEST_LINE = 2_000  # code points that are read of a line
_REPEATED = 0.5  # share of the terms of a caption that the title or the prose below it has as well
_CHARACTERS_PER_WORD = 2  # in scripts without spaces

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_MARKDOWN = re.compile(r"#{1,6}\s+(?=\S)")
_MARKER = re.compile(r"[-*+•·‣◦–>|]\s|\(?(?:\d{1,3}|[a-zA-Z])[.)]\s")
_CELLS = re.compile(r"\t|\s\|\s|\s{3,}")
_CREDIT = re.compile(
    r"(?:(?:(?:text|words|story|reporting|written|reported)\s+)?by\s+(?=[A-Z])"
    r"|(?:photo(?:graph)?|picture|image|video|illustration|caption|credit|source|foto|bild)s?(?:\s+by\s|\s*[:/]\s*)).",
    re.I,
)
# A line with one of these states something, also where its full stop is missing.
_STATES = re.compile(
    r"\d|[:;=]|\b(?:is|are|was|were|be|been|has|have|had|do|does|did|can|could|will|would|shall|should|may|might|must)\b", re.I
)


class _Line(NamedTuple):
    """A line that is not blank, without the white space around it."""

    text: str
    is_apart: bool  # a blank line, or an end of the text, separates it from the line it was reached from

    @property
    def is_bare(self) -> bool:
        """Whether it may be a heading: short, without a full stop, and no item of a list or row of a table."""
        return (
            _count_words(self.text) <= _LONGEST_HEADING
            and not ends_with_stop(self.text)
            and not _MARKER.match(self.text)
            and not _CELLS.search(self.text)
        )

    @property
    def is_prose(self) -> bool:
        return _count_words(self.text) >= _PROSE and not _MARKER.match(self.text) and not _CELLS.search(self.text)


def is_heading(text: str, sentence: Span, title: str) -> bool:
    """Tell whether a sentence is a title, heading, caption or byline above the text that it belongs to.

    Nothing else that lacks a full stop counts: no item of a list, row of a table, line of a poem or note of one line.

    Args:
        title: of the article.
    """
    if not _fills_lines(text, sentence):  # most sentences of an article do not
        return False
    own, after = text[sentence.start : sentence.end], next(_lines_after(text, sentence.end), None)
    if after is None:
        return False
    if _MARKDOWN.match(own):
        return any(not _MARKDOWN.match(line.text) for line in islice(_lines_after(text, sentence.end), _MOST_LINES))
    if _normalize(own) == _normalize(title):
        return not own.endswith((".", "。")) and _introduces(text, sentence.end)
    line = _Line(own, True)
    if not line.is_bare or "\n" in own:
        return False
    before = next(_lines_before(text, sentence.start), None)
    return _is_below_title(text, sentence, title) or _is_section_heading(line, before, after, title)


def _introduces(text: str, end: int) -> bool:
    """Tell whether text of another kind than a title follows: prose, a list, or sentences after a blank line."""
    is_alone = False
    for number, line in enumerate(islice(_lines_after(text, end), _MOST_LINES + 1)):
        is_alone = is_alone or (number == 0 and line.is_apart)
        if not line.is_bare:
            return is_alone or line.is_prose
    return False


def _is_below_title(text: str, sentence: Span, title: str) -> bool:
    """Tell whether a bare line between the title and the prose is a credit, or repeats what either says, as captions do."""
    if _find_below(_lines_before(text, sentence.start), lambda line: _normalize(line.text) == _normalize(title)) is None:
        return False
    prose = _find_below(_lines_after(text, sentence.end), lambda line: line.is_prose)
    if prose is None:
        return False
    own = text[sentence.start : sentence.end]
    terms = set(content_terms(own))
    most = max(len(terms & set(content_terms(other))) for other in (title, prose.text))
    return bool(_CREDIT.match(own)) or (bool(terms) and most >= _REPEATED * len(terms))


def _find_below(lines: Iterator[_Line], is_wanted: Callable[[_Line], bool]) -> _Line | None:
    """Return the first line that is wanted, if only a few bare lines come before it."""
    for line in islice(lines, _MOST_LINES + 1):
        if is_wanted(line):
            return line
        if not line.is_bare:
            return None
    return None


def _is_section_heading(line: _Line, before: _Line | None, after: _Line, title: str) -> bool:
    """Tell whether a bare line is a paragraph between prose, and does not state anything by itself."""
    if not (before is None or before.is_apart) or not after.is_apart:
        return False
    follows_prose = before is None or before.is_prose or before.text.endswith((".", "!", "?", "”", '"', "。", "！", "？"))
    follows_title = before is not None and _normalize(before.text) == _normalize(title)
    is_sentence = ends_with_stop(after.text) and not after.text.endswith(":") and _count_words(after.text) >= _SENTENCE
    if not (follows_prose or follows_title) or not (after.is_prose or (is_sentence and not after.is_bare)):
        return False
    states_nothing = _count_words(line.text) <= _LONGEST_SECTION_HEADING and not _STATES.search(line.text)
    return states_nothing or _CREDIT.match(line.text) is not None


def _fills_lines(text: str, sentence: Span) -> bool:
    """Tell whether nothing else stands on the lines of a sentence."""
    line_start = text.rfind("\n", 0, sentence.start) + 1
    line_end = text.find("\n", sentence.end)
    rest = text[sentence.end : line_end if line_end >= 0 else len(text)]
    return not text[line_start : sentence.start].strip(" \t\r#*_") and not rest.strip(" \t\r#*_")


def _lines_before(text: str, start: int) -> Iterator[_Line]:
    """Yield the lines above a line that are not blank, the nearest first."""
    end, is_apart = text.rfind("\n", 0, start), False
    while end > 0:
        low = max(0, end - _LONGEST_LINE)
        begin = max(low, text.rfind("\n", low, end) + 1)
        if line := text[begin:end].strip():
            yield _Line(line, is_apart)
        is_apart = not line
        end = begin - 1


def _lines_after(text: str, end: int) -> Iterator[_Line]:
    """Yield the lines below a line that are not blank."""
    at, is_apart = text.find("\n", end) + 1, False
    while 0 < at < len(text):
        line_end = text.find("\n", at)
        line_end = line_end if line_end >= 0 else len(text)
        if line := text[at : min(line_end, at + _LONGEST_LINE)].strip():
            yield _Line(line, is_apart)
        is_apart = not line
        at = line_end + 1


def _normalize(text: str) -> str:
    return " ".join(text.strip(" #*_\t\r\n").casefold().split())


def _count_words(text: str) -> float:
    return max(len(text.split()), len(_UNSPACED.findall(text)) / _CHARACTERS_PER_WORD)
