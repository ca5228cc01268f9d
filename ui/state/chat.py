"""What one browser tab has asked so far and what it was answered."""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from embeddings import PullquoteError
from qa import Answer, Assistant
from qa.answer.citation_status import CitationStatus
from qa.types.articles import Turn
from qa.types.settings import LONGEST_HISTORY, LONGEST_QUESTION
from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop

_log = logging.getLogger("pullquote.page")
MOST_SHOWN = 50  # exchanges; so many are sent when a conversation is opened


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, or a message why there is none; neither while it is being answered."""

    number: int  # from 1
    question: str
    answer: Answer | None = None
    trouble: str | None = None
    doing: str = gettext_noop("Searching…")  # while it is being answered
    kept: str | None = None  # the answer's id, if it is kept
    judged: Mapping[int, bool] = field(default_factory=dict, hash=False)  # by a quote's rank, whether it was said to answer
    asked: str | None = None  # when, ISO 8601, of an answer that is looked at by itself
    standing: tuple[CitationStatus, ...] = ()  # of the quotes of such an answer


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as it is shown; asking makes another, so that no two tabs can share one."""

    exchanges: tuple[Exchange, ...] = ()
    turns: tuple[Turn, ...] = ()  # what follow-ups are understood with
    conversation: str | None = None  # its id, if it is kept
    unkept: str | None = None  # why not, where it should be
    thread: str = field(default_factory=lambda: secrets.token_hex(4), compare=False)  # tells the browser which one goes on

    def asking(self, question: str) -> "Chat":
        """The conversation with a question that is not answered yet."""
        number = self.exchanges[-1].number + 1 if self.exchanges else 1
        shown = question if len(question) <= LONGEST_QUESTION else f"{question[:200]}…"
        return replace(self, exchanges=(*self.exchanges, Exchange(number, shown))[-MOST_SHOWN:])

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

    def judging(self, number: int, rank: int, good: bool | None) -> "Chat":
        """The conversation with what was said of a quote."""
        judged = (_judging(each, rank, good) if each.number == number else each for each in self.exchanges)
        return replace(self, exchanges=tuple(judged))

    def _ending(self, *, answer: Answer | None = None, trouble: str | None = None) -> "Chat":
        last = replace(self.exchanges[-1], answer=answer, trouble=trouble)
        return replace(self, exchanges=(*self.exchanges[:-1], last))


def _judging(exchange: Exchange, rank: int, good: bool | None) -> Exchange:
    judged = {of: said for of, said in exchange.judged.items() if of != rank}
    return replace(exchange, judged=judged if good is None else judged | {rank: good})


def unexpected() -> str:
    """Log the error being handled and say, without a word of it, under which name it can be found in the log."""
    name = secrets.token_hex(4)
    _log.exception("Unexpected error %s", name)
    return _("Something went wrong (id {name}). The log of the server says more under that id.", name=name)
