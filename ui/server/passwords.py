"""Passwords: who may use the page, in a file of `name:hash` lines; and the door that stays shut to everybody else."""

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.errors import UsageError
from ui.server.guard import STYLES

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_SECONDS_LOST = 1.0  # by a wrong password
# What the form to log in with is made of. It holds nothing of the library.
_OPEN = frozenset(
    {"/", "/login", "/theme.css", "/favicon.ico", "/manifest.json", "/robots.txt", *(f"/{name}" for name in STYLES)}
)
_OPEN_PARTS = ("/assets/", "/static/")


class Passwords:
    """Names and the hashes of their passwords, none of which is known in clear."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = dict(hashes)

    @classmethod
    def load(cls, path: Path) -> "Passwords":
        """Read a file of `name:hash` lines, as `pullquote password NAME` prints them.

        Raises:
            UsageError: it cannot be read, holds no line, or one that is none; the message names the line.
        """
        from argon2 import extract_parameters
        from argon2.exceptions import InvalidHashError

        hashes: dict[str, str] = {}
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"The passwords in {path} cannot be read: {error}.") from error
        for number, line in enumerate(lines, start=1):
            name, _, hashed = (part.strip() for part in line.partition(":"))
            if not line.strip():
                continue
            try:
                extract_parameters(hashed)
            except InvalidHashError:
                raise UsageError(
                    f"Line {number} of {path} is no name, colon and hash: make it with `pullquote password NAME`."
                ) from None
            hashes[name] = hashed
        if not hashes:
            raise UsageError(f"{path} holds no passwords: make a line with `pullquote password NAME >> {path}`.")
        return cls(hashes)

    def fits(self, name: str, password: str) -> bool:
        """Whether this is the password of that name; for a name that nobody has, it takes as long."""
        from argon2.exceptions import VerificationError

        try:
            return _hasher().verify(self._hashes.get(name) or _nobodys(), password) and name in self._hashes
        except VerificationError:
            return False

    async def lets_in(self, name: str, password: str) -> bool:
        """As `fits`, without holding up the page; who guesses waits."""
        if await asyncio.to_thread(self.fits, name, password):
            return True
        await asyncio.sleep(_SECONDS_LOST)
        return False


class Login:
    """Answers nobody who has not logged in, but for the form to do so; behind it stand Gradio's routes and ours alike."""

    def __init__(self, app: ASGIApp, known: Callable[[Mapping[str, str]], bool]) -> None:
        """Take the application.

        Args:
            known: whether cookies are those of someone who has logged in.
        """
        self._app, self._known = app, known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_open(scope):
            await PlainTextResponse("Log in first.", 401)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        path = scope["path"]
        return path in _OPEN or path.startswith(_OPEN_PARTS) or self._known(HTTPConnection(scope).cookies)


def hashed(password: str) -> str:
    """The hash of a password, with what it was made with (Argon2id, RFC 9106)."""
    return _hasher().hash(password)


@lru_cache(1)
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache(1)
def _nobodys() -> str:
    return hashed("nobody")
