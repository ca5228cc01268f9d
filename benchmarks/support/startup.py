"""The section "start" of `benchmarks.speed`: how long the commands take as new processes."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.support.table import Bar, Row, alone
from benchmarks.support.workers import QUIET, ROOT, Clock

_QUESTION = "Who is the Canadian ambassador?"
_SEEDS = ROOT / "seeds"
_TIMEOUT = 120.0  # seconds to wait for the page
_RUN = "import sys\nfrom ui.cli import main\nsys.argv = ['pullquote', *sys.argv[1:]]\n"
_LOADED = "import atexit\natexit.register(lambda: print('loaded torch:', 'torch' in sys.modules, file=sys.stderr))\n"


def rows(folder: Path, rounds: int) -> list[Row]:
    """Time the help, the import, a first answer and the page. The seeds are added and the engine is converted before."""
    library = str(folder / "seeds")
    _run(["add", str(_SEEDS), "--library", library])
    ask = ["ask", _QUESTION, "--library", library]
    loads_torch = _loads_torch(ask)
    return [
        Row(f"Starting: a new process each time, the seeds' library, {rounds} rounds"),
        alone("pullquote --help", _median(["--help"], rounds), unit="s"),
        alone("python -c 'import qa'", median(_seconds([sys.executable, "-c", "import qa"]) for _ in range(rounds)), unit="s"),
        alone("pullquote ask", _median(ask, rounds), unit="s", bar=Bar(2, at_least=False, unit="s")),
        Row("torch imported for it", "yes" if loads_torch else "no", bar="no: " + ("missed" if loads_torch else "met")),
        alone("pullquote serve, until the page is there", median(_page(library) for _ in range(rounds)), unit="s"),
    ]


def _median(arguments: Sequence[str], rounds: int) -> float:
    return median(_run(arguments) for _ in range(rounds))


def _run(arguments: Sequence[str]) -> float:
    return _seconds([*_command(), *arguments])


def _command() -> list[str]:
    """Return the installed command, or the same by Python."""
    installed = Path(sys.executable).with_name("pullquote")
    return [str(installed)] if installed.exists() else [sys.executable, "-c", _RUN + "main()"]


def _seconds(command: Sequence[str]) -> float:
    clock = Clock()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **QUIET})
    seconds = clock.seconds
    if done.returncode not in (0, 1):  # 1: the articles do not say
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return seconds


def _loads_torch(arguments: Sequence[str]) -> bool:
    command = [sys.executable, "-c", f"{_RUN}{_LOADED}main()", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **QUIET})
    if "loaded torch: " not in done.stderr:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return "loaded torch: True" in done.stderr


def _page(library: str) -> float:
    """Serve on a free port and return the seconds until the page is there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*_command(), "serve", "--library", library, "--port", str(port), "--no-token"]
    clock = Clock()
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env={**os.environ, **QUIET}
    )
    try:
        while not _is_served(f"http://127.0.0.1:{port}/"):
            if clock.seconds > _TIMEOUT or server.poll() is not None:
                raise SystemExit(f"{' '.join(command)} served no page in {clock.seconds:.0f} s")
            time.sleep(0.02)
        return clock.seconds
    finally:
        server.kill()
        server.wait()


def _is_served(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30) as page:
            return bool(page.status == 200 and page.read(1))
    except (urllib.error.URLError, ConnectionError):
        return False
