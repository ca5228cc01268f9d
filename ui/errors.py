"""Errors of the command line and the page. Each message can be shown to the user as it stands."""

from embeddings import PullquoteError


class PortTaken(PullquoteError):
    """The page cannot be served on the port that was asked for."""


class UsageError(PullquoteError):
    """A command or option was given a value that it cannot use."""
