"""A retriever for LangChain: `pip install 'pullquote[langchain]'`."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from qa.frameworks.records import retrieve


class PullquoteRetriever(BaseRetriever):  # type: ignore[misc]
    """Retrieves the quotes that answer, none where no sentence does, or the best passages."""

    assistant: Any  # an `Assistant`
    k: int = 5
    passages: bool = False  # whether to return the best passages in place of quotes
    only: dict[str, Any] = Field(default_factory=dict)  # a filter, as `Assistant.ask` takes it

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        records = retrieve(self.assistant, query, self.k, self.only, passages=self.passages)  # type: ignore[arg-type]
        return [
            Document(id=record.id, page_content=record.text, metadata=record.metadata | {"score": record.score})
            for record in records
        ]
