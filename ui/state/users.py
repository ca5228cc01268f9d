"""Who uses the page: the user who has logged in where a login is asked for, and whose limits an upload counts for."""

from typing import Protocol

USER = "pullquote.user"  # the key of the user's name in the scope of a request


class _Client(Protocol):
    @property
    def host(self) -> str: ...


def upload_owner(user: str | None, client: _Client | None) -> str:
    """Return who shares the limits on uploads: a user, or without a login the address from which the page is used."""
    return f"user {user}" if user else f"address {client.host}" if client else ""
