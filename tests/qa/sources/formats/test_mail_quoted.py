"""What others wrote in a message: forwarded words can be quoted with their author, those of a reply cannot."""

import pytest

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.mail.message import load_mailbox, load_message
from qa.sources.formats.parsing import load_attachment
from qa.types.errors import ArticleUnreadable

OWN, OTHERS = "The crane at the quay is sold.", "Brandt Paints paid 40,000 dollars for the slip in 1998."
SENDER = "From: Ines Falk <ines@quay.example>\n"


def load(text: str, subject: str = "crane", kind: str = "plain", headers: str = "") -> Draft:
    head = f"{SENDER}Subject: {subject}\n{headers}MIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\n\n"
    [draft] = load_message((head + text).encode(), "/in/a.eml", LIMITS, load_attachment)
    return draft


def quotable(draft: Draft) -> str:
    """Return what may be quoted, without white space at the ends of lines."""
    text, start = "", 0
    for place in draft.set_aside:
        text += draft.text[start : place.start]
        start = place.end
    return (text + draft.text[start:]).strip()


def parts(draft: Draft) -> list[tuple[str, str]]:
    return [(part.name, draft.text[part.start : part.end]) for part in draft.parts]


BANNERS = [
    "---------- Forwarded message ---------",
    "Begin forwarded message:",
    "-------- Weitergeleitete Nachricht --------",
    "Anfang der weitergeleiteten Nachricht:",
    "---------- Message transféré ----------",
    "Début du message réexpédié :",
    "---------- Mensaje reenviado ----------",
    "Inizio messaggio inoltrato:",
    "---------- Doorgestuurd bericht ----------",
    "---------- Mensagem encaminhada ---------",
    "---------- Wiadomość przekazana dalej ---------",
    "-------- Пересылаемое сообщение --------",
    "---------- Vidarebefordrat meddelande ----------",
    "---------- Videresendt meddelelse ----------",
    "---------- 転送メッセージ ----------",
    "---------- 转发的邮件 ---------",
    "---------- 轉寄的郵件 ---------",
]
HEADERS = {  # from, date, to and subject as Outlook, Gmail, Apple Mail and Thunderbird name them
    "en": ("From", "Sent", "To", "Subject"),
    "de": ("Von", "Gesendet", "An", "Betreff"),
    "fr": ("De ", "Envoyé ", "À ", "Objet "),
    "es": ("De", "Enviado el", "Para", "Asunto"),
    "it": ("Da", "Inviato", "A", "Oggetto"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "pt": ("De", "Enviada em", "Para", "Assunto"),
    "pl": ("Od", "Wysłano", "Do", "Temat"),
    "ru": ("От", "Отправлено", "Кому", "Тема"),
    "sv": ("Från", "Skickat", "Till", "Ämne"),
    "da": ("Fra", "Sendt", "Til", "Emne"),
    "ja": ("差出人", "送信日時", "宛先", "件名"),
    "zh": ("发件人", "发送时间", "收件人", "主题"),
    "zh-Hant": ("寄件者", "寄件日期", "收件者", "主旨"),
}
ATTRIBUTIONS = [
    "On Thu, 13 Apr 2023 at 18:00, Olaf Brandt <olaf@paints.example> wrote:",
    "Am 13.04.2023 um 18:00 schrieb Olaf Brandt:",
    "Le jeu. 13 avr. 2023 à 18:00, Olaf Brandt <olaf@paints.example> a écrit :",
    "El jue, 13 abr 2023 a las 18:00, Olaf Brandt (<olaf@paints.example>) escribió:",
    "Il giorno gio 13 apr 2023 alle ore 18:00 Olaf Brandt <olaf@paints.example> ha scritto:",
    "Op do 13 apr 2023 om 18:00 schreef Olaf Brandt <olaf@paints.example>:",
    "Em qui., 13 de abr. de 2023 às 18:00, Olaf Brandt <olaf@paints.example> escreveu:",
    "czw., 13 kwi 2023 o 18:00 Olaf Brandt <olaf@paints.example> napisał(a):",
    "чт, 13 апр. 2023 г. в 18:00, Olaf Brandt <olaf@paints.example>:",
    "13.04.2023 18:00, Olaf Brandt пишет:",
    "Den tors 13 apr. 2023 kl 18:00 skrev Olaf Brandt <olaf@paints.example>:",
    "2023年4月13日(木) 18:00 Olaf Brandt <olaf@paints.example>:",
    "Olaf Brandt <olaf@paints.example> 于2023年4月13日周四 18:00写道：",
    "Olaf Brandt <olaf@paints.example> 於 2023年4月13日 週四 下午6:00寫道：",
]


def header_block(language: str) -> str:
    sender, date, to, subject = HEADERS[language]
    return f"{sender}: Olaf Brandt <olaf@paints.example>\n{date}: 13.04.2023 18:00\n{to}: Ines Falk\n{subject}: crane"


@pytest.mark.parametrize("banner", BANNERS)
@pytest.mark.parametrize("subject", ["Fwd: crane", "crane"])
def test_forwarded_words_can_be_quoted_with_their_author(banner: str, subject: str) -> None:
    draft = load(f"See below.\n\n{banner}\n{header_block('en')}\n\n{OTHERS}\n", subject)
    assert quotable(draft).split("\n\n")[0] == "See below."
    assert quotable(draft).endswith(OTHERS)
    assert "Sent:" not in quotable(draft)
    assert parts(draft) == [("message from Olaf Brandt, 13.04.2023 18:00", OTHERS)]


@pytest.mark.parametrize("language", HEADERS)
@pytest.mark.parametrize("rule", ["", "________________________________\n", "-----Original Message-----\n"])
def test_the_subject_tells_whether_a_block_of_headers_begins_a_reply_or_a_forward(language: str, rule: str) -> None:
    text = f"{OWN}\n\n{rule}{header_block(language)}\n\n{OTHERS}\n"
    reply = load(text, "RE: crane")
    assert (quotable(reply), reply.parts) == (OWN, ())
    forward = load(text, "FW: crane")
    assert quotable(forward).split() == f"{OWN} {OTHERS}".split()
    assert parts(forward) == [("message from Olaf Brandt, 13.04.2023 18:00", OTHERS)]


@pytest.mark.parametrize(
    "subject", ["WG: a", "TR: a", "RV: a", "I: a", "Doorst: a", "ENC: a", "PD: a", "VB: a", "転送: a", "转发：a"]
)
def test_a_forward_is_told_from_its_subject_in_other_languages(subject: str) -> None:
    assert parts(load(f"{OWN}\n\n{header_block('en')}\n\n{OTHERS}\n", subject))


@pytest.mark.parametrize("subject", ["AW: a", "Antw: a", "RIF: a", "Odp: a", "Ответ: a", "SV: a", "回复：a", "a"])
def test_what_is_no_forward_is_a_reply(subject: str) -> None:
    draft = load(f"{OWN}\n\n{header_block('en')}\n\n{OTHERS}\n", subject)
    assert (quotable(draft), draft.parts) == (OWN, ())


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_what_is_quoted_below_a_line_that_names_its_author_is_not_the_senders(attribution: str, mark: str) -> None:
    assert quotable(load(f"{OWN}\n\n{attribution}\n{mark}{OTHERS}\n", "Re: crane")) == OWN
    head, _, tail = attribution.rpartition(" ")
    assert quotable(load(f"{OWN}\n\n{head}\n{tail}\n\n{mark}{OTHERS}\n", "Re: crane")) == OWN


def test_answers_between_quoted_lines_are_the_senders() -> None:
    text = f"{ATTRIBUTIONS[0]}\n> Who bought it?\n\nBrandt bought it.\n\n> When?\n\nIn March.\n"
    assert quotable(load(text, "Re: crane")).split("\n\n\n\n") == ["Brandt bought it.", "In March."]


def test_a_sentence_about_what_somebody_wrote_is_no_reply() -> None:
    text = f"In her book Ada Kern wrote:\n\n{OWN}\n\nFrom: the quay one sees the mill.\n"
    assert quotable(load(text)) == text.strip()


def test_a_chain_of_forwarded_messages_names_each_author_and_leaves_out_what_they_quote() -> None:
    earlier = header_block("en").replace("Olaf", "Rosa")
    chain = f"-----Original Message-----\n{header_block('de')}\n\n{OTHERS}\n\n{earlier}\n\n{OWN}\n"
    draft = load(f"FYI\n\n{chain}\n{ATTRIBUTIONS[0]}\n> It was cheap.\n", "FW: crane")
    assert [name for name, _ in parts(draft)] == [
        "message from Olaf Brandt, 13.04.2023 18:00",
        "message from Rosa Brandt, 13.04.2023 18:00",
    ]
    assert quotable(draft).split() == f"FYI {OTHERS} {OWN}".split()


def test_a_forward_in_quotation_marks_is_read_without_them() -> None:
    quoted = "\n".join(f"> {line}" for line in [*header_block("en").splitlines(), "", OTHERS, "", f"> {OWN}"])
    draft = load(f"Begin forwarded message:\n\n{quoted}\n", "Fwd: crane")
    assert parts(draft)[0][1].startswith(OTHERS)
    assert quotable(draft) == OTHERS


OUTLOOK = {
    "hr": "<p>{own}</p><hr><p><b>From:</b> Olaf Brandt<br><b>Sent:</b> Thursday<br><b>To:</b> Ines<br><b>Subject:</b> x</p>",
    "div": "<p>{own}</p><div id='divRplyFwdMsg'><b>Od koho:</b> Olaf Brandt<br><b>Kdy:</b> Thursday<br></div>",
    "style": "<p>{own}</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p><b>Von:</b>"
    " Olaf Brandt<br><b>Gesendet:</b> Thursday<br><b>Betreff:</b> x</p></div>",
    "paragraphs": "<p>{own}</p><p><b>De :</b> Olaf Brandt</p><p><b>Envoyé :</b> Thursday</p><p><b>Objet :</b> x</p>",
}


@pytest.mark.parametrize("page", OUTLOOK)
def test_outlooks_html_marks_replies_and_forwards_by_their_headers(page: str) -> None:
    html = OUTLOOK[page].format(own=OWN) + f"<p>{OTHERS}</p>"
    assert quotable(load(html, "RE: crane", "html")) == OWN
    draft = load(html, "FW: crane", "html")
    assert quotable(draft).split() == f"{OWN} {OTHERS}".split()
    assert parts(draft) == [("message from Olaf Brandt, Thursday", OTHERS)]


MARKED = {
    "gmail": "<div>{own}</div><div class='gmail_quote'><div class='gmail_attr'>{banner}{head}</div><p>{others}</p></div>",
    "apple": "<div>{own}</div><div>{banner}</div><blockquote type='cite'>{head}<p>{others}</p></blockquote>",
    "thunderbird": "<p>{own}</p><div class='moz-forward-container'>{banner}{head}<p>{others}</p></div>",
}


@pytest.mark.parametrize("page", MARKED)
def test_a_forward_that_html_marks_as_a_quote_can_be_quoted(page: str) -> None:
    banner = "Begin forwarded message:" if page == "apple" else "-------- Forwarded Message --------"
    head = "<br>From: Olaf Brandt<br>Date: Thursday<br>Subject: x<br><br>"
    html = MARKED[page].format(own=OWN, others=OTHERS, banner=banner, head=head)
    draft = load(html, "Fwd: crane", "html")
    assert quotable(draft).split() == f"{OWN} {OTHERS}".split()
    assert parts(draft) == [("message from Olaf Brandt, Thursday", OTHERS)]


def test_a_forward_inside_what_a_reply_quotes_is_not_the_senders() -> None:
    inner = f"Thanks!<br>---------- Forwarded message ---------<br>From: Rosa<br>Date: Monday<br>Subject: x<br><p>{OTHERS}</p>"
    html = f"<p>{OWN}</p><div class='gmail_quote'>{ATTRIBUTIONS[1]}<br>{inner}</div>"
    draft = load(html, "Re: crane", "html")
    assert (quotable(draft), draft.parts) == (OWN, ())


ALTERNATIVE = (
    SENDER + "Subject: crane\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n"
    "--b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n--b\nContent-Type: text/html; charset=utf-8\n\n{html}\n--b--\n"
)


@pytest.mark.parametrize(
    "plain", ["Your mail program cannot show this message.", "", "View it here: https://quay.example/1", "[image: logo]"]
)
def test_a_plain_text_that_only_points_to_the_html_yields_to_it(plain: str) -> None:
    content = ALTERNATIVE.format(plain=plain, html=f"<p>{OTHERS}</p><p>{OWN}</p>")
    [draft] = load_message(content.encode(), "/in/a.eml", LIMITS, load_attachment)
    assert draft.text == f"{OTHERS}\n\n{OWN}"


def test_a_plain_text_that_says_the_same_is_read() -> None:
    content = ALTERNATIVE.format(plain=f"*{OTHERS}*\nInes", html=f"<p>{OTHERS}</p><p>Ines Falk, Quay</p>")
    [draft] = load_message(content.encode(), "/in/a.eml", LIMITS, load_attachment)
    assert draft.text == f"*{OTHERS}*\nInes"


@pytest.mark.parametrize(
    ("charset", "subject", "name"),
    [
        ("iso-8859-1", "AW: Kräne", "Jörg Übel"),
        ("koi8-r", "Кран", "Ольга"),
        ("shift_jis", "起重機の件", "佐藤"),
        ("utf-8", "Łódź", "Żak"),
    ],
)
def test_bare_headers_beyond_ascii_are_in_the_charset_of_the_text(charset: str, subject: str, name: str) -> None:
    head = f"From: {name} <a@quay.example>\nSubject: {subject}\nContent-Type: text/plain; charset={charset}\n\nSold.\n"
    [draft] = load_message(head.encode(charset), "/in/a.eml", LIMITS, load_attachment)
    assert (draft.title, draft.author) == (subject, name)


def test_messages_of_a_mailbox_may_have_no_headers() -> None:
    start = "From ines@quay.example Mon Jun 01 10:00:00 2009\n\n"
    drafts = load_mailbox(f"{start}{OWN}\n\n{start}{OTHERS}\n".encode(), "/in/notes.mbox", LIMITS, load_attachment)
    assert [draft.text for draft in drafts] == [OWN, OTHERS]
    assert [draft.title for draft in drafts] == ["notes", "notes"]
    [draft] = load_mailbox(f"{start}From here on it rained in 2009\n\n{OWN}\n".encode(), "/in/a.mbox", LIMITS, load_attachment)
    assert draft.text.startswith("From here on it rained in 2009")
    with pytest.raises(ArticleUnreadable, match="no message was found in it"):
        load_mailbox(b"The crane.\n", "/in/notes.mbox", LIMITS, load_attachment)


def test_inline_html_beside_a_plain_text_does_not_take_its_place() -> None:
    content = ALTERNATIVE.format(plain=OWN, html=f"<p>{OTHERS}</p><p>{OTHERS}</p>").replace("alternative", "mixed")
    [draft] = load_message(content.encode(), "/in/a.eml", LIMITS, load_attachment)
    assert draft.text.startswith(OWN)
