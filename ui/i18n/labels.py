"""Labels of Gradio's components, which the browser shows in its own language."""

import gradio as gr

from ui.i18n.language import LANGUAGES, use_language
from ui.i18n.language import gettext as _


class Labels:
    """The labels and placeholders of one page. The key of a label is its English text."""

    def __init__(self) -> None:
        self._messages: set[str] = set()

    def __call__(self, message: str) -> str:
        """Return a label that the browser translates when it shows it."""
        self._messages.add(message)
        return str(gr.I18n()(message))

    def translations(self) -> gr.I18n:
        """Return the labels used so far in every language of the page."""
        words = {}
        for language in LANGUAGES:
            with use_language(language):
                words[language] = {message: _(message) for message in sorted(self._messages)}
        return gr.I18n(**words)
