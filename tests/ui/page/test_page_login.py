"""The page behind a login: nothing is served without it but the form, and the passwords are known to nobody."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from support.pages import Served, ask, objections, serving
from typer.testing import CliRunner

from qa import Assistant
from ui.cli.main import app
from ui.errors import UsageError
from ui.server.login import Passwords, hash_password

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from gradio_client import Client
    from gradio_client.exceptions import AuthenticationError

pytest_plugins = ["support.page_fixtures"]
pytestmark = pytest.mark.slow  # they serve a page of their own

SEEDS = Path(__file__).parents[3] / "seeds"
NAME, PASSWORD = "anna", "correct horse: battery"
AMBASSADOR = "Who is the Canadian ambassador?"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    assistant = Assistant.open(tmp_path_factory.mktemp("library"))
    assistant.add(sorted(SEEDS.glob("*.txt")))
    with serving(assistant, passwords=Passwords({NAME: hash_password(PASSWORD)})) as served:
        yield served


def test_without_login_nothing_is_served_but_the_form(locked: Served) -> None:
    page = httpx.get(locked.address)
    assert page.status_code == 401
    assert 'name="password"' in page.text
    for title in ("Canadian Embassy", "Refugees storm", "Hoeryong", "conversation"):
        assert title not in page.text
    for path in (
        "/config",
        "/uploads",
        "/gradio_api/info",
        "/gradio_api/queue/data?session_hash=a",
        "/gradio_api/startup-events",
    ):
        assert httpx.get(locked.address + path).status_code == 401
    for path in ("/uploads", "/gradio_api/queue/join", "/gradio_api/run/predict", "/gradio_api/cancel", "/gradio_api/reset"):
        assert httpx.post(locked.address + path, json={}).status_code == 401
    assert httpx.put(f"{locked.address}/uploads/x", content=b"x").status_code == 401


@pytest.mark.parametrize(("name", "password"), [(NAME, "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_password_opens_nothing(locked: Served, name: str, password: str) -> None:
    with httpx.Client(base_url=locked.address) as client:
        assert client.post("/login", data={"username": name, "password": password}).status_code == 401
        assert client.get("/config").status_code == 401


def test_an_invented_cookie_opens_nothing(locked: Served) -> None:
    with httpx.Client(base_url=locked.address, cookies={"pullquote-login-00000000": "x"}) as client:
        assert client.get("/config").status_code == 401


def test_a_program_logs_in(locked: Served) -> None:
    with pytest.raises((AuthenticationError, ValueError)):
        Client(locked.address, verbose=False, download_files=False)
    client = Client(locked.address, auth=(NAME, PASSWORD), verbose=False, download_files=False)
    assert client.predict(AMBASSADOR, api_name="/ask")["found"]
    client.close()


def test_a_reader_logs_in_by_the_form_under_the_pages_policy(locked: Served, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(locked.address)
    assert objections(page) == []
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    expect(page.get_by_label("Name")).to_have_value(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#masthead")).to_be_visible(timeout=30_000)
    expect(page.locator("#pane .contents")).to_be_visible(timeout=30_000)
    assert ask(page, AMBASSADOR).locator("blockquote").count() > 0
    expect(page.locator("#conversations")).to_contain_text(AMBASSADOR)
    assert [heading.title for heading in locked.assistant.journal.of(NAME).conversations()] == [AMBASSADOR]
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert troubles == []
    context.close()


def test_a_line_is_printed_that_lets_in_who_knows_the_password(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["password", NAME], input=f"{PASSWORD}\n{PASSWORD}\n")
    line = done.stdout.strip().splitlines()[-1]
    assert re.match(r"anna:\$argon2id\$", line)
    assert PASSWORD not in done.output
    (tmp_path / "passwords").touch(mode=0o600)
    (tmp_path / "passwords").write_text(f"\n{line}\n")
    passwords = Passwords.load(tmp_path / "passwords")
    assert passwords.verify(NAME, PASSWORD)
    assert not passwords.verify(NAME, PASSWORD + " ")
    assert not passwords.verify("bo", PASSWORD)
    assert not passwords.verify("", "nobody")


@pytest.mark.parametrize(("content", "says"), [("", "holds no passwords"), ("anna:secret\n", "Line 1"), ("\nanna\n", "Line 2")])
def test_a_file_without_hashes_is_refused(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "passwords").touch(mode=0o600)
    (tmp_path / "passwords").write_text(content)
    with pytest.raises(UsageError, match=says):
        Passwords.load(tmp_path / "passwords")
    with pytest.raises(UsageError, match="cannot be read"):
        Passwords.load(tmp_path / "none")
