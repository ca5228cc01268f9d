"""Turn text into the terms of the word index: lowercased, without accents, stemmed.

Scripts without spaces become bigrams of characters, as in Lucene's CJKAnalyzer, and Thai and its like trigrams.
"""

import re
from collections.abc import Iterator

import tantivy

ANALYSIS = 2  # raise it when a text gets other terms, so that word indexes are built anew

# Stop words of questions, which say nothing about the topic. The analyzer's English stop words do not include them.
_ASKING = (
    *("what", "which", "who", "whom", "whose", "when", "where", "why", "how", "many", "much", "than", "too", "very", "so"),
    *("did", "do", "does", "done", "has", "have", "had", "can", "could", "would", "should", "may", "might"),
    *("were", "am", "been", "being", "from", "about", "tell", "me", "i", "you", "your", "us", "we"),
)
# Runs of one script. A Japanese word rarely goes from one to another.
_RUN = re.compile(
    r"(?P<han>[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々〇]+)|(?P<katakana>[\u30a0-\u30ff\uff66-\uff9f]+)"
    r"|(?P<hiragana>[\u3040-\u309f]+)|(?P<hangul>[\u1100-\u11ff\uac00-\ud7a3]+)"
    r"|(?P<thai>[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+)"
)
_MARKS = re.compile(
    r"[\u0e47-\u0e4e\u0ec8-\u0ecd\u1037-\u103a\u17c6-\u17d3]"
)  # tones and the like, which the tokenizer cuts at
_HIRAGANA = re.compile(r"[\u3040-\u309f]+")  # particles and endings of Japanese
# Chinese particles and question words, which stand between words and carry no topic.
_STOP_CHINESE = re.compile("为什么|為什麼|是?多少|是?什[么麼]|是?[谁誰]|哪[里裡]|怎[么麼]|[的了吗嗎呢]")


def _build(*filters: tantivy.Filter) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for each in filters:
        builder = builder.filter(each)
    return builder.build()


_LONGEST = tantivy.Filter.remove_long(40)  # bytes; longer strings are not words
_LOWER, _FOLD = tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold()
_STEM, _STOP = tantivy.Filter.stemmer("English"), tantivy.Filter.stopword("English")
_ASK = tantivy.Filter.custom_stopword(list(_ASKING))
ANALYZER = _build(_LONGEST, _LOWER, _FOLD, _STEM)
_folded = _build(_LONGEST, _LOWER, _FOLD)
_content = _build(_LONGEST, _LOWER, _FOLD, _STOP, _ASK, _STEM)


def terms(text: str) -> list[str]:
    """Return the terms of a text: lowercased, without accents, stemmed, in order, repeats kept."""
    return list(ANALYZER.analyze(separate(text)))


def fold_words(text: str) -> list[str]:
    """Return the words of a text lowercased and without accents, but not stemmed, in order, repeats kept."""
    return list(_folded.analyze(separate(text)))


def content_terms(text: str) -> list[str]:
    """Return the terms that carry the topic of a question, without stop words and question words, in order."""
    return [term for term in _content.analyze(separate(text)) if term.isascii() or not _HIRAGANA.fullmatch(term)]


def separate(text: str) -> str:
    """Return a text with spaces between the bigrams of scripts without spaces. Any other text is returned as it is."""
    return text if text.isascii() else _RUN.sub(_grams, text)


def _grams(run: re.Match[str]) -> str:
    text = run.group()
    if run.lastgroup == "thai":
        return f" {' '.join(_windows(_MARKS.sub('', text), 3))} "
    parts = _STOP_CHINESE.split(text) if run.lastgroup == "han" else [text]
    return f" {' '.join(gram for part in parts for gram in _windows(part, 2))} "


def _windows(text: str, n: int) -> Iterator[str]:
    """Yield the n-grams of a text, or the text if it is shorter."""
    yield from (text[at : at + n] for at in range(max(1, len(text) - n + 1)) if text)
