"""The page from the network: who is refused, and what a browser is told."""

import http.client
import socket
import time
from collections.abc import Mapping

import pytest
from support.pages import Served, serving

from ui.errors import PortTaken
from ui.server.app import serve

pytest_plugins = ["support.page_fixtures"]


def request(
    served: Served, path: str = "/", *, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, Mapping[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


def test_the_page_is_served_to_this_machine_by_its_two_names(served: Served) -> None:
    for host in ("127.0.0.1", f"localhost:{served.port}"):
        assert request(served, Host=host)[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""])
def test_a_foreign_host_is_refused(served: Served, host: str) -> None:
    assert request(served, Host=host)[0] == 400


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
def test_another_site_is_refused(served: Served, origin: str) -> None:
    status, headers, _ = request(served, "/gradio_api/queue/join", method="POST", body=b"{}", Origin=origin)
    assert status == 403
    assert "access-control-allow-origin" not in {name.lower() for name in headers}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({"Content-Length": "1000001"}, b"", id="said beforehand"),
        pytest.param({"Transfer-Encoding": "chunked"}, b"f4241\r\n" + b"x" * 1_000_001 + b"\r\n", id="found on reading"),
    ],
)
def test_a_body_over_the_limit_is_refused_before_it_has_ended(served: Served, headers: dict[str, str], body: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.putrequest("POST", "/gradio_api/queue/join")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    with connection.getresponse() as response:
        assert response.status == 413
    connection.close()


def test_a_body_within_the_limit_is_read_whole(served: Served) -> None:
    status = request(served, "/gradio_api/queue/join", method="POST", body=b"x" * 900_000)[0]
    assert 400 <= status < 500 and status != 413  # noqa: PT018


@pytest.mark.parametrize(
    "path",
    [
        "/docs", "/openapi.json", "/gradio_api/upload", "/gradio_api/api/ask", "/gradio_api/call/ask",
        "/gradio_api/file=/etc/passwd", "/monitoring",
        "/gradio_api/proxy=https://example.com", "/gradio_api/runs", "/gradio_api/vibe-code/", "/login",
        "/gradio_api/deep_link", "/assets/../../../../etc/passwd", "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    ],
)  # fmt: skip
def test_nothing_is_served_but_the_page(served: Served, path: str) -> None:
    assert request(served, path)[0] in (403, 404)
    assert request(served, path, method="POST", body=b"{}")[0] in (403, 404, 405)


def test_a_browser_is_told_to_run_no_script_but_the_pages_own(served: Served) -> None:
    status, headers, page = request(served)
    policy = headers["content-security-policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert status == 200
    assert nonce
    assert page.count("<script") == page.count(f'<script nonce="{nonce}"') > 0
    assert nonce not in request(served)[2]
    script_sources = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in script_sources
    for name, value in {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
    }.items():
        assert headers[name] == value


def test_refusals_carry_the_same_orders_to_the_browser(served: Served) -> None:
    assert "content-security-policy" in request(served, Host="evil.example")[1]
    assert "content-security-policy" in request(served, "/docs")[1]


def test_a_port_that_is_taken_is_named_with_what_to_do(served: Served) -> None:
    with pytest.raises(PortTaken, match=rf"port {served.port} .*--port {served.port + 1}"):
        serve(served.assistant, port=served.port)


def test_a_port_that_cannot_be_is_named_too(served: Served) -> None:
    with pytest.raises(PortTaken, match=r"port 70000 "):
        serve(served.assistant, port=70_000)


def test_a_port_that_another_program_listens_on_is_taken(served: Served) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTaken):
            serve(served.assistant, port=other.getsockname()[1])


def test_a_page_that_is_ended_is_served_no_longer(served: Served) -> None:
    with serving(served.assistant) as another:
        assert request(another)[0] == 200
    deadline = time.monotonic() + 60
    while answers(another):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert request(served)[0] == 200, "only that one has ended"


def answers(served: Served) -> bool:
    try:
        request(served)
    except ConnectionRefusedError:
        return False
    except (OSError, http.client.HTTPException):  # it is about to end
        return True
    return True
