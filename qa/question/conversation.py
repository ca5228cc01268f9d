"""From a follow-up to a question that can be searched for by itself, without a language model."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Unpack

from qa.question.followup_edits import NAME, corrected, is_dated, with_part_changed
from qa.text.terms import content_terms
from qa.types.articles import Answer, Quote, Turn
from qa.types.filter_options import Only
from qa.types.settings import LONGEST_HISTORY, LONGEST_QUESTION, Settings

_POINTS_BACK = re.compile(
    r"\b(?:he|him|his|she|her|hers|they|them|their|theirs|it|its|this|that|these|those|there|then|former|latter)\b", re.I
)
# "it" and "that" that point at nothing said before: "Is it true that…", "the wall that they climbed"
_EMPTY = re.compile(
    r"\b(?:is|was|does|did)\s+it\s+(?:true|possible|known|clear|mean)\b(?:\s+that\b)?|\w+\s+that\s+\w+|\bis\s+there\b|\bare\s+there\b"
    r"|\bwas\s+there\b|\bwere\s+there\b|\bthere\s+(?:is|are|was|were)\b",
    re.I,
)
_CONTINUES = re.compile(r"^\W*(?:and|but|or|so|also|what about|how about|where else)\b", re.I)
_OPENING = re.compile(r"^\W*(?:(?:and|but|or|so|also|then|ok|okay)\b[\s,]*)*(?:(?:what|how)\s+about\b\s*)?", re.I)
_ASKING = re.compile(r"^\W*(?:who|whom|whose|what|which|when|where|why|how)\b", re.I)
_MORE = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay|please|can\s+you|could\s+you)\b[\s,]*)*"
    r"(?:(?:who|what|where|when|which|how|any(?:thing|one|body|where))\s+else|(?:tell|show|give)\s+me\s+more|(?:any|some)\s+(?:more|others?)"
    r"|more(?:\s+details?)?|go\s+on|continue|for\s+(?:example|instance))"
    r"(?:\s+(?:about\s+)?(?:it|that|this|them|please))*\W*$",
    re.I,
)
_MOST_NAMES = 3  # carried from a quote; more would drown the question
_MOST_IN_PART = 6  # words of "And in the second half of 2005?"; more say what they ask for by themselves
_TURNS_OF_TOPIC = 3  # the last ones: what was talked about earlier may have been left
_OWN_TERMS = 4  # from so many content terms on, "So, …" only opens a question of its own


class Asks(Protocol):
    """Whatever answers one question given the turns before it."""

    def ask(
        self,
        question: str,
        k: int = 5,
        *,
        history: Sequence[Turn] = (),
        on_stage: Callable[[str], None] | None = None,
        **only: Unpack[Only],
    ) -> Answer:
        """Answer a question."""


class Conversation:
    """Questions asked one after another, each understood with the ones before it."""

    def __init__(self, assistant: Asks) -> None:
        self._assistant = assistant
        self.turns: list[Turn] = []

    def ask(self, question: str, k: int = 5, *, on_stage: Callable[[str], None] | None = None, **only: Unpack[Only]) -> Answer:
        """Answer a question or follow-up and remember it; the rest as for `Assistant.ask`."""
        answer = self._assistant.ask(question, k, history=self.turns, on_stage=on_stage, **only)
        self.turns += [Turn(question, answer.searched_for, answer.quotes)] if answer.help is None else []
        del self.turns[:-LONGEST_HISTORY]
        return answer


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question of a conversation, and what is known from the turns before."""

    text: str  # to search for, at most LONGEST_QUESTION characters
    asked: str  # the question; the text itself where that is a whole question: its other words were carried over
    topic: str = ""  # what was talked about before
    near: frozenset[str] = frozenset()  # ids of articles that it is likely to be about


def follow_up(question: str, history: Sequence[Turn]) -> FollowUp:
    """Understand a question with the turns before it."""
    text = standalone(question, history)
    whole = repeated(question, history) is not None
    return FollowUp(text, text if whole else question, topic(history), near(question, history))


def seen(question: str, history: Sequence[Turn], settings: Settings) -> frozenset[tuple[str, int, int]]:
    """The places quoted before as likely answers, where more is asked for; else none."""
    if not asks_for_more(question):
        return frozenset()
    quotes = (quote for turn in history for quote in turn.quotes if quote.rank == 1 or quote.confidence >= settings.highlighted)
    return frozenset(map(_place, quotes))


