"""Parsing: the loader of each kind of file is called, and its drafts are checked and completed. This runs in the sandbox."""

import re
from dataclasses import asdict, replace
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from qa.sources.formats.detection import detect_kind
from qa.sources.formats.draft import FILE, MESSAGE, RECORD, Draft, Loader, title_or_name
from qa.sources.formats.limits import Limits
from qa.text.language import identify_language, load_identifier
from qa.types.articles import Provenance
from qa.types.errors import ArticleUnreadable, IsArchive, NeedsOffice

# The module in qa.sources.formats and the function in it. A module is imported when the first file of its kind comes.
_LOADERS = {
    "text": ("plain", "load_text"),
    "Markdown": ("plain", "load_markdown"),
    "HTML": ("html", "load_html"),
    "MHTML": ("mhtml", "load_mhtml"),
    "PDF": ("pdf.document", "load_pdf"),
    "Word": ("office.word", "load_word"),
    "PowerPoint": ("office.powerpoint", "load_powerpoint"),
    "Excel": ("office.excel", "load_excel"),
    "old Excel": ("office.excel", "load_old_excel"),
    "OpenDocument": ("office.opendocument", "load_opendocument"),
    "OpenDocument sheets": ("office.opendocument_sheets", "load_opendocument_sheets"),
    "OpenDocument slides": ("office.opendocument_slides", "load_opendocument_slides"),
    "RTF": ("office.rtf", "load_rtf"),
    "EPUB": ("office.epub", "load_epub"),
    "mail": ("mail.message", "load_message"),
    "mailbox": ("mail.message", "load_mailbox"),
    "FictionBook": ("office.fictionbook", "load_fictionbook"),
    "Outlook message": ("mail.outlook", "load_outlook_message"),
    "picture": ("ocr.pictures", "load_picture"),
    "JSON": ("records.loading", "load_json"),
    "JSON Lines": ("records.loading", "load_json_lines"),
    "CSV": ("records.csv_tables", "load_csv"),
}
_WITH_CHARSET = ("text", "Markdown", "HTML")  # whose loaders take the charset from the server
_WITH_PICTURES = ("PDF", "picture")  # whose loaders take what OCR has read
_MAIL = ("mail", "mailbox", "Outlook message")
_OLD_OFFICE = {"old Word": "docx", "old PowerPoint": "pptx"}
# Where formats whose loaders do not say it hold an article's title, author and date.
_FIELDS: dict[str, dict[str, str]] = {
    **dict.fromkeys(_MAIL, dict.fromkeys(("title", "author", "published"), MESSAGE)),
    **dict.fromkeys(("JSON", "JSON Lines", "CSV"), dict.fromkeys(("title", "author", "published"), RECORD)),
    "EPUB": dict.fromkeys(("title", "author", "published"), FILE),
    "PDF": {"author": FILE},
}
_URL = re.compile(r"https?://", re.I)


def prepare() -> None:
    """Load what `parse` needs and cannot load once the process is confined."""
    load_identifier()


def parse(
    content: bytes, source: str, limits: Limits, charset: str | None = None, recognized: str | None = None
) -> list[Draft]:
    """Return the articles in a file, at least one. Each has text, and its language if that is known or can be identified.

    Args:
        content: of the file.
        source: its path or URL. A page that names no site gets the host of its URL as its site.
        limits: for this file.
        charset: from the server that sent it.
        recognized: the lines of pictures, as `recognized.dump_pages` wrote them; empty if they can be read; None if not.

    Raises:
        NeedsOcr: it holds pictures, whose lines can be read and were not yet.
        ArticleUnreadable: with a reason for the user.
    """
    if not content:
        raise ArticleUnreadable("the file is empty")
    kind = _detect_readable(content, source)
    options: dict[str, Any] = {}
    if kind in _MAIL:
        options["load_attachment"] = load_attachment
    elif kind == "Word":
        options["load_chunk"] = load_chunk
    elif kind in _WITH_PICTURES:
        options["recognized"] = recognized
    elif charset and kind in _WITH_CHARSET:
        options["charset"] = charset
    drafts = _loader(kind)(content, source, limits, **options)
    for draft in drafts:
        if len(draft.text) > limits.text_characters:
            raise ArticleUnreadable(f"the text has {len(draft.text):,} characters; the limit is {limits.text_characters:,}")
    drafts = [draft for draft in drafts if any(character.isalnum() for character in draft.text)]
    if not drafts:
        raise ArticleUnreadable("no text was found in it")
    return [
        replace(
            draft,
            language=draft.language or identify_language(draft.text),
            site=draft.site or _host(source),
            provenance=_complete(draft, _FIELDS.get(kind, {})),
        )
        for draft in drafts
    ]


def _detect_readable(content: bytes, name: str) -> str:
    """Return the kind of a file that a loader reads.

    Raises:
        IsArchive, NeedsOffice: a loader can read it after another step.
    """
    kind = detect_kind(content, name)
    if kind == "archive":
        raise IsArchive("this is an archive inside something else: unpack it first")
    if kind in _OLD_OFFICE:
        raise NeedsOffice(f"needs LibreOffice to be read: install it, or save the file as .{_OLD_OFFICE[kind]}")
    return kind


def load_attachment(content: bytes, name: str, limits: Limits) -> list[Draft]:
    """Return the articles in a file attached to a message.

    A message stored as a file gives none, since its depth is not counted.

    Raises:
        ArticleUnreadable: no loader reads it.
    """
    kind = _detect_readable(content, name)
    options: dict[str, Any] = {"load_chunk": load_chunk} if kind == "Word" else {}
    return [] if kind in _MAIL else _loader(kind)(content, name, limits, **options)


def load_chunk(content: bytes, name: str, limits: Limits) -> list[Draft]:
    """Return the articles in a file that was inserted into a document whole. Those inserted into it in turn are left out.

    Raises:
        ArticleUnreadable: no loader reads it.
    """
    kind = _detect_readable(content, name)
    return [] if kind in _MAIL else _loader(kind)(content, name, limits)


def _complete(draft: Draft, places: dict[str, str]) -> Provenance:
    """Return where a draft's metadata was found, with a place for each value whose loader names none."""
    provenance = asdict(draft.provenance)
    for name, place in places.items():
        value = getattr(draft, name)
        if value and not provenance[name] and not (name == "title" and value == title_or_name(None, draft.source)):
            provenance[name] = place
    return Provenance(**provenance)


def _loader(kind: str) -> Loader:
    module, function = _LOADERS[kind]
    loader: Loader = getattr(import_module(f"qa.sources.formats.{module}"), function)
    return loader


def _host(source: str) -> str | None:
    """Return the host of a URL without "www.", or None for a file."""
    host = urlsplit(source).hostname if _URL.match(source) else None
    return host.removeprefix("www.") if host else None
