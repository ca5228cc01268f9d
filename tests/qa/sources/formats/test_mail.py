"""Mail: what a message says and what is attached to it, less what it quotes; a mailbox is many messages."""

import codecs
import io
from base64 import b64encode
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, Limits
from qa.sources.formats.mail.message import load_mailbox, load_message, unwrap_lines
from qa.sources.formats.parsing import load_attachment, parse
from qa.types.errors import ArticleUnreadable

HEAD = b"From: Anna Berg <anna@mill.example>\nSubject: The bridge\nDate: Fri, 03 May 2019 10:00:00 +0200\n"


def message(text: str = "The bridge fell at noon.", **headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in {"Subject": "The bridge", "From": "Anna Berg <anna@mill.example>", **headers}.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def load(content: bytes | EmailMessage, limits: Limits = LIMITS) -> Draft:
    (draft,) = load_message(
        content if isinstance(content, bytes) else content.as_bytes(policy=SMTP), "/a.eml", limits, load_attachment
    )
    return draft


def aside(draft: Draft) -> list[tuple[str, str]]:
    return [(draft.text[place.start : place.end], place.rule) for place in draft.set_aside]


def test_a_message_is_an_article_with_its_subject_sender_and_date() -> None:
    draft = load(HEAD + b"\nIt fell at noon.\n")
    assert (draft.title, draft.author, draft.published) == ("The bridge", "Anna Berg", "2019-05-03T10:00:00+02:00")
    assert (draft.text, draft.parts, draft.set_aside) == ("It fell at noon.", (), ())


def test_encoded_words_and_quoted_printable_are_read() -> None:
    draft = load(message("Die Brücke fiel am Mittag — sagte Özgür.", Subject="Brücke über den Fluß"))
    assert (draft.title, draft.text) == ("Brücke über den Fluß", "Die Brücke fiel am Mittag — sagte Özgür.")


def test_lines_that_a_mail_program_broke_are_one_paragraph_again() -> None:
    text = (
        "The bridge over the river fell at noon on Friday after the storm that\n"
        "had been announced for days. Nobody was hurt, the fire brigade said on\n"
        "the spot.\n\nDear all,\nthe list:\n- one boat\n- two carts\n"
    )
    assert unwrap_lines(text, flowed=False) == (
        "The bridge over the river fell at noon on Friday after the storm that had been announced for days."
        " Nobody was hurt, the fire brigade said on the spot.\n\nDear all,\nthe list:\n- one boat\n- two carts\n"
    )


def test_a_flowed_text_goes_on_where_a_line_ends_with_a_space() -> None:
    text = "It fell \nat noon.\nThen rain.\n\n-- \nAnna"
    assert unwrap_lines(text, flowed=True) == "It fell at noon.\nThen rain.\n\n-- \nAnna"


REPLY = "On Friday, Bo wrote:\n> It fell.\n> At noon."
ORIGINAL = "-----Original Message-----\nFrom: Bo\n\nIt fell."
NAME = "-- \nAnna Berg\nThe Mill"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"I agree.\n\n{REPLY}", [(REPLY, "quoted message")]),
        (
            "> Did it fall?\n\nYes.\n\n> When?\n\nAt noon.",
            [("> Did it fall?", "quoted message"), ("> When?", "quoted message")],
        ),
        (f"See below.\n\n{ORIGINAL}", [(ORIGINAL, "quoted message")]),
        (f"It fell.\n\n{NAME}", [(NAME, "signature")]),
        (f"It fell.\n\n{NAME}\n\n{REPLY}", [(NAME, "signature"), (REPLY, "quoted message")]),
    ],
)
def test_what_is_quoted_and_the_signature_stay_in_the_text_set_aside(text: str, expected: list[tuple[str, str]]) -> None:
    draft = load(HEAD + b"\n" + text.encode())
    assert draft.text == text
    assert aside(draft) == expected


def test_a_message_in_html_alone_is_what_a_reader_sees_of_it() -> None:
    made = message()
    made.set_content(
        "<html><head><style>p{}</style></head><body><p>It fell<br>at noon.</p><p>Nobody was hurt.</p>"
        "<div class='gmail_quote'>On Friday, Bo wrote: When?</div></body></html>",
        subtype="html",
    )
    draft = load(made)
    assert draft.text == "It fell\nat noon.\n\nNobody was hurt.\n\nOn Friday, Bo wrote: When?"
    assert aside(draft) == [("On Friday, Bo wrote: When?", "quoted message")]


def test_of_two_forms_of_the_same_text_the_plain_one_is_read() -> None:
    made = message("Plain words.")
    made.add_alternative("<p>Marked words.</p>", subtype="html")
    assert load(made).text == "Plain words."


def test_attachments_are_parts_and_pictures_are_passed_over() -> None:
    report = docx.Document()
    report.add_paragraph("The tower fell at night.")
    file = io.BytesIO()
    report.save(file)
    made = message()
    made.add_attachment("Nobody was hurt.", filename="notes.txt")
    made.add_attachment(file.getvalue(), maintype="application", subtype="octet-stream", filename="report.docx")
    made.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="picture.png")
    made.add_attachment(b"\x00\x01\x02", maintype="application", subtype="octet-stream", filename="data.bin")
    draft = load(made)
    parts = {part.name: draft.text[part.start : part.end].strip() for part in draft.parts}
    assert parts == {"attachment notes.txt": "Nobody was hurt.", "attachment report.docx": "The tower fell at night."}
    assert draft.text.startswith("The bridge fell at noon.\n\n")


