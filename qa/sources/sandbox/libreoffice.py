"""LibreOffice, where it is installed: it converts Office files from before 2007, in a confined process of its own."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.sources.formats.limits import LIMITS, MB, Limits
from qa.types.errors import ArticleUnreadable, NeedsOffice

_ROOT = str(Path(__file__).parents[3])
_NAMES = ("soffice", "libreoffice")
_PLACES = ("/Applications/LibreOffice.app/Contents/MacOS/soffice", r"C:\Program Files\LibreOffice\program\soffice.exe")
_ENDINGS = ("docx", "pptx")  # what old files become: text and slides
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "LC_CTYPE", "TZ")


def find() -> str | None:
    """Return the path of LibreOffice, or None if it is not installed."""
    return next(filter(None, map(shutil.which, (*_NAMES, *_PLACES))), None)


def convert(content: bytes, needed: NeedsOffice, limits: Limits = LIMITS) -> bytes:
    """Convert an Office file from before 2007 to the format that followed it.

    Args:
        content: of the file.
        needed: the parser's refusal, which names the format to save it in.
        limits: for the time that it takes, and the size of what comes out.

    Raises:
        NeedsOffice: LibreOffice is not installed.
        ArticleUnreadable: it cannot read the file, or takes too long.
    """
    program = find()
    if program is None:
        raise needed
    ending = next((ending for ending in _ENDINGS if str(needed).endswith(f".{ending}")), "docx")
    with TemporaryDirectory(prefix="pullquote-") as folder:
        old, new = Path(folder, "old"), Path(folder, "new")
        old.write_bytes(content)
        _run(program, ending, folder, limits)
        converted = new / f"old.{ending}"
        if not converted.is_file() or not converted.stat().st_size:
            raise ArticleUnreadable("LibreOffice cannot read it: it is damaged, or locked with a password")
        if converted.stat().st_size > limits.file_bytes:
            raise ArticleUnreadable(f"LibreOffice makes more than {limits.file_bytes // MB} MB of it, which is the limit")
        return converted.read_bytes()


def _run(program: str, ending: str, folder: str, limits: Limits) -> None:
    """Run LibreOffice with settings of its own, no network and little of our environment. Macros are not run."""
    options = [
        "--headless",
        "--norestore",
        "--nologo",
        "--nolockcheck",
        f"-env:UserInstallation={Path(folder, 'settings').as_uri()}",
    ]
    conversion = ["--convert-to", ending, "--outdir", str(Path(folder, "new")), str(Path(folder, "old"))]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    process = subprocess.Popen(  # noqa: S603 - LibreOffice as it is installed, and files of our own
        [sys.executable, "-P", "-s", "-B", "-m", "qa.sources.sandbox.confined", program, *options, *conversion],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment | {"HOME": folder, "TMPDIR": folder, "PYTHONPATH": _ROOT},
        start_new_session=True,
    )
    try:
        process.wait(limits.conversion_seconds)
    except subprocess.TimeoutExpired:
        raise ArticleUnreadable(f"LibreOffice took more than {limits.conversion_seconds:g} s to convert it") from None
    finally:
        if sys.platform != "win32":
            _end_all(process.pid)
        process.kill()
        process.wait()


def _end_all(group: int) -> None:
    """End the processes that LibreOffice started as well."""
    with suppress(OSError):  # all have ended
        os.killpg(group, signal.SIGKILL)
