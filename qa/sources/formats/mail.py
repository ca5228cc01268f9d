"""Mail: a message is an article, its attachments parts of it; a mailbox holds many."""

import email
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from itertools import islice

from qa.sources.formats.decoding import utf_16_as_utf_8
from qa.sources.formats.draft import Draft, title_or_name, unique_source
from qa.sources.formats.limits import Limits
from qa.sources.formats.message_text import parts_set_aside, rewrapped
from qa.sources.formats.records import iso_date
from qa.sources.formats.visible import clean, visible_text
from qa.types.articles import Part, SetAside
from qa.types.errors import ArticleUnreadable

_BETWEEN = "\n\n"
_FROM = re.compile(rb"(?:\A|\n)From [^\r\n]*\d{4}[^\r\n]*\r?\n(?=[\w-]+:|>?From )")  # the line before each message
_PACKED = ("base64", "quoted-printable")
_SECRET = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_NO_ARTICLES = re.compile(
    r"image/|audio/|video/|text/(?:calendar|vcard|x-vcard)|application/(?:pkcs7-signature|x-pkcs7-signature|pgp-signature|ms-tnef)"
)
_LOCKED = "the message is encrypted: decrypt it in your mail program and save it from there"


def load_message(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """A message as a draft, with what is attached to it.

    Raises:
        ArticleUnreadable: it is encrypted, or nothing in it is text.
    """
    return [_draft(content, source, limits, 0)]


def load_mailbox(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """The messages of an mbox, one draft each; a broken one loses none of the others.

    Source: RFC 4155; what is told apart are the messages' own ids.

    Raises:
        ArticleUnreadable: no message in it can be read, for the reason of the first.
    """
    drafts: list[Draft] = []
    seen: Counter[str] = Counter()
    reason = "no message was found in it"
    starts = [match.end() for match in _FROM.finditer(content)]
    ends = [*(match.start() for match in islice(_FROM.finditer(content), 1, None)), len(content)]
    if len(starts) > limits.articles:
        raise ArticleUnreadable(f"it holds more than {limits.articles:,} messages, which is the limit: split it")
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1):
        message = re.sub(rb"(?m)^>(>*From )", rb"\1", content[start:end])
        try:
            draft = _draft(message, source, limits, 0)
        except ArticleUnreadable as error:
            reason = str(error) if number == 1 else reason
            continue
        name = re.sub(r"[\s<>]", "", _header(_parsed(message), "Message-ID")) or str(number)
        drafts.append(_of_mailbox(draft, unique_source(f"{source}#{name}", seen)))
    if not drafts:
        raise ArticleUnreadable(reason)
    return drafts


def _of_mailbox(draft: Draft, source: str) -> Draft:
    return Draft(source, draft.title, draft.published, draft.text, draft.set_aside, author=draft.author, parts=draft.parts)


def _parsed(content: bytes) -> EmailMessage:
    recoded = utf_16_as_utf_8(content)
    try:
        message = email.message_from_bytes(content if recoded is None else recoded, policy=policy.default)
    except Exception as error:  # policy.default raises all manner of things on headers that no rule foresaw
        raise ArticleUnreadable(f"the message is damaged ({type(error).__name__})") from error
    assert isinstance(message, EmailMessage)
    for part in message.walk() if recoded else ():
        with suppress(Exception):  # see above
            if part.get_content_maintype() == "text" and str(part.get("Content-Transfer-Encoding", "")).lower() not in _PACKED:
                part.set_param("charset", "utf-8")  # whatever it says, since all was recoded
    return message


def _header(message: EmailMessage, name: str) -> str:
    """A header's text on one line, "" where there is none or it cannot be read."""
    try:
        value = str(message.get(name, ""))
    except Exception:  # see above
        return ""
    return " ".join(clean(value).split())


def _draft(content: bytes, source: str, limits: Limits, depth: int) -> Draft:
    message = _parsed(content)
    if _kind(message) in _SECRET:
        raise ArticleUnreadable(_LOCKED)
    body, aside = _body(message)
    pieces, at = ([body], len(body)) if body else ([], 0)
    parts: list[Part] = []
    for name, draft in _attached(message, source, limits, depth):
        start = at + len(_BETWEEN) if pieces else 0
        pieces.append(draft.text)
        at = start + len(draft.text)
        if at > limits.text_characters:
            raise ArticleUnreadable(f"its text has more than {limits.text_characters:,} characters, which is the limit")
        parts.append(Part(start, at, f"attachment {name}"))
        parts += [Part(start + part.start, start + part.end, part.name) for part in draft.parts]
        aside += [SetAside(start + place.start, start + place.end, place.rule) for place in draft.set_aside]
    if not pieces:
        raise ArticleUnreadable("no text was found in it")
    title = title_or_name(_header(message, "Subject"), source)
    name, address = parseaddr(_header(message, "From"))
    published = iso_date(_header(message, "Date"))
    return Draft(
        source, title, published, _BETWEEN.join(pieces), tuple(aside), author=name or address or None, parts=tuple(parts)
    )


def _kind(part: EmailMessage) -> str:
    try:
        return str(part.get_content_type())
    except Exception:  # see above
        return "text/plain"


def _body(message: EmailMessage) -> tuple[str, list[SetAside]]:
    """The text of a message that is no attachment, the plain one where there are two, and what of it is not its own."""
    try:
        part = message.get_body(("plain", "html"))
    except Exception:  # see above
        part = None
    if not isinstance(part, EmailMessage):
        payload = message.get_payload()  # of one that calls itself of several parts and has none
        return (clean(payload).strip("\n"), []) if isinstance(payload, str) else ("", [])
    written = _text(part)
    if _kind(part) == "text/html":
        text, aside = visible_text(written)
    else:
        text = rewrapped(written, flowed=str(part.get_param("format", "")).lower() == "flowed")
        aside = []
    text = text.strip("\n")
    return text, sorted([*(place for place in aside if place.end <= len(text)), *parts_set_aside(text, aside)], key=_start)


def _start(place: SetAside) -> int:
    return place.start


def _text(part: EmailMessage) -> str:
    """The text of a part in the encoding that it declares, or the one it evidently has."""
    try:
        return clean(str(part.get_content()))
    except Exception:  # an encoding or a transfer encoding that there is not
        from qa.sources.formats.decoding import decode

        content = part.get_payload(decode=True)
        try:
            return clean(decode(content)) if isinstance(content, bytes) else ""
        except ArticleUnreadable:
            return ""


def _attached(message: EmailMessage, source: str, limits: Limits, depth: int) -> Iterator[tuple[str, Draft]]:
    """The name and text of each attachment that is an article of some kind; others are passed over."""
    try:
        attachments = list(message.iter_attachments())
    except Exception:  # see above
        attachments = []
    for number, part in enumerate(attachments, start=1):
        if isinstance(part, EmailMessage) and not _NO_ARTICLES.match(_kind(part)) and depth < limits.depth:
            name = _name(part, number)
            with suppress(Exception):  # see above; and what is no article is passed over
                yield from [(name, draft) for draft in _drafts_of(part, name, source, limits, depth)]


def _drafts_of(part: EmailMessage, name: str, source: str, limits: Limits, depth: int) -> list[Draft]:
    from qa.sources.formats import detection

    if _kind(part) == "message/rfc822":
        return [_draft(part.get_content().as_bytes(), source, limits, depth + 1)]
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content:
        return []
    kind = detection.kind_of(content, name)
    if kind in ("mail", "mailbox"):  # messages in files would not be counted as messages in messages are
        return []
    return detection.loader(kind)(content, name, limits)


def _name(part: EmailMessage, number: int) -> str:
    try:
        name = part.get_filename() or ""
        if not name and _kind(part) == "message/rfc822":
            name = _header(part.get_content(), "Subject")
    except Exception:  # see above
        name = ""
    name = " ".join(clean(name).split())[:100]
    end = ".txt" if _kind(part).startswith("text/plain") else ".html" if _kind(part) == "text/html" else ""
    return name or f"{number}{end}"
