"""Corrections: a title, an author and a date that a user gives an article in the place of what its source says."""

import re

from qa.library.filters import days
from qa.sources.formats.dates import parse_date
from qa.types.errors import CorrectionUnusable

_LONGEST = 300  # characters
_PART_OF_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}")


def validate_corrections(title: str | None, author: str | None, published: str | None) -> dict[str, str | None]:
    """Return corrections by name as they are stored, each on one line. Those that are None are left out.

    Raises:
        CorrectionUnusable: the title is empty, a value is too long, or the date is none.
    """
    values = {"title": title, "author": author, "published": published}
    corrections = {name: " ".join(value.split()) or None for name, value in values.items() if value is not None}
    for name, value in corrections.items():
        if value and len(value) > _LONGEST:
            raise CorrectionUnusable(f"The {name} has {len(value):,} characters; the limit is {_LONGEST:,}: shorten it.")
    if "title" in corrections and corrections["title"] is None:
        raise CorrectionUnusable("The title is empty: give one, or take back the correction with `--undo`.")
    if corrections.get("published"):
        corrections["published"] = _parse_date(corrections["published"] or "")
    return corrections


def _parse_date(text: str) -> str:
    try:
        if _PART_OF_DATE.fullmatch(text):
            days(text)  # raises ValueError if there is no such day
            return text
        if day := parse_date(text):
            return day
    except ValueError:
        pass
    raise CorrectionUnusable(f"There is no such date as {text!r:.60}: give one such as 2019-05-03, 2019-05 or 2019.")
