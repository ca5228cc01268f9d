"""Which questions can be searched for at all."""

from qa.types.errors import QuestionUnusable
from qa.types.settings import LARGEST_K, LONGEST_QUESTION


def usable(question: str, k: int) -> str:
    """The question as it can be searched for, its ends trimmed.

    Raises:
        QuestionUnusable: with the reason and the limit.
    """
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= LARGEST_K:
        raise QuestionUnusable(f"k must be a whole number from 1 to {LARGEST_K}, not {k!r}.")
    if not isinstance(question, str):
        raise QuestionUnusable(f"A question must be text, not {type(question).__name__}.")
    if len(question) > LONGEST_QUESTION:
        raise QuestionUnusable(f"The question has {len(question):,} characters; the limit is {LONGEST_QUESTION:,}.")
    question = question.encode("utf-8", "replace").decode().replace("\0", " ").strip()
    if not any(character.isalnum() for character in question):
        raise QuestionUnusable("The question holds no word to search for: ask something.")
    return question
