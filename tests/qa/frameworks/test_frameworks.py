"""The retrievers for other frameworks, each with its real library. Where that is not installed, its test is skipped."""

from pathlib import Path
from typing import Any

import pytest

from qa import Assistant
from qa.frameworks.records import retrieve

TEXT = "The lighthouse at Skerry was lit in 1844. Its lamp burned whale oil.\n"
QUESTION = "When was the lighthouse at Skerry lit?"


@pytest.fixture
def lit(assistant: Assistant, tmp_path: Path) -> Assistant:
    (tmp_path / "skerry.txt").write_text(TEXT)
    assistant.add(tmp_path / "skerry.txt")
    return assistant


def check(texts_and_metadata: list[tuple[str, dict[str, Any]]], assistant: Assistant) -> None:
    """Hold documents to the words, places, versions and confidences of the answer."""
    quotes = assistant.ask(QUESTION).quotes
    assert [text for text, _ in texts_and_metadata] == [quote.text for quote in quotes]
    for (text, metadata), quote in zip(texts_and_metadata, quotes, strict=True):
        assert TEXT[metadata["start"] : metadata["end"]] == text
        assert (metadata["version"], metadata["confidence"]) == (quote.article.version, quote.confidence)


def test_records_are_quotes_or_passages(lit: Assistant) -> None:
    records = retrieve(lit, QUESTION, 5, {}, passages=False)
    check([(record.text, record.metadata) for record in records], lit)
    (passage,) = retrieve(lit, QUESTION, 5, {}, passages=True)
    assert TEXT[passage.metadata["start"] : passage.metadata["end"]] == passage.text
    assert "confidence" not in passage.metadata
    assert retrieve(lit, QUESTION, 5, {"source": "nowhere"}, passages=False) == []


def test_langchain(lit: Assistant) -> None:
    pytest.importorskip("langchain_core", reason="langchain-core is not installed")
    from qa.frameworks.langchain import PullquoteRetriever

    documents = PullquoteRetriever(assistant=lit).invoke(QUESTION)
    check([(document.page_content, document.metadata) for document in documents], lit)
    assert PullquoteRetriever(assistant=lit, passages=True, k=1).invoke(QUESTION)[0].metadata["rank"] == 1


def test_llama_index(lit: Assistant) -> None:
    pytest.importorskip("llama_index.core", reason="llama-index-core is not installed")
    from qa.frameworks.llama_index import PullquoteRetriever

    nodes = PullquoteRetriever(lit).retrieve(QUESTION)
    check([(node.text, node.metadata) for node in nodes], lit)
    assert [node.score for node in nodes] == [node.metadata["confidence"] for node in nodes]


def test_haystack(lit: Assistant) -> None:
    pytest.importorskip("haystack", reason="haystack-ai is not installed")
    from haystack import Pipeline

    from qa.frameworks.haystack import PullquoteRetriever

    pipeline = Pipeline()
    pipeline.add_component("quotes", PullquoteRetriever(lit))
    documents = pipeline.run({"quotes": {"query": QUESTION}})["quotes"]["documents"]
    check([(document.content, document.meta) for document in documents], lit)
