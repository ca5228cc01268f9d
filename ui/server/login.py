"""Who may use the page: a file of `name:hash` lines, the form that asks for a name and its password, and the sessions."""

import asyncio
import math
import os
import stat
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ui.errors import UsageError
from ui.html.gate import login_html
from ui.i18n.language import gettext as _
from ui.i18n.language import use_language_of
from ui.server.gate import address_of, links_of, turn_away
from ui.server.sessions import SESSION_SECONDS, Attempts, Sessions
from ui.state.users import USER

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_MOST_VERIFIED = 2  # passwords at once


class Passwords:
    """Names and the hashes of their passwords."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = dict(hashes)

    @classmethod
    def load(cls, path: Path) -> "Passwords":
        """Read a file of `name:hash` lines, as `pullquote password NAME` prints them.

        Raises:
            UsageError: the file cannot be read, others can read it, it is empty, or it holds a line of another form, which the
                message names.
        """
        from argon2 import extract_parameters
        from argon2.exceptions import InvalidHashError

        hashes: dict[str, str] = {}
        try:
            if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise UsageError(f"Other users of this machine can read the passwords in {path}: run `chmod 600 {path}`.")
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


class Login:
    """The login form, the sessions of those who have filled it in, and the way out."""

    def __init__(self, passwords: Passwords, cookie: str, on_logout: Callable[[str], None] = lambda _user: None) -> None:
        """Take the passwords.

        Args:
            passwords: names and hashes.
            cookie: the name of the session's cookie.
            on_logout: called with the name of a user whose last session ends.
        """
        self._passwords, self._cookie, self._on_logout = passwords, cookie, on_logout
        self._sessions = Sessions()
        self._of_name, self._of_peer = Attempts(free=3, longest=60.0), Attempts(free=10, longest=300.0)
        self._verifying = asyncio.Semaphore(_MOST_VERIFIED)

    def stop(self, request: Request) -> Response | None:
        """Return the login form, or a refusal, to whoever has not logged in."""
        user = self._sessions.user(request.cookies.get(self._cookie, ""))
        request.scope[USER] = user
        if user:
            return None
        return turn_away(request, lambda: login_html(links_of(request.query_params)), "Log in first.")

    def add_routes(self, app: FastAPI) -> None:
        """Add the routes of the form: in, and out."""
        app.post("/login", response_model=None)(self._log_in)
        app.get("/login")(lambda: RedirectResponse("/", 303))  # the form's own address, after a wrong password
        app.post("/logout", response_model=None)(self._log_out)

    async def _log_in(self, request: Request) -> Response:
        form = await request.form()
        name, password = (value if isinstance(value := form.get(field), str) else "" for field in ("username", "password"))
        links, user = links_of(form), name.strip()
        peer = request.client.host if request.client else ""
        if wait := max(self._of_name.wait(user), self._of_peer.wait(peer)):
            return self._refuse(request, user, links, math.ceil(wait))
        self._of_name.count(user)  # before it is looked at, so that guesses at the same moment count too
        self._of_peer.count(peer)
        async with self._verifying:  # each takes 64 MB
            is_right = await asyncio.to_thread(self._passwords.verify, user, password)
        if not is_right:
            return self._refuse(request, user, links)
        self._of_name.forget(user)
        self._of_peer.take_back(peer)  # the others count, else whoever has a password could guess on
        is_form = _is_of_browser(request)
        response = RedirectResponse(address_of(links), 303) if is_form else JSONResponse({"success": True})
        session = self._sessions.begin(user)
        response.set_cookie(self._cookie, session, max_age=int(SESSION_SECONDS), httponly=True, samesite="lax")
        return response

    def _log_out(self, request: Request) -> Response:
        user = self._sessions.user(request.cookies.get(self._cookie, ""))
        self._sessions.end(request.cookies.get(self._cookie, ""))
        if user and not self._sessions.has(user):
            self._on_logout(user)
        response = RedirectResponse("/", 303)
        response.delete_cookie(self._cookie, httponly=True, samesite="lax")
        return response

    def _refuse(self, request: Request, user: str, links: Mapping[str, str], wait: int = 0) -> Response:
        """Return what whoever gave a wrong password, or must wait, is told: a browser by the form."""
        status, headers = (429, {"retry-after": str(wait)}) if wait else (401, {})
        with use_language_of(request.headers):
            if wait:
                message = _("Too many wrong passwords: try again in {n} seconds.", n=wait)
            else:
                message = _("The name or the password is wrong.")
            if _is_of_browser(request):
                return HTMLResponse(login_html(links, user, message), status, headers)
        return JSONResponse({"detail": message}, status, headers)


def _is_of_browser(request: Request) -> bool:
    """Whether a form in a browser sent a request. Gradio's client for programs asks for no page."""
    return "text/html" in request.headers.get("accept", "")


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
