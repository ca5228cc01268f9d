"""The page's own parts in every language it has, of which the browser shows the one that it likes best."""

from collections.abc import Callable

import gradio as gr

from ui.i18n.language import ENGLISH, LANGUAGES, use_language

_SHOWN = ("label", "info", "placeholder", "value")  # what Gradio's browser side translates, of what the page uses


def translated(build: Callable[[], gr.Blocks]) -> tuple[gr.Blocks, gr.I18n]:
    """The page, and what of it is said otherwise in each language.

    It is built once for each; where a part differs from the English one, a key takes its place that the browser looks up. What
    is rendered afterwards is rendered in the language of the browser that asked: `ui.language.current`.
    """
    built = {}
    for language in LANGUAGES:
        with use_language(language):
            built[language] = build()
    page = built[ENGLISH]
    words: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for place, parts in enumerate(zip(*(built[language].blocks.values() for language in LANGUAGES), strict=True)):
        for name in _SHOWN:
            said = [getattr(part, name, None) for part in parts]
            if all(isinstance(each, str) for each in said) and len(set(said)) > 1:
                key = f"part-{place}-{name}"
                for language, words_there in zip(LANGUAGES, said, strict=True):
                    words[language][key] = str(words_there)
                setattr(parts[0], name, str(gr.I18n()(key)))
    page.config = page.get_config_file()
    return page, gr.I18n(**words)
