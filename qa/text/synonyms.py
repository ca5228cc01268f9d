"""Map terms to synonyms: "three" and "3", "Sept." and "September", "m" and "meters"."""

from collections.abc import Iterable, Mapping

from qa.text.terms import terms

# The first word of each row is its canonical form. Every form is a single word, so "twenty-one" has no row.
_ROWS = """
1 one; 2 two; 3 three; 4 four; 5 five; 6 six; 7 seven; 8 eight; 9 nine; 10 ten; 11 eleven; 12 twelve; 13 thirteen; 14 fourteen
15 fifteen; 16 sixteen; 17 seventeen; 18 eighteen; 19 nineteen; 20 twenty; 30 thirty; 40 forty; 50 fifty; 60 sixty; 70 seventy
80 eighty; 90 ninety; 1st first; 2nd second; 3rd third; 4th fourth; 5th fifth
January Jan; February Feb; August Aug; September Sept Sep; October Oct; November Nov; December Dec
meter metre m; kilometer kilometre km; centimeter centimetre cm; millimeter millimetre mm; kilogram kilogramme kg; pound lb lbs
hour hr hrs; minute min mins; doctor Dr; mount Mt; saint St; company Co; corporation Corp; department Dept
"""
_SETS = [tuple(dict.fromkeys(terms(row))) for line in _ROWS.strip().splitlines() for row in line.split(";")]
_STANDS_FOR: Mapping[str, str] = {form: forms[0] for forms in _SETS for form in forms[1:]}
_FORMS: Mapping[str, tuple[str, ...]] = {form: forms for forms in _SETS for form in forms}


def canonicalize(found: Iterable[str]) -> list[str]:
    """Return terms with each synonym replaced by its canonical form, in order, repeats kept."""
    return [_STANDS_FOR.get(term, term) for term in found]


def expand_synonyms(wanted: Iterable[str]) -> tuple[str, ...]:
    """Return terms with all of their synonyms, each once, in order."""
    return tuple(dict.fromkeys(form for term in wanted for form in _FORMS.get(term, (term,))))
