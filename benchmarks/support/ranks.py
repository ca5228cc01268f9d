"""Shares of questions whose first hit stands high enough."""

from collections.abc import Iterable


def shares_at_1_and_3(ranks: Iterable[int | None]) -> tuple[float, float]:
    """Return how often the rank of the first hit is 1, and how often at most 3. None is no hit."""
    hits = [rank or 4 for rank in ranks]
    return sum(rank <= 1 for rank in hits) / len(hits), sum(rank <= 3 for rank in hits) / len(hits)
