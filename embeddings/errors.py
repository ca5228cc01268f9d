"""The errors of this package; every message is fit to be shown to the reader as it stands."""


class PullquoteError(Exception):
    """Something the reader can act on: what happened, to which file or setting, and what to do next."""


class ModelError(PullquoteError):
    """The encoder's model is missing, is not what it should be, or may not be loaded."""


class IndexDamaged(PullquoteError):
    """A saved index does not hold the bytes that were written; it must be made again."""


def first_line(error: Exception) -> str:
    """What a library's error says, in one line for the reader; its kind where it says nothing."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
