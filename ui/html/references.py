"""Cited articles for reference managers such as Zotero: CSL JSON 1.0 and RIS. A note says which words are meant, and where.

The note of CSL holds the quote character for character. RIS has one line for a field, so line breaks in it become spaces.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from qa.types.articles import Passage, Quote, Reference
from ui.html.citations import is_address
from ui.html.words import source_name


class Cited(NamedTuple):
    """An article, and the span of it that is meant, if one is."""

    article: Reference
    span: Quote | Passage | None = None


def csl(items: Iterable[Cited]) -> list[dict[str, Any]]:
    """Return items of CSL JSON, one for each article or span."""
    return [_csl_item(article, span) for article, span in items]


def ris(items: Iterable[Cited]) -> str:
    """Return records of RIS, one for each article or span."""
    return "".join(_ris_record(article, span) for article, span in items)


def _csl_item(article: Reference, span: Quote | Passage | None) -> dict[str, Any]:
    date = [int(number) for number in _date_parts(article)]
    fields = {
        "id": _id(article, span),
        "type": "webpage" if is_address(article.source) else "document",
        "title": article.title or source_name(article),
        "author": [{"literal": article.author}] if article.author else None,
        "issued": {"date-parts": [date]} if date else None,
        "container-title": article.site,
        "URL": article.source if is_address(article.source) else None,
        "source": None if is_address(article.source) else article.source,
        "language": article.language,
        "keyword": ", ".join(article.tags) or None,
        "annote": span.text if span else None,
        "note": _place(article, span) if span else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _ris_record(article: Reference, span: Quote | Passage | None) -> str:
    fields: list[tuple[str, str | None]] = [
        ("TY", "ELEC" if is_address(article.source) else "GEN"),
        ("ID", _id(article, span)),
        ("TI", article.title or source_name(article)),
        ("AU", article.author),
        ("T2", article.site),
        ("PY", next(iter(_date_parts(article)), None)),
        ("DA", "/".join([*_date_parts(article), "", ""][:3]) + "/" if _date_parts(article) else None),
        ("UR", article.source if is_address(article.source) else None),
        ("L1", None if is_address(article.source) else article.source),
        ("LA", article.language),
        *(("KW", tag) for tag in article.tags),
        *([("N1", span.text), ("N1", _place(article, span))] if span else []),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in fields if value is not None) + "\r\n"


def _id(article: Reference, span: Quote | Passage | None) -> str:
    return f"pullquote-{article.id}-{span.start}-{span.end}" if span else f"pullquote-{article.id}"


def _place(article: Reference, span: Quote | Passage) -> str:
    part = f"{span.part}, " if span.part else ""
    return f"{part}characters {span.start} to {span.end} of urn:sha256:{article.version}"


def _date_parts(article: Reference) -> list[str]:
    """Return year, month and day as digits, as far as they are known."""
    date = re.match(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", article.published or "")
    return [number for number in date.groups() if number] if date else []
