"""Script data: the text of an article that a page holds as data, for a script to show it in a browser."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from html import unescape
from typing import TYPE_CHECKING, Any

from qa.sources.formats.page import json_ld

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BODY = re.compile(
    r"(?:article|story|post|content|main)?_?-?(?:body|content|text|html|paragraphs|blocks|elements|components|sections)"
    r"(?:html|text|rendered)?",
    re.I,
)
_INNER = ("html", "text", "value", "rendered", "content", "children", "body", "paragraphs", "blocks", "data")  # by preference
_TITLES = ("headline", "title", "name")
_STATE = re.compile(r"(?:\bwindow(?:\.|\[[\"'])|\bself\.|\b(?:var|const|let)\s+)[\w$.]+(?:[\"']\])?\s*=\s*(?=[{\[])")
_PROSE = re.compile(r"\w[^<>{}]*\s[^<>{}]*\s[^<>{}]*[.!?…。！？][\"'”’»)\]]*(?:\s|$)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SOURCE_CODE = re.compile(r"\bfunction\s*\(|=>|[{};]\s*\n|^\s*https?://\S+\s*$")
_MIN_PROSE = 200  # characters of an article
_MAX_DEPTH = 40
_MAX_VALUES = 200_000  # of one page that are looked at
_NOT_WORD = re.compile(r"\W+")


def find_body(root: "HtmlElement", to_text: Callable[[str], str]) -> tuple[str, str]:
    """Return title and text of the article that a page's scripts hold, with blank lines between paragraphs, or "" twice.

    Args:
        to_text: returns the text of a fragment of HTML.
    """
    element = root.find(".//title")
    head = "" if element is None else _fold(element.text_content())
    best: tuple[bool, int, str, str] = (False, 0, "", "")
    for data in _data(root):
        for title, value in _bodies(data):
            text = "\n\n".join(_paragraphs(value, to_text))
            length = sum(len(match.group()) for match in _PROSE.finditer(text))
            is_titled = bool(title) and (_fold(title) in head or head in _fold(title))
            if length >= _MIN_PROSE and (is_titled, length) > best[:2]:
                best = (is_titled, length, title, text)
    return best[2], best[3]


def _data(root: "HtmlElement") -> Iterator[Any]:
    """Yield the data of scripts: JSON, and what is assigned to variables."""
    for script in root.iter("script"):
        text = script.text or ""
        if "json" in (script.get("type") or "").lower():
            yield json_ld.load(text)
            continue
        for match in _STATE.finditer(text):
            with suppress(ValueError, RecursionError):
                yield json.JSONDecoder(strict=False).raw_decode(text, match.end())[0]


def _bodies(data: Any) -> Iterator[tuple[str, Any]]:
    """Yield the values that are called like the body of an article, each with the title beside it or above it."""
    waiting = [(data, "", 0)]
    n_values = 0
    while waiting and n_values < _MAX_VALUES:
        value, title, depth = waiting.pop()
        n_values += 1
        if depth > _MAX_DEPTH:
            continue
        if isinstance(value, dict):
            own = next((value[name] for name in _TITLES if isinstance(value.get(name), str) and value[name]), title)
            for name, inner in value.items():
                if inner and _BODY.fullmatch(str(name)):
                    yield own, inner
                if isinstance(inner, dict | list):
                    waiting.append((inner, own, depth + 1))
        elif isinstance(value, list):
            waiting += [(inner, title, depth + 1) for inner in value if isinstance(inner, dict | list)]


def _paragraphs(value: Any, to_text: Callable[[str], str], depth: int = 0) -> list[str]:
    """Return the paragraphs in a body: a text, a list of paragraphs, or a tree of them as editors store it."""
    if depth > _MAX_DEPTH:
        return []
    if isinstance(value, str):
        if _SOURCE_CODE.search(value):
            return []
        text = to_text(value) if _TAG.search(value) else unescape(value)
        return [line for part in re.split(r"\n+", text) if (line := " ".join(part.split()))]
    if isinstance(value, list):
        if any(isinstance(item, dict) and item.get("type") == "text" for item in value):  # pieces of one paragraph
            return [line] if (line := " ".join("".join(_piece(item, to_text, depth) for item in value).split())) else []
        return [paragraph for item in value for paragraph in _paragraphs(item, to_text, depth + 1)]
    if isinstance(value, dict):
        return next((found for name in _INNER if name in value and (found := _paragraphs(value[name], to_text, depth + 1))), [])
    return []


def _piece(item: Any, to_text: Callable[[str], str], depth: int) -> str:
    if isinstance(item, dict) and isinstance(item.get("text", item.get("value")), str):
        return str(item.get("text", item.get("value")))
    return " ".join(_paragraphs(item, to_text, depth + 1))


def _fold(words: str) -> str:
    return _NOT_WORD.sub("", words).casefold()
