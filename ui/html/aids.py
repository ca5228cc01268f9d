"""What helps in using the page, as HTML: the place where it says what it did, the list of keys, a form."""

from qa.types.settings import LONGEST_QUESTION
from ui.html.markup import Html, element, join
from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop

KEYS = (
    ("/", gettext_noop("Go to the question")),
    ("j", gettext_noop("Next quote")),
    ("k", gettext_noop("Quote before")),
    ("Enter", gettext_noop("Open the article at the quote")),
    ("Esc", gettext_noop("Back from the article")),
    ("?", gettext_noop("This list")),
)


def aids_html() -> Html:
    """All of it, out of sight until there is something to say."""
    said = element(
        "p",
        id="status",
        role="status",
        class_="said",
        data_copied=_("Copied"),
        data_refused=_("This browser does not allow copying"),
    )
    rows = (element("div", element("dt", element("kbd", key)), element("dd", _(does))) for key, does in KEYS)
    keys = element(
        "dialog",
        element("h2", _("Keys"), id="keys-title"),
        element("dl", *rows),
        element("p", _("None of them does anything while you write.")),
        element("form", element("button", _("Close"), type="submit"), method="dialog"),
        id="keys",
        aria_labelledby="keys-title",
    )
    return join([said, keys, _gold()])


def _gold() -> Html:
    """Asks which question the words answer that were selected in an article."""
    question = element("textarea", id="gold-question", rows=3, maxlength=LONGEST_QUESTION, required="")
    return element(
        "dialog",
        element("h2", _("This is the answer"), id="gold-title"),
        element("p", element("q", class_="gold-text")),
        element(
            "form",
            element("label", _("To which question?"), for_="gold-question"),
            question,
            element("button", _("Keep as a test question"), type="submit", value="keep", class_="keep"),
            element("button", _("Cancel"), type="submit", formnovalidate=""),
            method="dialog",
        ),
        id="gold",
        aria_labelledby="gold-title",
    )
