"""Detection: the kind of a file, by its content first and its name second."""

import re
import zlib
from io import BytesIO
from urllib.parse import urlsplit
from zipfile import BadZipFile, ZipFile

from qa.sources.formats.decoding import utf_16_to_utf_8
from qa.types.errors import ArticleUnreadable

_EXTENSIONS = {
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
    ".xlsx": "Excel",
    ".xlsm": "Excel",
    ".doc": "old Word",
    ".ppt": "old PowerPoint",
    ".xls": "old Excel",
    ".odt": "OpenDocument",
    ".ods": "OpenDocument sheets",
    ".odp": "OpenDocument slides",
    ".rtf": "RTF",
    ".epub": "EPUB",
    ".fb2": "FictionBook",
    ".eml": "mail",
    ".mbox": "mailbox",
    ".msg": "Outlook message",
    ".json": "JSON",
    ".jsonl": "JSON Lines",
    ".ndjson": "JSON Lines",
    ".csv": "CSV",
    ".tsv": "CSV",
    **dict.fromkeys((".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz"), "archive"),
}
_PICTURE_EXTENSIONS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
_OTHER_TEXT_EXTENSIONS = ("", ".text", ".rst", ".org", ".log", ".eml", ".email")  # read if named, not searched for in folders
_NOT_READ = (  # endings of files that folders often hold, and why they are not read
    (".xlsb .numbers .key", "files of programs that are not read: save them as xlsx or PDF"),
    (
        ".dot .xlt .pps .dotx .dotm .potx .potm .ppsx .ppsm .xltx .xltm .ott .ots .otp",
        "templates and shows: name one to have it read",
    ),
    (" ".join(_PICTURE_EXTENSIONS), "pictures: install pullquote[ocr] to have the text in them read"),
    (".gif .bmp .svg .heic .psd .ico", "pictures, in which no text is read"),
    (".mp3 .wav .m4a .ogg .flac .mp4 .mov .avi .mkv .webm", "recordings, in which no speech is read"),
    (".7z .rar", "archives: unpack them first"),
    (".gz .bz2 .xz", "compressed files: name one to have it read"),
    (".text .rst .org .log .email", "read only when named, since many are not articles"),
)
_REASONS = {ending: reason for endings, reason in _NOT_READ for ending in endings.split()}
NO_ENDING, OTHER_FILES = "no ending", "files of this kind are not read"
ONLY_IF_NAMED = "read only when named, since nothing tells what they are"
_BINARY = {  # known by their first bytes alone
    *("PDF", "Word", "PowerPoint", "Excel", "OpenDocument", "OpenDocument sheets", "OpenDocument slides", "EPUB", "RTF"),
    *("FictionBook", "old Word", "old PowerPoint", "old Excel", "Outlook message", "archive"),
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the entry that holds a docx or pptx with a password
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_COMPRESSED = re.compile(rb"\x1f\x8b|BZh[1-9]1AY&SY|\xfd7zXZ\0")
_UNSUPPORTED = (
    (b"GIF8", "a picture: save it as PNG"),
    (b"BM", "a picture: save it as PNG"),
    (b"7z\xbc\xaf", "an archive: unpack it first"),
    (b"Rar!\x1a\x07", "an archive: unpack it first"),
)
_OLE_KINDS = {  # by a stream of such a file
    "__properties_version1.0": "Outlook message",
    "WordDocument": "old Word",
    "PowerPoint Document": "old PowerPoint",
    "Workbook": "old Excel",
    "Book": "old Excel",
}
_ZIP_KINDS = {"Word", "PowerPoint", "Excel", "EPUB", "OpenDocument", "OpenDocument sheets", "OpenDocument slides"}
_ZIP_FOLDERS = (  # in a file that has [Content_Types].xml
    ("word/", "Word"),
    ("ppt/", "PowerPoint"),
    ("xl/workbook.bin", "a binary Excel workbook: save it as xlsx"),
    ("xl/", "Excel"),
    ("visio/", "a Visio drawing"),
)
_MIME_TYPES = {
    b"application/epub+zip": "EPUB",
    b"application/vnd.oasis.opendocument.text": "OpenDocument",
    b"application/vnd.oasis.opendocument.text-template": "OpenDocument",
    b"application/vnd.oasis.opendocument.spreadsheet": "OpenDocument sheets",
    b"application/vnd.oasis.opendocument.spreadsheet-template": "OpenDocument sheets",
    b"application/vnd.oasis.opendocument.presentation": "OpenDocument slides",
    b"application/vnd.oasis.opendocument.presentation-template": "OpenDocument slides",
}
_MEMBER = re.compile(r"https?://[^#]*\.(?:zip|tar|t?gz|t?bz2|t?xz)#", re.I)  # of an archive on the web
_MAX_MIME_TYPE = 200  # bytes
_URL = re.compile(r"https?://", re.I)
_HEAD = 4_096  # bytes examined
_COMMENTS = rb"(?:<!--.*?-->\s*)*+"  # possessive, since forty comments can be split in more ways than can be tried
_HTML = re.compile(
    rb"\A[\s\xef\xbb\xbf]*(?:<\?xml[^>]*>\s*)?" + _COMMENTS + rb"<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_FICTION_BOOK = re.compile(
    rb"\A[\s\xef\xbb\xbf]*(?:<\?xml[^>]*>\s*)?" + _COMMENTS + rb"(?:<!DOCTYPE[^>]*>\s*)?<FictionBook\b", re.S
)
_HEADER = rb"(?:Received|Return-Path|Delivered-To|Message-ID|MIME-Version|From|To|Subject|Date|Content-Type|X-[\w-]+):[^\n]*\n"
_MESSAGE = re.compile(rb"\A(?:" + _HEADER + rb"(?:[ \t][^\n]*\n)*){2}", re.I)
_MAILBOX = re.compile(rb"\AFrom \S+.*\d{4}\r?\n" + _HEADER, re.I)
_RELATED = re.compile(rb"^Content-Type:\s*multipart/related", re.I | re.M)
_SAVED_PAGE = re.compile(rb"^(?:Snapshot-Content-Location:|From:\s*<Saved by|X-MimeOLE:)", re.I | re.M)


def extensions(pictures: bool = False) -> tuple[str, ...]:
    """Return the extensions of files to look for in folders, in lower case.

    Args:
        pictures: whether the text in pictures can be read.
    """
    return (*_EXTENSIONS, *(_PICTURE_EXTENSIONS if pictures else ()))


def ending(name: str) -> str:
    """Return the ending of a file's name in lower case, or `NO_ENDING`."""
    match = re.search(r"\.\w{1,10}$", name)
    return match.group().lower() if match and match.start() > 0 else NO_ENDING


def reason_to_skip(ending: str) -> str:
    """Return why files of an ending are not taken from a folder, and what to do."""
    return ONLY_IF_NAMED if ending == NO_ENDING else _REASONS.get(ending, OTHER_FILES)


def skip_reasons() -> tuple[str, ...]:
    """Return all reasons that `reason_to_skip` gives."""
    return tuple(dict.fromkeys((*_REASONS.values(), OTHER_FILES, ONLY_IF_NAMED)))


def detect_kind(content: bytes, name: str) -> str:
    """Return the kind of a file.

    Args:
        content: of the file.
        name: its path or URL.

    Raises:
        ArticleUnreadable: no loader reads it; the reason says what it is.
    """
    is_page = _URL.match(name) is not None and not _MEMBER.match(name)
    match = re.search(r"\.\w+$", re.split(r"[/\\]", urlsplit(name).path if is_page else name)[-1])
    extension = match.group().lower() if match else ""
    head = content[:_HEAD]
    if b"%PDF-" in head[:1_024]:
        return "PDF"
    if head.lstrip().startswith(b"{\\rtf"):
        return "RTF"
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(content)
    if head.startswith(_OLE):
        return _kind_of_ole(content)
    if head.startswith(_PICTURES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return "picture"
    if _COMPRESSED.match(head) or head[257:262] == b"ustar":
        return "archive"
    if _FICTION_BOOK.match(head):
        return "FictionBook"
    for magic, what in _UNSUPPORTED:
        if head.startswith(magic) and (magic != b"BM" or b"\0" in head):
            raise ArticleUnreadable(f"this is {what}")
    kind = _kind_of_text(head, _EXTENSIONS.get(extension))
    if kind is None and is_page:  # such as one whose path ends in .php
        kind = "HTML"
    if kind is None and extension not in _OTHER_TEXT_EXTENSIONS:
        known = ", ".join(known.removeprefix(".") for known in _EXTENSIONS)
        raise ArticleUnreadable(f"{extension or 'such'} files cannot be read; only {known}")
    if kind in _BINARY:
        raise ArticleUnreadable(
            f"this is no {extension.removeprefix('.')} file, whatever its name says, or its beginning is damaged"
        )
    return kind or "text"


def _kind_of_text(head: bytes, by_name: str | None) -> str | None:
    """Return the kind of a file that has no magic number. Return None if only the name could tell, and does not."""
    if by_name in ("JSON", "JSON Lines", "CSV", "Markdown"):
        return by_name
    if _MAILBOX.match(head):
        return "mailbox"
    if _MESSAGE.match(head):
        return "MHTML" if by_name == "MHTML" or (_RELATED.search(head) and _SAVED_PAGE.search(head)) else "mail"
    if _HTML.match(head):
        return "HTML"
    if by_name in (None, "text") and (utf_8 := utf_16_to_utf_8(head)) and _MESSAGE.match(utf_8):
        return "mail"
    return by_name


def _kind_of_zip(content: bytes) -> str:
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            mime_type = b""
            if "mimetype" in names and archive.getinfo("mimetype").file_size < _MAX_MIME_TYPE:
                mime_type = archive.read("mimetype").strip()
    except (BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError) as error:
        raise ArticleUnreadable(f"this is a zip file that is damaged or cut short ({error})") from error
    kind = _MIME_TYPES.get(mime_type)
    if kind is None and "META-INF/container.xml" in names:
        kind = "EPUB"
    if kind is None and "[Content_Types].xml" in names:
        kind = next((kind for folder, kind in _ZIP_FOLDERS if any(name.startswith(folder) for name in names)), None)
    if kind is not None and kind not in _ZIP_KINDS:
        raise ArticleUnreadable(f"this is {kind}")
    return kind or "archive"


def _kind_of_ole(content: bytes) -> str:
    """Return the kind of an Office file from before 2007, or of a message of Outlook's, by the streams in it."""
    from olefile import OleFileIO

    if _ENCRYPTED in content:
        raise ArticleUnreadable("this is an Office file with a password: save it without one")
    try:
        with OleFileIO(BytesIO(content)) as file:
            streams = {path[0] for path in file.listdir() if len(path) == 1}
    except Exception as error:  # damaged in any way
        raise ArticleUnreadable("this is an Office file from before 2007 that is damaged or cut short") from error
    kind = next((kind for name, kind in _OLE_KINDS.items() if name in streams), None)
    if kind is None:
        raise ArticleUnreadable("this is a file of a program from before 2007: save it as PDF")
    return kind
