"""Tokens for scripts: a file in the library's folder with a hash of each, its scope and its name."""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock

from embeddings.atomic_write import write_atomically
from ui.errors import UsageError

Scope = Literal["read", "write"]

_FILE = "tokens.json"
_PREFIX = "pullquote_"  # by which scanners for leaked secrets know a token


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is stored: without its secret, of which only a hash is kept."""

    name: str
    scope: Scope  # "write" may read too
    sha256: str  # a secret of 256 random bits needs no slow hash
    created: str  # ISO 8601, UTC


class Tokens:
    """The tokens of a library. Each check reads the file, so that a token that is revoked is refused at once."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def all(self) -> list[Token]:
        """Return all tokens, oldest first.

        Raises:
            UsageError: the file is damaged.
        """
        try:
            rows = json.loads(self._path.read_text("utf-8"))
            return [Token(**row) for row in rows]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(
                f"The tokens in {self._path} cannot be read ({error}): delete the file and create new ones."
            ) from error

    def create(self, name: str, scope: Scope) -> str:
        """Create a token, and return its secret, which is stored nowhere.

        Raises:
            UsageError: the name is taken or empty, or the file cannot be written.
        """
        name = name.strip()
        if not name or not name.isprintable():
            raise UsageError("A token needs a name that can be printed, such as nightly-import.")
        secret = _PREFIX + secrets.token_urlsafe(32)
        with FileLock(f"{self._path}.lock"):
            tokens = self.all()
            if any(token.name == name for token in tokens):
                raise UsageError(f"There is a token {name} already: choose another name, or `pullquote token revoke {name}`.")
            moment = datetime.now(UTC).isoformat(timespec="seconds")
            self._write([*tokens, Token(name, scope, _hash(secret), moment)])
        return secret

    def revoke(self, name: str) -> None:
        """Remove a token.

        Raises:
            UsageError: there is none of that name.
        """
        with FileLock(f"{self._path}.lock"):
            tokens = self.all()
            rest = [token for token in tokens if token.name != name]
            if len(rest) == len(tokens):
                raise UsageError(f"There is no token {name}: `pullquote token list` shows what there is.")
            self._write(rest)

    def find(self, secret: str) -> Token | None:
        """Return the token with that secret, or None."""
        digest = _hash(secret)
        return next((token for token in self.all() if secrets.compare_digest(token.sha256, digest)), None)

    def _write(self, tokens: list[Token]) -> None:
        try:
            write_atomically(self._path, json.dumps([asdict(token) for token in tokens], indent=1).encode())
        except OSError as error:
            raise UsageError(f"The tokens in {self._path} cannot be written: {error}.") from error


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
