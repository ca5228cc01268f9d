"""The token of the page's address: who has it gets in, and a browser that got in once stays in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.site import Site
from typer.testing import CliRunner

from embeddings import cache_signature
from qa import Assistant
from ui.cli.main import app
from ui.server.access_token import cookie_name, token_of

TOKEN = "5eaf00d" * 4


def test_only_who_has_the_token_gets_in(site: Callable[..., Site], assistant: Assistant) -> None:
    built = site(assistant, token=TOKEN)
    client = built.client
    stranger = client.get("/?answer=Zx-9&page=x")
    assert stranger.status_code == 401
    assert "Pullquote: http://…/?token=…" in stranger.text
    assert 'name="answer" value="Zx-9"' in stranger.text, "the link is opened once the token is given"
    assert "gradio" not in stranger.text
    for path in ("/config", "/gradio_api/info", "/gradio_api/queue/data?session_hash=a", "/export/x.md", "/assets/index.js"):
        assert client.get(path).status_code == 401
    for path in ("/uploads", "/gradio_api/queue/join", "/gradio_api/run/predict"):
        assert client.post(path, json={"data": [], "fn_index": 0, "session_hash": "a"}).status_code == 401
    assert client.put("/uploads/x", content=b"x").status_code == 401
    assert client.get("/base.css").status_code == 200, "what that page is made of"

    wrong = client.get("/?token=" + "0" * 28)
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    assert "not the token" in wrong.text
    for given in ("Bearer " + "0" * 28, f"Basic {TOKEN}", "Bearer"):
        assert client.get("/config", headers={"authorization": given}).status_code == 401

    moved = client.get(f"/?token={TOKEN}&answer=Zx-9", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (303, "/?answer=Zx-9")
    attributes = moved.headers["set-cookie"].lower()
    assert "httponly" in attributes
    assert "samesite=lax" in attributes
    assert client.get("/?answer=Zx-9").status_code == 200
    assert client.get("/config").status_code == 200

    program = built.visitor()
    assert program.get("/config", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert program.get(f"/config?token={TOKEN}").status_code == 200
    assert program.get("/config").status_code == 401, "a program is given no cookie"


def test_the_whole_address_can_be_pasted_into_the_form(site: Callable[..., Site], assistant: Assistant) -> None:
    client = site(assistant, token=TOKEN).client
    moved = client.get("/", params={"token": f" http://127.0.0.1:7860/?token={TOKEN}\n"}, follow_redirects=False)
    assert moved.status_code == 303


def test_the_page_for_strangers_speaks_their_language_and_escapes(site: Callable[..., Site], assistant: Assistant) -> None:
    client = site(assistant, token=TOKEN).client
    page = client.get("/", params={"answer": '"><script>x</script>'}, headers={"accept-language": "es"})
    assert '<html lang="es">' in page.text
    assert "<script" not in page.text


def test_a_token_holds_after_a_restart_and_for_one_library_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(tmp_path / "a")
    cache_signature._key.cache_clear()  # as in a new process
    assert token_of(tmp_path / "a") == token
    assert token_of(tmp_path / "b") != token
    assert cookie_name(tmp_path / "a", "token") != cookie_name(tmp_path / "b", "token")
    monkeypatch.setenv("PULLQUOTE_CONFIG", str(tmp_path / "of-another-user"))
    assert token_of(tmp_path / "a") != token


def test_without_a_token_all_get_in(site: Callable[..., Site], assistant: Assistant) -> None:
    assert site(assistant).client.get("/config").status_code == 200


@pytest.mark.parametrize(("options", "has_token"), [((), True), (("--no-token",), False)])
def test_the_address_that_is_printed_is_the_one_to_open(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], has_token: bool
) -> None:
    served: dict[str, object] = {}

    def serve(_assistant: Assistant, **given: Any) -> None:
        served.update(given)
        given["on_ready"]("http://127.0.0.1:1/")

    monkeypatch.setattr("ui.server.app.serve", serve)
    monkeypatch.setattr(Assistant, "load_ahead", lambda _: None)
    monkeypatch.setattr("os.umask", lambda _: 0)
    done = CliRunner().invoke(app, ["serve", "--library", str(assistant.library.folder), *options])
    assert served["token"] == (token_of(assistant.library.folder) if has_token else None)
    first, *others = done.stdout.splitlines()
    assert first == "Pullquote: http://127.0.0.1:1/"
    assert any("Open this whole address" in line for line in others) is has_token