def nested(depth: int) -> EmailMessage:
    made = message(f"Level {depth}.", Subject=f"Subject {depth}")
    if depth:
        made.add_attachment(nested(depth - 1))
    return made


def test_messages_inside_messages_are_parts_inside_parts_up_to_a_depth() -> None:
    draft = load(nested(2))
    assert draft.text == "Level 2.\n\nLevel 1.\n\nLevel 0."
    assert [(part.name, draft.text[part.start : part.end]) for part in draft.parts] == [
        ("attachment Subject 1", "Level 1.\n\nLevel 0."),
        ("message from Anna Berg", "Level 1.\n\nLevel 0."),
        ("attachment Subject 0", "Level 0."),
        ("message from Anna Berg", "Level 0."),
    ]
    assert "Level 0." not in load(nested(9)).text


@pytest.mark.parametrize("kind", ["multipart/encrypted; boundary=x", "application/pkcs7-mime; name=smime.p7m"])
def test_an_encrypted_message_is_refused(kind: str) -> None:
    with pytest.raises(ArticleUnreadable, match="the message is encrypted"):
        load(HEAD + f"Content-Type: {kind}\n\nMIAGCSqGSIb3\n".encode())


def test_a_message_without_text_is_refused() -> None:
    with pytest.raises(ArticleUnreadable, match="no text was found"):
        load(HEAD + b"\n\n")


@pytest.mark.parametrize(
    "broken",
    [
        b"Date: not a day\n",
        b"Content-Type: text/plain; charset=nonsense\n",
        b"Content-Transfer-Encoding: base65\n",
        b"From: \xff\xfe <<>>@@\n",
        b"Subject: =?utf-8?b?////?=\n",
        b"Content-Type: multipart/mixed\n",
        b"Message-ID: <[>\nTo: a <b@[c]d>, ;;\n",
    ],
)
def test_broken_headers_cost_no_more_than_themselves(broken: bytes) -> None:
    assert "It fell at noon." in load(broken + b"X-Mailer: mill\n\nIt fell at noon.\n").text


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_a_reason(content: bytes) -> None:
    with suppress(ArticleUnreadable):
        draft = load(content)
        assert all(0 <= place.start < place.end <= len(draft.text) for place in (*draft.set_aside, *draft.parts))


def test_a_mailbox_is_its_messages_each_with_a_source_of_its_own() -> None:
    box = b"".join(
        b"From anna@mill.example Fri May  3 10:00:00 2019\n" + HEAD + f"Message-ID: <{name}@mill>\n\n{text}\n\n".encode()
        for name, text in (("a", "It fell.\n>From then on it rained."), ("b", "From noon on."), ("a", "It stands."))
    )
    drafts = load_mailbox(box, "/a.mbox", LIMITS, load_attachment)
    assert [draft.source for draft in drafts] == ["/a.mbox#a@mill", "/a.mbox#b@mill", "/a.mbox#a@mill-2"]
    assert [draft.text for draft in drafts] == ["It fell.\nFrom then on it rained.", "From noon on.", "It stands."]


def test_a_broken_message_loses_none_of_the_others_of_a_mailbox() -> None:
    start = b"From anna@mill.example Fri May  3 10:00:00 2019\n"
    box = start + HEAD + b"\n\n" + start + HEAD + b"\nIt fell.\n"
    assert [draft.text for draft in load_mailbox(box, "/a.mbox", LIMITS, load_attachment)] == ["It fell."]
    with pytest.raises(ArticleUnreadable, match="no text was found"):
        load_mailbox(start + HEAD + b"\n\n", "/a.mbox", LIMITS, load_attachment)
    with pytest.raises(ArticleUnreadable, match="more than 1 messages"):
        load_mailbox(box, "/a.mbox", Limits(articles=1), load_attachment)


UTF_16 = [("utf-16", b""), ("utf-16-le", b""), ("utf-16-be", b""), ("utf-16-be", codecs.BOM_UTF16_BE), ("utf-32", b"")]


@pytest.mark.parametrize(("encoding", "mark"), UTF_16[:4])
@pytest.mark.parametrize("name", ["/in/a.eml", "/in/a.txt", "/in/a"])
def test_a_message_that_is_utf_16_throughout_is_a_message_whatever_its_name(encoding: str, mark: bytes, name: str) -> None:
    content = mark + (HEAD.decode() + "\nDie Brücke fiel.\n").encode(encoding)
    (draft,) = parse(content, name, LIMITS)
    assert (draft.title, draft.author, draft.text) == ("The bridge", "Anna Berg", "Die Brücke fiel.")


@pytest.mark.parametrize(("encoding", "mark"), UTF_16)
def test_of_a_message_that_was_recoded_only_packed_parts_are_in_the_charset_that_they_declare(
    encoding: str, mark: bytes
) -> None:
    packed = "Der Fluß stieg.".encode("latin-1")
    made = (
        HEAD.decode() + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\nDie Brücke fiel.\n"
        '--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Disposition: attachment; filename="n.txt"\n'
        f"Content-Transfer-Encoding: base64\n\n{b64encode(packed).decode()}\n--b--\n"
    )
    assert load(mark + made.encode(encoding)).text == "Die Brücke fiel.\n\nDer Fluß stieg."


def test_a_text_in_utf_16_that_is_no_message_stays_a_text() -> None:
    text = "From: here on it rained.\n\nThe bridge fell at noon, and nobody was hurt.\n"
    (draft,) = parse(text.encode("utf-16"), "/in/a.txt", LIMITS)
    assert draft.text.removeprefix("\ufeff") == text
