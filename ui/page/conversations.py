"""Conversations kept in the library: saved as they go on, listed, and opened again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr
from markupsafe import Markup

from embeddings import PullquoteError
from qa import Assistant
from qa.answer.citation_status import citation_statuses
from qa.library.journal import Journal
from qa.types.articles import KeptAnswer, Turn
from qa.types.errors import LibraryError
from qa.types.settings import LONGEST_HISTORY
from ui import static
from ui.html.conversations import chat_html, conversations_html
from ui.html.page import error_html
from ui.page.events import QUICK, event_text
from ui.state.chat import MOST_SHOWN, Chat, Exchange, log_unexpected

Opened = tuple[Any, Any, Markup]  # the conversation, its HTML, and the HTML of the list


class ConversationList:
    """The list of conversations, where they are found, opened, renamed and deleted."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant, self._journal = assistant, assistant.journal

    def build(self) -> None:
        """Make the list where the page is being built."""
        self.part = gr.HTML("", elem_id="conversations", apply_default_css=False, js_on_load=static.text("conversations.js"))

    def connect(self, events: gr.HTML, chat: gr.State, conversation: gr.HTML) -> None:
        """Connect what the list does.

        Args:
            events: the component on which buttons trigger events.
            chat: the open conversation.
            conversation: where it is shown.
        """
        opened = [chat, conversation, self.part]
        events.conversation(self._open, outputs=opened, **QUICK)
        events.rename(self._rename, outputs=[self.part], **QUICK)
        events.forget(self._delete, inputs=[chat], outputs=opened, **QUICK)
        events.find(self._find, outputs=[self.part], **QUICK)

    def html(self, request: gr.Request, search: str = "") -> Markup:
        """Return the list of the user's conversations that hold some words, or why there is none."""
        try:
            return conversations_html(self._journal.of(request.username).conversations(search), search)
        except PullquoteError as error:
            return conversations_html((), error=str(error))
        except Exception:
            return conversations_html((), error=log_unexpected())

    def open_address(self, conversation_id: str, answer_id: str, request: gr.Request) -> Opened:
        """Open what an address of the page names: an answer by itself, or a conversation."""
        journal = self._journal.of(request.username)
        if answer_id:
            return self._show(lambda: open_answer(self._assistant, journal, answer_id), request)
        return self._show(lambda: open_conversation(journal, conversation_id), request)

    def _open(self, event: gr.EventData, request: gr.Request) -> Opened:
        return self.open_address(event_text(event, "conversation"), "", request)

    def _show(self, opening: Callable[[], Chat], request: gr.Request) -> Opened:
        try:
            chat = opening()
        except PullquoteError as error:
            return self._show_none(request, str(error))
        except Exception:
            return self._show_none(request, log_unexpected())
        return chat, chat_html(chat), self.html(request)

    def _show_none(self, request: gr.Request, trouble: str | None = None) -> Opened:
        """Show an empty conversation, with the reason if one could not be opened."""
        chat = Chat()
        return chat, chat_html(replace(chat, save_error=trouble)), self.html(request)

    def _find(self, event: gr.EventData, request: gr.Request) -> Markup:
        return self.html(request, event_text(event, "search"))

    def _rename(self, event: gr.EventData, request: gr.Request) -> Markup:
        try:
            self._journal.of(request.username).rename(event_text(event, "conversation"), event_text(event, "title"))
        except PullquoteError as error:
            return conversations_html((), error=str(error))
        return self.html(request)

    def _delete(self, chat: Chat, event: gr.EventData, request: gr.Request) -> Opened:
        conversation_id = event_text(event, "conversation")
        try:
            self._journal.of(request.username).delete(conversation_id)
        except PullquoteError as error:
            return gr.skip(), gr.skip(), error_html(str(error))
        if chat.conversation_id != conversation_id:
            return gr.skip(), gr.skip(), self.html(request)
        return self._show_none(request)


def keep_answer(journal: Journal, chat: Chat) -> Chat:
    """Keep the last answer of a conversation. If that fails, the conversation says why and goes on."""
    last = chat.exchanges[-1]
    if last.answer is None or last.answer.help is not None:
        return chat
    try:
        conversation_id = chat.conversation_id or journal.begin().id
        answer_id = journal.keep(conversation_id, last.answer).id
    except PullquoteError as error:
        return replace(chat, save_error=f"This conversation is not kept: {error}")
    exchanges = (*chat.exchanges[:-1], replace(last, answer_id=answer_id))
    return replace(chat, conversation_id=conversation_id, exchanges=exchanges, save_error=None)


def open_conversation(journal: Journal, conversation_id: str) -> Chat:
    """Open a conversation as it was left, with its last answers.

    Raises:
        LibraryError: there is no such conversation, or it cannot be read.
    """
    answers = journal.conversation(conversation_id)
    if not answers:
        raise LibraryError("There is no such conversation: it was deleted, or the address is not whole.")
    numbered = list(enumerate(answers, start=1))[-MOST_SHOWN:]
    exchanges = tuple(_exchange(journal, number, answer) for number, answer in numbered)
    return Chat(exchanges, tuple(map(_turn, answers[-LONGEST_HISTORY:])), conversation_id)


def open_answer(assistant: Assistant, journal: Journal, answer_id: str) -> Chat:
    """Open one answer alone, compared with the library as it is now.

    Raises:
        LibraryError: there is no such answer, or it cannot be read.
    """
    kept = journal.answer(answer_id)
    if kept is None:
        raise LibraryError("There is no such answer: its conversation was deleted, or the address is not whole.")
    exchange = _exchange(journal, 1, kept)
    shown = replace(exchange, asked_at=kept.asked, citation_statuses=citation_statuses(assistant.library, kept.answer))
    return Chat((shown,), (_turn(kept),))


def _exchange(journal: Journal, number: int, kept: KeptAnswer) -> Exchange:
    return Exchange(number, kept.answer.question, kept.answer, answer_id=kept.id, judgements=journal.judgements(kept.id))


def _turn(kept: KeptAnswer) -> Turn:
    return Turn(kept.answer.question, kept.answer.searched_for, kept.answer.quotes)
