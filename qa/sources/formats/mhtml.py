"""MHTML: a web page that a browser saved in one file, with the address that it came from."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlsplit

from qa.sources.formats.dates import parse_date
from qa.sources.formats.draft import Draft
from qa.sources.formats.html import decode_page_with_notes, load_page
from qa.sources.formats.limits import Limits
from qa.types.errors import ArticleUnreadable


def load_mhtml(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Load a saved page as a draft of its article. Its site is the host that it came from."""
    try:
        page, charset, title, address, saved = _unpack(content)
    except Exception as error:  # the parser raises many kinds of errors on malformed headers
        raise ArticleUnreadable("it is damaged: its parts cannot be told apart") from error
    if page is None:
        raise ArticleUnreadable("there is no page in it")
    text, notes = decode_page_with_notes(page, charset)
    draft = load_page(text, source, limits, title, address)
    day = (parse_date(saved) or "")[:10] or None
    return [replace(draft, site=_host(address) or draft.site, notes=notes, file_date=day)]


def _unpack(content: bytes) -> tuple[bytes | None, str | None, str, str, str]:
    """Return the first page in a file, its charset, and the title, address and date of the file. The page may be None."""
    message = message_from_bytes(content, policy=default)
    part = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    if part is None:
        return None, None, "", "", ""
    address = message["Snapshot-Content-Location"] or part["Content-Location"] or ""
    page = part.get_payload(decode=True)
    title, saved = str(message["Subject"] or ""), str(message["Date"] or "")
    return page if isinstance(page, bytes) else None, part.get_content_charset(), title, str(address), saved


def _host(address: str) -> str | None:
    try:
        parts = urlsplit(address.strip())
        return parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None
