"""Dates are read as the languages that CLDR knows write them."""

from datetime import date

import pytest
from babel import Locale
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from qa.text.local_dates import find_local_dates

LANGUAGES = (
    *("af", "am", "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "gl"),
    *("gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "kn", "ko", "lt", "lv", "mk", "ml", "mr", "ms"),
    *("nb", "ne", "nl", "pa", "pl", "pt", "ro", "ru", "si", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tr", "uk"),
    *("ur", "uz", "vi", "zh"),
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("day", [date(2023, 4, 17), date(2019, 12, 3)])
def test_a_long_date_is_read_in_its_language(language: str, day: date) -> None:
    written = format_date(day, "long", Locale.parse(language))
    assert [each.date for each in find_local_dates(f"{written}", language)] == [day]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("3/4/2019", "en", []),
        ("3/4/2019", "en-GB", ["2019-04-03"]),
        ("3/4/2019", "en-US", ["2019-03-04"]),
        ("23/4/2019 and 4/23/2019", "en", ["2019-04-23", "2019-04-23"]),
        ("令和5年4月17日", "ja", ["2023-04-17"]),
        ("平成元年4月17日", None, ["1989-04-17"]),
        ("31 февраля 2019", "ru", []),
        ("1.2.3.2019 and 12-34-2019", "de", []),
        ("vom 3. Mai 2019 bis 4. Mai 2019", "de", ["2019-05-03", "2019-05-04"]),
        ("17 апреля 2023", "en", ["2023-04-17"]),
    ],
)
def test_only_dates_that_are_whole_and_clear_are_found(text: str, language: str | None, expected: list[str]) -> None:
    assert [str(each.date) for each in find_local_dates(text, language)] == expected


@given(st.text(alphabet="0123456789./- ,年月日maieуn\u200f", max_size=60))
def test_any_text_has_dates_within_it(text: str) -> None:
    for found in find_local_dates(text, "de"):
        assert 0 <= found.span.start < found.span.end <= len(text)
