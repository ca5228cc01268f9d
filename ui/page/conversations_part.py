"""The list of conversations on the page: found, opened, renamed, deleted, and opened by an address."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr

from embeddings import PullquoteError
from ui import static
from ui.html.answer import error_html
from ui.html.chat import chat_html
from ui.html.conversations import talks_html
from ui.html.markup import Html
from ui.page.conversations import Talks
from ui.page.events import QUICK, text
from ui.state.chat import Chat, unexpected

Opened = tuple[Any, Any, Html]  # the conversation, how it is shown, and the list


class TalksPart:
    """What is done with conversations that are kept."""

    def __init__(self, talks: Talks) -> None:
        self._talks = talks

    def build(self) -> None:
        """Make the list where the page is being built."""
        js = "\n".join(static.text(name) for name in ("page.js", "talks.js"))
        self.part = gr.HTML(self.listed(), elem_id="talks", apply_default_css=False, js_on_load=js)

    def connect(self, chat: gr.State, said: gr.HTML) -> None:
        """Say what happens when the list is used.

        Args:
            chat: the conversation that is open.
            said: where it is shown.
        """
        opened = [chat, said, self.part]
        self.part.talk(self._open, outputs=opened, **QUICK)
        self.part.address(self._open_address, outputs=opened, **QUICK)
        self.part.rename(self._rename, outputs=[self.part], **QUICK)
        self.part.forget(self._forget, inputs=[chat], outputs=opened, **QUICK)
        self.part.find(self._find, outputs=[self.part], **QUICK)

    def listed(self, search: str = "") -> Html:
        """The list, or why there is none."""
        try:
            return talks_html(self._talks.listed(search), search)
        except PullquoteError as error:
            return talks_html((), trouble=str(error))
        except Exception:
            return talks_html((), trouble=unexpected())

    def _find(self, event: gr.EventData) -> Html:
        return self.listed(text(event, "search"))

    def _open(self, event: gr.EventData) -> Opened:
        return self._shown(lambda: self._talks.open(text(event, "conversation")))

    def _open_address(self, event: gr.EventData) -> Opened:
        """What an address of the page names: a conversation, or an answer by itself."""
        value = text(event, "value")
        is_answer = text(event, "name") == "answer"
        return self._shown(lambda: self._talks.open_answer(value) if is_answer else self._talks.open(value))

    def _shown(self, found: Callable[[], Chat]) -> Opened:
        try:
            chat = found()
        except PullquoteError as error:
            return self._none(str(error))
        except Exception:
            return self._none(unexpected())
        return chat, chat_html(chat), self.listed()

    def _none(self, trouble: str | None = None) -> Opened:
        """An empty conversation, or why there is none."""
        chat = Chat()
        return chat, chat_html(replace(chat, unkept=trouble)), self.listed()

    def _rename(self, event: gr.EventData) -> Html:
        try:
            self._talks.rename(text(event, "conversation"), text(event, "title"))
        except PullquoteError as error:
            return talks_html((), trouble=str(error))
        return self.listed()

    def _forget(self, chat: Chat, event: gr.EventData) -> Opened:
        deleted = text(event, "conversation")
        try:
            self._talks.delete(deleted)
        except PullquoteError as error:
            return gr.skip(), gr.skip(), error_html(str(error))
        if chat.conversation != deleted:
            return gr.skip(), gr.skip(), self.listed()
        return self._none()
