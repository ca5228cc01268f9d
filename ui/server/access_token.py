"""The token in the page's address. It keeps out other users of the machine, who can reach the page but not read its address."""

import hashlib
import secrets
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from embeddings.cache_signature import sign
from ui.html.gate import token_html
from ui.server.gate import address_of, links_of, turn_away

_LENGTH = 32  # hexadecimal digits, 128 bits
_LIFETIME = 30 * 24 * 3_600  # seconds that a browser keeps the cookie
_NO_TOKEN = "This needs the token of the page's address, as the header `Authorization: Bearer TOKEN` or as `?token=TOKEN`."  # noqa: S105


def token_of(library: Path) -> str:
    """Return the token of a library's page. It is made with this user's key, and so is the same after each start."""
    return sign({"page": str(library.resolve())})[:_LENGTH]


def cookie_name(library: Path, use: str) -> str:
    """Return the name of a cookie. Browsers send cookies to every port, so that pages of two libraries must not share one."""
    return f"pullquote-{use}-{hashlib.sha256(str(library.resolve()).encode()).hexdigest()[:8]}"


class TokenGate:
    """Who has the token: in the address, in the cookie that the address sets, or in a header."""

    def __init__(self, token: str, cookie: str) -> None:
        self._token, self._cookie = token, cookie

    def stop(self, request: Request) -> Response | None:
        """Return the answer to whoever has no token. An address with the token sets the cookie and loses the token."""
        given = request.query_params.get("token", "").rpartition("token=")[2]  # of the form, also a whole address
        links = links_of(request.query_params)
        if request.url.path == "/" and self._is_token(given):
            response = RedirectResponse(address_of(links), 303, {"cache-control": "no-store"})
            response.set_cookie(self._cookie, self._token, max_age=_LIFETIME, httponly=True, samesite="lax")
            return response
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        known = (given, request.cookies.get(self._cookie, ""), bearer.strip() if scheme.lower() == "bearer" else "")
        if any(map(self._is_token, known)):
            return None
        return turn_away(request, lambda: token_html(links, is_wrong=bool(given)), _NO_TOKEN)

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.strip().encode(errors="replace"), self._token.encode())
