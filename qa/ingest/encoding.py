"""Encoding: the vectors of passages, reused where the library holds the same text, so that no text is encoded twice."""

from collections.abc import Callable, Collection, Iterable, Mapping

from embeddings import Encoder, PassageText, PassageVectors
from qa.library.library import Library
from qa.text.passages import join_sentences

KnownVectors = Mapping[PassageText, PassageVectors]


def encode(
    texts: Iterable[PassageText],
    library: Library,
    recent: KnownVectors,
    encoder: Callable[[], Encoder],
    advance: Callable[[int], None],
) -> KnownVectors:
    """Return the vectors of texts. Each text is encoded once at most, and not at all if its vectors are known.

    Args:
        recent: vectors that are being stored, which the library may not hold yet.
        encoder: returns the library's model; called only when there is something to encode.
        advance: called with how many more of the texts have their vectors, repeated texts counted each time.
    """
    counts: dict[PassageText, int] = {}
    for text in texts:
        counts[text] = counts.get(text, 0) + 1
    vectors = {text: recent[text] for text in counts if text in recent}
    vectors |= _stored_vectors(library, [text for text in counts if text not in vectors])
    new = [text for text in counts if text not in vectors]
    advance(sum(counts.values()) - len(new))
    if new:
        vectors |= zip(new, encoder().encode_passages(new, progress=advance), strict=True)
    return vectors


def _stored_vectors(library: Library, texts: Collection[PassageText]) -> dict[PassageText, PassageVectors]:
    """Return the stored vectors of these texts, each under the text that its passage has: a false hint does no harm."""
    return {
        join_sentences(passage.sentences): PassageVectors(passage.vector, passage.sentence_vectors)
        for passage in library.passages_like(texts)
    }
