"""The parameters of search, quoting and refusal, and how each was chosen."""

from dataclasses import dataclass, field

from qa.types.weights import Weights


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters for answering a question.

    Where no other source is given, a value was chosen by hand on the articles of SQuAD v1.1 dev with even numbers and on the
    seeds. `docs/results/retrieval.md` has the results on held-out data.
    """

    n_nearest: int = 100  # passages retrieved from each of the two indexes
    # The weights of the first ranking: BM25 as a share of the best passage's, the passage's cosine, its best sentence's cosine.
    words: float = 0.55
    meaning: float = 0.1
    sentence: float = 0.8
    n_read: int = 15  # the best of them, reranked by all features
    n_read_closely: int = 5  # the best of these, read by the reader together with the question
    n_read_quoted: int = 3  # the best of the articles quoted lately, read too
    # Learned weights of the features of passages, sentences and confidence.
    weights: Weights = field(default_factory=Weights.shipped)
    # Below this confidence nothing is quoted. A library's calibration replaces it with a threshold of its own if `calibrated`.
    # Chosen on questions from memory that the reader does not learn from: with it one in ten with an answer is refused.
    least_confidence: float = 0.2
    calibrated: bool = True
    # From this confidence on, but below `least_confidence`, the best sentence is shown as the closest, and not as an answer.
    # Chosen by hand, until it is fitted together with the confidence.
    least_closest: float = 0.05
    # At this confidence or more, the answering words, such as a number or a date, are highlighted in a quote.
    highlighted: float = 0.5
    # For a follow-up: the total weight of terms carried over from earlier turns, at most, as a share of the weight of its own
    # terms; what is added to the score of passages of the article quoted last, and to the logit of its sentences' confidence,
    # half as much for others quoted lately. The last two were chosen by hand on 24 conversations.
    carried: float = 0.2
    same_article: float = 0.8
    following: float = 1.0
    # What is added to the score of passages of articles published on a date that the question names.
    named_date: float = 0.1
    # For every question after the first: the weight of the passage's cosine with the earlier questions. It is largest for a
    # vague question, whose terms are together no rarer than `vague` terms that only one passage holds, and falls as they get
    # rarer. Both were chosen on the half of mtrag_un that is not held out (`python -m benchmarks.followups`).
    topic: float = 1.2
    vague: float = 1.5
    # Spelling: the shortest word to correct, in letters, and the most words to correct in a question. Chosen with
    # `python -m benchmarks.typos`.
    least_letters: int = 4
    most_respelled: int = 3
    # For "List all …": how many sentences of each article are quoted before more of any.
    each_article: int = 2
    # For disagreements: the lowest confidence, and the lowest coverage of the question's terms, of a sentence whose value is
    # compared. Both were chosen on the first half of RAMDocs and SQuAD's articles with even numbers, for few false alarms. The
    # confidence was 0.7 then. It was lowered by hand when it was fitted anew, so that the seeds' disagreement is still found.
    # `same_text` is the least containment of the shorter text's shingles in the other's for two texts to count as one. Chosen
    # by hand.
    differing_confidence: float = 0.6
    differing_coverage: float = 0.8
    same_text: float = 0.8
    # For further quotes: how far the score may be below the first quote's, and the lowest confidence. Both limits are waived
    # at confidence `highlighted` or more. They come from the table of `python -m benchmarks.choosing`. `nearly_same` is the
    # Jaccard similarity with a quote's words at which a sentence is not quoted. It was chosen by hand on what it drops there.
    furthest_below: float = 0.4
    least_further: float = 0.05
    nearly_same: float = 0.75


LONGEST_QUESTION = 2_000  # characters
LARGEST_K = 100  # the most quotes or passages to ask for at once
LONGEST_HISTORY = 20  # earlier turns that a follow-up may refer to
