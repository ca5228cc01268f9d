"""Text in, vectors out; this package knows nothing of articles or questions."""

from embeddings.engines.encoder import Encoder
from embeddings.errors import IndexDamaged, ModelError, PullquoteError
from embeddings.index.vector_index import VectorIndex
from embeddings.model_spec import PassageText, PassageVectors
from embeddings.models import DEFAULT_MODEL, ModelFiles, locate

__all__ = [
    "DEFAULT_MODEL",
    "Encoder",
    "IndexDamaged",
    "ModelError",
    "ModelFiles",
    "PassageText",
    "PassageVectors",
    "PullquoteError",
    "VectorIndex",
    "locate",
]
