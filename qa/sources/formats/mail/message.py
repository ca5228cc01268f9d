"""Messages: each is an article, and its attachments are parts of it. A mailbox holds many messages."""

import email
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from itertools import islice

from qa.sources.formats.dates import parse_date
from qa.sources.formats.decoding import Decoded, decode, decode_as, decode_with_notes, utf_16_to_utf_8
from qa.sources.formats.draft import Draft, Loader, title_or_name, unique_source
from qa.sources.formats.html_text import html_to_text, remove_control_characters
from qa.sources.formats.limits import Limits
from qa.sources.formats.mail.quoted import (
    DASHES,
    QUOTED_LINE,
    Others,
    find_others,
    is_attribution,
    is_header_line,
    kind_of_message,
    message_name,
    unquote_forwarded,
)
from qa.types.articles import Part, SetAside
from qa.types.errors import ArticleUnreadable

_SEPARATOR = "\n\n"  # between the body and each attachment
_FROM_LINE = re.compile(  # before each message of a mailbox; without headers below it, only with a full date
    rb"(?:\A|\n)From (?:[^\r\n]*\d{4}[^\r\n]*\r?\n(?=[\w-]+:|>?From )"
    rb"|\S+ +[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d(?::\d\d)? [^\r\n]*\d{4}\r?\n(?=\r?\n))"
)
_ENCODED = ("base64", "quoted-printable")
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_NO_ARTICLE = re.compile(
    r"image/|audio/|video/|text/(?:calendar|vcard|x-vcard)|application/(?:pkcs7-signature|x-pkcs7-signature|pgp-signature|ms-tnef)"
)
_LOCKED = "the message is encrypted: decrypt it in your mail program and save it from there"

_WRAPPED_LENGTHS = range(50, 82)  # characters of a line that a mail program wrapped
_LIST_ITEM = re.compile(r"\s*(?:[-*•·+]|\d{1,3}[.)]|[a-zA-Z][.)])\s")
_WORD = re.compile(r"\w{3,}")
_MIN_SHARED = 0.5  # share of the words of a message in HTML that its plain text must have, else it only points to the HTML
_SURROGATES = re.compile(r"[\ud800-\udfff]")  # how bytes beyond ASCII in headers are kept


def load_message(content: bytes, source: str, limits: Limits, load_attachment: Loader) -> list[Draft]:
    """Load a message with its attachments as one draft.

    Raises:
        ArticleUnreadable: it is encrypted, or holds no text.
    """
    return [_MessageLoader(source, limits, load_attachment).load(_parse(content))]


def load_mailbox(content: bytes, source: str, limits: Limits, load_attachment: Loader) -> list[Draft]:
    """Load each message of an mbox as a draft. A broken message does not affect the others.

    Source: RFC 4155. Message IDs identify the drafts.

    Raises:
        ArticleUnreadable: no message can be read; the reason is that of the first.
    """
    loader = _MessageLoader(source, limits, load_attachment)
    drafts: list[Draft] = []
    seen: Counter[str] = Counter()
    reason = "no message was found in it"
    starts = [match.end() for match in _FROM_LINE.finditer(content)]
    ends = [*(match.start() for match in islice(_FROM_LINE.finditer(content), 1, None)), len(content)] if starts else []
    if len(starts) > limits.articles:
        raise ArticleUnreadable(f"it holds more than {limits.articles:,} messages, which is the limit: split it")
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1):
        try:
            message = _parse(re.sub(rb"(?m)^>(>*From )", rb"\1", content[start:end]))
            draft = loader.load(message)
        except ArticleUnreadable as error:
            reason = str(error) if number == 1 else reason
            continue
        name = re.sub(r"[\s<>]", "", _header(message, "Message-ID")) or str(number)
        drafts.append(replace(draft, source=unique_source(f"{source}#{name}", seen)))
    if not drafts:
        raise ArticleUnreadable(reason)
    return drafts


def _parse(content: bytes) -> EmailMessage:
    utf_8 = utf_16_to_utf_8(content)
    try:
        message = email.message_from_bytes(content if utf_8 is None else utf_8, policy=policy.default)
    except Exception as error:  # policy.default raises many kinds of errors on malformed headers
        raise ArticleUnreadable(f"the message is damaged ({type(error).__name__})") from error
    assert isinstance(message, EmailMessage)
    for part in message.walk() if utf_8 else ():
        with suppress(Exception):  # see above
            if part.get_content_maintype() == "text" and str(part.get("Content-Transfer-Encoding", "")).lower() not in _ENCODED:
                part.set_param("charset", "utf-8")  # whatever it declares, since all of it was encoded anew
    return message


