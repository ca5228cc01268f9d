"""`python -m qa.sources.sandbox.confined PROGRAM ARGUMENT…` runs a program without network, and with limits."""

import os
import sys

from qa.sources.formats.limits import LIMITS
from qa.sources.sandbox.parser_worker import leave_the_network, set_limit

try:
    import resource
except ImportError:  # Windows has none of these limits; the timer of the parent remains
    resource = None  # type: ignore[assignment]


def main() -> None:
    """Give up the network and set limits, then become the program."""
    leave_the_network()
    if resource:
        set_limit(resource.RLIMIT_AS, LIMITS.conversion_bytes)
        set_limit(resource.RLIMIT_CPU, int(LIMITS.conversion_seconds))
        set_limit(resource.RLIMIT_FSIZE, 2 * LIMITS.file_bytes)
        set_limit(resource.RLIMIT_CORE, 0)
    os.environ.pop("PYTHONPATH", None)  # which named our modules
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - a path from `shutil.which`


if __name__ == "__main__":
    main()
