"""Set the permissions of folders."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def only_readable(*folders: Path) -> Iterator[None]:
    """Make folders read-only within the `with` block, also for tests that root runs."""
    for folder in folders:
        folder.chmod(0o555)
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.setresuid(65534, 65534, 0)
        yield
    finally:
        if is_root:
            os.setresuid(0, 0, 0)
        for folder in folders:
            folder.chmod(0o755)
