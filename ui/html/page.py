"""What belongs to no tab of the page: its head, messages, the list of keys, and replies to scripts."""

from markupsafe import Markup

from ui.html.environment import render
from ui.i18n.language import gettext_noop

KEYS = (
    ("/", gettext_noop("Go to the question")),
    ("j", gettext_noop("Next quote")),
    ("k", gettext_noop("Quote before")),
    ("Enter", gettext_noop("Open the article at the quote")),
    ("Esc", gettext_noop("Back from the article")),
    ("?", gettext_noop("This list")),
)


def masthead_html(n_articles: int, *, login: bool = False) -> Markup:
    """Return the page's name, what it does and how many articles it has to read.

    Args:
        login: whether users have logged in, and so can log out.
    """
    return render("page.html", "masthead", n_articles, login)


def error_html(message: str) -> Markup:
    """Return an error message, translated."""
    return render("page.html", "error", message)


def aids_html() -> Markup:
    """Return the status line, the list of keys, and the form for a test question, all hidden at first."""
    return render("page.html", "aids", KEYS)


def div_html(content: str, **attributes: str | int) -> Markup:
    """Return content in an element with these attributes, `_` in a name as `-`."""
    return render("page.html", "div", content, **attributes)
