"""From the text of a question to the question that is searched for: its vector, its terms, its misspelled words corrected."""

from embeddings import Encoder
from embeddings.recipe import Vectors, unit
from qa.indexes import Indexes
from qa.retriever import Question, understand
from qa.rows import View
from qa.settings import Settings
from qa.shapes import without_order
from qa.spelling import respelled, respellings
from qa.stopwatch import Stopwatch


def question_vector(encoder: Encoder, text: str, asked: str | None) -> Vectors:
    """What is looked for, (dimension,): halfway between a follow-up and what it was made into.

    Args:
        asked: the follow-up that the text was made of, if it was.
    """
    texts = [text] if asked is None or asked == text else [text, asked]
    vector: Vectors = unit(encoder.encode_questions(texts).sum(axis=0))
    return vector


def understood(
    text: str,
    asked: str | None,
    vector: Vectors,
    indexes: Indexes,
    view: View,
    encoder: Encoder,
    settings: Settings,
    watch: Stopwatch,
) -> Question:
    """A question prepared for one generation's indexes.

    Args:
        asked: as for `question_vector`; where it is None passages are searched for and nothing is corrected, since a list of
            passages cannot say so.
        vector: of the text as it is.
        watch: takes the stage `encode` where the corrected text is encoded again.
    """
    meant = respellings(text, indexes.words, view, encoder.count_tokens, settings) if asked is not None else {}
    if meant:
        text, asked = respelled(text, meant), respelled(asked or text, meant)
        vector = question_vector(encoder, text, asked)
        watch.lap("encode")
    return without_order(understand(text, vector, indexes, settings, asked))
