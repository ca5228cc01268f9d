"""Encoded: the vectors of passages, taken from the library where it holds the same text, so that nothing is encoded twice."""

from collections.abc import Callable, Collection, Iterable, Mapping

from embeddings import Encoder, PassageText, PassageVectors
from qa.library.library import Library
from qa.text.passages import joined

Known = Mapping[PassageText, PassageVectors]


def encoded(
    texts: Iterable[PassageText],
    library: Library,
    on_their_way: Known,
    encoder: Callable[[], Encoder],
    progress: Callable[[int], None],
) -> Known:
    """The vectors of these texts, each text encoded once and only if it must be.

    Args:
        on_their_way: vectors that are being stored and so may not be found in the library yet.
        progress: told now and then how many more of the texts have their vectors, each counted as often as it is there.
    """
    counts: dict[PassageText, int] = {}
    for text in texts:
        counts[text] = counts.get(text, 0) + 1
    vectors = {text: on_their_way[text] for text in counts if text in on_their_way}
    vectors |= _stored(library, [text for text in counts if text not in vectors])
    fresh = [text for text in counts if text not in vectors]
    progress(sum(counts.values()) - len(fresh))
    if fresh:
        vectors |= zip(fresh, encoder().encode_passages(fresh, progress=progress), strict=True)
    return vectors


def _stored(library: Library, texts: Collection[PassageText]) -> dict[PassageText, PassageVectors]:
    """What the library holds of these texts, each vector under the text that stands there: a false hint is of no harm."""
    return {
        joined(passage.sentences): PassageVectors(passage.vector, passage.sentence_vectors)
        for passage in library.passages_like(texts)
    }
