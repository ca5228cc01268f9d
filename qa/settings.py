"""The numbers that decide what is found, quoted and refused, each with where it comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How a question is answered.

    The weights were chosen by hand on SQuAD v1.1 dev and the seeds, those of the confidence fitted on SQuAD's articles with
    even numbers; docs/RETRIEVAL.md has the figures and the commands.
    """

    n_nearest: int = 100  # passages taken from each of the two indexes
    # A passage's score: its BM25 as a share of the best passage's, its cosine, and its best sentence's cosine.
    words: float = 0.55
    meaning: float = 0.1
    sentence: float = 0.8
    # A sentence's score: its cosine, the share of the question's terms in it by their rarity, its passage's score, whether it
    # has words of the kind asked for, and whether it is a heading, which names a thing but seldom tells it.
    n_read: int = 10  # best passages whose sentences may become quotes
    sentence_meaning: float = 0.8
    sentence_coverage: float = 0.5
    sentence_passage: float = 0.6
    sentence_kind: float = 0.15
    sentence_heading: float = -0.15
    # The confidence: a logistic model over the sentence's cosine, its coverage, and ln(passages in the library), since the best
    # of many is good by chance more often than the best of few. Made by `python -m training.confidence`.
    confidence_meaning: float = 6.68
    confidence_coverage: float = 6.02
    confidence_size: float = -0.08
    confidence_offset: float = -6.27
    # Below this confidence nothing is quoted.
    least_confidence: float = 0.1
    # From this confidence the number or date that was asked for is marked in a quote.
    highlighted: float = 0.5
    # A follow-up: what all words carried over from earlier turns count together, as a share of its own, and what is added to
    # the score of passages of the article quoted last.
    carried: float = 0.6
    same_article: float = 0.1
    # How many quotes: none that scores further below the first than this, unless its confidence is `highlighted`; from the
    # table of `python -m benchmarks.choosing`, so that quote@5 falls by less than .01. And none that nearly repeats another:
    # this share of the words of both is in both; chosen by hand on what it drops there.
    furthest_below: float = 0.35
    nearly_same: float = 0.75


LONGEST_QUESTION = 2_000  # characters
LARGEST_K = 100  # quotes or passages asked for at once
LONGEST_HISTORY = 20  # turns a conversation looks back
