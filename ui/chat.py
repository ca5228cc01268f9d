"""What one browser tab has asked so far and what it was answered."""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from embeddings import PullquoteError
from qa import Answer, Assistant
from qa.articles import Turn
from qa.settings import LONGEST_HISTORY, LONGEST_QUESTION

_log = logging.getLogger("pullquote.page")
_MOST_SHOWN = 50  # exchanges; the page is sent whole each time


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, or a message why there is none; neither while it is being answered."""

    number: int  # from 1
    question: str
    answer: Answer | None = None
    trouble: str | None = None
    doing: str = "Searching"  # while it is being answered


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as it is shown; asking makes another, so that no two tabs can share one."""

    exchanges: tuple[Exchange, ...] = ()
    turns: tuple[Turn, ...] = ()  # what follow-ups are understood with

    def asking(self, question: str) -> "Chat":
        """The conversation with a question that is not answered yet."""
        number = self.exchanges[-1].number + 1 if self.exchanges else 1
        shown = question if len(question) <= LONGEST_QUESTION else f"{question[:200]}…"
        return replace(self, exchanges=(*self.exchanges, Exchange(number, shown))[-_MOST_SHOWN:])

    def ask(
        self,
        assistant: Assistant,
        question: str,
        only: Mapping[str, Any] | None = None,
        *,
        alone: bool = False,
        on_stage: Callable[[str], None] | None = None,
    ) -> "Chat":
        """The conversation with a question and its answer, or with what went wrong; nothing is raised.

        Args:
            only: what articles must be.
            alone: the question is to be understood by itself.
            on_stage: as for `Assistant.ask`.
        """
        asked = self.asking(question)
        conversation = assistant.conversation()
        conversation.turns = [] if alone else list(self.turns)
        try:
            answer = conversation.ask(question, on_stage=on_stage, **(only or {}))
        except PullquoteError as error:
            return asked._ending(trouble=str(error))
        except Exception:
            return asked._ending(trouble=unexpected())
        turns = [*self.turns, *conversation.turns][-LONGEST_HISTORY:] if alone else conversation.turns
        return replace(asked._ending(answer=answer), turns=tuple(turns))

    def doing(self, what: str) -> "Chat":
        """The conversation with what is being done for the question that is not answered yet."""
        return replace(self, exchanges=(*self.exchanges[:-1], replace(self.exchanges[-1], doing=what)))

    def answer(self, number: int | None) -> Answer | None:
        """The answer of that number, if it is still shown."""
        return next((each.answer for each in self.exchanges if each.number == number), None)

    def _ending(self, *, answer: Answer | None = None, trouble: str | None = None) -> "Chat":
        last = replace(self.exchanges[-1], answer=answer, trouble=trouble)
        return replace(self, exchanges=(*self.exchanges[:-1], last))


def unexpected() -> str:
    """Log the error being handled and say, without a word of it, under which name it can be found in the log."""
    name = secrets.token_hex(4)
    _log.exception("Unexpected error %s", name)
    return f"Something went wrong (id {name}). The log of the server says more under that id."
