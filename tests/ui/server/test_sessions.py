"""Logins: sessions end, guesses wait, and users see nothing of one another."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient
from support.nasty import write
from support.site import Site
from typer.testing import CliRunner

from qa import Assistant
from qa.types.articles import Answer
from ui.cli.main import app
from ui.errors import UsageError
from ui.server import sessions
from ui.server.login import Passwords
from ui.server.sessions import Attempts, Sessions


class Two(Passwords):
    """Two users, whose passwords are verified at once."""

    def __init__(self) -> None:
        super().__init__({"ida": "", "noor": ""})

    def verify(self, name: str, password: str) -> bool:
        return name in ("ida", "noor") and password == f"{name} walks"


@pytest.fixture
def locked(site: Callable[..., Site], assistant: Assistant) -> Site:
    return site(assistant, passwords=Two())


def log_in(client: TestClient, name: str, password: str | None = None, **headers: str) -> int:
    form = {"username": name, "password": f"{name} walks" if password is None else password}
    return client.post("/login", data=form, headers=headers, follow_redirects=False).status_code


def call(client: TestClient, name: str, data: object = None, *values: object) -> str:
    """Call a function of the page, and return what it shows."""
    found = next(each for each in client.get("/config").json()["dependencies"] if each["api_name"] == name)
    body = {"data": list(values), "fn_index": found["id"], "session_hash": "s", "event_data": data}
    answered = client.post("/gradio_api/run/predict", json=body)
    assert answered.status_code == 200, answered.text
    return str(answered.json()["data"])


def test_a_session_ends_on_the_server_when_its_user_logs_out(locked: Site) -> None:
    client = locked.client
    assert client.get("/").status_code == 401
    assert 'name="password"' in client.get("/").text
    assert client.get("/config").status_code == 401
    assert log_in(client, "ida", "wrong") == 401
    assert log_in(client, "ida") == 200
    assert log_in(client, "ida", accept="text/html") == 303
    assert client.get("/config").status_code == 200
    stolen = locked.visitor()
    stolen.cookies.update(client.cookies)
    assert stolen.get("/config").status_code == 200
    left = client.post("/logout", follow_redirects=False)
    assert (left.status_code, left.headers["location"]) == (303, "/")
    assert (client.get("/config").status_code, stolen.get("/config").status_code) == (401, 401)


def test_a_link_to_an_answer_is_opened_after_the_login(locked: Site) -> None:
    assert 'name="answer" value="Zx-9"' in locked.client.get("/?answer=Zx-9").text
    form = {"username": "ida", "password": "ida walks", "answer": "Zx-9", "next": "https://evil.example"}
    moved = locked.client.post("/login", data=form, headers={"accept": "text/html"}, follow_redirects=False)
    assert moved.headers["location"] == "/?answer=Zx-9"


def test_sessions_expire() -> None:
    clock = SimpleNamespace(now=0.0)
    all_sessions = Sessions(lambda: clock.now)
    used, unused = all_sessions.begin("ida"), all_sessions.begin("ida")
    for _ in range(20):
        clock.now += sessions._IDLE_SECONDS * 0.9
        if clock.now < sessions.SESSION_SECONDS:
            assert all_sessions.user(used) == "ida"
    assert (all_sessions.user(used), all_sessions.user(unused), all_sessions.user("x"), all_sessions.has("ida")) == (
        None,
        None,
        None,
        False,
    )
    first, *_ = [all_sessions.begin("noor") for _ in range(sessions._MOST_SESSIONS + 1)]
    assert all_sessions.user(first) is None, "one user cannot fill the memory"


def test_wrong_passwords_make_names_and_addresses_wait() -> None:
    clock = SimpleNamespace(now=0.0)
    attempts = Attempts(free=3, longest=60, clock=lambda: clock.now)
    for _ in range(3):
        assert attempts.wait("ida") == 0
        attempts.count("ida")
    waits = []
    for _ in range(9):
        waits.append(attempts.wait("ida"))
        clock.now += waits[-1]
        assert attempts.wait("ida") == 0
        attempts.count("ida")
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert attempts.wait("noor") == 0
    clock.now += sessions._FORGET_SECONDS + 1
    attempts.count("ida")
    assert attempts.wait("ida") == 0, "long ago"


def test_guesses_are_slowed_down_for_a_name_and_for_an_address(locked: Site) -> None:
    client = locked.client
    assert [log_in(client, "ida", "wrong") for _ in range(3)] == [401, 401, 401]
    refused = client.post("/login", data={"username": "ida", "password": "ida walks"})
    assert refused.status_code == 429, "not even the right one is looked at"
    assert int(refused.headers["retry-after"]) >= 1
    assert log_in(client, "noor") == 200
    assert [log_in(client, f"name {n}", "x") for n in range(7)] == [401] * 7
    assert log_in(client, "noor") == 429, "ten wrong ones from this address"


def test_a_user_sees_and_deletes_nothing_of_anothers(locked: Site, assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a="The bridge\n\nThe bridge fell at noon. Nobody was hurt."))
    answer: Answer = assistant.ask("When did the bridge fall?")
    mine = assistant.journal.of("ida")
    begun = mine.begin("Ferries")
    kept = mine.keep(begun.id, answer)
    mine.judge(kept.id, 1, good=False)
    ida, noor = locked.client, locked.visitor()
    assert (log_in(ida, "ida"), log_in(noor, "noor")) == (200, 200)
    for client, sees in ((ida, True), (noor, False)):
        assert ("Ferries" in call(client, "_find", {"search": ""}, None)) is sees
        assert ("fell at noon" in call(client, "_open", {"conversation": begun.id})) is sees or sees
        assert (client.get(f"/export/{begun.id}.md").status_code == 200) is sees
        assert ("When did the bridge" in call(client, "html", None, None)) is sees or sees
    call(noor, "_rename", {"conversation": begun.id, "title": "Noor's"}, None)
    call(noor, "_delete", {"conversation": begun.id}, None, None)
    call(noor, "dismiss", {"draft": mine.drafts()[0].id})
    assert (mine.title(begun.id), mine.conversation(begun.id), len(mine.drafts())) == ("Ferries", (kept,), 1)

    tray = ida.post("/uploads").json()["tray"]
    assert noor.put(f"/uploads/{tray}", content=b"x", headers={"x-name": "a.txt"}).status_code == 400
    assert ida.put(f"/uploads/{tray}", content=b"x", headers={"x-name": "a.txt"}).status_code == 204
    assert "not here" in call(noor, "_add_files", {"tray": tray})
    stored = [file for file in (assistant.library.folder / "uploads").rglob("*") if file.is_file() and file.suffix != ".lock"]
    assert len(stored) == 1
    ida.post("/logout")
    assert not stored[0].exists(), "released with the session"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620])
def test_a_password_file_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    done = CliRunner().invoke(app, ["password", "ida", "--file", str(tmp_path / "passwords")], input="x\nx\n")
    assert done.exit_code == 0
    assert "argon2" not in done.output
    file = tmp_path / "passwords"
    assert file.stat().st_mode & 0o777 == 0o600
    assert Passwords.load(file).verify("ida", "x")
    file.chmod(mode)
    with pytest.raises(UsageError, match="chmod 600"):
        Passwords.load(file)
