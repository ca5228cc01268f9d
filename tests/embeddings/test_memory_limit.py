"""Tests that a process which may take little memory says so before native code ends it."""

import subprocess
import sys

import pytest
from conftest import ROOT

resource = pytest.importorskip("resource")

CODE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), resource.RLIM_INFINITY))
from embeddings.engines.memory_limit import refuse_little_memory
refuse_little_memory()
"""


@pytest.mark.parametrize(("n_bytes", "code"), [(1_000_000_000, 1), (1_600_000_000, 0)])
def test_a_limit_below_what_a_model_takes_is_refused(n_bytes: int, code: int) -> None:
    done = subprocess.run([sys.executable, "-c", CODE, str(n_bytes)], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code, done.stderr
    refusal = "ModelError: This process may take 1.0 GB of memory (`ulimit -v`), and running a model takes 1.5 GB"
    assert (refusal in done.stderr) == bool(code)
