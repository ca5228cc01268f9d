"""Markup; the only place that escapes.

Markup is made by `element` alone, which escapes every text it is given unless that text is `Html`, that is, unless `element`
made it. So no title, file name, quote or question reaches the page as markup.
"""

import html
import re
from collections.abc import Iterable

_SURROGATE = re.compile("[\ud800-\udfff]")


class Html(str):
    """Markup, safe to be put into a page as it stands."""

    __slots__ = ()


def escape(text: str) -> Html:
    """A text as markup that a browser reads back to the same text, character for character.

    A carriage return is written `&#13;`, since a browser would take it for a line feed otherwise. Two kinds of character
    cannot stand in a page: NUL is shown as U+2400 (␀) and half a surrogate pair as U+FFFD, each one character for one, so
    that places still count right. Articles hold neither; questions may.
    """
    shown = _SURROGATE.sub("\ufffd", text.replace("\0", "␀"))
    return Html(html.escape(shown, quote=True).replace("\r", "&#13;"))


def element(name: str, /, *children: str, **attributes: str | int | None) -> Html:
    """An element; children that are not Html are escaped, and so is every attribute.

    An attribute's name is written with `_` for `-`, and with one at its end where Python keeps the word for itself; one that
    is None is left out.
    """
    written = (
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items() if value is not None
    )
    return Html(f"<{name}{''.join(written)}>{join(children)}</{name}>")


def join(parts: Iterable[str], between: str = "") -> Html:
    """Parts one after another, those that are not Html escaped."""
    return Html(escape(between).join(part if isinstance(part, Html) else escape(part) for part in parts))
