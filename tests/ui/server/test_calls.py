"""Calls with forged bodies: refused in a line before Gradio answers them with a traceback."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.site import Site

from qa import Assistant
from ui.server.calls import Functions

JOIN, PREDICT, CANCEL = "/gradio_api/queue/join", "/gradio_api/run/predict", "/gradio_api/cancel"
CALLS = Functions({3: 1, 4: 0})


def body(**changes: Any) -> bytes:
    return json.dumps({"data": [None], "fn_index": 3, "session_hash": "a1b2", **changes}).encode()


@pytest.mark.parametrize("path", [JOIN, PREDICT])
@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (body(fn_index=99), "no function"),
        (body(fn_index=-1), "no function"),
        (body(fn_index=None), "no function"),
        (body(fn_index=True), "no function"),
        (body(fn_index=10**30), "no function"),
        (body(data=[float("nan")]), "NaN is no number"),
        (body(event_data=float("-inf")), "-Infinity is no number"),
        (b'{"data": [1e999], "fn_index": 3}', "too large"),
        (b'{"data": [%s], "fn_index": 3}' % (b"9" * 5_000), "digits"),
        (body(data=[]), "list of 1 values"),
        (body(data=[1, 2]), "list of 1 values"),
        (body(data={"0": 1}), "list of 1 values"),
        (body(session_hash="\ud800"), "session_hash"),
        (body(session_hash="x" * 5_000), "session_hash"),
        (body(event_id="../x"), "event_id"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "JSON object"),
        (b"", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
    ],
)
def test_a_forged_call_is_refused_in_a_line(path: str, sent: bytes, says: str) -> None:
    problem = CALLS.problem(path, sent)
    assert problem
    assert says in problem
    assert "\n" not in problem


def test_what_the_page_and_gradios_client_send_passes() -> None:
    assert CALLS.problem(JOIN, body(session_hash="8d7f-1.x_Y", trigger_id=7, event_data={"k": [1.5, None]})) is None
    assert CALLS.problem(PREDICT, body(fn_index=4, data=[], session_hash=None)) is None
    assert CALLS.problem(CANCEL, b'{"session_hash": "a", "fn_index": 9, "event_id": "b"}') is None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_forged_request_ends_in_a_traceback(
    site: Callable[..., Site], assistant: Assistant, caplog: Any, capfd: Any
) -> None:
    client = site(assistant).client
    for path in (JOIN, PREDICT, CANCEL):
        for sent in (body(fn_index=99), body(data=[float("nan")]), body(session_hash="\ud800"), b'{"fn_index": NaN}'):
            assert client.post(path, content=sent, headers={"content-type": "application/json"}).status_code in (400, 422)
    for address in ("/?page=x", "/config?page=x&deep_link=y", "/static/" + "a" * 5_000):
        assert client.get(address).status_code in (200, 404)
    event = next(each["id"] for each in client.get("/config").json()["dependencies"] if each["api_name"] == "_show_sheet")
    sent = body(fn_index=event, data=[], event_data={"article": "none"})
    assert client.post(PREDICT, content=sent, headers={"content-type": "application/json"}).status_code == 200
    assert "Traceback" not in capfd.readouterr().err
    assert "Unexpected error" not in caplog.text
