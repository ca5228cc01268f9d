"""Signatures of what this user's Pullquote wrote into the cache, by a key that is kept outside of it.

Without it, a converted model would be vouched for only by a file beside it, which whoever changes the model can change too.
"""

import hashlib
import hmac
import json
import logging
import os
import secrets
import stat
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

_KEY = "cache.key"
_KEY_BYTES = 32

_log = logging.getLogger("pullquote")


def sign(content: Any) -> str:
    """Return the signature of JSON content, whatever the order of its keys."""
    return hmac.new(_key(key_file()), json.dumps(content, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def is_signed(content: Any, signature: object) -> bool:
    """Whether a signature is what `sign` returned for this content, to this user on this machine."""
    return isinstance(signature, str) and hmac.compare_digest(sign(content).encode(), signature.encode())


def key_file() -> Path:
    """Return the file of the key, in `$PULLQUOTE_CONFIG` or the folder that the system has for settings."""
    return Path(os.environ.get("PULLQUOTE_CONFIG") or user_config_path("pullquote")) / _KEY


@cache
def _key(path: Path) -> bytes:
    """Read the key, and make it where there is none. Where it cannot be kept, it holds for this process only."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make_key(path)
        with path.open("rb") as file:
            status, key = os.fstat(file.fileno()), file.read(_KEY_BYTES + 1)
        if len(key) == _KEY_BYTES and is_private(status):
            return key
        reason = "others may read or change it, or it is not whole"
    except OSError as error:
        reason = str(error)
    _log.warning("The key %s is not used (%s), so each process converts its models anew: delete the file.", path, reason)
    return secrets.token_bytes(_KEY_BYTES)


def _make_key(path: Path) -> None:
    """Write a new key, unless another process is faster."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # only its owner may read it
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def is_private(status: os.stat_result) -> bool:
    """Whether a file belongs to this user or root, and nobody else may read or change it."""
    return is_own(status) and not stat.S_IMODE(status.st_mode) & 0o077


def is_own(status: os.stat_result) -> bool:
    """Whether a file belongs to this user or root. Where there are no users, as on Windows, it does."""
    return not hasattr(os, "geteuid") or status.st_uid in (os.geteuid(), 0)
