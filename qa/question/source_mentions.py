"""A question that names a source or a date of publication: "What did the BBC say in October 2004?"."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from qa.search.retriever import Candidate, Query, rescore
from qa.text.synonyms import canonical
from qa.text.terms import content_terms, terms
from qa.types.articles import Answer, Article
from qa.types.months import MONTHS
from qa.types.settings import Settings

_SAYING = r"(?:say|said|tell|told|writ(?:e|ten)|wrote|(?:report|claim|announce|mention|publish)(?:e?d)?)"
_PIECE = r"(?:article|report|story|piece|post|page|file|document|text|news|coverage)s?"
_NAME = rf"(?:the\s+)?(?!(?:{'|'.join(MONTHS)})\b)(?P<name>[A-Z][\w.&-]*(?:\s+(?:of\s+|the\s+)?[A-Z][\w.&-]*)*)"
# Whether there is a word of these is asked first; most questions hold none.
_FRAME = re.compile(rf"\b(?:{_SAYING}|says|reports|writes|reporting|according|{_PIECE})\b|\w\.\w{{2,4}}\b")
_SOURCES = (
    re.compile(rf"\b[Aa]ccording\s+to\s+{_NAME}"),
    re.compile(rf"\b(?:did|does|do|has|had|have)\s+{_NAME}\s+{_SAYING}\b"),
    re.compile(rf"\b(?:in|by|from)\s+{_NAME}(?:['’]s)?\s+{_PIECE}\b"),
    re.compile(rf"\b{_PIECE}\s+(?:from|by|in|of)\s+{_NAME}"),
    re.compile(r"(?P<name>[\w-]+\.(?:txt|md|markdown|html?|pdf|docx?|epub))\b"),
)
_MONTH = rf"(?P<month>{'|'.join(f'{name}|{name[:3]}' for name in MONTHS)}|Sept)\b\.?"
DATE = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d\d(?:-\d\d)?)|(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?{_MONTH}"
    r"(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?\b(?!\d))?(?:,?\s+(?P<year>\d{4}))?|(?:in|of|from|during)\s+(?P<alone>\d{4}))(?![\w-])"
)
_FURTHER = 3  # times as many passages are looked at for their articles as are wanted
_MASTHEAD = ("above the title", "disclaimer")  # what was set aside by these rules names a page's publisher


@dataclass(frozen=True, slots=True)
class Mention:
    """A source or a date of publication that a question names."""

    words: frozenset[str]  # terms of the question that say it: "according to the Gazette"
    source: frozenset[str] = frozenset()  # of these the source's name
    date: re.Pattern[str] | None = None  # of the beginning of ISO dates

    def of(self, article: Article) -> bool:
        """Whether an article is of that source or date."""
        if self.date is not None:
            return article.published is not None and self.date.match(article.published) is not None
        return self.source <= _terms_of_origin(article.source, _masthead(article))


@lru_cache(100)
def mentions(text: str) -> tuple[Mention, ...]:
    """The sources and dates that a question names; dates only where it asks what was said or written then."""
    if _FRAME.search(text) is None:
        return ()
    found = [match for pattern in _SOURCES for match in pattern.finditer(text)]
    sources = [Mention(frozenset(canonical(terms(match.group()))), frozenset(content_terms(match["name"]))) for match in found]
    dates = [
        Mention(frozenset(canonical(terms(match.group()))), date=re.compile(published_pattern(match)))
        for match in DATE.finditer(text)
    ]
    return (*(each for each in sources if each.source), *dates)


def _said_by(match: re.Match[str]) -> frozenset[str]:
    return frozenset(canonical(terms(match.group())))


def looked_at(text: str, n: int) -> int:
    """How many passages are looked at for n: more where the question names a source or date."""
    return _FURTHER * n if mentions(text) else n


def answered_by_source(
    question: Query,
    candidates: Sequence[Candidate],
    n: int,
    settings: Settings,
    answer: Callable[[Query, Sequence[Candidate]], Answer],
) -> Answer:
    """The answer from the n best passages of the source and date that the question names, or else from the n best of all.

    In passages of that source the words that name it are not to be missed, since they say where to look and not what for. In
    others they are, so that the question is rather refused than answered by somebody else. A date alone may be that of an
    event: it only helps a little.
    """
    named = mentions(question.text)
    sources = [each for each in named if each.source]
    for asked in (named, sources) if sources else ():
        theirs = [each for each in candidates if all(mention.of(each.passage.article) for mention in asked)]
        if theirs:
            fewer = _without({word for mention in asked for word in mention.words}, question, theirs[0])
            found = answer(fewer, rescore(fewer, theirs, settings)[:n])
            if found.found:
                return found
    return answer(question, _dated(candidates, [each for each in named if each.date], settings)[:n])


def _dated(candidates: Sequence[Candidate], dates: Sequence[Mention], settings: Settings) -> Sequence[Candidate]:
    """The candidates in the order that they have when articles of the dates count a little more."""
    if not dates:
        return candidates
    met = [any(date.of(each.passage.article) for date in dates) for each in candidates]
    weighed = [
        replace(each, score=each.score + settings.same_article * of_it) for each, of_it in zip(candidates, met, strict=True)
    ]
    return sorted(weighed, key=lambda each: -each.score)


def _without(words: Collection[str], question: Query, first: Candidate) -> Query:
    """The question without some words; where none are left, it asks for the article of the first passage, by its title."""
    weights = {word: weight for word, weight in question.weights.items() if word not in words}
    if weights:
        return replace(question, weights=weights)
    title = first.passage.article.title
    return replace(question, text=title, weights=dict.fromkeys(canonical(content_terms(title)), 1.0), names=frozenset())


def _masthead(article: Article) -> str:
    return " ".join(article.text[place.start : place.end] for place in article.set_aside if place.rule in _MASTHEAD)


@lru_cache(1_000)
def _terms_of_origin(source: str, masthead: str) -> frozenset[str]:
    place = " ".join(re.split(r"[/\\]", source)[-2:])  # the file and its folder, or the end of an address
    host = source.split("/")[2] if "://" in source else ""
    return frozenset(terms(f"{place.replace('_', ' ')} {host} {masthead}"))


def published_pattern(match: re.Match[str]) -> str:
    """The beginning of ISO dates that a date in words stands for."""
    if match["iso"]:
        return match["iso"]
    if match["alone"]:
        return match["alone"]
    month = next(number for number, name in enumerate(MONTHS, start=1) if name[:3] == match["month"][:3])
    day = match["before"] or match["after"]
    year = match["year"] or r"\d{4}"
    return f"{year}-{month:02d}-{int(day):02d}" if day else f"{year}-{month:02d}"
