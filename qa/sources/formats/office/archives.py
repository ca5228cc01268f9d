"""The zip files that documents are: their parts, none unpacked to more than it may, and the XML in them.

A library unpacks a part whole, whatever its header says, so documents are read part by part from here and no library gets
the file itself.
"""

import re
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from qa.sources.formats.limits import MB, Limits
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_ENTRY = b"PK\x01\x02"  # each part's entry in the directory begins so
_OUTSIDE = re.compile(r"\A(?:[/\\]|[A-Za-z]:)|(?:\A|[/\\])\.\.(?:[/\\]|\Z)")
_ENTITIES = "it declares XML entities, which no document needs"
LOCKED = "it is locked with a password: save it without one"


class Archive:
    """The parts of a zip file that has passed the limits."""

    def __init__(self, file: ZipFile, limits: Limits) -> None:
        self.names: tuple[str, ...] = tuple(dict.fromkeys(file.namelist()))
        self._known = frozenset(self.names)
        self._file = file
        self._limits, self._left = limits, limits.archive_bytes

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def read(self, name: str) -> bytes:
        """A part's bytes, no more of them than its header declares.

        Raises:
            ArticleUnreadable: there is no such part, it is damaged, or too much has been read.
        """
        if name not in self:
            raise ArticleUnreadable(f"it is damaged: its part {name} is missing")
        found = self._file.getinfo(name)
        _check_size(found, self._limits)  # of what is read alone: a large picture is no reason to refuse a document
        size = found.file_size
        self._left -= size  # a part named ten thousand times over is unpacked as often
        if self._left < 0:
            raise ArticleUnreadable(f"its parts unpack to more than {self._limits.archive_bytes // MB} MB, which is the limit")
        try:
            with self._file.open(name) as part:
                return part.read(size)  # with a size; without one all is unpacked and then cut
        except Exception as error:
            raise ArticleUnreadable(f"it is damaged: its part {name} cannot be unpacked") from error


def open_archive(content: bytes, limits: Limits) -> Archive:
    """A zip file whose parts have names and packing as documents have them; each one's size is checked before it is unpacked.

    Raises:
        ArticleUnreadable: it is damaged, locked, or has too many parts.
    """
    if content.count(_ENTRY) > limits.parts:  # before ZipFile makes an object of each
        raise ArticleUnreadable(f"it has more than {limits.parts:,} parts, which is the limit")
    try:
        file = ZipFile(BytesIO(content))
    except Exception as error:
        raise ArticleUnreadable("this is a zip file that is damaged or cut short") from error
    for part in file.infolist():
        _check(part)
    return Archive(file, limits)


def _check(part: ZipInfo) -> None:
    if part.flag_bits & 0x1:
        raise ArticleUnreadable(LOCKED)
    if _OUTSIDE.search(part.filename):
        raise ArticleUnreadable("it names a part outside itself, which no document does")
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # the only two that can be unpacked up to a size
        raise ArticleUnreadable("it is packed in a way that no document is")


def _check_size(part: ZipInfo, limits: Limits) -> None:
    if part.file_size > limits.part_bytes:
        raise ArticleUnreadable(f"a part of it unpacks to more than {limits.part_bytes // MB} MB, which is the limit")
    if part.file_size > MB and part.file_size > limits.ratio * part.compress_size:
        raise ArticleUnreadable(f"a part of it unpacks to more than {limits.ratio} times its size, as no document does")


def parse_xml(content: bytes) -> "_Element":
    """The root of an XML part, comments left out and nothing fetched.

    Raises:
        ArticleUnreadable: it is no well-formed XML, is nested too deep, or declares entities, which can stand for other files
            or for endless text.
    """
    from lxml import etree

    # without collect_ids=False, which makes libxml2 load the DTD all the same
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ArticleUnreadable(_ENTITIES if b"<!ENTITY" in content else "it is damaged: a part of it is no XML") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(declared.iterentities(), None) is not None:
        raise ArticleUnreadable(_ENTITIES)
    return root


def local_name(element: "_Element") -> str:
    """An element's name without its namespace, of which the strict and the usual form of a format have different ones."""
    tag: str = element.tag
    return tag.rpartition("}")[2]
