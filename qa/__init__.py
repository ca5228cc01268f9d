"""From files to a cited answer; this package knows nothing of screens.

Each name is imported when it is first used: the command line and the parser process read small modules of this package, and
should not load the rest for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embeddings import PullquoteError
    from qa.assistant import Assistant, Conversation
    from qa.types.articles import Answer, Article, Passage, Quote, Reference, Report, Span
    from qa.types.settings import Settings
else:
    _MODULES = {
        "Assistant": "qa.assistant",
        "Conversation": "qa.assistant",
        "PullquoteError": "embeddings",
        "Settings": "qa.types.settings",
    }

    def __getattr__(name):  # see PEP 562
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_MODULES.get(name, "qa.types.articles")), name)
        return value


__all__ = [
    "Answer",
    "Article",
    "Assistant",
    "Conversation",
    "Passage",
    "PullquoteError",
    "Quote",
    "Reference",
    "Report",
    "Settings",
    "Span",
]
