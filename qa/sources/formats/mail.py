"""Mail: a message is an article, and its attachments are parts of it. A mailbox holds many messages."""

import email
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from itertools import islice

from qa.sources.formats.dates import parse_date
from qa.sources.formats.decoding import decode, utf_16_to_utf_8
from qa.sources.formats.draft import Draft, Loader, title_or_name, unique_source
from qa.sources.formats.html_text import html_to_text, remove_control_characters
from qa.sources.formats.limits import Limits
from qa.types.articles import Part, SetAside
from qa.types.errors import ArticleUnreadable

_SEPARATOR = "\n\n"  # between the body and each attachment
_FROM_LINE = re.compile(rb"(?:\A|\n)From [^\r\n]*\d{4}[^\r\n]*\r?\n(?=[\w-]+:|>?From )")  # before each message of a mailbox
_ENCODED = ("base64", "quoted-printable")
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_NO_ARTICLE = re.compile(
    r"image/|audio/|video/|text/(?:calendar|vcard|x-vcard)|application/(?:pkcs7-signature|x-pkcs7-signature|pgp-signature|ms-tnef)"
)
_LOCKED = "the message is encrypted: decrypt it in your mail program and save it from there"

_WRAPPED_LENGTHS = range(50, 82)  # characters of a line that a mail program wrapped
_LIST_ITEM = re.compile(r"\s*(?:[-*•·+]|\d{1,3}[.)]|[a-zA-Z][.)])\s")
_QUOTED_LINE = re.compile(r" ?>")
_ORIGINAL_MESSAGE = re.compile(
    r"^[ \t]*(?:-{2,}\s*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine)\s*-{2,}"
    r"|_{20,}\n+From:)",
    re.M | re.I,
)
_ATTRIBUTION = re.compile(r"^[ \t]*(?:On|Am|Le|El)\b[^\n]{5,200}(?:wrote|schrieb[^\n]*|a écrit|escribió)\s*:[ \t]*$", re.M)
_MAX_ATTRIBUTION = 400  # characters
_DASHES = "-- "  # above a signature, RFC 3676
_SIGNATURE = re.compile(r"^-- ?$", re.M)


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
    ends = [*(match.start() for match in islice(_FROM_LINE.finditer(content), 1, None)), len(content)]
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
    """Return a header on one line, or "" if it is missing or malformed."""
    try:
        value = str(message.get(name, ""))
    except Exception:  # see above
        return ""
    return " ".join(remove_control_characters(value).split())


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
        body, set_aside = _load_body(message)
        texts, end = ([body], len(body)) if body else ([], 0)
        parts: list[Part] = []
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
            return [self.load(_parse(part.get_content().as_bytes()), depth + 1)]
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


def _load_body(message: EmailMessage) -> tuple[str, list[SetAside]]:
    """Return the text of a message without attachments, and the places in it that others wrote. Prefer plain text to HTML."""
    try:
        part = message.get_body(("plain", "html"))
    except Exception:  # see above
        part = None
    if not isinstance(part, EmailMessage):
        payload = message.get_payload()  # of a message that claims to have several parts and has none
        return (remove_control_characters(payload).strip("\n"), []) if isinstance(payload, str) else ("", [])
    content = _decode_part(part)
    set_aside: list[SetAside] = []
    if _content_type(part) == "text/html":
        text, set_aside = html_to_text(content)
    else:
        text = unwrap_lines(content, flowed=str(part.get_param("format", "")).lower() == "flowed")
    text = text.strip("\n")
    in_text = [place for place in set_aside if place.end <= len(text)]
    return text, sorted([*in_text, *_find_quoted(text, set_aside)], key=lambda place: place.start)


def _decode_part(part: EmailMessage) -> str:
    """Decode a part in the encoding that it declares, or else in the one that is evident."""
    try:
        return remove_control_characters(str(part.get_content()))
    except Exception:  # an unknown charset or transfer encoding
        content = part.get_payload(decode=True)
        try:
            return remove_control_characters(decode(content)) if isinstance(content, bytes) else ""
        except ArticleUnreadable:
            return ""


def unwrap_lines(text: str, *, flowed: bool) -> str:
    """Join the lines of each paragraph that a mail program wrapped.

    Args:
        flowed: a space at the end of a line says that it continues, RFC 3676; else lines of a usual length do.
    """
    lines = text.split("\n")
    joined: list[str] = []
    continues = False
    for number, raw in enumerate(lines):
        line = raw if flowed or raw == _DASHES else raw.rstrip()
        if continues and line.strip() and not _QUOTED_LINE.match(line) and not _LIST_ITEM.match(line):
            joined[-1] = f"{joined[-1].rstrip()} {line.lstrip()}"
        else:
            joined.append(line)
        following = lines[number + 1] if number + 1 < len(lines) else ""
        continues = _is_flowed(raw) if flowed else _was_wrapped(line, following)
    return "\n".join(line if line == _DASHES else line.rstrip() for line in joined)


def _is_flowed(line: str) -> bool:
    return line.endswith(" ") and line != _DASHES and not _QUOTED_LINE.match(line)


def _was_wrapped(line: str, following: str) -> bool:
    """Tell whether a line ends where the next word would have made it too long."""
    n_next_word = len(following.split(maxsplit=1)[0]) if following.strip() else 0
    return (
        n_next_word > 0
        and len(line) in _WRAPPED_LENGTHS
        and len(line) + 1 + n_next_word > _WRAPPED_LENGTHS.start + 15
        and not _QUOTED_LINE.match(line)
        and line != _DASHES
    )


def _find_quoted(text: str, set_aside: Iterable[SetAside]) -> Iterator[SetAside]:
    """Yield the quoted messages and the signature in a text, except what overlaps a place that is set aside already."""
    taken = list(set_aside)
    original = _ORIGINAL_MESSAGE.search(text)  # everything below it is an earlier message
    places = [SetAside(original.start(), len(text), "quoted message")] if original else [*_quoted_lines(text)]
    signature = _SIGNATURE.search(text, 0, original.start() if original else len(text))
    if signature:
        end = next((place.start for place in places if place.start > signature.start()), len(text))
        places.append(SetAside(signature.start(), len(text[:end].rstrip()), "signature"))
    for place in sorted(places, key=lambda place: place.start):
        if place.start < place.end and not any(other.start < place.end and place.start < other.end for other in taken):
            taken.append(place)
            yield place


def _quoted_lines(text: str) -> Iterator[SetAside]:
    """Yield runs of lines that begin with ">", each with the line above it that says who wrote them."""
    at, start, end = 0, -1, -1
    for line in text.splitlines(keepends=True):
        if _QUOTED_LINE.match(line):
            start = _start_of_attribution(text, at) if start < 0 else start
            end = at + len(line.rstrip())
        elif line.strip() and start >= 0:
            yield SetAside(start, end, "quoted message")
            start = -1
        at += len(line)
    if start >= 0:
        yield SetAside(start, end, "quoted message")


def _start_of_attribution(text: str, end: int) -> int:
    """Return where a line such as "On Monday Anna wrote:" begins that ends here, or `end` if there is none."""
    start = max(0, end - _MAX_ATTRIBUTION)
    above = text[start:end].rstrip()
    match = next((match for match in _ATTRIBUTION.finditer(above) if match.end() == len(above)), None)
    return start + match.start() if match else end
