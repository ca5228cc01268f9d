"""Choose among the numbers of a sentence by the words of the clause that each stands in.

"In 2019 they treated 4,100 patients; in 2020, 2,950" leaves out in its second clause what it has in common with the first.
So a word of the question that stands only in a later clause tells that the answer stands there.
"""

import re
from collections.abc import Mapping, Sequence

from qa.text.amounts import AmountMention, find_amounts
from qa.text.dates import find_dates
from qa.text.synonyms import canonicalize
from qa.text.terms import content_terms
from qa.types.articles import Span

_STRONG = re.compile(r"[;；]\s*")
_WEAK = re.compile(r"[,，、]\s+|\s+(?=(?:and|but|while|whereas|to)\s)")
_UNIT = re.compile(r"\s?(?:%|[^\W\d_]+)")
_PERCENT = "%"
_FOR_SHARE = re.compile(r"\bby\s+how\b|\b(?:per\s?cent|percentage|share|rate|proportion|fraction)\b|%", re.I)


def choose_number(sentence: str, answer: Span, weights: Mapping[str, float], question: str) -> Span:
    """Return the number that a question asks for, where the words of its clause tell it from the reader's answer.

    Args:
        answer: the reader's answer span, in the sentence.
        weights: of the query's terms.
        question: the query's text.
    """
    amounts = find_amounts(sentence)
    marked = [amount for amount in amounts if amount.start < answer.end and answer.start < amount.end]
    if len(amounts) < 2:
        return answer
    clause = _named_clause(sentence, _clauses(sentence, amounts), answer, weights)
    if clause is not None:
        dimensions = {amount.dimension for amount in marked}
        inside = [amount for amount in amounts if clause.start <= amount.start < clause.end]
        alike = [amount for amount in inside if not marked or amount.dimension in dimensions]
        return _with_unit(sentence, alike[0]) if alike else answer
    if len(marked) > 1 and not _FOR_SHARE.search(question):
        totals = [amount for amount in marked if amount.dimension != _PERCENT]
        if len(totals) == 1:  # "12 percent to 80 million dollars"
            return _with_unit(sentence, totals[0])
    return answer


def _clauses(sentence: str, amounts: Sequence[AmountMention]) -> list[Span]:
    """Split a sentence into clauses with a number each, at semicolons, else at commas and conjunctions.

    "To" separates two numbers only where both have a date: "3 million in 2018 to 5 million in 2022".
    """
    pattern = _STRONG if _STRONG.search(sentence) else _WEAK
    clauses: list[Span] = []
    start = 0
    for separator in pattern.finditer(sentence):
        end = separator.start()
        if not any(start <= amount.start < end for amount in amounts) or any(a.start < end < a.end for a in amounts):
            continue
        is_to = sentence.startswith("to ", separator.end())
        if not is_to or (find_dates(sentence[start:end]) and find_dates(sentence[end:])):
            clauses.append(Span(start, end))
            start = separator.end()
    return [*clauses, Span(start, len(sentence))]


def _named_clause(sentence: str, clauses: Sequence[Span], answer: Span, weights: Mapping[str, float]) -> Span | None:
    """Return a clause after the first that alone has words of the query, or None if the answer is in the best one.

    A later clause leaves out what it has in common with the first, so that the first one's words count for none.
    """
    terms = [set(canonicalize(content_terms(sentence[clause.start : clause.end]))) & weights.keys() for clause in clauses]
    best, most = None, 0.0
    for number, clause in enumerate(clauses[1:], start=1):
        own = terms[number].difference(*terms[:number], *terms[number + 1 :])
        weight = sum(weights[term] for term in own)
        if weight > most:
            best, most = clause, weight
    if best is None or (best.start <= answer.start and answer.end <= best.end):
        return None
    return best


def _with_unit(sentence: str, amount: AmountMention) -> Span:
    """Return the span of a number, with the unit after it if it has one."""
    unit = _UNIT.match(sentence, amount.end) if amount.dimension else None
    return Span(amount.start, unit.end() if unit else amount.end)
