"""Turn text into the terms of the word index: lowercased, without accents, stemmed."""

import tantivy

# Stop words of questions, which say nothing about the topic. The analyzer's English stop words do not include them.
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


_LONGEST = tantivy.Filter.remove_long(40)  # bytes; longer strings are not words
_LOWER, _FOLD = tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold()
_STEM, _STOP = tantivy.Filter.stemmer("English"), tantivy.Filter.stopword("English")
_ASK = tantivy.Filter.custom_stopword(list(_ASKING))
ANALYZER = _build(_LONGEST, _LOWER, _FOLD, _STEM)
_folded = _build(_LONGEST, _LOWER, _FOLD)
_content = _build(_LONGEST, _LOWER, _FOLD, _STOP, _ASK, _STEM)


def terms(text: str) -> list[str]:
    """Return the terms of a text: lowercased, without accents, stemmed, in order, repeats kept."""
    return list(ANALYZER.analyze(text))


def fold_words(text: str) -> list[str]:
    """Return the words of a text lowercased and without accents, but not stemmed, in order, repeats kept."""
    return list(_folded.analyze(text))


def content_terms(text: str) -> list[str]:
    """Return the terms that carry the topic of a question, without stop words and question words, in order."""
    return list(_content.analyze(text))
