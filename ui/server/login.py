"""Who may use the page: a file of `name:hash` lines, and the middleware that refuses everybody else."""

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

_DELAY = 1.0  # seconds after a wrong password
# What the login form is made of. It holds nothing of the library.
_OPEN = frozenset(
    {"/", "/login", "/theme.css", "/favicon.ico", "/manifest.json", "/robots.txt", *(f"/{name}" for name in STYLES)}
)
_OPEN_PARTS = ("/assets/", "/static/")


class Passwords:
    """Names and the hashes of their passwords."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = dict(hashes)

    @classmethod
    def load(cls, path: Path) -> "Passwords":
        """Read a file of `name:hash` lines, as `pullquote password NAME` prints them.

        Raises:
            UsageError: the file cannot be read, is empty, or holds a line of another form. The message names the line.
        """
        from argon2 import extract_parameters
        from argon2.exceptions import InvalidHashError

        hashes: dict[str, str] = {}
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"The passwords in {path} cannot be read: {error}.") from error
        for number, line in enumerate(lines, start=1):
            name, _, password_hash = (part.strip() for part in line.partition(":"))
            if not line.strip():
                continue
            try:
                extract_parameters(password_hash)
            except InvalidHashError:
                raise UsageError(
                    f"Line {number} of {path} is no name, colon and hash: make it with `pullquote password NAME`."
                ) from None
            hashes[name] = password_hash
        if not hashes:
            raise UsageError(f"{path} holds no passwords: make a line with `pullquote password NAME >> {path}`.")
        return cls(hashes)

    def verify(self, name: str, password: str) -> bool:
        """Return whether a password is that of a name. An unknown name takes as long as a known one."""
        from argon2.exceptions import VerificationError

        try:
            return _hasher().verify(self._hashes.get(name) or _dummy_hash(), password) and name in self._hashes
        except VerificationError:
            return False

    async def check_login(self, name: str, password: str) -> bool:
        """Verify a password in a thread, so that the page goes on. A wrong one is refused after a delay."""
        if await asyncio.to_thread(self.verify, name, password):
            return True
        await asyncio.sleep(_DELAY)
        return False


class Login:
    """Middleware that serves nothing but the login form to a user who has not logged in."""

    def __init__(self, app: ASGIApp, is_known: Callable[[Mapping[str, str]], bool]) -> None:
        """Take the application.

        Args:
            app: Gradio's routes and ours.
            is_known: returns whether cookies are those of someone who has logged in.
        """
        self._app, self._is_known = app, is_known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_open(scope):
            await PlainTextResponse("Log in first.", 401)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        path = scope["path"]
        return path in _OPEN or path.startswith(_OPEN_PARTS) or self._is_known(HTTPConnection(scope).cookies)


def hash_password(password: str) -> str:
    """Return the hash of a password, with its parameters (Argon2id, RFC 9106)."""
    return _hasher().hash(password)


@lru_cache(1)
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache(1)
def _dummy_hash() -> str:
    return hash_password("nobody")
