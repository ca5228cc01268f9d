"""Words as they are searched: lower case, without accents, stemmed."""

import tantivy

# Words of asking, which say nothing about what is asked for; the stop words of the analyzer hold no such words.
_ASKING = (
    *("what", "which", "who", "whom", "whose", "when", "where", "why", "how", "many", "much", "than", "too", "very", "so"),
    *("did", "do", "does", "done", "has", "have", "had", "can", "could", "would", "should", "may", "might"),
    *("were", "am", "been", "being", "from", "about", "tell", "me", "i", "you", "your", "us", "we"),
)


def _build(*filters: tantivy.Filter) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for each in filters:
        builder = builder.filter(each)
    return builder.build()


_LONGEST = tantivy.Filter.remove_long(40)  # bytes; what is longer is no word
_LOWER, _FOLD = tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold()
_STEM, _STOP = tantivy.Filter.stemmer("English"), tantivy.Filter.stopword("English")
_ASK = tantivy.Filter.custom_stopword(list(_ASKING))
ANALYZER = _build(_LONGEST, _LOWER, _FOLD, _STEM)
_folded = _build(_LONGEST, _LOWER, _FOLD)
_content = _build(_LONGEST, _LOWER, _FOLD, _STOP, _ASK, _STEM)


def terms(text: str) -> list[str]:
    """A text's words as they are searched: lower case, without accents, stemmed; in order, repeats kept."""
    return list(ANALYZER.analyze(text))


def fold_words(text: str) -> list[str]:
    """A text's words in lower case and without accents, as they are before they are stemmed."""
    return list(_folded.analyze(text))


def content_terms(text: str) -> list[str]:
    """The terms that say what a question is about: no stop words, no words of asking."""
    return list(_content.analyze(text))