def _header(message: EmailMessage, name: str) -> str:
    """Return a header on one line, or "" if it is missing or malformed. Bytes beyond ASCII are in the charset of the text."""
    try:
        raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
        if _SURROGATES.search(raw):
            text = _decode_header(raw.encode("ascii", "surrogateescape"), message)
            value = str(policy.default.header_factory(name, " ".join(text.split())))
        else:
            value = str(message.get(name, ""))
    except Exception:  # see above
        return ""
    return " ".join(remove_control_characters(value).split())


def _decode_header(content: bytes, message: EmailMessage) -> str:
    """Decode a header as UTF-8 if it is valid, or else in the charset of the message's first text, or in a guess."""
    charsets = (part.get_content_charset() for part in message.walk() if part.get_content_maintype() == "text")
    charset = next(filter(None, charsets), None)
    text = decode_as(content, charset) if charset else None
    return decode(content) if text is None else text


def _content_type(part: EmailMessage) -> str:
    try:
        return str(part.get_content_type())
    except Exception:  # see above
        return "text/plain"


class _MessageLoader:
    """Loads messages of a file, and messages attached to them."""

    def __init__(self, source: str, limits: Limits, load_attachment: Loader) -> None:
        self._source, self._limits, self._load_attachment = source, limits, load_attachment

    def load(self, message: EmailMessage, depth: int = 0) -> Draft:
        if _content_type(message) in _ENCRYPTED:
            raise ArticleUnreadable(_LOCKED)
        body, others, notes = _load_body(message)
        texts, end = ([body], len(body)) if body else ([], 0)
        parts, set_aside = list(others.forwarded), list(others.set_aside)
        for name, draft in self._attachments(message, depth):
            start = end + len(_SEPARATOR) if texts else 0
            texts.append(draft.text)
            end = start + len(draft.text)
            if end > self._limits.text_characters:
                raise ArticleUnreadable(
                    f"its text has more than {self._limits.text_characters:,} characters, which is the limit"
                )
            parts.append(Part(start, end, f"attachment {name}"))
            parts += [Part(start + part.start, start + part.end, part.name) for part in draft.parts]
            set_aside += [SetAside(start + place.start, start + place.end, place.rule) for place in draft.set_aside]
            notes += tuple(f"attachment {name}: {note}" for note in draft.notes)
        if not texts:
            raise ArticleUnreadable("no text was found in it")
        name, address = parseaddr(_header(message, "From"))
        return Draft(
            self._source,
            title_or_name(_header(message, "Subject"), self._source),
            parse_date(_header(message, "Date")),
            _SEPARATOR.join(texts),
            tuple(set_aside),
            author=name or address or None,
            parts=tuple(parts),
            notes=notes,
        )

    def _attachments(self, message: EmailMessage, depth: int) -> Iterator[tuple[str, Draft]]:
        """Yield the name and the draft of each attachment that can be read. Skip the others."""
        try:
            attachments = list(message.iter_attachments())
        except Exception:  # see above
            attachments = []
        for number, part in enumerate(attachments, start=1):
            if isinstance(part, EmailMessage) and not _NO_ARTICLE.match(_content_type(part)) and depth < self._limits.depth:
                name = _attachment_name(part, number)
                with suppress(Exception):  # see above; and no loader may read it
                    yield from [(name, draft) for draft in self._load_part(part, name, depth)]

    def _load_part(self, part: EmailMessage, name: str, depth: int) -> list[Draft]:
        if _content_type(part) == "message/rfc822":
            message = _parse(part.get_content().as_bytes())
            draft = self.load(message, depth + 1)
            author = Part(
                0, len(draft.text), message_name({"from": _header(message, "From"), "date": _header(message, "Date")})
            )
            return [replace(draft, parts=(author, *draft.parts))]
        content = part.get_payload(decode=True)
        return self._load_attachment(content, name, self._limits) if isinstance(content, bytes) and content else []


def _attachment_name(part: EmailMessage, number: int) -> str:
    try:
        name = part.get_filename() or ""
        if not name and _content_type(part) == "message/rfc822":
            name = _header(part.get_content(), "Subject")
    except Exception:  # see above
        name = ""
    name = " ".join(remove_control_characters(name).split())[:100]
    kind = _content_type(part)
    extension = ".txt" if kind.startswith("text/plain") else ".html" if kind == "text/html" else ""
    return name or f"{number}{extension}"


