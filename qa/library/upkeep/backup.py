"""Backups: a library in one file that is verified when it is restored.

The file is a zip archive: the databases, the calibration and the runs, and a manifest with the SHA-256 of each. Indexes are
left out, since they are made again. A library may be asked and changed while it is copied.
"""

import hashlib
import json
import os
import re
import sqlite3
import zipfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from embeddings.atomic_write import replacing, sync_folder, working_folder
from qa.library.disk import named_errors
from qa.library.layout import CALIBRATION, DATABASE, JOURNAL, RUNS
from qa.library.library import Library
from qa.library.schema import connect
from qa.types.errors import BackupUnusable, LibraryError

FORMAT = 1
_MANIFEST = "manifest.json"
_WORKING = ".pullquote-"  # the prefix of folders beside what is written
_CHUNK = 1 << 20  # bytes
_LONGEST_MANIFEST = 1 << 26
_NO_BACKUP = (zipfile.BadZipFile, zlib.error, ValueError, LookupError, TypeError, AttributeError, EOFError, RuntimeError)
_NAMES = re.compile(rf"{re.escape(DATABASE)}|{re.escape(JOURNAL)}|{re.escape(CALIBRATION)}|{RUNS}/[\w.+=-]+\.json", re.ASCII)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written or restored."""

    file: Path
    date: str  # ISO 8601, in UTC
    library: str  # the library's id
    generation: int
    n_articles: int
    n_bytes: int  # of the files in it, unpacked


def back_up(library: Library, file: Path) -> Backup:
    """Write a library to a file, replacing an older backup only when the new one is complete.

    Raises:
        LibraryError: the file cannot be written. An older one is unchanged.
        LibraryDamaged: the library's database cannot be read.
    """
    what = f"The backup cannot be written to {file}"
    with named_errors(what, file.parent), working_folder(file.parent, _WORKING) as working:
        _copy_database(library.folder / DATABASE, working / DATABASE)
        if (library.folder / JOURNAL).exists():
            _copy_database(library.folder / JOURNAL, working / JOURNAL)
        paths = {name: working / name for name in (DATABASE, JOURNAL) if (working / name).exists()}
        for path in [library.folder / CALIBRATION, *sorted((library.folder / RUNS).glob("*.json"))]:
            name = path.relative_to(library.folder).as_posix()
            if path.is_file() and _NAMES.fullmatch(name):
                paths[name] = path
        copied = Library(working)
        with copied.snapshot() as snapshot:
            facts = {"library": snapshot.meta("id"), "generation": snapshot.generation, "n_articles": snapshot.count()[0]}
        copied.close()
        date = datetime.now(UTC).isoformat(timespec="seconds")
        with replacing(file) as output:
            files = _pack(paths, output)
            content = {"format": FORMAT, "date": date, **facts, "files": files}
            with zipfile.ZipFile(output, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(_MANIFEST, json.dumps(content, indent=1))
    return _described(file, content)


def restore(file: Path, folder: Path) -> Backup:
    """Make a library of a backup, in a folder that holds none. It is there whole or not at all.

    Raises:
        BackupUnusable: the file is no backup, is damaged, or is of a newer Pullquote.
        LibraryError: the folder holds something already, or cannot be written.
    """
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise LibraryError(f"{folder} holds something already: name a folder that is not there yet, or move it away.")
    parent = folder.absolute().parent
    with named_errors(f"The backup cannot be restored to {folder}", parent):
        parent.mkdir(parents=True, exist_ok=True)
        with working_folder(parent, _WORKING) as working:
            content = _unpack(file, working)
            restored = Library.open(working)  # refuses a newer schema by name
            restored.close()
            _write_through(working)
            working.rename(folder)
            sync_folder(parent)
    return _described(file, content)


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whatever is being written to it."""
    target.touch(mode=0o600)
    with closing(connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # it is one file then
    target.with_name(f"{target.name}-wal").unlink(missing_ok=True)


def _pack(paths: dict[str, Path], output: Any) -> dict[str, dict[str, Any]]:
    """Write files to an archive, and return the size and SHA-256 of each."""
    files = {}
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, path in paths.items():
            digest, size = hashlib.sha256(), 0
            with path.open("rb") as content, archive.open(name, "w", force_zip64=True) as packed:
                while chunk := content.read(_CHUNK):
                    packed.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
            files[name] = {"bytes": size, "sha256": digest.hexdigest()}
    return files


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Write a backup's files to a folder, each verified, and return its manifest."""
    try:
        with zipfile.ZipFile(file) as archive:
            content = _read_manifest(file, archive)
            for name, expected in content["files"].items():
                if not _NAMES.fullmatch(name):
                    raise BackupUnusable(f"{file} is not a backup of Pullquote: it holds {name!r}.")
                path = folder.joinpath(*PurePosixPath(name).parts)
                path.parent.mkdir(mode=0o700, exist_ok=True)
                with archive.open(name) as packed:
                    _write_verified(file, packed, path, expected)
        return content
    except FileNotFoundError as error:
        raise BackupUnusable(f"There is no backup {file}: name the file that `pullquote backup` wrote.") from error
    except _NO_BACKUP as error:
        raise BackupUnusable(f"{file} is damaged or is not a backup of Pullquote ({error}): take an older one.") from error


def _read_manifest(file: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo(_MANIFEST).file_size > _LONGEST_MANIFEST:
        raise BackupUnusable(f"{file} is not a backup of Pullquote: its manifest is too long.")
    content: dict[str, Any] = json.loads(archive.read(_MANIFEST))
    if content["format"] > FORMAT:
        raise BackupUnusable(
            f"{file} was written by a newer Pullquote (format {content['format']}, this one reads {FORMAT}): update Pullquote."
        )
    if DATABASE not in content["files"]:
        raise BackupUnusable(f"{file} is not a backup of Pullquote: it holds no {DATABASE}.")
    return content


def _write_verified(file: Path, packed: Any, path: Path, expected: dict[str, Any]) -> None:
    digest, size = hashlib.sha256(), 0
    path.touch(mode=0o600)
    with path.open("wb") as output:
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            if size > expected["bytes"]:
                break
            output.write(chunk)
            digest.update(chunk)
    if size != expected["bytes"] or digest.hexdigest() != expected["sha256"]:
        raise BackupUnusable(f"{file} is damaged: {path.name} in it is not as it was written. Take an older backup.")


def _write_through(folder: Path) -> None:
    """See that all files in a folder, and their names, are on the disk."""
    for path in [*folder.rglob("*")]:
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    for path in [folder, *(each for each in folder.rglob("*") if each.is_dir())]:
        sync_folder(path)


def _described(file: Path, content: dict[str, Any]) -> Backup:
    n_bytes = sum(each["bytes"] for each in content["files"].values())
    return Backup(file, content["date"], content["library"], content["generation"], content["n_articles"], n_bytes)
