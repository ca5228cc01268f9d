"""Archives (zip, tar, and what gzip, bzip2 or xz compressed): the files in them, unpacked within limits, without links.

Nothing is written to the disk: a name only says what a file is called, and one that points outside is refused.
"""

import bz2
import gzip
import lzma
import re
import stat
import tarfile
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from qa.sources.formats.limits import MB, Limits
from qa.types.errors import ArticleUnreadable, NoArticles

_BATCH_BYTES = 16 * MB  # unpacked at one call, which the answer of a sandboxed process can hold
_OUTSIDE = re.compile(r"\A(?:[/\\]|[A-Za-z]:)|(?:\A|[/\\])\.\.(?:[/\\]|\Z)")
_HIDDEN = re.compile(r"(?:\A|[/\\])(?:\.(?!\.?[/\\])|__MACOSX[/\\])")  # what file systems and macOS add
_COMPRESSORS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_COMPRESSED_NAME = re.compile(r"\.(?:gz|bz2|xz)\Z", re.I)


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its content, or why it cannot be read."""

    number: int  # of its entry, from 0
    name: str  # with its folders
    content: str  # in base64, since the sandbox answers in JSON
    reason: str  # empty if it can be read
    is_last: bool = False


@dataclass(slots=True)
class _Entry:
    """An entry of an archive before it is unpacked."""

    name: str
    size: int
    reason: str
    read: Callable[[], bytes]


def unpack(content: bytes, source: str, limits: Limits, *, first: str) -> list[Member]:
    """Return the files of an archive from an entry on, some of them: as many as one answer can hold, at least one.

    Args:
        content: of the archive.
        source: its name, from which that of a compressed file is made.
        limits: for the archive, and for each file in it.
        first: the number of the first entry to return.

    Raises:
        ArticleUnreadable: it is damaged or holds too much, or no file is left.
    """
    members: list[Member] = []
    n_bytes = n_unpacked = 0
    for number, entry in enumerate(_entries(content, source, limits)):
        reason = entry.reason or _refusal(entry, limits, n_unpacked)
        n_unpacked += 0 if reason else entry.size
        if number < int(first):
            continue
        data = b""
        if not reason:
            try:
                data = entry.read()
            except Exception:  # damaged in any way, or packed with a method that is not known here
                reason = "it cannot be unpacked: it is damaged, or packed in an unusual way"
        n_bytes += len(data)
        if members and n_bytes > _BATCH_BYTES:
            return members
        members.append(Member(number, entry.name, b64encode(data).decode(), reason))
    if not members:
        raise NoArticles("no file is in it")
    return [*members[:-1], replace(members[-1], is_last=True)]


def _refusal(entry: _Entry, limits: Limits, n_unpacked: int) -> str:
    if _OUTSIDE.search(entry.name):
        return "its name points outside of the archive"
    if entry.size > limits.file_bytes:
        return f"it unpacks to {entry.size / MB:.0f} MB; the limit is {limits.file_bytes // MB} MB"
    if n_unpacked + entry.size > limits.archive_bytes:
        return f"the files before it in the archive unpack to {limits.archive_bytes // MB} MB, which is the limit"
    return "" if entry.size else "the file is empty"


def _entries(content: bytes, source: str, limits: Limits) -> Iterator[_Entry]:
    """Yield the files of an archive, without folders and hidden files.

    Raises:
        ArticleUnreadable: it is damaged, or holds too many files.
    """
    if content.startswith(b"PK"):
        entries = _zip_entries(content, limits)
    else:
        unpacked = _decompress(content, limits)
        if unpacked[257:262] == b"ustar":
            entries = _tar_entries(unpacked, limits)
        else:
            name = re.split(r"[/\\]", source)[-1]
            entries = iter([_Entry(_COMPRESSED_NAME.sub("", name) or name, len(unpacked), "", lambda: unpacked)])
    return (entry for entry in entries if not _HIDDEN.search(entry.name))


def _zip_entries(content: bytes, limits: Limits) -> Iterator[_Entry]:
    if content.count(b"PK\x01\x02") > limits.parts:  # before ZipFile makes an object of each
        raise ArticleUnreadable(f"it holds more than {limits.parts:,} files, which is the limit")
    try:
        archive = ZipFile(BytesIO(content))
    except Exception as error:
        raise ArticleUnreadable("this is a zip file that is damaged or cut short") from error
    for part in archive.infolist():
        if part.is_dir():
            continue
        reason = ""
        if part.flag_bits & 0x1:
            reason = "it is locked with a password: pack it without one"
        elif stat.S_ISLNK(part.external_attr >> 16):
            reason = "it is a link"
        elif part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # the only two that can be unpacked up to a size
            reason = "it is packed in an unusual way: pack it as a usual zip file"
        elif part.file_size > MB and part.file_size > limits.ratio * part.compress_size:
            reason = f"it unpacks to more than {limits.ratio} times its size"
        name = _readable_name(part.filename, bool(part.flag_bits & 0x800))
        yield _Entry(name, part.file_size, reason, partial(_read_zip_part, archive, part))


def _read_zip_part(archive: ZipFile, part: ZipInfo) -> bytes:
    with archive.open(part) as file:
        return file.read(part.file_size)  # without a size, all of it would be unpacked and then cut


def _readable_name(name: str, is_unicode: bool) -> str:
    """Return a name that was stored as UTF-8 without saying so, as many programs do."""
    with suppress(UnicodeError):
        return name if is_unicode else name.encode("cp437").decode()
    return name


def _tar_entries(content: bytes, limits: Limits) -> Iterator[_Entry]:
    try:
        archive = tarfile.open(fileobj=BytesIO(content), mode="r:")  # noqa: SIM115 - it is in memory
        for number, part in enumerate(archive):
            if number == limits.parts:
                raise ArticleUnreadable(f"it holds more than {limits.parts:,} files, which is the limit")
            if part.isdir():
                continue
            reason = "" if part.isreg() and not part.issparse() else "it is a link or a device, not a file"

            yield _Entry(part.name, part.size, reason, partial(_read_tar_part, archive, part))
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise ArticleUnreadable("this is an archive that is damaged or cut short") from error


def _read_tar_part(archive: tarfile.TarFile, part: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(part)
    return file.read(part.size) if file else b""


def _decompress(content: bytes, limits: Limits) -> bytes:
    """Return the content of a compressed file, or that of any other as it is.

    Raises:
        ArticleUnreadable: it is damaged, or too large.
    """
    opener = next((opener for magic, opener in _COMPRESSORS.items() if content.startswith(magic)), None)
    if opener is None:
        return content
    try:
        with opener(BytesIO(content)) as file:
            unpacked: bytes = file.read(limits.archive_bytes + 1)
    except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise ArticleUnreadable("this is a compressed file that is damaged or cut short") from error
    if len(unpacked) > limits.archive_bytes:
        raise ArticleUnreadable(f"it unpacks to more than {limits.archive_bytes // MB} MB, which is the limit")
    return unpacked
