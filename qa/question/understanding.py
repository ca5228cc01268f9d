"""From the text of a question to the question that is searched for: its vector, its terms, its misspelled words corrected."""

from dataclasses import replace

from embeddings import Encoder
from embeddings.model_spec import Vectors, unit
from qa.library.indexes import Indexes
from qa.library.snapshot import Snapshot
from qa.question.conversation import FollowUp
from qa.question.intents import without_order
from qa.question.spelling import respelled, respellings
from qa.search.retriever import Query, understand
from qa.types.settings import Settings
from qa.types.stopwatch import Stopwatch


def question_vectors(encoder: Encoder, text: str, follow: FollowUp | None) -> tuple[Vectors, Vectors | None]:
    """What is looked for, (dimension,), halfway between a follow-up and what it was made into; and its topic, if it has one.

    Args:
        text: what is searched for.
        follow: what that was made of.
    """
    texts = [text] if follow is None or follow.asked == text else [text, follow.asked]
    topic = follow.topic if follow is not None else None
    vectors = encoder.encode_questions([*texts, topic] if topic else texts)
    return unit(vectors[: len(texts)].sum(axis=0)), vectors[-1] if topic else None


def understood(
    text: str,
    follow: FollowUp | None,
    vector: Vectors,
    topic: Vectors | None,
    indexes: Indexes,
    snapshot: Snapshot,
    encoder: Encoder,
    settings: Settings,
    watch: Stopwatch,
) -> Query:
    """A question prepared for one generation's indexes.

    Args:
        text: what is searched for.
        follow: what that was made of; where it is None passages are searched for and nothing is corrected, since a list of
            passages cannot say so.
        vector: of the text as it is.
        topic: vector of what the conversation was about before.
        watch: takes the stage `encode` where the corrected text is encoded again.
    """
    if follow is None:
        return without_order(understand(text, vector, indexes, settings))
    meant = respellings(text, indexes.words, snapshot, encoder.count_tokens, settings)
    if meant:
        text, follow = respelled(text, meant), replace(follow, asked=respelled(follow.asked, meant))
        vector, topic = question_vectors(encoder, text, follow)
        watch.lap("encode")
    return without_order(understand(text, vector, indexes, settings, follow.asked, topic, follow.near))
