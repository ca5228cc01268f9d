"""Sealed JSON: content with its schema and its SHA-256, so that a file that was altered is not taken for what was saved."""

import hashlib
import json
from typing import Any


class SealBroken(ValueError):
    """A file does not hold the bytes that were saved. The message ends a sentence."""


def seal(schema: int, name: str, content: Any, *, indent: int | None = None) -> bytes:
    """Return a file's bytes: the schema, the checksum, and the content under its name."""
    content = json.loads(json.dumps(content))  # as it will be read: tuples become lists
    return json.dumps({"schema": schema, "sha256": content_sha256(content), name: content}, indent=indent).encode()


def unseal(data: Any, name: str) -> Any:
    """Return the content of a parsed file.

    Raises:
        SealBroken: it was altered.
    """
    if not isinstance(data, dict) or data.keys() != {"schema", "sha256", name}:
        raise SealBroken(f"it does not hold exactly schema, sha256 and {name}")
    if data["sha256"] != content_sha256(data[name]):
        raise SealBroken("it does not have the checksum it was saved with")
    return data[name]


def content_sha256(content: Any) -> str:
    """Return the SHA-256 of content, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
