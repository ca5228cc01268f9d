"""A component for Haystack: `pip install 'pullquote[haystack]'`."""

from typing import Any

from haystack import Document, component

from qa.assistant import Assistant
from qa.frameworks.records import retrieve
from qa.types.filter_options import Only


@component
class PullquoteRetriever:
    """Retrieves the quotes that answer, none where no sentence does, or the best passages."""

    def __init__(self, assistant: Assistant, k: int = 5, *, passages: bool = False, only: Only | None = None) -> None:
        """Take an assistant.

        Args:
            passages: whether to return the best passages in place of quotes.
            only: a filter, as `Assistant.ask` takes it.
        """
        self._assistant, self._k, self._passages, self._only = assistant, k, passages, only or Only()

    @component.output_types(documents=list[Document])  # type: ignore[untyped-decorator]
    def run(self, query: str, top_k: int | None = None) -> dict[str, Any]:
        """Retrieve documents for a query.

        Args:
            top_k: how many at most; by default as many as `k`.
        """
        records = retrieve(self._assistant, query, top_k or self._k, self._only, passages=self._passages)
        return {
            "documents": [
                Document(id=record.id, content=record.text, meta=record.metadata, score=record.score) for record in records
            ]
        }
