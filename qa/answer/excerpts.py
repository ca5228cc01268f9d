"""The part of a very long sentence, such as a table or a list without stops, that answers."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from qa.answer.context import Reading
from qa.text.answer_types import AnswerType, has_words
from qa.text.quotation import LONGEST_QUOTE
from qa.text.sentences import trimmed
from qa.text.synonyms import canonical
from qa.text.terms import content_terms
from qa.types.articles import Span

_LONGEST_LEAD = 160  # code points of a sentence's beginning that stand before a later part of it
_CLAUSE_END = re.compile(r"[;:,.!?…)\]](?=\s)|[。，、；：！？]|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|\s(?=[–—|•·-]\s)")
_KIND = 0.5  # what words of the kind asked for count, as a share of all the question's terms


def excerpt(text: str, sentence: Span, weights: Mapping[str, float], kind: AnswerType | None) -> Reading:
    """The clauses of a sentence that hold most of what was asked, as many as fit in a quote; its beginning is the lead.

    Args:
        sentence: longer than a quote may be.
        weights: of the question's terms.
        kind: of words that would answer.
    """
    clauses = _clauses(text, sentence)
    terms = [canonical(content_terms(text[each.start : each.end])) for each in clauses]
    of_kind = [kind is not None and has_words(kind, text[each.start : each.end]) for each in clauses]

    def held(first: int, after: int) -> float:
        found = {term for each in terms[first:after] for term in each}
        asked = sum(weight for term, weight in weights.items() if term in found)
        return asked + any(of_kind[first:after]) * _KIND * sum(weights.values())

    runs = [(first, _after(clauses, first, LONGEST_QUOTE)) for first in range(len(clauses))]
    scores = [held(*run) for run in runs]
    most = [run for run, score in zip(runs, scores, strict=True) if score == max(scores)]
    first, after = most[0] if most[0][0] == 0 else most[len(most) // 2]
    lead = Span(clauses[0].start, clauses[_after(clauses[:first], 0, _LONGEST_LEAD) - 1].end) if first else None
    part = Span(clauses[first].start, clauses[after - 1].end)
    return Reading(trimmed(text, part), trimmed(text, lead) if lead else None)


def _after(clauses: Sequence[Span], first: int, longest: int) -> int:
    """One past the last of the clauses from one on that fit in a length together; no clause is longer than any length."""
    after = first + 1
    while after < len(clauses) and clauses[after].end - clauses[first].start <= longest:
        after += 1
    return after


def _clauses(text: str, sentence: Span) -> list[Span]:
    """A sentence cut where clauses end, those too long at white space, and where there is none anywhere."""
    cuts = [match.end() for match in _CLAUSE_END.finditer(text, sentence.start, sentence.end)]
    clauses: list[Span] = []
    start = sentence.start
    for end in (*cuts, sentence.end):
        while end - start > _LONGEST_LEAD:
            cut = _cut(text, start, start + _LONGEST_LEAD)
            clauses.append(Span(start, cut))
            start = cut
        if end > start:
            clauses.append(Span(start, end))
            start = end
    return [each for each in clauses if text[each.start : each.end].strip()]


def _cut(text: str, start: int, end: int) -> int:
    """The last place in the second half where a word may end, or before what is no mark upon another character."""
    for at in range(end, (start + end) // 2, -1):
        if text[at - 1].isspace():
            return at
    while end > start + 1 and unicodedata.combining(text[end]):
        end -= 1
    return end
