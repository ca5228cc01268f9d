"""Question parsing: from the text of a question and its conversation to a stand-alone question. It needs no library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qa.library.filters import Filter
from qa.question import followups
from qa.question.date_filter import suggest_filter
from qa.types.articles import Turn
from qa.types.errors import QuestionUnusable
from qa.types.settings import LARGEST_K, LONGEST_QUESTION, Settings


@dataclass(frozen=True, slots=True)
class Question:
    """A question as asked, and the stand-alone question that is searched for."""

    text: str  # as asked, without white space at its ends
    standalone: str  # to search for, at most LONGEST_QUESTION characters
    own: str  # the part of the conversation whose words count in full: the text, or all of an edited earlier question
    topic: str = ""  # the questions before
    quoted_articles: Mapping[str, float] = field(default_factory=dict)  # ids of those it may be about, and how likely, 0 to 1
    places_quoted: frozenset[tuple[str, int, int]] = frozenset()  # to quote last: the user has seen them and wants more
    date_filter: Filter | None = None  # the filter that a date in the text suggests


def validate(text: str, k: int) -> str:
    """Return a question without white space at its ends, null characters and lone surrogates.

    Raises:
        QuestionUnusable: the question is empty, too long or no text, or k is out of range.
    """
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= LARGEST_K:
        raise QuestionUnusable(f"k must be a whole number from 1 to {LARGEST_K}, not {k!r}.")
    if not isinstance(text, str):
        raise QuestionUnusable(f"A question must be text, not {type(text).__name__}.")
    if len(text) > LONGEST_QUESTION:
        raise QuestionUnusable(f"The question has {len(text):,} characters; the limit is {LONGEST_QUESTION:,}.")
    text = text.encode("utf-8", "replace").decode().replace("\0", " ").strip()
    if not any(character.isalnum() for character in text):
        raise QuestionUnusable("The question holds no word to search for: ask something.")
    return text


def parse(text: str, history: Sequence[Turn] = (), settings: Settings | None = None) -> Question:
    """Parse a valid question with the turns before it."""
    standalone = followups.rewrite(text, history)
    is_repeat = followups.repeat_last(text, history) is not None
    return Question(
        text,
        standalone,
        own=standalone if is_repeat else text,
        topic=followups.topic(history),
        quoted_articles=followups.quoted_articles(text, history),
        places_quoted=followups.places_quoted(text, history, settings or Settings()),
        date_filter=suggest_filter(text),
    )
