"""The page as an MCP server: three tools that read, and none that changes anything."""

import ast
import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.pages import Served, serving
from typer.testing import CliRunner

from qa import Assistant
from ui.cli.main import app
from ui.errors import UsageError

SEEDS = Path(__file__).parents[3] / "seeds"
AMBASSADOR = "Who is the Canadian ambassador?"
TOKEN = "c0ffee" * 5

pytestmark = pytest.mark.slow  # they serve a page of their own


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    pytest.importorskip("mcp")
    assistant = Assistant.open(tmp_path_factory.mktemp("library"))
    assistant.add(sorted(SEEDS.glob("*.txt")))
    with serving(assistant, mcp=True, token=TOKEN) as served:
        yield Served(served.address.partition("/?")[0], assistant)


def called(served: Served, name: str | None = None, **given: Any) -> Any:
    """What a tool answers; without a name, the tools there are."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def calling() -> Any:
        address = f"{served.address}/gradio_api/mcp/"
        async with (
            httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client,
            streamable_http_client(address, http_client=client) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await (session.call_tool(name, given) if name else session.list_tools())

    with ThreadPoolExecutor(1) as pool:  # the browser's library may have a loop running in this thread
        return pool.submit(asyncio.run, calling()).result()


def test_asking_searching_and_reading_are_tools_and_adding_is_not(tools: Served) -> None:
    found = called(tools).tools
    assert {each.name.rpartition("_")[2] for each in found} == {"ask", "search", "article"}
    assert all(each.description for each in found)


def test_a_tool_answers_with_quotes_and_where_they_stand(tools: Served) -> None:
    name = next(each.name for each in called(tools).tools if each.name.endswith("ask"))
    told = ast.literal_eval(called(tools, name, question=AMBASSADOR).content[0].text)  # as Gradio writes it
    quote = told["quotes"][0]
    article = tools.assistant.article(quote["article"]["id"], quote["article"]["version"])
    assert article.text[quote["start"] : quote["end"]] == quote["text"]


def test_an_error_is_told_in_words(tools: Served) -> None:
    name = next(each.name for each in called(tools).tools if each.name.endswith("ask"))
    told = called(tools, name, question="x" * 3_000)
    assert told.isError
    assert "Traceback" not in told.content[0].text


def test_a_program_has_the_token_in_a_header_or_in_the_address(tools: Served) -> None:
    address = f"{tools.address}/gradio_api/mcp/"
    headers = {"accept": "application/json, text/event-stream"}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert httpx.post(address, json=call, headers=headers).status_code == 401
    assert httpx.post(f"{address}?token={TOKEN}", json=call, headers=headers).status_code == 200


def test_without_the_option_there_is_no_such_server(tools: Served) -> None:
    with serving(tools.assistant) as plain:
        assert httpx.post(f"{plain.address}/gradio_api/mcp/", json={}).status_code == 404


def test_it_is_refused_together_with_a_login(tmp_path: Path) -> None:
    from ui.server.login import hash_password

    (tmp_path / "passwords").write_text(f"anna:{hash_password('x')}\n")
    done = CliRunner().invoke(
        app, ["serve", "--mcp", "--auth", str(tmp_path / "passwords"), "--library", str(tmp_path / "lib")]
    )
    assert isinstance(done.exception, UsageError)
    assert "exclude each other" in str(done.exception)


def test_a_missing_package_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = CliRunner().invoke(app, ["serve", "--mcp", "--library", str(tmp_path / "lib")])
    assert isinstance(done.exception, UsageError)
    assert "pip install 'pullquote[mcp]'" in str(done.exception)
