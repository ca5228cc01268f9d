"""Boilerplate: lines of an article that belong to its page, such as navigation and cookie notices, and may not be quoted.

The rules mark spans and delete nothing. Each is about the form of a line, never about the words of one site alone.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from qa.types.articles import SetAside

PAYWALL = "paywall"  # the rule by which lines that ask to pay are set aside
_SEPARATOR_SIGNS = "|•·»›"
_SEPARATORS = re.compile(rf"\s+[{_SEPARATOR_SIGNS}]\s+|\s*\|\s*")
_SENTENCE_END = re.compile(r"[.!?…。！？]['\"”’)\]]*$")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(rf"\b{_MONTH}\b|\b\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}\b|\b(?:19|20)\d\d\b", re.I)

_SERVER_ERROR = re.compile(r"\[an error occurred while processing (?:this|the) directive\]", re.I)
_IMAGE_NAME = re.compile(r"(?<!\S)[\w-]+\.(?:jpe?g|png|gif|webp|svg)(?=[A-Z“\"]|\s|$)", re.I)
_DATE_LINE = re.compile(
    r"^(?:last\s+(?:updated|modified)|updated|published|posted|page\s+last\s+updated|first\s+published)\b(?:\s+(?:on|at))?\s*:?\s",
    re.I,
)
_COMMENT_FORM = re.compile(
    r"\b(?:(?:add|leave|post|submit|write)\s+(?:your|a)\s+(?:comments?|reply|response)\b"
    r"|comments?\s+(?:are|will\s+be|is)\s+(?:closed|moderated|approved|reviewed|not\s+appear)"
    r"|your\s+e-?mail\s+address\s+will\s+not\s+be\s+published|filling\s+out\s+the\s+form"
    r"|(?:log|sign)\s+in\s+to\s+(?:comment|reply|leave|post))",
    re.I,
)
_DISCLAIMER = re.compile(
    r"\b(?:is|are)\s+not\s+(?:responsible|liable)\s+for\s+(?:the\s+)?(?:content|posting|accuracy)|\ball\s+rights\s+reserved\b"
    r"|^(?:©|\(c\)|copyright\b)|\b(?:accept|use)s?\b.{0,40}\bcookies\b|\bcookie\s+(?:policy|settings)\b"
    r"|\bterms\s+(?:of|and)\s+(?:use|service|conditions)\b.*\bprivacy\b",
    re.I,
)
_CALL = re.compile(
    r"^(?:(?:watch|listen|view|see|play)\b.*\b(?:video|audio|news|live|slideshow|gallery|podcast|pictures|photos)\b"
    r"|(?:share|tweet|print|e-?mail)\s+(?:this|on|to|via)\b|(?:click|tap)\s+here\b|read\s+more\b|(?:related|see\s+also)\s*:"
    r"|(?:subscribe|sign\s+up)\b.*\b(?:newsletter|updates|e-?mails?|today|now)\b|advertisement$|skip\s+to\s+(?:main\s+)?content"
    r"|back\s+to\s+top$|follow\s+us\b)",
    re.I,
)

# Lines that ask a reader to pay, to register or to write for mail, in the second person or the imperative, never in the third.
_PAYWALL = re.compile(
    r"\byou(?:['’]ve| have)?\s+(?:now\s+)?(?:reached|hit|used)\b.{0,40}\b(?:limit|free\s+(?:articles?|stories|views))\b"
    r"|\byou(?:['’]ve| have)\s+(?:now\s+)?(?:read|viewed)\b.{0,40}\bfree\s+(?:articles?|stories)\b"
    r"|\byou have\s+(?:\w+\s+)?(?:more\s+)?free\s+(?:articles?|stories)\s+(?:left|remaining)\b"
    r"|^(?:already|not)\s+(?:an?\s+)?(?:subscribe[dr]|(?:registered\s+)?(?:member|user))(?:\s+yet)?\s*(?:$|[?.!:]|\b(?:log|sign)\b)"
    r"|^(?:already\s+)?have\s+an\s+account\b"
    r"|^(?:please\s+)?(?:subscribe|sign\s+(?:up|in)|log\s?in|register|join|upgrade|create\s+(?:a|your)\s+(?:free\s+)?account),?\s+"
    r"(?=(?:to|now|for|here|today|free|and|or|us)\b).{0,80}\b(?:to|and)\s+(?:continue|keep|read|unlock|access|finish|view|get)\b"
    r"|^(?:to|want to)\s+(?:continue|keep)\s+reading\b|^(?:continue|keep)\s+reading\b.{0,60}\b(?:subscri|free|account|trial)"
    r"|\bthis\s+(?:article|story|content|post|page)\s+is\s+(?:only\s+|exclusively\s+)?(?:available\s+|reserved\s+)?"
    r"(?:only\s+|exclusively\s+)?(?:for|to)\s+(?:(?:paying|paid|our|registered|premium)\s+)*(?:subscribers|members)\b"
    r"|^(?:start|begin|claim)\s+your\s+(?:free\s+)?(?:\d+[- ]\w+\s+)?trial\b|\bcancel\s+(?:it\s+)?(?:at\s+)?any\s?time\b"
    r"|^(?:subscribe|get|try|unlock)\b.{0,60}(?:[$€£¥]\s?\d[\d.,]*\s+(?:a|per)\s|unlimited\s+(?:digital\s+)?access)"
    r"|^(?:diesen artikel )?(?:weiterlesen|freischalten)\b.{0,60}$|^jetzt (?:abonnieren|weiterlesen)\b|\bnur für abonnent\w+"
    r"|^sie haben bereits ein (?:abo|konto)"
    r"|\bcet article est réservé\b|\bréservée?s? aux abonnés\b|^déjà abonné|^abonnez-vous\b"
    r"|\bil vous reste \d+ ?% de cet article\b|\bexclusiv[oa]s? para (?:suscriptor|assinante)\w+|^suscr[íi]bete\b"
    r"|^¿ya eres suscriptor|^assine\b.{0,60}\b(?:ler|acesso)\b|\briservat[oa] agli abbonati\b|^hai già un abbonamento\b"
    r"|^al abonnee\b|\balleen voor abonnees\b|有料会員限定|会員限定(?:です|記事)|この記事は有料|続きを読むには"
    r"|残り\s?[\d,]+\s?(?:文字|字)|订阅后继续阅读|登录后(?:继续|查看)|только для подписчиков",
    re.I,
)
_NEWSLETTER = re.compile(
    r"^(?:sign\s+up|subscribe|register)\s+(?:to|for|here|now|today|below|and|free)\b.{0,100}"
    r"\b(?:newsletters?|inbox|e-?mails?|alerts?|briefing)\b"
    r"|^(?:get|want|receive|join|enter|have)\b.{0,100}\b(?:your\s+inbox|our\s+(?:\w+\s+){0,3}newsletters?|your\s+e-?mail)\b"
    r"|^(?:thanks|thank you) for (?:signing up|subscribing)\b|^(?:jetzt |hier )?(?:zum )?newsletter (?:abonnieren|bestellen)"
    r"|^inscrivez-vous\b.{0,60}\b(?:newsletter|infolettre)|^recevez\b.{0,80}\bnewsletter",
    re.I,
)
_COOKIES = re.compile(
    r"\b(?:we|this (?:web\s?)?site|our (?:web\s?)?site|our partners)\b.{0,60}\b(?:use|uses|store|stores|set|sets|access)\b"
    r".{0,60}\bcookies\b|\bby\s+(?:clicking|continuing|using|browsing|closing)\b.{0,80}\byou\s+(?:agree|accept|consent)\b"
    r"|^(?:accept|reject|allow|manage|decline)\s+(?:all\s+)?(?:(?:optional|necessary)\s+)?(?:cookies|preferences|choices)\b"
    r"|\b(?:diese (?:website|seite)|wir) (?:verwende|nutz|setz)\w*.{0,60}\bcookies\b"
    r"|\bce site (?:web )?utilise\b.{0,40}\bcookies\b"
    r"|\b(?:este sitio|esta web|utilizamos|usamos)\b.{0,60}\bcookies\b|\bquesto sito (?:utilizza|usa)\b.{0,40}\bcookie",
    re.I,
)
_MAX_NOTICE = 400  # characters
# One of these is in every line that the patterns match. They are looked for first, which spares most lines the patterns.
_COMMENT_WORDS = ("comment", "reply", "response", "published", "filling", "leave", "post")
_DISCLAIMER_WORDS = ("responsible", "liable", "reserved", "©", "(c)", "copyright", "cookie", "terms")
_NOTICE_WORDS = (
    *("subscri", "free", "account", "continu", "trial", "cancel", "unlimited", "unlock", "log in", "sign", "regist", "join"),
    *("cookie", "newsletter", "inbox", "mail", "agree", "accept", "consent", "prefer", "choices", "member", "upgrade", "limit"),
    *("weiterlesen", "freischalten", "abon", "abbon", "suscr", "suscript", "assin", "réserv", "il vous reste", "konto", "abo"),
    *("会員", "有料", "続きを", "残り", "订阅", "登录", "подписчик"),
)


def _is_navigation(line: str) -> bool:
    """Tell whether a line is several short names separated by bars or dots, without a sentence."""
    if not any(sign in line for sign in _SEPARATOR_SIGNS):
        return False
    items = [item for item in _SEPARATORS.split(line) if item.strip()]
    return len(items) >= 3 and all(len(item.split()) <= 4 and not _SENTENCE_END.search(item) for item in items)


def _is_date_line(line: str) -> bool:
    """Tell whether a line is a stamp such as "Last Updated: 3 May 2019". `dates` parses the date in it."""
    if len(line) > 120 or not _DATE_LINE.match(line):
        return False
    is_sentence = (
        _SENTENCE_END.search(line) and len(re.findall(r"\b[a-z]{3,}\b", line)) > 4
    )  # "Published in 1999, the novel sold …"
    return not is_sentence and bool(_DATE.search(line) or ":" in line)


@lru_cache(maxsize=1)  # three rules in a row look at the same line
def _may_be_notice(line: str) -> bool:
    """Tell whether a line may ask a reader to pay, to register or to accept cookies."""
    return len(line) <= _MAX_NOTICE and _has_any(line, _NOTICE_WORDS)


def _has_any(line: str, words: tuple[str, ...]) -> bool:
    lowered = line.lower()
    return any(word in lowered for word in words)


def _is_call(line: str) -> bool:
    """Tell whether a line asks the visitor of a page to do something there."""
    return len(line) <= 120 and not _SENTENCE_END.search(line) and bool(_CALL.search(line))


def asks_to_pay(lines: Iterable[str]) -> bool:
    """Tell whether a line asks a reader to pay or to register."""
    return any(_may_be_notice(line) and _PAYWALL.search(line) for line in lines)


_LINE_RULES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("navigation", _is_navigation),
    ("date line", _is_date_line),
    ("call to action", _is_call),
    (PAYWALL, lambda line: asks_to_pay([line])),
    ("newsletter", lambda line: _may_be_notice(line) and bool(_NEWSLETTER.search(line))),
    ("cookie notice", lambda line: _may_be_notice(line) and bool(_COOKIES.search(line))),
    ("comment form", lambda line: _has_any(line, _COMMENT_WORDS) and bool(_COMMENT_FORM.search(line))),
    (
        "disclaimer",
        lambda line: len(line) <= _MAX_NOTICE and _has_any(line, _DISCLAIMER_WORDS) and bool(_DISCLAIMER.search(line)),
    ),
)
_INLINE_RULES = (("server error", _SERVER_ERROR), ("image name", _IMAGE_NAME))


def find(text: str) -> list[SetAside]:
    """Return the spans that may not be quoted, in order and without overlaps."""
    lines = list(_lines(text))
    rules = [next((name for name, matches in _LINE_RULES if line and matches(line)), None) for _, _, line in lines]
    for number, (_, _, line) in enumerate(lines):
        if rules[number] is None and _is_menu_next_to_navigation(rules, number, line):
            rules[number] = "navigation"
    places = [SetAside(start, end, rule) for (start, end, _), rule in zip(lines, rules, strict=True) if rule]
    for rule, pattern in _INLINE_RULES:
        for match in pattern.finditer(text):
            if not any(place.start <= match.start() < place.end for place in places):
                places.append(SetAside(match.start(), match.end(), rule))
    return sorted(places, key=lambda place: place.start)


def _is_menu_next_to_navigation(rules: list[str | None], number: int, line: str) -> bool:
    """Tell whether a line is capitalised names without a full stop, right above or below navigation."""
    words = line.split()
    neighbors = rules[max(0, number - 1) : number] + rules[number + 1 : number + 2]
    return (
        "navigation" in neighbors
        and len(words) >= 3
        and not _SENTENCE_END.search(line)
        and all(word[0].isupper() or not word[0].isalpha() for word in words)
    )


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the start, the end and the text of each line, without the white space around it."""
    at = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        start = at + len(line) - len(line.lstrip()) if stripped else at
        yield start, start + len(stripped), stripped
        at += len(line)
