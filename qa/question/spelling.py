"""Spelling correction: a word that is in no passage may be one edit away from a word that is in some.

Source: Norvig 2007, "How to Write a Spelling Corrector". Candidates have one letter deleted, transposed, inserted or replaced,
which are 80 % of all misspellings (Damerau, CACM 7(3), 1964).
"""

import re
import string
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from qa.library.bm25_index import Bm25Index
from qa.library.snapshot import Snapshot
from qa.question.parsing import Question
from qa.text.language import detect_language
from qa.text.passages import TokenCounter
from qa.text.terms import content_terms, fold_words, terms
from qa.types.settings import Settings

_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")  # letters alone: a number is never corrected
_USUAL = " people"  # a vocabulary without this word holds letters and no words, and cannot tell
_CORRECTED = ("en", None)  # the languages that are corrected, and None for a text whose words do not tell its own
_MOST_READ = 5  # passages with a term that are searched for how it is written


def correct_spelling(
    question: Question, words: Bm25Index, snapshot: Snapshot, count_tokens: TokenCounter, settings: Settings
) -> Question:
    """Correct the misspelled words of a question, its own and those carried over."""
    corrections = find_corrections(question.standalone, words, snapshot, count_tokens, settings)
    if not corrections:
        return question
    standalone, own = (replace_words(text, corrections) for text in (question.standalone, question.own))
    return replace(question, standalone=standalone, own=own)


def find_corrections(
    text: str, words: Bm25Index, snapshot: Snapshot, count_tokens: TokenCounter, settings: Settings
) -> dict[str, str]:
    """Map each misspelled word of a text to the most likely word, as it is written in the library.

    A word counts as spelled right if a passage holds it in any form. So does one that is a single token of the encoder's
    vocabulary, which holds all usual words and names. A correction keeps the first letter, and a name becomes a name. In other
    languages than English nothing is corrected: their words have forms that would pass for misspellings.

    Args:
        count_tokens: the encoder's.
    """
    if detect_language(text) not in _CORRECTED:
        return {}
    unknown = [
        word
        for word in dict.fromkeys(_WORD.findall(text))
        if len(word) >= settings.least_letters and not any(map(words.n_holding, terms(word))) and content_terms(word)
    ][: settings.most_respelled]
    if not unknown:
        return {}
    usual, *n_tokens = count_tokens([_USUAL, *(f" {word}" for word in unknown)])  # some vocabularies hold words with a space
    misspelled = [word for word, n in zip(unknown, n_tokens, strict=True) if n > 1] if usual == 1 else []
    corrections = {word: _correction(word, words, snapshot, settings) for word in misspelled}
    return {word: correction for word, correction in corrections.items() if correction is not None}


def replace_words(text: str, corrections: Mapping[str, str]) -> str:
    """Replace whole words of a text."""
    return _WORD.sub(lambda match: corrections.get(match.group(), match.group()), text)


def _correction(word: str, words: Bm25Index, snapshot: Snapshot, settings: Settings) -> str | None:
    """Return the word one edit away that the most passages hold."""
    plain = fold_words(word)[0]
    edits = sorted({edit for edit in _edits(plain) if len(edit) >= settings.least_letters and edit[0] == plain[0]})
    stems = terms(" ".join(edits))
    if len(stems) != len(edits):  # longer than a term of the index may be, or no single word in lower case
        return None
    edits_by_term: dict[str, list[str]] = {}
    for edit, term in zip(edits, stems, strict=True):
        edits_by_term.setdefault(term, []).append(edit)
    frequent = sorted((-n, term) for term in edits_by_term if (n := words.n_holding(term)))
    for _, term in frequent[: settings.most_respelled]:
        spelling = _library_spelling(term, set(edits_by_term[term]), words, snapshot, is_name=word[0].isupper())
        if spelling is not None:
            return spelling
    return None


def _library_spelling(term: str, edits: set[str], words: Bm25Index, snapshot: Snapshot, *, is_name: bool) -> str | None:
    """Return how the library writes a term, if it holds one of the edits. A stem alone may be that of another word."""
    ids = [passage_id for passage_id, _ in words.search([term], _MOST_READ)]
    spellings = Counter(
        word
        for passage in snapshot.passages(ids)
        if detect_language(passage.text) in _CORRECTED
        for word in _WORD.findall(passage.text)
        if (word[0].isupper() or not is_name) and not edits.isdisjoint(fold_words(word))
    )
    return spellings.most_common(1)[0][0] if spellings else None


def _edits(word: str) -> Iterator[str]:
    """Yield all strings one edit away. Only the letters of English are inserted."""
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
