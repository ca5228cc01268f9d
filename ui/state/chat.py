"""The conversation of one browser tab: what was asked in it so far and what was answered."""

import logging
import re
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
FORGOTTEN = "forgotten"  # the thread of a tab whose conversation is not known: the server was started anew since it was opened
THREAD = re.compile(r"[\w-]{12}", re.ASCII)
MOST_SHOWN = 50  # exchanges, all of which are sent when a conversation is opened


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, or the error in place of one. It has neither until it is answered."""

    number: int  # from 1
    question: str
    answer: Answer | None = None
    error: str | None = None
    status: str = gettext_noop("Searching…")  # shown until there is an answer
    answer_id: str | None = None  # if the answer is kept
    judgements: Mapping[int, bool] = field(default_factory=dict, hash=False)  # by a quote's rank, whether it answers
    asked_at: str | None = None  # ISO 8601, only of an answer that is looked at by itself
    citation_statuses: tuple[CitationStatus, ...] = ()  # of the quotes of such an answer


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as it is shown. Its methods return another one, so that no two tabs can share one."""

    exchanges: tuple[Exchange, ...] = ()
    turns: tuple[Turn, ...] = ()  # the context of follow-ups
    conversation_id: str | None = None  # if it is kept
    save_error: str | None = None  # why it is not kept, where it should be
    # Tells the browser which one goes on. If it is kept, that is its id, so that it can be found before it is answered.
    thread: str = field(default_factory=lambda: secrets.token_urlsafe(9), compare=False)

    def with_question(self, question: str) -> "Chat":
        """Add a question that is not answered yet."""
        number = self.exchanges[-1].number + 1 if self.exchanges else 1
        shown = question if len(question) <= LONGEST_QUESTION else f"{question[:200]}…"
        return replace(self, exchanges=(*self.exchanges, Exchange(number, shown))[-MOST_SHOWN:])

    def with_status(self, status: str) -> "Chat":
        """Say what is being done for the question that is not answered yet."""
        return self._with_last(status=status)

    def refuse(self, question: str, error: str) -> "Chat":
        """Add a question that cannot be asked, and why."""
        return self.with_question(question)._with_last(error=error)

    def with_judgement(self, number: int, rank: int, judgement: bool | None) -> "Chat":
        """Set whether a quote answers, or remove what was set (None)."""
        exchanges = (
            _judge(exchange, rank, judgement) if exchange.number == number else exchange for exchange in self.exchanges
        )
        return replace(self, exchanges=tuple(exchanges))

    def ask(
        self,
        assistant: Assistant,
        question: str,
        only: Mapping[str, Any] | None = None,
        *,
        alone: bool = False,
        on_stage: Callable[[str], None] | None = None,
    ) -> "Chat":
        """Add a question and its answer, or an error. It raises nothing.

        Args:
            only: filters on the articles, as for `Assistant.ask`.
            alone: whether the question is understood by itself, not as a follow-up.
            on_stage: as for `Assistant.ask`.
        """
        chat = self.with_question(question)
        conversation = assistant.conversation()
        conversation.turns = [] if alone else list(self.turns)
        try:
            answer = conversation.ask(question, on_stage=on_stage, **(only or {}))
        except PullquoteError as error:
            return chat._with_last(error=str(error))
        except Exception:
            return chat._with_last(error=log_unexpected())
        turns = [*self.turns, *conversation.turns][-LONGEST_HISTORY:] if alone else conversation.turns
        return replace(chat._with_last(answer=answer), turns=tuple(turns))

    def answer(self, number: int | None) -> Answer | None:
        """Return the answer of a number, or None if it is not shown."""
        return next((exchange.answer for exchange in self.exchanges if exchange.number == number), None)

    def _with_last(self, **changes: Any) -> "Chat":
        return replace(self, exchanges=(*self.exchanges[:-1], replace(self.exchanges[-1], **changes)))


def _judge(exchange: Exchange, rank: int, judgement: bool | None) -> Exchange:
    judgements = {other: value for other, value in exchange.judgements.items() if other != rank}
    return replace(exchange, judgements=judgements if judgement is None else judgements | {rank: judgement})


def log_unexpected() -> str:
    """Log the exception being handled, and return a message with the id of the log entry and nothing else of it."""
    name = secrets.token_hex(4)
    _log.exception("Unexpected error %s", name)
    return _("Something went wrong (id {name}). The log of the server says more under that id.", name=name)
