"""The visible text of a piece of HTML, as mails and records hold it; whole pages of the web have a loader of their own."""

import re
from typing import Any

from qa.types.articles import SetAside
from qa.types.errors import ArticleUnreadable

_UNSEEN = {
    *("script", "style", "head", "title", "template", "noscript"),
    *("iframe", "object", "svg", "math", "select", "textarea"),
}
_PARAGRAPH = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul"),
    *("ol", "dl", "table", "blockquote", "pre", "hr", "figure", "article"),
}
_LINE = {
    *("div", "li", "tr", "dt", "dd", "section", "header"),
    *("footer", "aside", "main", "nav", "address", "center", "figcaption"),
}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_QUOTE = re.compile(r"\b(?:gmail_quote|yahoo_quoted|protonmail_quote|moz-cite-prefix|moz-forward-container)\b")
_SIGNATURE = re.compile(r"\b(?:gmail_signature|moz-signature|protonmail_signature_block)\b")
_NEVER_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufeff]")
_TAG = re.compile(
    r"<(?:p|br|div|h[1-6]|[uod]l|li|table|tr|blockquote|article|section|figure|img|a)\b[^<>]*>|</(?:a|b|i|em|strong|span)>",
    re.I,
)
_NOTHING, _SPACE, _CELL, _NEW_LINE, _NEW_PARAGRAPH = "", " ", "\t", "\n", "\n\n"
_STRENGTH = {_NOTHING: 0, _SPACE: 1, _CELL: 2, _NEW_LINE: 3, _NEW_PARAGRAPH: 4}


def clean(text: str) -> str:
    """A text without the characters that no text holds, its line ends one line feed each."""
    return _NEVER_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_html(text: str) -> bool:
    """Whether a text has the tags of HTML in it."""
    return bool(_TAG.search(text))


def visible_text(html: str) -> tuple[str, list[SetAside]]:
    """What a reader sees of HTML, paragraphs apart by a blank line; and what mail programs mark as quoted or signature.

    Raises:
        ArticleUnreadable: it cannot be parsed.
    """
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(clean(html).encode(), parser) if html.strip() else None
    except Exception as error:
        raise ArticleUnreadable(f"its HTML cannot be read ({' '.join(str(error).split())[:120]})") from error
    text = _Text()
    if root is not None:
        _walk(root, text, etree.iterwalk(root, events=("start", "end")))
    return text.whole(), text.set_aside


class _Text:
    """What is written so far, and the white space due before what comes next."""

    def __init__(self) -> None:
        self.set_aside: list[SetAside] = []
        self._pieces: list[str] = []
        self._length = 0
        self._due = _NOTHING

    def add(self, text: str, preformatted: bool) -> None:
        """Write a run of text, its white space as one space or, where it is laid out so, its lines as lines."""
        for number, line in enumerate(text.split("\n") if preformatted else [text]):
            if number:
                self.separate(_NEW_LINE)
            words = " ".join(line.split())
            if line[:1].isspace() or not words:
                self.separate(_SPACE if line else _NOTHING)
            if words:
                self._put(self._due if self._length else "")
                self._put(words)
                self._due = _SPACE if line[-1].isspace() else _NOTHING

    def separate(self, how: str) -> None:
        if _STRENGTH[how] > _STRENGTH[self._due]:
            self._due = how

    def break_line(self) -> None:
        self._due = _NEW_PARAGRAPH if _STRENGTH[self._due] >= _STRENGTH[_NEW_LINE] else _NEW_LINE

    def place(self) -> int:
        return self._length

    def mark(self, start: int, rule: str) -> None:
        """Set aside what was written since a place."""
        if self._length > start:
            written = self.whole()[start:]
            self.set_aside.append(SetAside(start + len(written) - len(written.lstrip()), self._length, rule))

    def whole(self) -> str:
        return "".join(self._pieces)

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)


def _walk(root: Any, text: _Text, events: Any) -> None:
    unseen = 0
    preformatted = 0
    marked: list[tuple[Any, int, str]] = []
    for event, element in events:
        tag = element.tag if isinstance(element.tag, str) else ""
        hides = tag in _UNSEEN or bool(_HIDDEN.search(element.get("style", ""))) or element.get("hidden") is not None
        if event == "start":
            unseen += hides
            preformatted += tag == "pre"
            _separate(tag, text)
            if not marked and (rule := _rule(tag, element)):
                marked.append((element, text.place(), rule))
            if not unseen and element.text:
                text.add(element.text, preformatted > 0)
            continue
        unseen -= hides
        preformatted -= tag == "pre"
        if tag != "br":
            _separate(tag, text)
        if marked and marked[-1][0] is element:
            _, start, rule = marked.pop()
            text.mark(start, rule)
        if not unseen and element.tail and element is not root:
            text.add(element.tail, preformatted > 0)


def _separate(tag: str, text: _Text) -> None:
    if tag == "br":
        text.break_line()
    elif tag in _PARAGRAPH:
        text.separate(_NEW_PARAGRAPH)
    elif tag in _LINE:
        text.separate(_NEW_LINE)
    elif tag in ("td", "th"):
        text.separate(_CELL)


def _rule(tag: str, element: Any) -> str:
    marks = element.get("class", "") + " " + element.get("id", "")
    if _QUOTE.search(marks) or (tag == "blockquote" and element.get("type") == "cite"):
        return "quoted message"
    return "signature" if _SIGNATURE.search(marks) else ""
