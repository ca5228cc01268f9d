"""A conversation as HTML and as a file to keep, and the list of conversations."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qa.types.articles import Disagreement, Heading, KeptAnswer
from ui.html.citations import citation, markdown, markdown_inline, markdown_line, selectors
from ui.html.environment import render
from ui.html.page import error_html
from ui.html.words import refusal_advice
from ui.i18n.language import current_language, from_english
from ui.i18n.language import gettext as _
from ui.state.chat import Chat

TYPES = {"md": "text/markdown", "html": "text/html", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an empty library invites to."""

    may_add: bool  # whether articles can be added on the page
    has_samples: bool  # whether there are sample articles to try


def chat_html(
    chat: Chat, examples: Sequence[str] = (), *, offers: Sequence[str] = (), invitation: Invitation | None = None
) -> Markup:
    """Return all questions and answers of a conversation. Before the first there are questions to try.

    Args:
        examples: questions to try, by their numbers.
        offers: others, made of the articles.
        invitation: to add articles, where there are none.
    """
    return render("conversations.html", "conversation", chat, examples, offers, invitation)


def latest_html(chat: Chat) -> Markup:
    """Return the last exchange of a conversation alone, for a browser that has the others."""
    return render("conversations.html", "latest", chat)


def forgotten_html() -> Markup:
    """Return what makes a browser load the page again, where the server knows nothing of its conversation."""
    return render("conversations.html", "forgotten")


def conversations_html(
    headings: Sequence[Heading], search: str = "", removed: Sequence[str] = (), error: str | None = None
) -> Markup:
    """Return the list of conversations, folded, with a search; unfolded where something was searched for.

    Args:
        headings: of the conversations.
        search: what was searched for.
        removed: the titles of those whose deletion can be undone.
        error: why there is no list.
    """
    return error_html(error) if error else render("conversations.html", "list", headings, search, removed)


def undated_html(n: int) -> Markup:
    """Return that articles without a date are left out by a filter of days, or nothing where there are none."""
    return render("conversations.html", "undated", n)


def export(title: str, kept: Sequence[KeptAnswer], ending: str) -> str:
    """Return a conversation with all its quotes and citations as a file of one of `TYPES`.

    Raises:
        KeyError: `ending` is none of `TYPES`.
    """
    return {"md": _export_markdown, "html": _export_html, "json": _export_json}[ending](title or _("Conversation"), kept)


def _export_markdown(title: str, kept: Sequence[KeptAnswer]) -> str:
    parts = [f"# {markdown_line(title)}"]
    for item in kept:
        parts += [f"## {markdown_line(item.answer.question)}", _when(item)]
        for disagreement in item.answer.disagreements:
            parts += [_("Articles differ:"), "\n".join(_values_in_markdown(disagreement))]
        parts += [markdown(quote).rstrip() for quote in item.answer.all_quotes] or [_refusal(item)]
        if item.answer.closest:
            parts.append(markdown(item.answer.closest).rstrip())
    return "\n\n".join(parts) + "\n"


def _values_in_markdown(disagreement: Disagreement) -> Iterator[str]:
    """Yield a line for each value that articles give, with where it is given. Its quotes stand below."""
    for value in disagreement.values:
        givers = "; ".join(citation(quote, in_markdown=True) for quote in value.quotes)
        yield f"- **{markdown_inline(value.text)}** — {givers}"


def _export_html(title: str, kept: Sequence[KeptAnswer]) -> str:
    entries = [(item.answer, _when(item), item.answer.all_quotes, _refusal(item)) for item in kept]
    return render("export.html", "page", title, entries, current_language())


def _export_json(title: str, kept: Sequence[KeptAnswer]) -> str:
    answers = [
        {
            "id": item.id,
            "asked": item.asked,
            "answer": json.loads(item.answer.to_json()),
            "selectors": [{"source": quote.article.source, "selector": selectors(quote)} for quote in item.answer.all_quotes],
        }
        for item in kept
    ]
    return json.dumps({"title": title, "answers": answers}, ensure_ascii=False, indent=2) + "\n"


def _refusal(kept: KeptAnswer) -> str:
    if kept.answer.help:
        return from_english(kept.answer.help)
    if kept.answer.closest:
        return f"{_('Not sure.')} {_('This sentence comes closest:')}"
    return " ".join((_("No sentence found that answers this."), *refusal_advice(kept.answer)))


def _when(kept: KeptAnswer) -> str:
    day, time, confidence = kept.asked[:10], kept.asked[11:16], kept.answer.confidence
    return _("Asked on {day} at {time} UTC; confidence {confidence:.2f}.", day=day, time=time, confidence=confidence)
