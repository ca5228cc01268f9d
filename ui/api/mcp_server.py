"""An MCP server on standard input and output: ask, search, read and list as tools, articles as resources.

Each quote carries a URI, its start and end and a hash of its text, so that a model can cite it without typing it again.
"""

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from embeddings import PullquoteError
from qa import Assistant, Passage, Quote

if TYPE_CHECKING:
    from mcp.server.fastmcp import FastMCP

_LONGEST_READ = 20_000  # characters of an article that one call returns
_INSTRUCTIONS = (
    "Answers questions with sentences quoted word for word from the user's own articles. Repeat a quote exactly as it is, and "
    "cite it by its title and uri. Where found is false, the articles do not say: then say so, and do not answer from memory."
)


def build_server(assistant: Assistant) -> "FastMCP[Any]":
    """Build the server over an assistant. It only reads."""
    from mcp.server.fastmcp import FastMCP
    from mcp.server.fastmcp.exceptions import ToolError

    server: FastMCP[Any] = FastMCP("pullquote", instructions=_INSTRUCTIONS)

    @server.tool()
    def ask(question: str, k: int = 5) -> dict[str, Any]:
        """Answer a question with up to k quotes from the articles, each cited, or say that no sentence answers."""
        try:
            answer = assistant.ask(question, k)
        except PullquoteError as error:
            raise ToolError(str(error)) from None
        quotes = [_cited(quote) | {"confidence": quote.confidence, "answer": quote.highlighted} for quote in answer.all_quotes]
        closest = _cited(answer.closest) if answer.closest else None
        return {
            "found": answer.found,
            "outcome": answer.outcome,
            "confidence": answer.confidence,
            "quotes": quotes,
            "closest_but_no_answer": closest,
            "articles_differ": [[value.text for value in each.values] for each in answer.disagreements],
            "help": answer.help or answer.hint,
        }

    @server.tool()
    def search(query: str, k: int = 10) -> list[dict[str, Any]]:
        """Find the k passages that fit a query best. They are no answers."""
        try:
            return [_cited(passage) | {"score": passage.score} for passage in assistant.search(query, k)]
        except PullquoteError as error:
            raise ToolError(str(error)) from None

    @server.tool()
    def read_article(article_id: str, version: str | None = None, start: int = 0, end: int | None = None) -> dict[str, Any]:
        """Read an article's text from start to end, counted in characters, at most 20,000 of them at a time."""
        try:
            article = assistant.article(article_id, version)
        except PullquoteError as error:
            raise ToolError(str(error)) from None
        first = min(max(start, 0), len(article.text))
        last = min(len(article.text) if end is None else max(end, first), first + _LONGEST_READ)
        following = last if last < len(article.text) else None
        own = {
            "text": article.text[first:last],
            "start": first,
            "end": last,
            "length": len(article.text),
            "next_start": following,
        }
        return {**asdict(article.reference), **own}

    @server.tool()
    def list_articles(offset: int = 0, limit: int = 100) -> list[dict[str, Any]]:
        """List articles with id, title, source and date, sorted by source."""
        first = max(offset, 0)
        return [asdict(article) for article in assistant.articles()[first : first + max(1, min(limit, 1_000))]]

    @server.resource("pullquote://articles/{article_id}/{version}", mime_type="text/plain")
    def article(article_id: str, version: str) -> str:
        """Return an article's text in one version, exactly as it is stored."""
        return assistant.article(article_id, version).text

    @server.resource("pullquote://articles", mime_type="application/json")
    def articles() -> str:
        """List the articles, each with the address of its text."""
        rows = [asdict(each) | {"uri": _uri(each.id, each.version)} for each in assistant.articles()]
        return json.dumps(rows, ensure_ascii=False)

    return server


def _cited(span: Quote | Passage) -> dict[str, Any]:
    article = span.article
    return {
        "text": span.text,
        "uri": f"{_uri(article.id, article.version)}#char={span.start},{span.end}",  # RFC 5147
        "start": span.start,
        "end": span.end,
        "sha256": hashlib.sha256(span.text.encode()).hexdigest(),
        "part": span.part,
        "article_id": article.id,
        "title": article.title,
        "source": article.source,
        "published": article.published,
    }


def _uri(article_id: str, version: str) -> str:
    return f"pullquote://articles/{article_id}/{version}"
