"""Files that a browser uploads. They lie in a private folder of the library only until they have been added.

Several servers may share a library. Each has a folder of its own in `uploads/`, and holds the lock beside it while it lives.
What a server left that ended without cleaning up is deleted by the next one.
"""

import re
import secrets
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from fastapi import FastAPI, Request
from filelock import FileLock, Timeout
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from embeddings import PullquoteError
from qa.sources.discovery import MOST_EXAMPLES, SKIP_REASONS
from qa.sources.files import Upload
from qa.sources.formats.detection import ending, reason_to_skip
from qa.sources.formats.limits import LIMITS, MB
from qa.types.articles import Skipped
from ui.i18n.language import from_english, use_language_of
from ui.i18n.language import gettext as _

FOLDER = "uploads"  # within the library's folder
MOST_FILES = 20_000  # of one addition
_MOST_BYTES = 2_000 * MB  # of one owner's trays
_MOST_BYTES_OF_ALL = 4 * _MOST_BYTES
_MOST_TRAYS = 20  # of one owner
_MOST_TRAYS_OF_ALL = 1_000
_EMPTY_FOR = 60.0  # seconds after which a tray without files is released
_UNUSED_FOR = 600.0  # seconds without a byte after which any tray is released
_LEFT_FOR = 3_600.0  # seconds after which a folder without a lock, as earlier versions made, is deleted
_LONGEST_NAME = 1_000  # characters


class UploadRefused(PullquoteError):
    """An uploaded file is refused."""


