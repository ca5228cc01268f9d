"""The numbers that decide what is found, quoted and refused, each with where it comes from."""

from dataclasses import dataclass, field

from qa.types.weights import Weights


@dataclass(frozen=True, slots=True)
class Settings:
    """How a question is answered.

    Numbers were chosen by hand on the even articles of SQuAD v1.1 dev and on the seeds. `docs/results/retrieval.md` has the
    figures on data that nothing was tuned on.
    """

    n_nearest: int = 100  # passages taken from each of the two indexes
    # Which passages are read: their BM25 as a share of the best passage's, their cosine, and their best sentence's cosine.
    words: float = 0.55
    meaning: float = 0.1
    sentence: float = 0.8
    n_read: int = 15  # the best of them, ranked anew by all that is known of them
    n_read_closely: int = 5  # the best of these, which the reader reads together with the question
    # What counts how much in the scores of passages and sentences and in the confidence: learned.
    weights: Weights = field(default_factory=Weights.shipped)
    # Below this confidence nothing is quoted, unless the library's calibration has a threshold of its own and is applied.
    least_confidence: float = 0.15
    calibrated: bool = True
    # From this confidence the number or date that was asked for is marked in a quote.
    highlighted: float = 0.5
    # A follow-up: what all words carried over from earlier turns count together, as a share of its own, and what is added to
    # the score of passages of the article quoted last.
    carried: float = 0.2
    same_article: float = 0.1
    # Every question but the first of a conversation: the weight in a passage's score of its cosine with the questions before,
    # where the question is worth no more than so many words that only one passage holds; less the more it is worth. Both were
    # chosen on the half of mtrag_un that is not held out (`python -m benchmarks.followups`).
    topic: float = 1.2
    vague: float = 1.5
    # A misspelled word: how many letters it has at least, and how many are corrected in a question; chosen with
    # `python -m benchmarks.typos`.
    least_letters: int = 4
    most_respelled: int = 3
    # "List all …" quotes so many sentences of each article before it quotes more of any.
    each_article: int = 2
    # Where articles differ: how sure a sentence must be whose number or date is compared, and what share of the question's
    # terms it must hold, chosen on the first half of RAMDocs and SQuAD's articles with even numbers, for few false alarms; and
    # from what share of the shorter text's runs of words on two texts count as one, by hand.
    differing_confidence: float = 0.7
    differing_coverage: float = 0.8
    same_text: float = 0.8
    # How many quotes: after the first none that scores further below it than this or is less likely than this to answer,
    # unless its confidence is `highlighted`; from the table of `python -m benchmarks.choosing`. And none that nearly repeats
    # another: this share of the words of both is in both; chosen by hand on what it drops there.
    furthest_below: float = 0.4
    least_further: float = 0.05
    nearly_same: float = 0.75


LONGEST_QUESTION = 2_000  # characters
LARGEST_K = 100  # quotes or passages asked for at once
LONGEST_HISTORY = 20  # turns a conversation looks back