def _load_body(message: EmailMessage) -> tuple[str, Others, tuple[str, ...]]:
    """Return the text of a message without attachments, what others wrote in it, and notes on how it was decoded.

    Plain text is preferred to HTML, unless it only points to the HTML.
    """
    try:
        plain, html = _body(message, "plain"), _body(message, "html")
        has_both_forms = _are_alternatives(message, plain, html)
    except Exception:  # see above
        plain, html, has_both_forms = None, None, False
    if plain is None and html is None:
        payload = message.get_payload()  # of a message that claims to have several parts and has none
        text = remove_control_characters(payload).strip("\n") if isinstance(payload, str) else ""
        return text, Others((), ()), ()
    subject = _header(message, "Subject")
    kind = kind_of_message(subject, is_answer=bool(_header(message, "In-Reply-To")))
    if plain is not None:
        content, notes = _decode_part(plain)
        flowed = str(plain.get_param("format", "")).lower() == "flowed"
        text = unwrap_lines(unquote_forwarded(content), flowed=flowed).strip("\n")
    if html is None or (plain is not None and not has_both_forms):
        return text, find_others(text, [], kind), notes
    page, page_notes = _decode_part(html)
    in_page, marks = html_to_text(page)
    if plain is not None and not _is_stub(text, in_page):
        return text, find_others(text, [], kind), notes
    text = in_page.strip("\n")
    return text, find_others(text, [place for place in marks if place.end <= len(text)], kind), page_notes


def _body(message: EmailMessage, kind: str) -> EmailMessage | None:
    body = message.get_body((kind,))
    return body if isinstance(body, EmailMessage) else None


def _are_alternatives(message: EmailMessage, plain: EmailMessage | None, html: EmailMessage | None) -> bool:
    """Tell whether the HTML says the same as the plain text in another form."""
    both = {id(plain), id(html)}
    return any(
        _content_type(part) == "multipart/alternative" and both <= {id(each) for each in part.walk()} for part in message.walk()
    )


def _is_stub(plain: str, html: str) -> bool:
    """Tell whether the plain text of a message lacks most words of its HTML, as "This message needs an HTML reader." does."""
    words = {word.lower() for word in _WORD.findall(html)}
    shared = words & {word.lower() for word in _WORD.findall(plain)}
    return len(plain) < len(html) and len(shared) < _MIN_SHARED * len(words)


def _decode_part(part: EmailMessage) -> Decoded:
    """Decode a part in the encoding that it declares, or else in the one that is evident."""
    try:
        content = part.get_payload(decode=True)
        charset = part.get_content_charset()
        decoded = decode_with_notes(content, charset) if isinstance(content, bytes) else Decoded(str(part.get_content()))
    except ArticleUnreadable:
        return Decoded("")
    except Exception:  # see above
        return Decoded("")
    return Decoded(remove_control_characters(decoded.text), decoded.notes)


def unwrap_lines(text: str, *, flowed: bool) -> str:
    """Join the lines of each paragraph that a mail program wrapped.

    Args:
        flowed: a space at the end of a line says that it continues, RFC 3676; else lines of a usual length do.
    """
    lines = text.split("\n")
    joined: list[str] = []
    continues = False
    for number, raw in enumerate(lines):
        line = raw if flowed or raw == DASHES else raw.rstrip()
        if (
            continues
            and line.strip()
            and not QUOTED_LINE.match(line)
            and not _LIST_ITEM.match(line)
            and not is_header_line(line)
        ):
            joined[-1] = f"{joined[-1].rstrip()} {line.lstrip()}"
        else:
            joined.append(line)
        following = lines[number + 1] if number + 1 < len(lines) else ""
        continues = (_is_flowed(raw) if flowed else _was_wrapped(line, following)) and not is_attribution(joined[-1])
    return "\n".join(line if line == DASHES else line.rstrip() for line in joined)


def _is_flowed(line: str) -> bool:
    return line.endswith(" ") and line != DASHES and not QUOTED_LINE.match(line)


def _was_wrapped(line: str, following: str) -> bool:
    """Tell whether a line ends where the next word would have made it too long."""
    n_next_word = len(following.split(maxsplit=1)[0]) if following.strip() else 0
    return (
        n_next_word > 0
        and len(line) in _WRAPPED_LENGTHS
        and len(line) + 1 + n_next_word > _WRAPPED_LENGTHS.start + 15
        and not QUOTED_LINE.match(line)
        and line != DASHES
        and not is_header_line(line)
    )