@dataclass(slots=True, eq=False)
class _Tray:
    """The files of one browser that are on their way."""

    folder: Path
    owner: str
    uploads: list[Upload] = field(default_factory=list)
    n_bytes: int = 0
    n_arriving: int = 0  # files
    last_use: float = field(default_factory=time.monotonic)

    @property
    def seconds_unused(self) -> float:
        return 0.0 if self.n_arriving else time.monotonic() - self.last_use

    @property
    def is_unused(self) -> bool:
        return self.seconds_unused > (_UNUSED_FOR if self.uploads else _EMPTY_FOR)

    def delete(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class ReceivedFiles:
    """Files of a browser or a program, to be deleted once they have been added."""

    uploads: tuple[Upload, ...]
    folder: Path

    def delete(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class UploadStore:
    """The uploaded files of all browsers, in trays. It can be used from any thread.

    An owner is whoever shares a limit: a user who has logged in, or an address from which the page is used.
    """

    def __init__(self, library: Path) -> None:
        self._base = library / FOLDER
        self._trays: dict[str, _Tray] = {}
        self._lock = threading.Lock()
        self._own: tuple[Path, FileLock] | None = None  # this server's folder, made when it is first needed
        self._timer: threading.Timer | None = None
        _delete_abandoned(self._base)

    def open(self, owner: str = "") -> str:
        """Open a new tray and return its name, which nobody can guess. It takes no room on disk before its first file.

        Raises:
            UploadRefused: too many trays are in use.
        """
        with self._lock:
            self._release(lambda tray: tray.is_unused)
            own = [tray for tray in self._trays.values() if tray.owner == owner]
            if len(own) >= _MOST_TRAYS:
                self._release_longest_unused(own)
            if len(self._trays) >= _MOST_TRAYS_OF_ALL:
                self._release_longest_unused(list(self._trays.values()))
            name = secrets.token_urlsafe(12)
            self._trays[name] = _Tray(self._folder() / name, owner)
            self._watch()
        return name

    async def receive(self, tray_name: str, name: str, content: AsyncIterator[bytes], owner: str = "") -> None:
        """Write a file into a tray as it arrives.

        Raises:
            UploadRefused: the file has no usable name or is too large, the store is full, or the tray is another owner's.
        """
        upload, tray = self._place(tray_name, name, owner)
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
        else:
            with self._lock:
                tray.uploads.append(upload)
        finally:
            with self._lock:
                tray.n_arriving -= 1
                tray.last_use = time.monotonic()

    def take(self, name: str, owner: str = "") -> ReceivedFiles:
        """Remove a tray and return its files, sorted by their names in the browser.

        Raises:
            UploadRefused: there is no such tray of this owner.
        """
        with self._lock:
            tray = self._trays.get(name)
            if tray is None or tray.owner != owner:
                raise UploadRefused("These files are not here any more: send them again.")
            del self._trays[name]
        return ReceivedFiles(tuple(sorted(tray.uploads, key=lambda upload: upload.source)), tray.folder)

    def hold(self, source: str, title: str, content: bytes) -> ReceivedFiles:
        """Store one file that a program sent."""
        with self._lock:
            folder = self._folder() / secrets.token_urlsafe(12)
        folder.mkdir(mode=0o700)
        path = folder / secrets.token_hex(8)
        path.write_bytes(content)
        return ReceivedFiles((Upload(source, path, title),), folder)

    def release(self, owner: str) -> None:
        """Delete all that an owner has sent and not added, as when a user logs out."""
        with self._lock:
            self._release(lambda tray: tray.owner == owner)

    def close(self) -> None:
        """Delete what was sent and not added. The store must not be used any more."""
        with self._lock:
            self._trays.clear()
            if self._timer:
                self._timer.cancel()
            if self._own:
                folder, lock = self._own
                shutil.rmtree(folder, ignore_errors=True)
                with suppress(OSError):
                    Path(lock.lock_file).unlink()
                lock.release()
                self._own = None

    def _folder(self) -> Path:
        """Return this server's folder, which is locked before it is made, so that no other server deletes it."""
        if self._own is None:
            self._base.mkdir(mode=0o700, exist_ok=True)
            while True:
                folder = self._base / secrets.token_hex(8)
                lock = FileLock(folder.with_suffix(".lock"), mode=0o600, thread_local=False)
                lock.acquire()
                if Path(lock.lock_file).exists():  # else a server that started just now took it for abandoned
                    break
                lock.release()
            folder.mkdir(mode=0o700)
            self._own = folder, lock
        return self._own[0]

    def _place(self, tray_name: str, name: str, owner: str) -> tuple[Upload, _Tray]:
        source = source_of(name)
        with self._lock:
            tray = self._trays.get(tray_name)
            if tray is None or tray.owner != owner:
                raise UploadRefused("There is no such upload: send the files again.")
            if len(tray.uploads) + tray.n_arriving >= MOST_FILES:
                raise UploadRefused(f"More than {MOST_FILES:,} files at once: send the rest afterwards.")
            tray.folder.mkdir(mode=0o700, exist_ok=True)
            tray.last_use = time.monotonic()
            tray.n_arriving += 1
            return Upload(source, tray.folder / secrets.token_hex(8)), tray

    def _count(self, tray: _Tray, n_bytes: int) -> None:
        with self._lock:
            tray.n_bytes += n_bytes
            if n_bytes <= 0:
                return
            of_all = sum(other.n_bytes for other in self._trays.values())
            of_owner = sum(other.n_bytes for other in self._trays.values() if other.owner == tray.owner)
            if of_owner > _MOST_BYTES or of_all > _MOST_BYTES_OF_ALL:
                most = _MOST_BYTES if of_owner > _MOST_BYTES else _MOST_BYTES_OF_ALL
                raise UploadRefused(f"Uploads take more than {most // MB:,} MB by now: send the rest afterwards.")

    def _release(self, is_released: Callable[[_Tray], bool]) -> None:
        for name, tray in list(self._trays.items()):
            if is_released(tray):
                del self._trays[name]
                tray.delete()

    def _release_longest_unused(self, trays: Iterable[_Tray]) -> None:
        """Make room for another tray. One without files goes before one with files, and none into which a file arrives."""
        idle = [tray for tray in trays if not tray.n_arriving]
        if not idle:
            raise UploadRefused("Too many uploads are under way: try again in a few minutes.")
        longest = max(idle, key=lambda tray: (not tray.uploads, tray.seconds_unused))
        self._release(lambda tray: tray is longest)

    def _watch(self) -> None:
        """Release unused trays also when nobody uploads any more."""
        if self._timer is None:
            self._timer = threading.Timer(_EMPTY_FOR, self._tick)
            self._timer.daemon = True
            self._timer.start()

    def _tick(self) -> None:
        with self._lock:
            self._timer = None
            self._release(lambda tray: tray.is_unused)
            if self._trays:
                self._watch()


def _delete_abandoned(base: Path) -> None:
    """Delete the folders of servers that have ended: those whose lock nobody holds."""
    for file in base.glob("*.lock"):
        with suppress(Timeout, OSError), FileLock(file, timeout=0):
            shutil.rmtree(file.with_suffix(""), ignore_errors=True)
            file.unlink()
    for folder in base.glob("*/"):
        with suppress(OSError):
            if not folder.with_suffix(".lock").exists() and time.time() - folder.stat().st_mtime > _LEFT_FOR:
                shutil.rmtree(folder, ignore_errors=True)


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


def add_upload_routes(app: FastAPI, store: UploadStore, owner_of: Callable[[Request], str]) -> None:
    """Add the routes by which browsers upload: one opens a tray, one takes a file into it, one file a request."""

    @app.post("/uploads")
    async def open_tray(request: Request) -> Response:
        try:
            return JSONResponse({"tray": await run_in_threadpool(store.open, owner_of(request))})
        except PullquoteError as error:
            return JSONResponse({"message": _translate(error, request)}, 429)
        except OSError as error:
            return JSONResponse({"message": _no_room(error, request)}, 507)

    @app.put("/uploads/{tray}")
    async def receive(tray: str, request: Request) -> Response:
        try:
            await store.receive(tray, unquote(request.headers.get("x-name", "")), request.stream(), owner_of(request))
        except PullquoteError as error:
            return JSONResponse({"message": _translate(error, request)}, 400, {"connection": "close"})
        except OSError as error:
            return JSONResponse({"message": _no_room(error, request)}, 507, {"connection": "close"})
        return Response(status_code=204)


def _translate(error: PullquoteError, request: Request) -> str:
    with use_language_of(request.headers):
        return from_english(str(error))


def _no_room(error: OSError, request: Request) -> str:
    with use_language_of(request.headers):
        return _("The server cannot store what was sent ({error}): make room on its disk.", error=error.strerror or str(error))
