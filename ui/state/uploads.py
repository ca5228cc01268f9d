"""Files that a browser uploads. They lie in a private folder of the library until they have been added."""

import re
import secrets
import shutil
import threading
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from embeddings import PullquoteError
from qa.sources.discovery import MOST_EXAMPLES, SKIP_REASONS
from qa.sources.files import Upload
from qa.sources.formats.detection import ending, reason_to_skip
from qa.sources.formats.limits import LIMITS, MB
from qa.types.articles import Skipped
from ui.i18n.language import from_english, use_language_of

FOLDER = "uploads"  # within the library's folder
MOST_FILES = 20_000  # of one addition
_MOST_BYTES = 2_000 * MB  # of all that lies there
_MOST_TRAYS = 20
_LIFETIME = 3_600.0  # seconds without a file after which a tray is deleted
_LONGEST_NAME = 1_000  # characters


class UploadRefused(PullquoteError):
    """An uploaded file is refused."""


@dataclass(slots=True)
class _Tray:
    """The files of one browser that are on their way."""

    folder: Path
    uploads: list[Upload] = field(default_factory=list)
    n_bytes: int = 0
    last_use: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class ReceivedFiles:
    """The files of one tray, to be deleted once they have been added."""

    uploads: tuple[Upload, ...]
    folder: Path

    def delete(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class UploadStore:
    """The uploaded files of all browsers, in trays. It can be used from any thread."""

    def __init__(self, library: Path) -> None:
        self._folder = library / FOLDER
        self._trays: dict[str, _Tray] = {}
        self._lock = threading.Lock()
        shutil.rmtree(self._folder, ignore_errors=True)  # what a crash left

    def open(self) -> str:
        """Open a new tray and return its name, which nobody can guess.

        Raises:
            UploadRefused: there are too many trays.
        """
        with self._lock:
            for name, tray in list(self._trays.items()):
                if time.monotonic() - tray.last_use > _LIFETIME:
                    shutil.rmtree(self._trays.pop(name).folder, ignore_errors=True)
            if len(self._trays) >= _MOST_TRAYS:
                raise UploadRefused("Too many uploads are under way: try again in a few minutes.")
            name = secrets.token_urlsafe(12)
            tray = self._trays[name] = _Tray(self._folder / name)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            tray.folder.mkdir(mode=0o700)
        return name

    async def receive(self, tray_name: str, name: str, content: AsyncIterator[bytes]) -> None:
        """Write a file into a tray as it arrives.

        Raises:
            UploadRefused: the file has no usable name or is too large, or the store is full.
        """
        upload, tray = self._place(tray_name, name)
        n_bytes = 0
        try:
            with upload.path.open("xb") as file:
                async for part in content:
                    n_bytes += len(part)
                    self._count(tray, len(part))
                    if n_bytes > LIMITS.file_bytes:
                        raise UploadRefused(f"The file has more than {LIMITS.file_bytes // MB} MB, which is the limit.")
                    await run_in_threadpool(file.write, part)
        except BaseException:
            self._count(tray, -n_bytes)
            upload.path.unlink(missing_ok=True)
            raise
        with self._lock:
            tray.uploads.append(upload)

    def take(self, name: str) -> ReceivedFiles:
        """Remove a tray and return its files, sorted by their names in the browser.

        Raises:
            UploadRefused: there is no such tray.
        """
        with self._lock:
            tray = self._trays.pop(name, None)
        if tray is None:
            raise UploadRefused("These files are not here any more: send them again.")
        return ReceivedFiles(tuple(sorted(tray.uploads, key=lambda upload: upload.source)), tray.folder)

    def _place(self, tray_name: str, name: str) -> tuple[Upload, _Tray]:
        source = source_of(name)
        with self._lock:
            tray = self._trays.get(tray_name)
            if tray is None:
                raise UploadRefused("There is no such upload: send the files again.")
            if len(tray.uploads) >= MOST_FILES:
                raise UploadRefused(f"More than {MOST_FILES:,} files at once: send the rest afterwards.")
            tray.last_use = time.monotonic()
            return Upload(source, tray.folder / secrets.token_hex(8)), tray

    def _count(self, tray: _Tray, n_bytes: int) -> None:
        with self._lock:
            tray.n_bytes += n_bytes
            if n_bytes > 0 and sum(other.n_bytes for other in self._trays.values()) > _MOST_BYTES:
                raise UploadRefused(f"Uploads take more than {_MOST_BYTES // MB:,} MB by now: send the rest afterwards.")


def source_of(name: str) -> str:
    r"""Return the source of an uploaded file: its name below the folders that came with it, never an absolute path.

    >>> source_of("/etc/../2004\\asylum.pdf")
    'etc/2004/asylum.pdf'

    Raises:
        UploadRefused: nothing is left of the name, or it is too long.
    """
    shown = "".join(character for character in name if character.isprintable())
    parts = [part for name in re.split(r"[/\\]+", shown) if (part := name.strip()) not in ("", ".", "..")]
    if not parts or len(shown) > _LONGEST_NAME:
        raise UploadRefused(f"A file needs a name of 1 to {_LONGEST_NAME:,} characters.")
    return "/".join(parts)


def group_skipped(names: Iterable[str]) -> list[Skipped]:
    """Group the files of a folder that a browser did not send, by their kind."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name in names:
        folder, _, path = name.partition("/")
        is_hidden = any(part.startswith(".") for part in path.split("/"))
        groups.setdefault((folder, "hidden" if is_hidden else ending(path)), []).append(path)
    return [
        Skipped(folder, kind, SKIP_REASONS.get(kind) or reason_to_skip(kind), len(paths), tuple(sorted(paths)[:MOST_EXAMPLES]))
        for (folder, kind), paths in groups.items()
    ]


def add_upload_routes(app: FastAPI, store: UploadStore) -> None:
    """Add the routes by which browsers upload: one opens a tray, one takes a file into it, one file a request."""

    @app.post("/uploads")
    async def open_tray(request: Request) -> Response:
        try:
            return JSONResponse({"tray": await run_in_threadpool(store.open)})
        except PullquoteError as error:
            return JSONResponse({"message": _translate(error, request)}, 429)

    @app.put("/uploads/{tray}")
    async def receive(tray: str, request: Request) -> Response:
        try:
            await store.receive(tray, unquote(request.headers.get("x-name", "")), request.stream())
        except PullquoteError as error:
            return JSONResponse({"message": _translate(error, request)}, 400, {"connection": "close"})
        return Response(status_code=204)


def _translate(error: PullquoteError, request: Request) -> str:
    with use_language_of(request.headers):
        return from_english(str(error))
