"""`pullquote mcp`, spoken to with the official client: over memory quickly, and as a process that a client starts."""

import asyncio
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from qa import Assistant

pytest.importorskip("mcp")

TEXT = "The lighthouse at Skerry was lit in 1844. Its lamp burned whale oil.\n"


def content_of(result: Any) -> Any:
    """Return what a tool returned, and each item of a list."""
    if result.structuredContent is not None:
        return result.structuredContent.get("result", result.structuredContent)
    return json.loads(result.content[0].text)


async def talk(session: Any) -> None:
    from pydantic import AnyUrl

    assert {tool.name for tool in (await session.list_tools()).tools} == {"ask", "search", "read_article", "list_articles"}
    (listed,) = content_of(await session.call_tool("list_articles"))
    found = content_of(await session.call_tool("search", {"query": "whale oil", "k": 1}))[0]
    answer = content_of(await session.call_tool("ask", {"question": "When was the lighthouse at Skerry lit?"}))
    for cited in (found, *answer["quotes"]):
        assert TEXT[cited["start"] : cited["end"]] == cited["text"]
        assert hashlib.sha256(cited["text"].encode()).hexdigest() == cited["sha256"]
        uri, _, place = cited["uri"].partition("#char=")
        assert place == f"{cited['start']},{cited['end']}"
        (resource,) = (await session.read_resource(AnyUrl(uri))).contents
        assert resource.text == TEXT
    read = content_of(await session.call_tool("read_article", {"article_id": listed["id"], "start": 4, "end": 14}))
    assert (read["text"], read["next_start"]) == ("lighthouse", 14)
    refused = await session.call_tool("read_article", {"article_id": "none"})
    assert refused.isError
    assert "The library holds no article none" in refused.content[0].text
    assert (await session.call_tool("ask", {"question": "?"})).isError


def test_a_client_asks_searches_reads_and_lists(assistant: Assistant, tmp_path: Path) -> None:
    from mcp.shared.memory import create_connected_server_and_client_session

    from ui.api.mcp_server import build_server

    (tmp_path / "skerry.txt").write_text(TEXT)
    assistant.add(tmp_path / "skerry.txt")

    async def run() -> None:
        async with create_connected_server_and_client_session(build_server(assistant)._mcp_server) as session:
            await talk(session)

    asyncio.run(run())


@pytest.mark.slow
def test_a_client_starts_the_command(assistant: Assistant, tmp_path: Path) -> None:
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    (tmp_path / "skerry.txt").write_text(TEXT)
    assistant.add(tmp_path / "skerry.txt")
    arguments = ["-m", "ui.cli", "mcp", "--reader", "none", "--library", str(assistant.library.folder)]
    parameters = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ) | {"PYTHONPATH": str(ROOT)})

    async def run() -> None:
        async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
            await session.initialize()
            await talk(session)

    asyncio.run(run())
