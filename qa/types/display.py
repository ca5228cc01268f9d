"""How a notebook shows the nouns: as HTML and Markdown, made by the templates of the page.

This package may not import `ui`. It names the module that renders, and imports it when a notebook first shows something
(decision 31). Where that module is not installed a notebook shows the plain `repr`.
"""

from importlib import import_module
from typing import Any

_RENDERERS = "ui.html.notebook"


class Displayed:
    """Shows a value in a notebook. IPython calls these methods, and takes None for "not in this form"."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        return _render(self, "html")

    def _repr_markdown_(self) -> str | None:
        return _render(self, "markdown")


def _render(value: object, form: str) -> str | None:
    try:
        renderers: Any = import_module(_RENDERERS)
    except ImportError:
        return None
    rendered: str = getattr(renderers, f"to_{form}")(value)
    return rendered
