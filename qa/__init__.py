"""From files to a cited answer; this package knows nothing of screens."""

from embeddings import PullquoteError
from qa.assistant import Assistant
from qa.question.conversation import Conversation
from qa.types.articles import Answer, Article, Passage, Quote, Reference, Report, Span
from qa.types.settings import Settings

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
