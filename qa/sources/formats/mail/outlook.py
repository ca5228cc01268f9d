"""Outlook's messages (msg): read with python-oxmsg and handed on as Internet mail, so that one loader knows mail."""

from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from qa.sources.formats.draft import Draft, Loader
from qa.sources.formats.html_text import remove_control_characters
from qa.sources.formats.limits import Limits
from qa.sources.formats.mail.message import load_message
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from oxmsg import Message


def load_outlook_message(content: bytes, source: str, limits: Limits, load_attachment: Loader) -> list[Draft]:
    """Load a message with its attachments as one draft. Messages attached to it are left out.

    Raises:
        ArticleUnreadable: it is damaged, or holds no text.
    """
    from oxmsg import Message

    try:
        message = Message.load(content)
        is_locked = "encrypted" in message.message_headers.get("Content-Type", "").lower() or "SMIME" in message.message_class
        copy = _to_internet_message(message)
    except Exception as error:  # a damaged property may break its reader in any way
        raise ArticleUnreadable(f"the message is damaged ({type(error).__name__})") from error
    if is_locked:
        raise ArticleUnreadable("the message is encrypted: decrypt it in your mail program and save it from there")
    return load_message(copy.as_bytes(), source, limits, load_attachment=load_attachment)


def _to_internet_message(message: "Message") -> EmailMessage:
    copy = EmailMessage()
    headers = {"Subject": message.subject, "From": message.sender or ""}
    for name, value in headers.items():
        if value := " ".join(remove_control_characters(value).split()):
            copy[name] = value
    if message.sent_date:
        copy["Date"] = format_datetime(message.sent_date)
    plain, html = message.body, message.html_body
    if plain or not html:
        copy.set_content(_clean(plain or ""))
    if html:
        (copy.add_alternative if plain else copy.set_content)(_clean(html), subtype="html")
    for number, attachment in enumerate(message.attachments, start=1):
        if attached := attachment.file_bytes:
            name = " ".join((attachment.file_name or str(number)).split())
            copy.add_attachment(attached, maintype="application", subtype="octet-stream", filename=name)
    return copy


def _clean(text: str) -> str:
    return remove_control_characters(text).replace("\0", "")
