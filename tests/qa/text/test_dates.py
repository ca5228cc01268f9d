"""Dates of a sentence are found as Chinese and Japanese write them, and asked for in their words."""

import pytest

from qa.text.answer_types import expected_type, has_type
from qa.text.dates import find_dates
from qa.text.local_dates import find_local_dates


@pytest.mark.parametrize(
    ("sentence", "words", "years", "month", "day"),
    [
        ("新橋は2024年3月5日に開通した。", "2024年3月5日", 2024, 3, 5),
        ("博物館は令和6年に移転した。", "令和6年", 2024, None, None),
        ("町は昭和39年10月に合併した。", "昭和39年10月", 1964, 10, None),
        ("令和元年の祭りは中止された。", "令和元年", 2019, None, None),
        ("學校成立於民國四十年，民國 52 年改名。", "民國 52 年", 1963, None, None),
        ("这座桥于1998年建成。", "1998年", 1998, None, None),
        ("会议定于 5月12号 举行。", "5月12号", None, 5, 12),
        ("鉄道は２００３年に延びた。", "２００３年", 2003, None, None),
    ],
)
def test_a_date_in_chinese_or_japanese_is_found(
    sentence: str, words: str, years: int | None, month: int | None, day: int | None
) -> None:
    (date,) = find_dates(sentence)
    assert sentence[date.start : date.end] == words
    assert (date.years, date.month, date.day) == ((years, years) if years else None, month, day)
    assert has_type("date", sentence)


@pytest.mark.parametrize(
    "sentence", ["この木は1000年以上生きた。", "村有1000年间无人居住。", "13月40日", "2人が3月分を払った。"]
)
def test_what_only_looks_like_one_is_none(sentence: str) -> None:
    assert find_dates(sentence) == []


@pytest.mark.parametrize(
    "question", ["这座桥是什么时候建成的？", "博物館はいつ移転しましたか?", "學校何時改名？", "町は何年に合併した?"]
)
def test_a_question_for_a_date_is_known(question: str) -> None:
    assert expected_type(question) == "date"


@pytest.mark.parametrize("question", ["店はいつも開いていますか?", "工事は何年間続いた?"])
def test_a_question_for_something_else_is_not_taken_for_one(question: str) -> None:
    assert expected_type(question) != "date"


@pytest.mark.parametrize(("line", "day"), [("大正12年9月1日", "1923-09-01"), ("民國113年3月5日", "2024-03-05")])
def test_a_dateline_counts_from_an_era(line: str, day: str) -> None:
    assert [date.date.isoformat() for date in find_local_dates(line, "ja")] == [day]
