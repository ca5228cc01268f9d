"""Faults: a library is cut short, disturbed or damaged on purpose, and must be in the old state or the new one afterwards.

The seed draws every fault, so that one that did harm can be provoked again.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # for `support`
for _library in ("OMP", "OPENBLAS", "MKL"):  # a process with threads cannot be forked
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
