"""Documents that are zip files: their parts, unpacked within limits, the XML in them, and how parts refer to each other.

Document libraries unpack a part whole, whatever its header says. So every part is read through here.
"""

import re
from io import BytesIO
from posixpath import dirname, join, normpath, split
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from qa.sources.formats.limits import MB, Limits
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_ENTRY = b"PK\x01\x02"  # beginning of a part's entry in the directory
_OUTSIDE = re.compile(r"\A(?:[/\\]|[A-Za-z]:)|(?:\A|[/\\])\.\.(?:[/\\]|\Z)")
_ENTITIES = "it declares XML entities, which no document needs"
LOCKED = "it is locked with a password: save it without one"


class Relation(NamedTuple):
    """A reference from one part of an Office file to another."""

    kind: str  # the last word of its type, such as "footnotes"
    name: str  # of the part that is referred to


class Archive:
    """The parts of a zip file. Each is unpacked within the limits."""

    def __init__(self, file: ZipFile, limits: Limits) -> None:
        self.names: tuple[str, ...] = tuple(dict.fromkeys(file.namelist()))
        self._names = frozenset(self.names)
        self._file = file
        self._limits, self._left = limits, limits.archive_bytes

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def read(self, name: str) -> bytes:
        """Return the content of a part, no more of it than its header declares.

        Raises:
            ArticleUnreadable: there is no such part, it is damaged or too large, or too much has been read.
        """
        if name not in self:
            raise ArticleUnreadable(f"it is damaged: its part {name} is missing")
        part = self._file.getinfo(name)
        _check_size(part, self._limits)  # only of what is read: a large picture is no reason to refuse a document
        self._left -= part.file_size  # a part that is referred to ten thousand times is unpacked as often
        if self._left < 0:
            raise ArticleUnreadable(f"its parts unpack to more than {self._limits.archive_bytes // MB} MB, which is the limit")
        try:
            with self._file.open(name) as file:
                return file.read(part.file_size)  # without a size, all of it would be unpacked and then cut
        except Exception as error:
            raise ArticleUnreadable(f"it is damaged: its part {name} cannot be unpacked") from error


def open_archive(content: bytes, limits: Limits) -> Archive:
    """Open a zip file, if its parts are named and packed like those of a document.

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
    """Parse an XML part without its comments. Nothing is fetched.

    Raises:
        ArticleUnreadable: it is not well-formed XML, is nested too deep, or declares entities. An entity can stand for another
            file or for endless text.
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
    """Return an element's name without its namespace, which differs between the strict and the usual form of a format."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


def attribute(element: "_Element", name: str) -> str:
    """Return the value of an attribute, whatever its namespace, or an empty string."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def relations(archive: Archive, part: str = "") -> dict[str, Relation]:
    """Return what a part of an Office file refers to, by identifier. The file itself is the part with an empty name.

    Source: ECMA-376 part 2, relationships.
    """
    folder, name = split(part)
    path = join(folder, "_rels", f"{name}.rels")
    if path not in archive:
        return {}
    return {
        element.get("Id", ""): Relation(
            element.get("Type", "").rpartition("/")[2],
            normpath(join("/", dirname(part), element.get("Target", ""))).lstrip("/"),
        )
        for element in parse_xml(archive.read(path))
        if element.get("TargetMode") != "External"
    }


def related_name(archive: Archive, links: dict[str, Relation], kind: str) -> str | None:
    """Return the name of the first part of a kind that is referred to and there."""
    return next((link.name for link in links.values() if link.kind == kind and link.name in archive), None)


def related_part(archive: Archive, links: dict[str, Relation], kind: str) -> "_Element | None":
    """Parse the first part of a kind that is referred to and there."""
    name = related_name(archive, links, kind)
    return None if name is None else parse_xml(archive.read(name))
