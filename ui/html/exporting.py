"""A conversation as a file: Markdown, a page by itself, or JSON, every quote with its citation."""

import json
from collections.abc import Sequence

from qa.types.articles import KeptAnswer
from ui.html.citing import cited, markdown
from ui.html.markdown import line
from ui.html.markup import Html, element
from ui.i18n.language import current_language, from_english
from ui.i18n.language import gettext as _

_STYLE = """
body { font: 1.05rem/1.55 Georgia, serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
body { color: #1d1b18; background: #fffefb }
h2 { margin: 2rem 0 .3rem }
blockquote { margin: .8rem 0 .2rem; padding-left: 1rem; border-left: 3px solid #9b1c1c; white-space: pre-wrap }
.cited, .when { color: #5c564d; font: .92rem/1.45 system-ui, sans-serif; margin: 0 0 1rem; white-space: pre-wrap }
@media (prefers-color-scheme: dark) { body { color: #ece7dc; background: #171614 } .cited, .when { color: #b0a89a } }
"""
TYPES = {"md": "text/markdown", "html": "text/html", "json": "application/json"}


def exported(title: str, kept: Sequence[KeptAnswer], ending: str) -> str:
    """A conversation as one of `TYPES`; KeyError if it is none of them."""
    return {"md": _as_markdown, "html": _as_html, "json": _as_json}[ending](title or _("Conversation"), kept)


def _as_markdown(title: str, kept: Sequence[KeptAnswer]) -> str:
    parts = [f"# {line(title)}"]
    for each in kept:
        parts += [f"## {line(each.answer.question)}", _when(each)]
        parts += [markdown(quote).rstrip() for quote in each.answer.all_quotes] or [_none(each)]
    return "\n\n".join(parts) + "\n"


def _as_html(title: str, kept: Sequence[KeptAnswer]) -> str:
    parts: list[Html] = [element("h1", title)]
    for each in kept:
        parts += [element("h2", each.answer.question, dir="auto"), element("p", _when(each), class_="when")]
        for quote in each.answer.all_quotes:
            parts.append(element("blockquote", quote.text, cite=quote.article.source, dir="auto"))
            parts.append(element("p", cited(quote), class_="cited"))
        if not each.answer.all_quotes:
            parts.append(element("p", _none(each)))
    about = Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width">')
    head = element("head", about, element("title", title), element("style", Html(_STYLE)))
    return f"<!doctype html>\n{element('html', head, element('body', *parts), lang=current_language())}\n"


def _as_json(title: str, kept: Sequence[KeptAnswer]) -> str:
    answers = [{"id": each.id, "asked": each.asked, "answer": json.loads(each.answer.to_json())} for each in kept]
    return json.dumps({"title": title, "answers": answers}, ensure_ascii=False, indent=2) + "\n"


def _none(kept: KeptAnswer) -> str:
    return from_english(kept.answer.help) if kept.answer.help else _("Not in these articles.")


def _when(kept: KeptAnswer) -> str:
    day, time, sure = kept.asked[:10], kept.asked[11:16], kept.answer.confidence
    return _("Asked on {day} at {time} UTC; confidence {confidence:.2f}.", day=day, time=time, confidence=sure)
