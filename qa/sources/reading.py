"""Reading: a file to drafts, with the steps that its parser cannot take: unpack an archive, convert, read a picture."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, MB, OCR_LIMITS, Limits
from qa.sources.formats.ocr import recognition
from qa.sources.formats.recognized import RecognizedPage, dump_pages, validate_page
from qa.sources.formats.unpacking import Member, unpack
from qa.sources.sandbox.libreoffice import convert
from qa.sources.sandbox.parser_pool import ParserPool
from qa.sources.sandbox.validate import text
from qa.types.errors import ArticleUnreadable, IsArchive, NeedsOcr, NeedsOffice, NoArticles

# One page after another in one process: the models take a second to load and half a gigabyte to run.
ocr_pool = ParserPool(OCR_LIMITS, processes=1, module=recognition.__name__)


@dataclass(frozen=True, slots=True)
class Unread:
    """A file of an archive that gives no article, and why."""

    source: str
    reason: str
    is_article: bool = True  # False for what is evidently something else, such as a table of settings


def read(content: bytes, source: str, pool: ParserPool, charset: str | None = None) -> Iterator[Draft | Unread]:
    """Yield the articles of a file, and those files of an archive that cannot be read.

    Args:
        content: of the file.
        source: its path or URL. A file of an archive is called by its name after "#/".
        pool: parses it.
        charset: from the server that sent it.

    Raises:
        ArticleUnreadable: the file itself cannot be read, with a reason for the user.
    """
    yield from _Reader(pool).read(content, source, charset)


class _Reader:
    """Reads one file, and the archives inside it, within one limit on all of them."""

    def __init__(self, pool: ParserPool, limits: Limits = LIMITS) -> None:
        self._pool, self._limits, self._bytes_left = pool, limits, limits.archive_bytes

    def read(self, content: bytes, source: str, charset: str | None = None, depth: int = 0) -> Iterator[Draft | Unread]:
        has_ocr = recognition.is_installed()
        try:
            yield from self._pool.parse(content, source, charset, "" if has_ocr else None)
        except NeedsOcr:
            recognized = self._recognize(content, source)
            yield from self._pool.parse(content, source, charset, recognized)
        except NeedsOffice as error:
            yield from self._pool.parse(convert(content, error), source)
        except IsArchive:
            if depth == self._limits.depth:
                raise ArticleUnreadable(
                    f"archives are nested more than {self._limits.depth} deep, which is the limit"
                ) from None
            yield from self._read_archive(content, source, depth)

    def _recognize(self, content: bytes, source: str) -> str:
        """Return the lines of all pages that are pictures, each read by a call of its own, with its own limits.

        Raises:
            ArticleUnreadable: there are too many, or none can be read. The reason is that of the first.
        """
        pages: list[RecognizedPage] = []
        index: int | None = 0
        while index is not None:
            if len(pages) == self._limits.scanned_pages:
                raise ArticleUnreadable(f"more than {len(pages):,} pages of it are pictures, which is the limit: split it")
            [page] = ocr_pool.run(recognition.recognize, content, source, validate_page, first=str(index))
            pages.append(page)
            index = page.next_index
        return dump_pages(pages)

    def _read_archive(self, content: bytes, source: str, depth: int) -> Iterator[Draft | Unread]:
        first, names = 0, set()
        while True:
            members = self._pool.run(unpack, content, source, validate_member, first=str(first))
            for member in members:
                name = f"{source}{'/' if '#/' in source else '#/'}{member.name}"
                name = name if name not in names else f"{name}-{member.number}"
                names.add(name)
                yield from self._read_member(member, name, depth)
            if members[-1].is_last:
                return
            first = members[-1].number + 1

    def _read_member(self, member: Member, source: str, depth: int) -> Iterator[Draft | Unread]:
        data = b64decode(member.content)
        self._bytes_left -= len(data)
        reason = member.reason
        if self._bytes_left < 0:
            reason = f"the archive unpacks to more than {self._limits.archive_bytes // MB} MB, which is the limit"
        if reason:
            yield Unread(source, reason)
            return
        try:
            yield from self.read(data, source, depth=depth + 1)
        except NoArticles as error:
            yield Unread(source, str(error), is_article=False)
        except ArticleUnreadable as error:
            yield Unread(source, str(error))


def validate_member(data: Any, _: str) -> Member:
    """Make a file of an archive from an answer of the sandbox.

    Raises:
        TypeError, ValueError, LookupError: it is not valid.
    """
    number, is_last = data["number"], data["is_last"]
    if type(number) is not int or number < 0 or type(is_last) is not bool:
        raise ValueError
    b64decode(text(data["content"]), validate=True)
    name = " ".join(text(data["name"]).split())
    return Member(number, name, data["content"], text(data["reason"]), is_last)
