"""What helps in using the page, as HTML: the place where it says what it did, the list of keys, a form."""

from qa.settings import LONGEST_QUESTION
from ui.markup import Html, element, join

KEYS = (
    ("/", "Go to the question"),
    ("j", "Next quote"),
    ("k", "Quote before"),
    ("Enter", "Open the article at the quote"),
    ("Esc", "Back from the article"),
    ("?", "This list"),
)


def aids_html() -> Html:
    """All of it, out of sight until there is something to say."""
    said = element("p", id="status", role="status", class_="said")
    rows = (element("div", element("dt", element("kbd", key)), element("dd", does)) for key, does in KEYS)
    keys = element(
        "dialog",
        element("h2", "Keys", id="keys-title"),
        element("dl", *rows),
        element("p", "None of them does anything while you write."),
        element("form", element("button", "Close", type="submit"), method="dialog"),
        id="keys",
        aria_labelledby="keys-title",
    )
    return join([said, keys, _gold()])


def _gold() -> Html:
    """Asks which question the words answer that were selected in an article."""
    question = element("textarea", id="gold-question", rows=3, maxlength=LONGEST_QUESTION, required="")
    return element(
        "dialog",
        element("h2", "This is the answer", id="gold-title"),
        element("p", element("q", class_="gold-text")),
        element(
            "form",
            element("label", "To which question?", for_="gold-question"),
            question,
            element("button", "Keep as a test question", type="submit", value="keep", class_="keep"),
            element("button", "Cancel", type="submit", formnovalidate=""),
            method="dialog",
        ),
        id="gold",
        aria_labelledby="gold-title",
    )
