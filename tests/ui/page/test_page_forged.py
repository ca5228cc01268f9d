"""What a browser may send in place of what the page's own scripts send: no event fails for it."""

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from support.pages import Served

pytest_plugins = ["support.page_fixtures"]

NAMES = (
    *("address", "answer", "article", "by", "column", "conversation", "draft", "end", "file", "filters", "good", "id", "k"),
    *("liked", "link", "name", "number", "page", "part", "question", "questions", "rank", "run", "search", "sort", "start"),
    *("text", "thread", "title", "tray", "url", "value", "version"),
)
STRANGE: tuple[object, ...] = (None, {"a": ["x"]}, "\ud800\0", "9" * 15)
CARRIED: tuple[object, ...] = (None, [], *(dict.fromkeys(NAMES, each) for each in STRANGE))
SENT = [*((None, each) for each in CARRIED), *((each, None) for each in STRANGE[1:])]  # in the fields, and by the button


def events(served: Served, *, queued: bool) -> list[dict[str, Any]]:
    """The page's events, each with how it is called and with the kinds of the parts whose values it takes."""
    config = httpx.get(f"{served.address}/config").json()
    kinds = {each["id"]: each["type"] for each in config["components"]}
    called = [each for each in config["dependencies"] if each["backend_fn"]]  # others run a script alone
    of_page = [each for each in called if each["api_visibility"] == "private" and each["queue"] is queued]
    return [{**each, "kinds": [kinds[part] for part in each["inputs"]]} for each in of_page]


def values(kinds: Sequence[str], value: object) -> list[object]:
    return [None if kind == "state" else value for kind in kinds]


def body(event: dict[str, Any], session: str, value: object, carried: object) -> bytes:
    data = {"data": values(event["kinds"], value), "fn_index": event["id"], "session_hash": session, "event_data": carried}
    return json.dumps(data).encode()  # which writes half a surrogate pair as an escape, as a browser does


REFUSED = "is not in the list of choices"  # Gradio itself takes only what a list offers
JSON = {"content-type": "application/json"}


@pytest.mark.slow
def test_no_event_that_is_answered_at_once_fails_whatever_it_carries(
    served: Served, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    found = events(served, queued=False)
    assert len(found) > 30
    failed = []
    with httpx.Client(base_url=served.address, timeout=60, headers=JSON) as client:
        for event in found:
            for value, carried in SENT:
                told = client.post("/gradio_api/run/predict", content=body(event, "forged", value, carried))
                if told.status_code != 200 and REFUSED not in told.text:
                    failed.append((event["targets"], event["api_name"], value, carried, told.text))
    assert failed == []
    assert "Traceback" not in capfd.readouterr().err
    assert "Unexpected error" not in caplog.text


@pytest.mark.slow
def test_no_question_fails_whatever_it_carries(
    served: Served, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    found = [each for each in events(served, queued=True) if each["api_name"].startswith("_ask")]
    assert len(found) >= 4
    with httpx.Client(base_url=served.address, timeout=60, headers=JSON) as client:
        for event in found:
            for number, (value, carried) in enumerate(SENT[4:8]):
                session = f"forged-{event['id']}-{number}"
                assert client.post("/gradio_api/queue/join", content=body(event, session, value, carried)).status_code == 200
                with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
                    said = b""
                    parts = stream.iter_bytes()
                    while b'"process_completed"' not in said or not said.endswith(b"\n\n"):
                        said += next(parts)
                ended = next(line for line in said.split(b"\n\n") if b'"process_completed"' in line)
                told = json.loads(ended.removeprefix(b"data:"))
                assert told["success"] or REFUSED in str(told["output"]), (event["api_name"], value, carried)
    assert "Traceback" not in capfd.readouterr().err
    assert "Unexpected error" not in caplog.text
