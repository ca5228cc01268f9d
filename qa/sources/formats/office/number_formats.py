"""Numbers of a workbook as its cells show them: decimals, thousands, percent, currency, dates and times.

Dates are written as in ISO 8601, and numbers with a point and commas: what else they look like depends on whose computer opens
the file. Source: ECMA-376 part 1, 18.8.30 and 18.8.31.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    41: "#,##0",
    42: "#,##0",
    43: "#,##0.00",
    44: "#,##0.00",
    48: "0.0E+0",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm",
    19: "h:mm:ss",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    **dict.fromkeys([*range(27, 32), 36, *range(50, 55), 57, 58], "yyyy-mm-dd"),  # dates of East Asian calendars
    **dict.fromkeys([32, 33, 34, 35, 55, 56], "h:mm:ss"),
}
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)(?:-[^\]]*)?\]|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I | re.S)
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]*)?")
_MAX_DIGITS = 11  # of a fraction without a format, as Excel shows it
_MAX_INTEGER = 10**15  # written without an exponent; no larger one is exact
_LONGEST_FORMAT = 255  # characters
_DAYS = 2_958_466  # up to the year 9999


def shown_number(number: float, code: str, *, from_1904: bool = False) -> str:
    """Return a number as a cell with a format shows it.

    Args:
        code: the format, such as "#,##0.00 [$€-407]". General if empty.
        from_1904: whether days are counted from 1904, as on early Macs.
    """
    return _formatter(code[:_LONGEST_FORMAT], from_1904)(number)


@lru_cache(maxsize=1_000)
def _formatter(code: str, from_1904: bool) -> Callable[[float], str]:
    sections = [*_split_sections(code), "", ""]
    if sections[0].strip().lower() in ("", "general", "@"):
        return _general
    if _is_date(sections[0]):
        return lambda number: _moment(number, _LITERAL.sub("", sections[0]).lower(), from_1904)

    def show(number: float) -> str:
        if number < 0 and sections[1]:
            return _fill(-number, sections[1])
        return _fill(number, sections[2] if not number and sections[2] else sections[0])

    return show


def _split_sections(code: str) -> list[str]:
    """Split a format into those of positive numbers, negative numbers and zero."""
    return re.findall(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;])*)(?:;|\Z)', code, re.S)[:3]


def _is_date(section: str) -> bool:
    return re.search(r"[ymdhs]", _LITERAL.sub("", section), re.I) is not None and "e+" not in section.lower()


def _general(number: float) -> str:
    if number == int(number) and abs(number) < _MAX_INTEGER:
        return str(int(number))
    return f"{number:.{_MAX_DIGITS - 1}g}"


def _fill(number: float, section: str) -> str:
    """Put a number into a section of a format, between the words that the section adds."""
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        literals.append(next((group for group in match.groups() if group), ""))
        return "\0"

    bare = _LITERAL.sub(keep, section)
    digits = _DIGITS.search(bare)
    if digits is None:
        filled = bare if literals or bare.strip() else _general(number)
    else:
        whole = digits.group()
        number *= 100 ** bare.count("%")
        number /= 1000 ** (len(whole) - len(whole.rstrip(",")))
        n_decimals = len(whole.partition(".")[2].strip(","))
        if "e+" in bare.lower() or "e-" in bare.lower():
            return f"{number:.{n_decimals}E}"
        if "/" in bare or _DIGITS.search(bare, digits.end()):  # a fraction, or a telephone number in groups
            return _general(number)
        is_grouped = "," in whole.partition(".")[0].rstrip(",")
        shown = f"{number:{',' if is_grouped else ''}.{n_decimals}f}"
        optional = len(whole) - len(whole.rstrip("#?")) if "." in whole else 0
        while optional and shown.endswith("0") and "." in shown:
            shown, optional = shown[:-1], optional - 1
        sign, integer, rest = re.fullmatch(r"(-?)([\d,]*)(.*)", shown).groups()  # type: ignore[union-attr]
        n_zeros = whole.partition(".")[0].count("0")
        shown = sign + (integer if is_grouped else integer.zfill(n_zeros)) + rest
        filled = bare[: digits.start()] + shown.rstrip(".") + bare[digits.end() :]
    words = iter(literals)
    return "".join(next(words) if character == "\0" else character for character in filled).strip()


def _moment(number: float, code: str, from_1904: bool) -> str:
    """Return the date, the time or the duration that a number of days stands for."""
    if not 0 <= number < _DAYS:
        return _general(number)
    seconds = round(number * 86_400)
    if match := re.search(r"\[([hms])", code):
        unit = {"h": 3600, "m": 60, "s": 1}[match.group(1)]
        minutes = f":{seconds % 3600 // 60:02}" if unit == 3600 else ""
        rest = f":{seconds % 60:02}" if unit > 1 and "s" in code else ""
        return f"{seconds // unit}{minutes}{rest}"
    # Excel takes 1900 for a leap year, so its days before March 1900 are one off.
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 31 if number < 60 else 30)
    try:
        moment = start + timedelta(seconds=seconds)
    except OverflowError:
        return _general(number)
    has_time = re.search(r"[hs]", code) is not None
    months = re.search(r"m{3,}", code) or (not has_time and "m" in code)
    has_day = "y" in code or "d" in code or months
    day = _date(moment, code, bool(months or ("y" in code and "d" in code))) if has_day else ""
    clock = moment.strftime("%H:%M:%S" if "s" in code else "%H:%M") if has_time else ""
    return " ".join(filter(None, (day, clock)))


def _date(moment: datetime, code: str, has_month: bool) -> str:
    if "y" in code and not has_month:
        return moment.strftime("%Y")
    if "d" not in code:
        return moment.strftime("%Y-%m") if "y" in code else moment.strftime("%B")
    return moment.strftime("%Y-%m-%d") if "y" in code or has_month else str(moment.day)
