"""What kind of file some bytes are, by their content first and the file's name second, and what reads that kind."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from io import BytesIO
from urllib.parse import urlsplit
from zipfile import BadZipFile, ZipFile

from qa.sources.formats import language
from qa.sources.formats.decoding import utf_16_as_utf_8
from qa.sources.formats.draft import Draft, Loader
from qa.sources.formats.limits import Limits
from qa.types.errors import ArticleUnreadable

# The module in qa.sources.formats and the function in it; modules are imported when a file of their kind comes.
_LOADERS = {
    "text": ("plain", "load_text"),
    "Markdown": ("plain", "load_markdown"),
    "HTML": ("html", "load_html"),
    "MHTML": ("mhtml", "load_mhtml"),
    "PDF": ("pdf.document", "load_pdf"),
    "Word": ("office.word", "load_word"),
    "PowerPoint": ("office.powerpoint", "load_powerpoint"),
    "OpenDocument": ("office.opendocument", "load_opendocument"),
    "RTF": ("office.rtf", "load_rtf"),
    "EPUB": ("office.epub", "load_epub"),
    "mail": ("mail", "load_message"),
    "mailbox": ("mail", "load_mailbox"),
    "JSON": ("records", "load_json"),
    "JSON Lines": ("records", "load_json_lines"),
    "CSV": ("records", "load_csv"),
}
_IN_CHARSETS = ("text", "Markdown", "HTML")  # as their servers say
_ENDS = {
    ".txt": "text",
    ".md": "Markdown",
    ".markdown": "Markdown",
    ".html": "HTML",
    ".htm": "HTML",
    ".xhtml": "HTML",
    ".mhtml": "MHTML",
    ".mht": "MHTML",
    ".pdf": "PDF",
    ".docx": "Word",
    ".docm": "Word",
    ".pptx": "PowerPoint",
    ".pptm": "PowerPoint",
    ".odt": "OpenDocument",
    ".rtf": "RTF",
    ".epub": "EPUB",
    ".eml": "mail",
    ".mbox": "mailbox",
    ".json": "JSON",
    ".jsonl": "JSON Lines",
    ".ndjson": "JSON Lines",
    ".csv": "CSV",
    ".tsv": "CSV",
}
_ALSO_TEXT = ("", ".text", ".rst", ".org", ".log", ".eml", ".email")  # read when they are named, not looked for in folders
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # the entry that holds a docx or pptx with a password
_NO_ARTICLES = (
    (_OLE, "an Office file from before 2007 (doc, xls, ppt, msg): save it as docx, pptx or eml"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"BM", "a picture"),
    (b"\x1f\x8b", "compressed: unpack it first"),
    (b"7z\xbc\xaf", "an archive: unpack it first"),
    (b"Rar!\x1a\x07", "an archive: unpack it first"),
)
_IN_ZIP = (
    ("word/", "Word"),
    ("ppt/", "PowerPoint"),
    ("xl/", "an Excel workbook: save the sheet as CSV"),
    ("visio/", "a Visio drawing"),
)
_MIME_TYPES = {
    b"application/epub+zip": "EPUB",
    b"application/vnd.oasis.opendocument.text": "OpenDocument",
    b"application/vnd.oasis.opendocument.text-template": "OpenDocument",
    b"application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet: save the sheet as CSV",
    b"application/vnd.oasis.opendocument.presentation": "an OpenDocument presentation: save it as pptx or PDF",
}
_ADDRESS = re.compile(r"https?://", re.I)
_HEAD = 4_096  # bytes looked at
_COMMENTS = rb"(?:<!--.*?-->\s*)*+"  # possessive: else forty of them can be split in more ways than can be tried
_HTML = re.compile(
    rb"\A[\s\xef\xbb\xbf]*(?:<\?xml[^>]*>\s*)?" + _COMMENTS + rb"<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_HEADER = rb"(?:Received|Return-Path|Delivered-To|Message-ID|MIME-Version|From|To|Subject|Date|Content-Type|X-[\w-]+):[^\n]*\n"
_MESSAGE = re.compile(rb"\A(?:" + _HEADER + rb"(?:[ \t][^\n]*\n)*){2}", re.I)
_MAILBOX = re.compile(rb"\AFrom \S+.*\d{4}\r?\n" + _HEADER, re.I)
_RELATED = re.compile(rb"^Content-Type:\s*multipart/related", re.I | re.M)
_SAVED = re.compile(rb"^(?:Snapshot-Content-Location:|From:\s*<Saved by|X-MimeOLE:)", re.I | re.M)


def extensions() -> tuple[str, ...]:
    """How the names of files end that are looked for in folders, in lower case."""
    return tuple(_ENDS)


def read(content: bytes, source: str, limits: Limits, charset: str | None = None) -> list[Draft]:
    """The articles of a file, at least one, each with text in it and its language where that is known or can be guessed.

    Args:
        content: its bytes.
        source: its path or address; an article from the web that names no site has the host as its site.
        limits: what it is read within.
        charset: what the server said that a page's text is in.

    Raises:
        ArticleUnreadable: with the reason, in words for the reader.
    """
    if not content:
        raise ArticleUnreadable("the file is empty")
    kind = kind_of(content, source)
    more = {"charset": charset} if charset and kind in _IN_CHARSETS else {}
    drafts = loader(kind)(content, source, limits, **more)
    for draft in drafts:
        if len(draft.text) > limits.text_characters:
            raise ArticleUnreadable(f"the text has {len(draft.text):,} characters; the limit is {limits.text_characters:,}")
    with_text = [draft for draft in drafts if any(character.isalnum() for character in draft.text)]
    if not with_text:
        raise ArticleUnreadable("no text was found in it")
    return [
        replace(draft, language=draft.language or language.guess(draft.text), site=draft.site or _host(source))
        for draft in with_text
    ]


def _host(source: str) -> str | None:
    """The host of an address without "www."; of a file there is none."""
    host = urlsplit(source).hostname if _ADDRESS.match(source) else None
    return host.removeprefix("www.") if host else None


def prepare() -> None:
    """Load what `read` needs and could not load where it may not write."""
    language.model()


def loader(kind: str) -> Loader:
    """What reads a kind of file."""
    module, function = _LOADERS[kind]
    found: Loader = getattr(import_module(f"qa.sources.formats.{module}"), function)
    return found


def kind_of(content: bytes, name: str) -> str:
    """The kind of a file.

    Raises:
        ArticleUnreadable: nothing reads it; the reason says what it is.
    """
    is_page = _ADDRESS.match(name) is not None
    match = re.search(r"\.\w+$", re.split(r"[/\\]", urlsplit(name).path if is_page else name)[-1])
    end = match.group().lower() if match else ""
    head = content[:_HEAD]
    if b"%PDF-" in head[:1_024]:
        return "PDF"
    if head.lstrip().startswith(b"{\\rtf"):
        return "RTF"
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(content)
    if head.startswith(_OLE) and _LOCKED in content:
        raise ArticleUnreadable("this is an Office file with a password: save it without one")
    for start, what in _NO_ARTICLES:
        if head.startswith(start) and (start != b"BM" or b"\0" in head):
            raise ArticleUnreadable(f"this is {what}")
    kind = _ENDS.get(end)
    text = _text_kind(head, kind)
    if text is None and is_page:  # such as one that ends in .php
        text = "HTML"
    if text is None and end not in _ALSO_TEXT:
        known = ", ".join(each.removeprefix(".") for each in _ENDS)
        raise ArticleUnreadable(f"{end or 'such'} files cannot be read; only {known}")
    if text in ("PDF", "Word", "PowerPoint", "OpenDocument", "EPUB", "RTF"):
        raise ArticleUnreadable(f"this is no {end.removeprefix('.')} file, whatever its name says, or its beginning is damaged")
    return text or "text"


def _text_kind(head: bytes, by_name: str | None) -> str | None:
    """The kind of something that is not known by its first bytes alone."""
    if by_name in ("JSON", "JSON Lines", "CSV", "Markdown"):
        return by_name
    if _MAILBOX.match(head):
        return "mailbox"
    if _MESSAGE.match(head):
        return "MHTML" if by_name == "MHTML" or (_RELATED.search(head) and _SAVED.search(head)) else "mail"
    if _HTML.match(head):
        return "HTML"
    if by_name in (None, "text") and (recoded := utf_16_as_utf_8(head)) and _MESSAGE.match(recoded):
        return "mail"
    return by_name


def _in_zip(content: bytes) -> str:
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            mime = b""
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                mime = archive.read("mimetype").strip()
    except (BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError) as error:
        raise ArticleUnreadable(f"this is a zip file that is damaged or cut short ({error})") from error
    return _known_or_refused(_MIME_TYPES, mime, names)


def _known_or_refused(types: Mapping[bytes, str], mime: bytes, names: list[str]) -> str:
    kind = types.get(mime)
    if kind is None and "META-INF/container.xml" in names:
        kind = "EPUB"
    if kind is None and "[Content_Types].xml" in names:
        kind = next((found for start, found in _IN_ZIP if any(name.startswith(start) for name in names)), None)
    if kind not in _LOADERS:
        raise ArticleUnreadable(f"this is {kind or 'an archive: unpack it first'}")
    assert kind is not None
    return kind