def new_first(quotes: Sequence[Quote], places: Collection[tuple[str, int, int]], settings: Settings) -> tuple[Quote, ...]:
    """Quotes in their order, but those that may answer and were not seen before the others."""
    ordered = sorted(quotes, key=lambda quote: _place(quote) in places or quote.confidence < settings.least_confidence)
    return tuple(replace(quote, rank=rank) for rank, quote in enumerate(ordered, start=1))


def _place(quote: Quote) -> tuple[str, int, int]:
    return quote.article.id, quote.start, quote.end


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question to search for: the question itself, or with what it leans on from the turns before.

    One that asks for more, corrects the last question or only names another part for it is the last question again, with that
    part changed. Another that continues the last one takes all of it along; one that points back with "he", "it" or "there"
    takes the names and other content words of the last question and the names in its first quote.
    """
    if not history:
        return question
    again = repeated(question, history)
    if again is not None:
        return again
    if not leans_back(question):
        return question
    last = history[-1]
    if _continues(question):
        room = max(0, LONGEST_QUESTION - len(question) - 1)  # what is left out is the end of what was taken along before
        return f"{last.searched_for.strip()[:room]} {question}".lstrip()
    carried = _carried(question, last)
    return f"{question} {' '.join(carried)}"[:LONGEST_QUESTION] if carried else question


def repeated(question: str, history: Sequence[Turn]) -> str | None:
    """The last question again, as it was or with a part changed, where that is what is asked for; else None."""
    if not history or not history[-1].searched_for:
        return None
    last = history[-1].searched_for
    if asks_for_more(question):
        return last
    again = corrected(last, question)
    if again is None:
        part = _OPENING.sub("", question, count=1)
        short = len(part.split()) <= _MOST_IN_PART and not _ASKING.match(part)
        again = with_part_changed(last, part) if short and (part != question or is_dated(part)) else None
    return again if again is None or len(again) <= LONGEST_QUESTION else None


def asks_for_more(question: str) -> bool:
    """Whether more is asked for and nothing else: "Who else?", "Tell me more"."""
    return _MORE.match(question) is not None


def topic(history: Sequence[Turn]) -> str:
    """What the person has talked about: the last questions, in order."""
    return " ".join(turn.question for turn in history[-_TURNS_OF_TOPIC:])[-LONGEST_QUESTION:]


def near(question: str, history: Sequence[Turn]) -> frozenset[str]:
    """The articles that a follow-up is likely to be about: those of the last quotes' first."""
    if not history or not (leans_back(question) or repeated(question, history)):
        return frozenset()
    return frozenset(quote.article.id for quote in history[-1].quotes[:1])


def leans_back(question: str) -> bool:
    """Whether a question cannot be understood by itself."""
    if _continues(question):
        return True
    found = _POINTS_BACK.search(_EMPTY.sub(" ", question))
    return found is not None and not _names(question[: question.lower().find(found.group().lower())], opening=True)


def _continues(question: str) -> bool:
    """Whether a question only makes sense as the end of the last: "Why?", "And the children?"."""
    about = content_terms(question)
    if _CONTINUES.match(question):
        return len(about) < _OWN_TERMS and not _POINTS_BACK.search(question)
    bare = not about or (len(about) == 1 and len(question.split()) <= 2)  # "How many?", "How old?", but not "What is salt?"
    return bare and not _POINTS_BACK.search(question)


def _carried(question: str, last: Turn) -> list[str]:
    """Names and content words that the question lacks, each once."""
    known = set(content_terms(question))
    carried: list[str] = []
    for phrase in (*_quoted_names(last.quotes[:1]), *_content_words(last.searched_for)):
        new = [term for term in content_terms(phrase) if term not in known]
        if new and not any(phrase in each for each in carried):  # "North Korea" stands in "North Korean"
            known.update(new)
            carried.append(phrase)
    return carried


def _quoted_names(quotes: Iterable[Quote]) -> list[str]:
    return [name for quote in quotes for name in _names(quote.text)][:_MOST_NAMES]


def _names(text: str, *, opening: bool = False) -> list[str]:
    """Runs of capitalised words, in order.

    Args:
        opening: the text begins a question, whose first word is capitalised whatever it is.
    """
    found = []
    for match in NAME.finditer(text):
        words = match.group().split()
        begins = not text[: match.start()].strip(" \t\n\"“‘'([") or text[: match.start()].rstrip()[-1:] in ".!?:"
        if begins and (opening or len(words) == 1 or not content_terms(words[0])):
            words = words[1:]
        if words and content_terms(" ".join(words)):
            found.append(" ".join(words))
    return found


def _content_words(question: str) -> list[str]:
    return [word for word in re.findall(r"[\w’'-]+", question) if content_terms(word)]
