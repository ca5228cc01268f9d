"""The phrases by which mail programs mark an earlier message, in the languages of their users.

In English, German, French, Spanish, Italian, Dutch, Portuguese, Polish, Russian, Swedish, Danish, Norwegian, Finnish, Czech,
Hungarian, Turkish, Japanese, Chinese and Korean.
"""

import re

_LABELS = {  # of the headers of an earlier message
    "from": "From|Von|De|Da|Van|Od|От|От кого|Från|Fra|Lähettäjä|Feladó|Gönderen|Kimden"
    "|差出人|送信者|发件人|發件人|寄件者|寄件人"
    "|보낸 사람"
    "|보낸사람",
    "date": "Sent|Date|Gesendet|Datum|Gesendet am|Envoyé|Envoyé le|Enviado|Enviado el"
    "|Enviada|Enviado em|Enviada em"
    "|Fecha|Inviato|Data|Verzonden|Wysłano|Data wysłania|Отправлено|Дата|Skickat|Sendt|Dato|Lähetetty"
    "|Päivämäärä|Odesláno|Elküldve|Dátum|Küldve|Gönderildi|Tarih|送信日時|日付|日時|送信済み|发送时间|日期|时间|發送時間|寄件日期|傳送時間"
    "|보낸 날짜|날짜|Sent at",
    "to": "To|An|À|A|Para|Aan|Do|Кому|Till|Til|Vastaanottaja|Komu|Címzett|Kime|Alıcı|宛先|收件人|收件者|받는 사람",
    "subject": "Subject|Betreff|Objet|Sujet|Asunto|Oggetto|Onderwerp|Assunto|Temat|Тема|Ämne|Emne|Aihe|Předmět|Tárgy|Konu"
    "|件名|主题|主題|主旨|제목",
    "other": "Cc|CC|Kopie|Copie|Copia|Kopia|Kopi|Копия|Cópia|Másolat|Bilgi|抄送|副本|Bcc|Reply-To|Antwort an|Répondre à"
    "|Responder a|Rispondi a|Odpowiedz do|Organization|Organisation|Importance|Wichtigkeit|Priority|Attachments"
    "|Anlagen|참조",
}
KIND_OF_LABEL = {label.casefold(): kind for kind, labels in _LABELS.items() for label in labels.split("|")}
_LABEL = "|".join(sorted((re.escape(label) for label in KIND_OF_LABEL), key=len, reverse=True))
HEADER_LINE = re.compile(rf"[>\s]*(?:\*\s*)?(?P<label>{_LABEL})\*?\s*[:：]\*?[ \t]*(?P<value>.*)", re.I)
INLINE_HEADERS = re.compile(rf"(?:(?<=\s)|\A)\*?(?P<label>{_LABEL})\*?\s?[:：]\*?\s", re.I)

_FORWARDED = (
    "Forwarded (?:message|mail|email)|Fwd message|Begin forwarded message|Weitergeleitete (?:Nachricht|Mail|E-Mail)"
    "|Anfang der weitergeleiteten (?:Nachricht|E-Mail)|Message (?:transféré|réexpédié|transmis)"
    "|Début du message (?:réexpédié|transféré)|Courriel transféré|Mensaje reenviado|Inicio del mensaje reenviado"
    "|Messaggio inoltrato|Inizio messaggio inoltrato|Doorgestuurd (?:bericht|e-mailbericht)|Begin doorgestuurd bericht"
    "|Mensagem (?:encaminhada|reencaminhada)|Início da mensagem (?:encaminhada|reencaminhada)"
    "|(?:Wiadomość|Treść) przekazan[aej]+(?: wiadomości)?|Przekazana wiadomość|Początek przekazywanej wiadomości"
    "|Пересылаемое сообщение|Перенаправленное сообщение|Пересланное сообщение"
    "|Начало переадресованного (?:письма|сообщения)|Vidarebefordrat (?:meddelande|mejl|brev)"
    "|Vidarebefordrat meddelande börjar|Början på vidarebefordrat (?:meddelande|brev)"
    "|Videresendt (?:meddelelse|besked|mail|melding)|Start på videresendt (?:besked|meddelelse|melding)"
    "|Välitetty viesti|Přeposlaná zpráva|Továbbított üzenet|İletilen ileti|転送(?:された|する)?メッセージ|転送されたメール"
    "|轉寄的郵件"
    "|转发的?(?:邮件|信息|消息)|轉寄郵件|轉發的?郵件|已转发邮件|開始轉寄郵件|开始转发邮件|전달된 메시지|전달된 메일"
)
_ORIGINAL = (
    "Original Message|Original Mail|Ursprüngliche (?:Nachricht|Mail)|Original-?Nachricht|Originalnachricht"
    "|Message (?:d['’]origine|original)|Message initial|Mensaje original|Messaggio originale|Oorspronkelijk bericht"
    "|Mensagem original|Oryginalna wiadomość|Wiadomość oryginalna|Исходное сообщение|Оригинальное сообщение"
    "|Ursprungligt meddelande|Oprindelig meddelelse|Original meddelelse|Opprinnelig melding|Alkuperäinen viesti"
    "|Původní zpráva|Eredeti üzenet|Orijinal İleti|元のメッセージ|原始邮件|原始郵件|原邮件|원본 메시지"
)
BANNER = re.compile(
    rf"[>\s]*(?:[-=_*]{{2,}}\s*(?:(?P<forward>{_FORWARDED})|{_ORIGINAL})[^\n]{{0,80}}?[-=_*]{{2,}}"
    rf"|(?P<begin>{_FORWARDED})\s*[:：]?)\s*\Z",
    re.I,
)
RULE = re.compile(r"[>\s]*[-_=*]{5,}\s*\Z")
FORWARD_SUBJECT = re.compile(
    r"\s*(?:Fwd?|FW|WG|Weitergeleitet|TR|Tr|RV|Reenv|I|Inoltr|Doorst|FWD|ENC|Enc|PD|Przek|VS|VB|VL|Vidarebefordrat|Пересл|Fs"
    r"|İLT|ILT|Továbbítás|转发|轉寄|轉發|転送|전달)(?:\[\d+\])?\s*[:：]",
    re.I,
)
REPLY_SUBJECT = re.compile(
    r"\s*(?:Re|Aw|Antw|Antwort|Rép|Réf|Res|R|Rif|Odp|Отв|Ответ|Sv|Svar|Vs|Ynt|Vá|回复|回覆|答复|返信|답장)(?:\[\d+\])?\s*[:：]",
    re.I,
)

_VERBS = (
    r"wrote|writes|schrieb(?:en)?|a\s+écrit|écrit|escribió|ha\s+scritto|scrive|schreef|geschreven|escreveu|napisał(?:\(a\)|a)?"
    r"|pisze|написал(?:\(а\)|а)?|пишет|писал(?:\(а\)|а)?|skrev|kirjoitti|napsal(?:\(a\)|a)?|írta|şunları\s+yazdı"
)
_ASIAN_VERBS = "写道|寫道|書きました|さんは書きました|のメール|님이 작성"
ATTRIBUTION = re.compile(
    rf"(?:.*\b(?:{_VERBS})\b[^\n]{{0,120}}|.*(?:{_ASIAN_VERBS})|.*<[^<>\s]+@[^<>\s]+>\s*)[:：]\s*\Z", re.I | re.S
)
