"""Excerpts: the part of a very long sentence that answers, such as a row of a table without full stops."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from qa.answer.context import Context
from qa.text.answer_types import AnswerType, has_type
from qa.text.quotation import LONGEST_QUOTE
from qa.text.sentences import trim
from qa.text.synonyms import canonicalize
from qa.text.terms import content_terms
from qa.types.articles import Span

_LONGEST_LEAD = 160  # code points of the sentence's beginning that are shown before a later part
_CLAUSE_END = re.compile(r"[;:,.!?…)\]](?=\s)|[。，、；：！？]|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|\s(?=[–—|•·-]\s)")
_TYPE_WEIGHT = 0.5  # of words of the expected answer type, as a share of the weight of all terms


def excerpt(text: str, sentence: Span, weights: Mapping[str, float], answer_type: AnswerType | None) -> Context:
    """Return the run of clauses of a long sentence that matches the query best, with the sentence's beginning as the lead.

    Args:
        sentence: longer than a quote may be.
        weights: of the query's terms.
        answer_type: the expected answer type.
    """
    clauses = _clauses(text, sentence)
    clause_terms = [canonicalize(content_terms(text[clause.start : clause.end])) for clause in clauses]
    fits = [answer_type is not None and has_type(answer_type, text[clause.start : clause.end]) for clause in clauses]
    runs = [(first, _run_end(clauses, first, LONGEST_QUOTE)) for first in range(len(clauses))]
    scores = []
    for first, end in runs:
        run_terms = {term for terms in clause_terms[first:end] for term in terms}
        coverage = sum(weight for term, weight in weights.items() if term in run_terms)
        scores.append(coverage + any(fits[first:end]) * _TYPE_WEIGHT * sum(weights.values()))
    best = [run for run, score in zip(runs, scores, strict=True) if score == max(scores)]
    first, end = best[0] if best[0][0] == 0 else best[len(best) // 2]
    lead = Span(clauses[0].start, clauses[_run_end(clauses[:first], 0, _LONGEST_LEAD) - 1].end) if first else None
    quote = Span(clauses[first].start, clauses[end - 1].end)
    return Context(trim(text, quote), trim(text, lead) if lead else None)


def _run_end(clauses: Sequence[Span], first: int, longest: int) -> int:
    """Return the end index of the longest run of clauses from `first` within a length. A run has at least one clause."""
    end = first + 1
    while end < len(clauses) and clauses[end].end - clauses[first].start <= longest:
        end += 1
    return end


def _clauses(text: str, sentence: Span) -> list[Span]:
    """Split a sentence at the ends of clauses, and clauses that are too long at white space, or anywhere."""
    ends = [match.end() for match in _CLAUSE_END.finditer(text, sentence.start, sentence.end)]
    clauses: list[Span] = []
    start = sentence.start
    for end in (*ends, sentence.end):
        while end - start > _LONGEST_LEAD:
            cut = _cut_before(text, start, start + _LONGEST_LEAD)
            clauses.append(Span(start, cut))
            start = cut
        if end > start:
            clauses.append(Span(start, end))
            start = end
    return [clause for clause in clauses if text[clause.start : clause.end].strip()]


def _cut_before(text: str, start: int, end: int) -> int:
    """Return the last word boundary in the second half of a span, else the last place between two grapheme clusters."""
    for at in range(end, (start + end) // 2, -1):
        if text[at - 1].isspace():
            return at
    while end > start + 1 and unicodedata.combining(text[end]):
        end -= 1
    return end
