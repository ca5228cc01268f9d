"""What templates, citations and the terminal say in words: names of sources, dates, probabilities, sizes, filters."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from qa.types.articles import Answer, Quote, Reference, Rejected
from ui.i18n.language import format_day, format_partial_date, from_english, gettext_noop, pluralize
from ui.i18n.language import gettext as _

# The least confidence for each word, surest first. docs/reference/answer.md says how often each is right.
_CERTAINTIES = ((0.9, gettext_noop("Sure")), (0.5, gettext_noop("Likely")), (0.0, gettext_noop("Perhaps")))


def source_name(reference: Reference) -> str:
    """Return the file name of an article's source, or for a web page its host and the end of its path."""
    if address := re.match(r"https?://(?:www\.)?([^/?#]+)/?(.*)", reference.source):
        host, path = address.groups()
        return f"{host}/…/{path.rstrip('/').rsplit('/', 1)[-1]}" if "/" in path.rstrip("/") else f"{host}/{path}".rstrip("/")
    return re.split(r"[/\\]", reference.source.rstrip("/\\"))[-1] or reference.source


def day(moment: str | None) -> str | None:
    """Write the day of an ISO 8601 date or time in words: "15 October 2004". Return any other text as it is."""
    if not moment:
        return None
    try:
        return format_day(date.fromisoformat(moment[:10]))
    except ValueError:
        return moment


def percent(probability: float) -> str:
    """Write a probability as "12 %"; below 1 % and above 99 % only as that."""
    if 0.01 <= probability <= 0.99:
        return f"{probability:.0%}".replace("%", " %")
    return _("under 1 %") if probability < 0.5 else _("over 99 %")


def certainty(probability: float) -> str:
    """Say in one word how sure it is that a first quote answers."""
    return _(next(word for least, word in _CERTAINTIES if probability >= least))


def refusal_advice(answer: Answer) -> list[str]:
    """Say why an answer may have no quotes, and what to do about it. Each line is there only where it is so."""
    if answer.hint:
        return [from_english(answer.hint)]
    lines = []
    if answer.only and answer.passages:
        lines.append(_("Filters are in force: other articles may answer."))
    elif answer.only:
        lines.append(_("There are no articles {only}: change the filters.", only=filter_in_words(answer.only)))
    elif not answer.passages:
        lines.append(_("The library holds no articles yet: add some first."))
    if answer.passages:
        lines.append(_("Try other words: those that an article would use."))
    return lines


def size(n_bytes: int) -> str:
    """Write a number of bytes in kB, MB or GB."""
    for unit, n in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= n:
            return f"{n_bytes / n:.1f} {unit}"
    return f"{n_bytes / 1e3:.0f} kB"


def duration(seconds: float) -> str:
    """Write a time in whole seconds, or in minutes from a minute and a half on."""
    n = max(1, round(seconds))
    return pluralize(n, "second") if n < 90 else pluralize(round(n / 60), "minute")


def capital(text: str) -> str:
    """Return a text with its first letter a capital."""
    return text[:1].upper() + text[1:]


def filter_in_words(only: Mapping[str, Any]) -> str:
    """Say which articles a filter lets through, in words that follow "articles"."""
    after, before = (format_partial_date(only[name]) if name in only else "" for name in ("after", "before"))
    if after and only.get("after") == only.get("before"):
        phrases = [_("of {day}", day=after)]
    else:
        phrases = [_("from {day} on", day=after)] if after else []
        phrases += [_("up to {day}", day=before)] if before else []
    patterns = (
        *(("source", gettext_noop("from {source}")), ("author", gettext_noop("by {author}"))),
        *(("language", gettext_noop("in {language}")), ("folder", gettext_noop("in {folder}"))),
    )
    phrases += [_(pattern, **{name: only[name]}) for name, pattern in patterns if name in only]
    return _(", ").join([*phrases, *(_("tagged {tag}", tag=tag) for tag in only.get("tag", ()))])


def split_at_highlight(quote: Quote) -> tuple[str, str, str]:
    """Split a quote's text into what stands before its highlight, the highlight, and what stands after."""
    if quote.highlight is None:
        return quote.text, "", ""
    start = min(max(quote.highlight.start - quote.start, 0), len(quote.text))
    end = min(max(quote.highlight.end - quote.start, start), len(quote.text))
    return quote.text[:start], quote.text[start:end], quote.text[end:]


def by_reason(sentences: Sequence[Rejected]) -> list[tuple[str, list[Rejected]]]:
    """Group sentences by the reason why they are no quotes, in the order in which the reasons come up."""
    groups: dict[str, list[Rejected]] = {}
    for sentence in sentences:
        groups.setdefault(sentence.why, []).append(sentence)
    return list(groups.items())
