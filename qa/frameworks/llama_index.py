"""A retriever for LlamaIndex: `pip install 'pullquote[llama-index]'`."""

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from qa.assistant import Assistant
from qa.frameworks.records import retrieve
from qa.types.filter_options import Only


class PullquoteRetriever(BaseRetriever):  # type: ignore[misc]
    """Retrieves the quotes that answer, none where no sentence does, or the best passages."""

    def __init__(self, assistant: Assistant, k: int = 5, *, passages: bool = False, only: Only | None = None) -> None:
        """Take an assistant.

        Args:
            passages: whether to return the best passages in place of quotes.
            only: a filter, as `Assistant.ask` takes it.
        """
        super().__init__()
        self._assistant, self._k, self._passages, self._only = assistant, k, passages, only or Only()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        records = retrieve(self._assistant, query_bundle.query_str, self._k, self._only, passages=self._passages)
        return [
            NodeWithScore(node=TextNode(id_=record.id, text=record.text, metadata=record.metadata), score=record.score)
            for record in records
        ]
