"""The errors of this package. Each message can be shown to the user as it is."""


class PullquoteError(Exception):
    """An error that the user can act on: what happened, to which file or setting, and what to do next."""


class ModelError(PullquoteError):
    """A model is missing, is not the expected one, or cannot be loaded."""


class IndexDamaged(PullquoteError):
    """A saved index does not hold the bytes that were written. It must be built again."""


def first_line(error: Exception) -> str:
    """Return the first line of an error's message, or the name of its class where it has none."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
