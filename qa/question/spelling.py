"""Misspelled words of a question: one that no passage holds may be one letter away from one that some do.

Source: candidates are made as Norvig 2007, "How to Write a Spelling Corrector", makes them: by leaving out, swapping, putting
in and replacing one letter, 80 % of all misspellings (Damerau, CACM 7(3), 1964).
"""

import re
import string
from collections import Counter
from collections.abc import Iterator, Mapping

from qa.library.bm25_index import Bm25Index
from qa.library.snapshot import Snapshot
from qa.text.passages import TokenCounter
from qa.text.terms import content_terms, folded, terms
from qa.types.settings import Settings

_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")  # letters alone: a number is never corrected
_USUAL = " people"  # an encoder that does not hold this whole knows letters and no words, and cannot tell
_READ = 5  # passages with a term, in which its form is looked for


def respellings(
    text: str, words: Bm25Index, snapshot: Snapshot, count_tokens: TokenCounter, settings: Settings
) -> dict[str, str]:
    """The misspelled words of a text, each with the word of the library that was most likely meant, as it is written there.

    A word is left alone that any passage holds, in this form or another, or that the encoder's vocabulary holds whole, as it
    does all usual words and names: it is spelled right and merely absent. What it becomes begins with the same letter and,
    where the word is capitalised, stands capitalised in the library.

    Args:
        count_tokens: the encoder's.
    """
    unknown = [
        word
        for word in dict.fromkeys(_WORD.findall(text))
        if len(word) >= settings.least_letters and not any(map(words.n_holding, terms(word))) and content_terms(word)
    ][: settings.most_respelled]
    if not unknown:
        return {}
    usual, *n_tokens = count_tokens([_USUAL, *(f" {word}" for word in unknown)])  # some vocabularies hold words with a space
    strange = [word for word, n in zip(unknown, n_tokens, strict=True) if n > 1] if usual == 1 else []
    return {word: found for word in strange if (found := _meant(word, words, snapshot, settings)) is not None}


def respelled(text: str, meant: Mapping[str, str]) -> str:
    """The text with those of its words replaced that were misspelled."""
    return _WORD.sub(lambda match: meant.get(match.group(), match.group()), text)


def _meant(word: str, words: Bm25Index, snapshot: Snapshot, settings: Settings) -> str | None:
    """The word one letter away that the most passages hold."""
    plain = folded(word)[0]
    edits = sorted({edit for edit in _edits(plain) if len(edit) >= settings.least_letters and edit[0] == plain[0]})
    stems = terms(" ".join(edits))
    if len(stems) != len(edits):  # it is longer than what the index holds, or is no single word in lower case
        return None
    forms: dict[str, list[str]] = {}
    for edit, term in zip(edits, stems, strict=True):
        forms.setdefault(term, []).append(edit)
    held = sorted((-n, term) for term in forms if (n := words.n_holding(term)))
    for _, term in held[: settings.most_respelled]:
        written = _written(term, set(forms[term]), words, snapshot, is_name=word[0].isupper())
        if written is not None:
            return written
    return None


def _written(term: str, forms: set[str], words: Bm25Index, snapshot: Snapshot, *, is_name: bool) -> str | None:
    """How a term stands in the library, if it does in one of some forms; a stem alone may be another word's."""
    ids = [passage_id for passage_id, _ in words.search([term], _READ)]
    found = Counter(
        word
        for passage in snapshot.passages(ids)
        for word in _WORD.findall(passage.text)
        if (word[0].isupper() or not is_name) and not forms.isdisjoint(folded(word))
    )
    return found.most_common(1)[0][0] if found else None


def _edits(word: str) -> Iterator[str]:
    """All words one letter away; letters other than those of English are only left out and swapped."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in string.ascii_lowercase:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
