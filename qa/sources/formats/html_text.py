"""The text of a fragment of HTML, as messages and records hold it. `html` loads whole web pages."""

import re
from typing import Any

from qa.sources.formats.html_tables import name_table_cells
from qa.types.articles import SetAside
from qa.types.errors import ArticleUnreadable

_INVISIBLE = {
    *("script", "style", "head", "title", "template", "noscript"),
    *("iframe", "object", "svg", "math", "select", "textarea"),
}
_PARAGRAPHS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul"),
    *("ol", "dl", "table", "blockquote", "pre", "hr", "figure", "article"),
}
_LINES = {
    *("div", "li", "tr", "dt", "dd", "section", "header"),
    *("footer", "aside", "main", "nav", "address", "center", "figcaption"),
}
_CELLS = {"td", "th"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_QUOTE = re.compile(r"\b(?:gmail_quote|yahoo_quoted|protonmail_quote|moz-cite-prefix|moz-forward-container)\b")
_MESSAGE_HEADER = re.compile(r"\b(?:divRplyFwdMsg|OutlookMessageHeader)\b")  # of an earlier message, in Outlook
_HEADER_STYLE = re.compile(r"border-top:\s*solid\s+#(?:E1E1E1|B5C4DF)", re.I)  # likewise
_SIGNATURE = re.compile(r"\b(?:gmail_signature|moz-signature|protonmail_signature_block)\b")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufeff]")
_TAG = re.compile(
    r"<(?:p|br|div|h[1-6]|[uod]l|li|table|tr|blockquote|article|section|figure|img|a)\b[^<>]*>|</(?:a|b|i|em|strong|span)>",
    re.I,
)
_SEPARATORS = ("", " ", "\t", "\n", "\n\n")  # from the weakest to the strongest
_NOTHING, _SPACE, _CELL, _LINE, _PARAGRAPH = _SEPARATORS


def remove_control_characters(text: str) -> str:
    """Remove characters that no text holds, and make all line breaks line feeds."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_html(text: str) -> bool:
    """Tell whether a text has HTML tags."""
    return bool(_TAG.search(text))


def html_to_text(html: str) -> tuple[str, list[SetAside]]:
    """Return the visible text, with a blank line between paragraphs, and what mail programs mark: quotes, signatures, and the
    headers of earlier messages.

    Raises:
        ArticleUnreadable: the HTML cannot be parsed.
    """
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(remove_control_characters(html).encode(), parser) if html.strip() else None
    except Exception as error:
        raise ArticleUnreadable(f"its HTML cannot be read ({' '.join(str(error).split())[:120]})") from error
    writer = _TextWriter()
    if root is not None:
        name_table_cells(root)
        _write(root, writer, etree.iterwalk(root, events=("start", "end")))
    return writer.text(), writer.set_aside


class _TextWriter:
    """Collects text, with the strongest separator that was requested between two runs of it."""

    def __init__(self) -> None:
        self.set_aside: list[SetAside] = []
        self.length = 0
        self._runs: list[str] = []
        self._separator = _NOTHING

    def text(self) -> str:
        return "".join(self._runs)

    def add(self, text: str, *, preformatted: bool) -> None:
        """Add text. White space becomes one space. Line breaks stay if it is preformatted."""
        for number, line in enumerate(text.split("\n") if preformatted else [text]):
            if number:
                self.separate(_LINE)
            words = " ".join(line.split())
            if line[:1].isspace() or not words:
                self.separate(_SPACE if line else _NOTHING)
            if words:
                self._append(self._separator if self.length else "")
                self._append(words)
                self._separator = _SPACE if line[-1].isspace() else _NOTHING

    def separate(self, separator: str) -> None:
        self._separator = max(self._separator, separator, key=_SEPARATORS.index)

    def break_line(self) -> None:
        """Break the line. A second break makes a paragraph."""
        self._separator = _PARAGRAPH if self._separator in (_LINE, _PARAGRAPH) else _LINE

    def mark(self, start: int, rule: str) -> None:
        """Set aside the text from an offset on."""
        if self.length > start:
            marked = self.text()[start:]
            self.set_aside.append(SetAside(start + len(marked) - len(marked.lstrip()), self.length, rule))

    def _append(self, run: str) -> None:
        self._runs.append(run)
        self.length += len(run)


def _write(root: Any, writer: _TextWriter, events: Any) -> None:
    n_hidden = n_preformatted = 0  # elements around this place
    marked: list[tuple[Any, int, str]] = []
    for event, element in events:
        tag = element.tag if isinstance(element.tag, str) else ""
        is_hidden = tag in _INVISIBLE or bool(_HIDDEN.search(element.get("style", ""))) or element.get("hidden") is not None
        if event == "start":
            n_hidden += is_hidden
            n_preformatted += tag == "pre"
            _separate(tag, writer)
            if not marked and (rule := _rule(tag, element)):
                marked.append((element, writer.length, rule))
            if not n_hidden and element.text:
                writer.add(element.text, preformatted=n_preformatted > 0)
            continue
        n_hidden -= is_hidden
        n_preformatted -= tag == "pre"
        if tag != "br":
            _separate(tag, writer)
        if marked and marked[-1][0] is element:
            _, start, rule = marked.pop()
            writer.mark(start, rule)
        if not n_hidden and element.tail and element is not root:
            writer.add(element.tail, preformatted=n_preformatted > 0)


def _separate(tag: str, writer: _TextWriter) -> None:
    if tag == "br":
        writer.break_line()
    elif tag in _PARAGRAPHS:
        writer.separate(_PARAGRAPH)
    elif tag in _LINES:
        writer.separate(_LINE)
    elif tag in _CELLS:
        writer.separate(_CELL)


def _rule(tag: str, element: Any) -> str:
    names = element.get("class", "") + " " + element.get("id", "")
    if _QUOTE.search(names) or (tag == "blockquote" and element.get("type") == "cite"):
        return "quoted message"
    if _MESSAGE_HEADER.search(names) or (tag == "div" and _HEADER_STYLE.search(element.get("style", ""))):
        return "mail header"
    return "signature" if _SIGNATURE.search(names) else ""
