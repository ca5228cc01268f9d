"""/api/v1: typed answers, problems, tokens with scopes, limits, events, jobs."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from qa import Answer, Assistant
from ui.api.app import build_api
from ui.api.limits import LARGEST_BODY, Rates
from ui.api.tokens import Tokens
from ui.errors import UsageError
from ui.server.api_mount import ApiBeside

TEXT = "The lighthouse at Skerry was lit in 1844. Its lamp burned whale oil. The keeper was Ada Moir.\n"
PROBLEM = "application/problem+json"


async def nothing_else(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError(scope["path"])


@pytest.fixture
def api(assistant: Assistant, tmp_path: Path) -> Callable[..., TestClient]:
    """Return a function that returns a client with a token of a scope, or none."""
    (tmp_path / "skerry.txt").write_text(TEXT)
    assistant.add(tmp_path / "skerry.txt")
    tokens = Tokens(assistant.library.folder)

    def client(scope: Any = "read", **options: Any) -> TestClient:
        app = ApiBeside(nothing_else, build_api(assistant, hosts=["testserver"], **options))
        secret = tokens.create(f"{scope}-{len(tokens.all())}", scope) if scope else "wrong"
        headers = {"authorization": f"Bearer {secret}"}
        return TestClient(app, base_url="http://testserver/api/v1", headers=headers, raise_server_exceptions=False)

    return client


def test_ask_search_and_read(api: Callable[..., TestClient], assistant: Assistant) -> None:
    client = api()
    given = client.post("ask", json={"question": "When was the lighthouse lit?", "only": {"source": "skerry"}})
    answer = Answer.from_json(given.text)
    assert (given.status_code, answer) == (200, assistant.ask("When was the lighthouse lit?", source="skerry"))
    quote = answer.quotes[0]
    span = client.get(f"articles/{quote.article.id}/text", params={"start": quote.start, "end": quote.end}).json()
    assert (span["text"], span["version"], span["length"]) == (quote.text, quote.article.version, len(TEXT))
    assert client.get(f"articles/{quote.article.id}").json()["text"] == TEXT
    assert [each["id"] for each in client.get("articles").json()] == [quote.article.id]
    passage = client.post("search", json={"query": "whale oil"}).json()[0]
    assert TEXT[passage["start"] : passage["end"]] == passage["text"]
    assert client.get("conversations").json() == []
    tested = client.post("evaluate", json={"questions": [{"question": "When was it lit?", "answers": ["1844"]}]}).json()
    assert (tested["n_questions"], "quote@1" in tested["values"]) == (1, True)


def test_stages_come_as_events_and_the_answer_last(api: Callable[..., TestClient]) -> None:
    body = api().post("ask/stream", json={"question": "Who was the keeper?"}).text
    events = [dict(line.split(": ", 1) for line in event.splitlines()) for event in body.split("\n\n") if event]
    assert [event["event"] for event in events[:-1]] == ["stage"] * (len(events) - 1)
    assert {"indexes", "encode", "quote"} <= {json.loads(event["data"])["stage"] for event in events[:-1]}
    assert Answer.from_json(events[-1]["data"]).question == "Who was the keeper?"
    (event,) = api().post("ask/stream", json={"question": "?"}).text.strip().split("\n\n")
    assert event.startswith("event: problem\n")


def test_files_are_added_by_a_job(api: Callable[..., TestClient], assistant: Assistant) -> None:
    client = api("write")
    given = client.post(
        "articles/files", files=[("files", ("../mill.txt", b"The mill burned in 1901.\n")), ("files", ("x.zip", b"PK"))]
    )
    assert given.status_code == 202
    job = given.json()
    for _ in range(200):
        if job["state"] in ("done", "failed"):
            break
        time.sleep(0.1)
        job = client.get(f"jobs/{job['id']}").json()
    assert {each["source"]: each["fate"] for each in job["outcomes"]} == {"mill.txt": "added", "x.zip": "failed"}
    assert "mill.txt" in [article.source for article in assistant.articles()]
    assert client.post("articles/links", json={"address": "/etc/passwd"}).status_code == 422
    assert client.get("jobs/999").status_code == 404


@pytest.mark.parametrize(
    ("scope", "method", "path", "body", "status"),
    [
        (None, "GET", "articles", None, 401),
        ("read", "POST", "sync", None, 403),
        ("read", "GET", "articles/none", None, 404),
        ("read", "GET", "nowhere", None, 404),
        ("read", "GET", "ask", None, 405),
        ("read", "POST", "ask", {"question": "?"}, 422),
        ("read", "POST", "ask", {"question": "When?", "only": {"after": "never"}}, 422),
        ("read", "POST", "ask", {"question": "\ud800", "k": "x"}, 422),
        ("read", "POST", "ask", {"question": "x" * LARGEST_BODY}, 413),
    ],
)
def test_errors_are_problems(
    api: Callable[..., TestClient], scope: str | None, method: str, path: str, body: Any, status: int
) -> None:
    given = api(scope).request(method, path, content=None if body is None else json.dumps(body))
    assert (given.status_code, given.headers["content-type"]) == (status, PROBLEM)
    assert given.json()["status"] == status
    assert given.json()["detail"]


def test_an_unexpected_error_tells_nothing(
    api: Callable[..., TestClient], assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "ask", lambda *_, **__: 1 / 0)
    given = api().post("ask", json={"question": "When?"})
    assert (given.status_code, "division" in given.text) == (500, False)


def test_tokens_are_hashed_scoped_and_revoked_at_once(api: Callable[..., TestClient], assistant: Assistant) -> None:
    client, tokens = api(), Tokens(assistant.library.folder)
    secret = client.headers["authorization"].split()[1]
    file = assistant.library.folder / "tokens.json"
    assert secret not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert client.get("articles").status_code == 200
    with pytest.raises(UsageError, match="There is a token read-0 already"):
        tokens.create("read-0", "read")
    tokens.revoke("read-0")
    assert client.get("articles").status_code == 401
    with pytest.raises(UsageError, match="There is no token read-0"):
        tokens.revoke("read-0")


def test_who_asks_too_often_waits(api: Callable[..., TestClient]) -> None:
    now = [0.0]
    client = api(rates=Rates(1, 2, lambda: now[0]))
    assert [client.get("articles").status_code for _ in range(3)] == [200, 200, 429]
    now[0] += 1
    assert client.get("articles").status_code == 200


def test_conversations_of_users_who_log_in_are_theirs(api: Callable[..., TestClient]) -> None:
    client = api(has_users=True)
    assert [client.get(path).status_code for path in ("conversations", "conversations/1")] == [403, 403]


def test_health_needs_no_token_and_metrics_count(api: Callable[..., TestClient]) -> None:
    assert api(None).get("health").json()["status"] == "ok"
    client = api()
    client.get("articles/none")
    lines = client.get("metrics").text.splitlines()
    assert 'pullquote_requests_total{method="GET",route="/articles/{article_id}",status="404"} 1' in lines
    assert "pullquote_articles 1" in lines


def test_the_specification_names_every_route_and_the_page_shows_it(api: Callable[..., TestClient]) -> None:
    client = api(None)
    specification = client.get("openapi.json").json()
    assert {"/ask", "/ask/stream", "/search", "/articles", "/articles/{article_id}/text", "/jobs/{job_id}", "/metrics"} <= set(
        specification["paths"]
    )
    assert specification["components"]["schemas"]["Quote"]["properties"]["text"] == {"type": "string", "title": "Text"}
    page = client.get("docs").text
    assert "POST /api/v1/ask/stream" in page
    assert "//cdn" not in page


def test_other_sites_and_other_names_are_refused(api: Callable[..., TestClient]) -> None:
    assert api().get("articles", headers={"origin": "https://evil.example"}).status_code == 403
    assert api().get("articles", headers={"host": "evil.example"}).status_code == 400
