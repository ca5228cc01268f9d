"""The numbers that decide what is found, quoted and refused, each with where it comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How a question is answered.

    The weights were chosen on the articles of SQuAD v1.1 dev with even numbers and reported on the odd ones; docs/RETRIEVAL.md
    has the figures and the commands.
    """

    n_nearest: int = 100  # passages taken from each of the two indexes
    # A passage's score: its BM25 as a share of the best passage's, its cosine, and its best sentence's cosine.
    words: float = 0.55
    meaning: float = 0.1
    sentence: float = 0.8
    # A sentence's score: its cosine, the share of the question's terms in it by their rarity, its passage's score.
    n_read: int = 10  # best passages whose sentences may become quotes
    sentence_meaning: float = 0.8
    sentence_coverage: float = 0.5
    sentence_passage: float = 0.6
    # The confidence: a logistic model over the sentence's cosine and coverage.
    confidence_meaning: float = 7.0
    confidence_coverage: float = 6.2
    confidence_offset: float = -7.6
    # Below this confidence nothing is quoted.
    least_confidence: float = 0.2
    # How much better a passage counts when it stands in an article just quoted, for follow-ups.
    same_article: float = 0.1


LONGEST_QUESTION = 2_000  # characters
LARGEST_K = 100  # quotes or passages asked for at once
LONGEST_HISTORY = 20  # turns a conversation looks back
