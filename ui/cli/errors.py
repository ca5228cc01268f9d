"""The errors of the two faces; every message is fit to be shown to the reader as it stands."""

from embeddings import PullquoteError


class PortTaken(PullquoteError):
    """The page cannot be served on the port asked for."""


class UsageError(PullquoteError):
    """A command was given what it cannot work with."""
