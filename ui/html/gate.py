"""The pages before the page: the login form, and what to do where the address has no token."""

from collections.abc import Mapping

from markupsafe import Markup

from ui.html.environment import render
from ui.i18n.language import current_language

_PRINTED = "Pullquote: http://…/?token=…"  # as in the terminal


def login_html(links: Mapping[str, str], user: str = "", trouble: str = "") -> Markup:
    """Return the login form.

    Args:
        links: what is opened afterwards, by the names that an address has for it.
        user: the name that was typed.
        trouble: why the last try opened nothing.
    """
    return render("gate.html", "login", links, user, trouble, current_language())


def token_html(links: Mapping[str, str], *, is_wrong: bool) -> Markup:
    """Return the page for an address without a token: where to find the address, and a form for it."""
    return render("gate.html", "token", links, is_wrong, _PRINTED, current_language())
