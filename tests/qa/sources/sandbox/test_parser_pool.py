"""Whatever a file does to its parser, it is one failed file: the next is read, and nothing else has happened."""

import gc
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.misbehaving import TEXT, misbehaving_pool, refusal, resident, text
from support.parsing import parse_file

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import Limits
from qa.sources.sandbox import waiting
from qa.sources.sandbox.parser_pool import ParserPool
from qa.sources.sandbox.validate import validate_draft
from qa.types.articles import Part, SetAside
from qa.types.errors import ArticleUnreadable

CRASHED = "the parser of such files broke down on it"
HASTY = Limits(cpu_seconds=1, wall_seconds=20.0, file_bytes=5_000_000, articles=100)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked for this")


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with misbehaving_pool(HASTY) as pool:
        yield pool


def test_a_draft_comes_back_as_the_loader_made_it(pool: ParserPool) -> None:
    words = "The café fell.\r\n\n\u2028北京 \U0001f309 \x00\x1b\ufeff end"
    drafts = pool.parse(words.encode(), "/a/b.txt")
    aside, parts = (SetAside(0, 1, "navigation"),), (Part(0, 1, "page 1"),)
    assert drafts == [Draft("/a/b.txt", "A bridge", "2019-05-03", words, aside, parts=parts)]


def test_one_process_reads_many_files(pool: ParserPool) -> None:
    assert len({text(pool, "process") for _ in range(20)}) == 1


@pytest.mark.slow
@pytest.mark.parametrize("wish", ["allocate_at_once", "allocate_bit_by_bit", "allocate_and_say_it_is_damaged"])
@LINUX
def test_five_gigabytes_are_too_much_memory_whatever_the_loader_makes_of_it(wish: str) -> None:
    code = (
        "import json, resource\nfrom support.misbehaving import misbehaving_pool, refusal, resident\n"
        "mine = resident(resource.RUSAGE_SELF)\n"
        f"with misbehaving_pool() as pool:\n    reason = refusal(pool, {wish!r})\n"
        "print(json.dumps([reason, resident(resource.RUSAGE_CHILDREN), resident(resource.RUSAGE_SELF) - mine]))"
    )  # in a process of its own, since of all children that there ever were the largest is told
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    reason, child, grown = json.loads(done.stdout)
    assert reason == "reading it took more than 1,000 MB of memory"
    assert child < 1_000
    assert grown < 20


@pytest.mark.slow
def test_a_file_that_spins_is_ended_after_its_processor_time(pool: ParserPool) -> None:
    for wish in ("spin", "spin_uninterrupted"):
        assert refusal(pool, wish) == "reading it took more than 1 s of processor time"


@pytest.mark.slow
def test_processor_time_is_counted_for_each_file_by_itself() -> None:
    with misbehaving_pool(Limits(cpu_seconds=1, wall_seconds=30)) as pool:
        assert {text(pool, "use 0.6") for _ in range(4)} == {text(pool, "process")}


def test_a_file_that_sleeps_is_ended_by_the_clock() -> None:
    with misbehaving_pool(Limits(wall_seconds=0.5)) as pool:
        assert refusal(pool, "sleep 60") == "reading it took more than 0.5 s"


@pytest.mark.slow
def test_time_that_a_process_waits_for_a_processor_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    monkeypatch.setattr(waiting, "_counted", lambda process_id: 0.8 * (time.monotonic() - began))
    with misbehaving_pool(Limits(wall_seconds=0.5)) as pool:
        assert text(pool, "sleep 1")
        assert refusal(pool, "sleep 60") == "reading it took more than 0.5 s"
        monkeypatch.setattr(waiting, "_counted", lambda process_id: time.monotonic())
        assert refusal(pool, "sleep 60") == "reading it took more than 0.5 s", "however busy the machine is"


@pytest.mark.slow
def test_where_the_system_does_not_count_it_the_load_tells_how_long_a_process_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_counted", lambda process_id: None)
    monkeypatch.setattr(os, "getloadavg", lambda: (4.0 * (os.cpu_count() or 1), 0, 0), raising=False)
    with misbehaving_pool(Limits(wall_seconds=0.5)) as pool:
        assert text(pool, "sleep 1")
        monkeypatch.setattr(os, "getloadavg", lambda: (0.5, 0, 0))
        assert refusal(pool, "sleep 1") == "reading it took more than 0.5 s"


@LINUX
def test_linux_counts_how_long_a_process_waits() -> None:
    clock = waiting.WaitingTime(os.getpid())
    assert 0 <= clock.seconds() < 60


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ("many_descriptors", "Too many open files"),
        ("connect 9", "it tried to use socket.getaddrinfo"),
        ("write /tmp/pullquote-was-here", "it tried to write a file"),
        ("fork", "it tried to use os.fork"),
        ("run", "it tried to use subprocess.Popen"),
        ("kill_the_parent", "it tried to use os.kill"),
        ("remove /tmp", "it tried to use os.remove"),
        ("fail", "KeyError"),
        ("recurse", "RecursionError"),
    ],
)
def test_what_no_parser_needs_is_refused_to_it_and_said(pool: ParserPool, wish: str, reason: str) -> None:
    assert refusal(pool, wish) == f"{CRASHED} ({reason})"
    assert not Path("/tmp/pullquote-was-here").exists()


@pytest.mark.parametrize(
    "wish",
    [
        *("leave", "leave_in_words", "segfault", "close_the_pipe", "answer {}", "answer [", "answer 7", "answer \xff"),
        *('answer {"end": 7, "reusable": true}', 'answer {"end": null}', 'answer {"result": 7}', "answer " + "[" * 50_000),
        "answer " + "7" * 9_000,
    ],
)
def test_a_process_that_dies_or_answers_nonsense_is_a_failed_file(pool: ParserPool, wish: str) -> None:
    assert refusal(pool, wish) == CRASHED


def test_an_answer_has_a_bound_and_the_parent_keeps_its_memory(pool: ParserPool) -> None:
    mine = resident(resource.RUSAGE_SELF)
    assert refusal(pool, "answer_endlessly") == "what was read from it comes to more than 10 MB"
    assert resident(resource.RUSAGE_SELF) < mine + 50


def test_no_more_articles_come_back_than_a_file_may_have(pool: ParserPool) -> None:
    draft = json.dumps(plain(Draft("/a.txt", "A bridge", None, TEXT)))
    assert refusal(pool, f"answer_many {draft}") == CRASHED


def test_a_loaders_own_reason_is_passed_on_and_no_longer_than_can_be_read(pool: ParserPool) -> None:
    assert refusal(pool, "refuse the file is damaged: save it anew") == "the file is damaged: save it anew"
    assert refusal(pool, "refuse " + "x" * 9_000) == "x" * 500


def test_a_refusal_costs_no_process(pool: ParserPool) -> None:
    before = text(pool, "process")
    refusal(pool, "refuse the file is damaged")
    assert text(pool, "process") == before


def test_what_a_parser_prints_or_expects_to_be_typed_is_nothing_to_the_answer(pool: ParserPool) -> None:
    assert text(pool, "say {}") == "{}"
    assert text(pool, "standard_input") == "read ''"


def test_lone_surrogates_are_marked_and_every_place_stays(pool: ParserPool) -> None:
    assert text(pool, "surrogates") == "The \ufffd\ufffd bridge \ufffd fell."


@LINUX
def test_machine_code_reaches_no_network_and_writes_nothing_either(pool: ParserPool, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert text(pool, f"connect_below_python {server.getsockname()[1]}") != "0"
    assert text(pool, f"write_below_python {tmp_path / 'a'}") == "-1"


@LINUX
def test_nothing_of_ours_is_open_in_it_and_no_secret_in_its_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hush")
    with (tmp_path / "a").open("w") as file, misbehaving_pool() as pool:
        os.set_inheritable(file.fileno(), True)
        assert "SECRET_TOKEN" not in json.loads(text(pool, "environment"))
        assert json.loads(text(pool, "descriptors")) == [*[os.devnull] * 3, "pipe", "pipe"]


@LINUX
def test_a_process_that_keeps_much_memory_is_not_used_again() -> None:
    with misbehaving_pool() as pool:
        assert text(pool, "keep 200") == text(pool, "process")
        assert text(pool, "keep 500") != text(pool, "process")


def test_a_process_that_was_killed_while_idle_costs_no_file(pool: ParserPool) -> None:
    number = text(pool, "process")
    os.kill(int(number.removeprefix("number ")), signal.SIGKILL)
    wait_for(lambda: not alive(number))
    assert text(pool, "process") != number


def test_many_threads_share_a_few_processes() -> None:
    read: list[str] = []
    with misbehaving_pool(processes=2) as pool:

        def some() -> None:
            read.extend(text(pool, "process") for _ in range(10))

        threads = [threading.Thread(target=some) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(read) == 80
    assert len(set(read)) <= 2


def test_a_thread_that_ends_takes_no_process_with_it(pool: ParserPool) -> None:
    numbers: list[str] = []
    thread = threading.Thread(target=lambda: numbers.append(text(pool, "process")))
    thread.start()
    thread.join()
    assert text(pool, "process") == numbers[0]


def test_processes_end_when_they_are_closed_or_forgotten() -> None:
    with misbehaving_pool() as pool:
        closed = text(pool, "process")
    forgotten = text(pool, "process")  # a closed pool starts anew
    assert forgotten != closed
    del pool
    gc.collect()
    assert not alive(closed)
    assert not alive(forgotten)


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize("wish", ["process", "sleep 60"], ids=["idle", "busy"])
def test_processes_do_not_outlive_a_parent_that_is_killed(tmp_path: Path, wish: str) -> None:
    code = (
        "import os, signal, sys, threading\nfrom support.misbehaving import misbehaving_pool\n"
        "from qa.sources.formats.limits import Limits\n"
        "pool = misbehaving_pool(Limits(wall_seconds=1))\n"
        "print(pool.parse(b'process', '/a.txt')[0].text, flush=True)\n"
        "threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()\n"
        "pool.parse(sys.argv[1].encode(), '/a.txt')\n"
        "signal.pause()\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, wish], stdout=subprocess.PIPE, text=True, check=False, env=environment, cwd=tmp_path
    )
    assert done.returncode == -signal.SIGKILL
    wait_for(lambda: not alive(done.stdout.strip()))


def test_python_that_cannot_be_started_is_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ArticleUnreadable, match=r"cannot be started \(No such file or directory\)"):
        ParserPool().parse(b"x", "/a.txt")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ArticleUnreadable, match="the process that reads files does not start"):
        ParserPool().parse(b"x", "/a.txt")


def test_a_file_is_loaded_by_its_kind_and_its_language_guessed(tmp_path: Path) -> None:
    path = tmp_path / "Die Brücke.txt"
    path.write_text("Die Brücke fiel am Mittag. Niemand wurde verletzt, sagte der Bürgermeister.\n")
    [draft] = parse_file(path)
    assert (draft.source, draft.title, draft.text, draft.language) == (str(path), "Die Brücke", path.read_text(), "de")
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ArticleUnreadable, match="this is a picture"):
        parse_file(path)


def plain(draft: Draft) -> dict[str, Any]:
    places = {name: [list(asdict(place).values()) for place in getattr(draft, name)] for name in ("set_aside", "parts")}
    return {**asdict(draft), **places, "tags": list(draft.tags)}


def given_draft(**changed: object) -> dict[str, Any]:
    return plain(Draft("/a.mbox#1", "A bridge", None, TEXT)) | changed


def test_places_come_back_in_order_outer_before_inner() -> None:
    draft = validate_draft(given_draft(parts=[[5, 9, "b", None], [0, 4, "c", None], [0, 9, "a", None]]), "/a.mbox")
    assert [part.name for part in draft.parts] == ["a", "c", "b"]


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "/other.txt"},
        {"source": "/a.mboxes"},
        {"source": None},
        {"title": 7},
        {"title": "\ud800"},
        {"text": None},
        {"text": "x\udfff"},
        {"published": 2019},
        {"language": ["en"]},
        {"tags": [1]},
        {"tags": None},
        {"set_aside": [[0, len(TEXT) + 1, "x"]]},
        {"set_aside": [[-1, 3, "x"]]},
        {"set_aside": [[4, 3, "x"]]},
        {"set_aside": [[True, 3, "x"]]},
        {"set_aside": [[0.0, 3, "x"]]},
        {"set_aside": [[0, 3]]},
        {"parts": [[0, 3, None, None]]},
        {"parts": [[0, 3, "x", 1]]},
        {"parts": [[0, 3, "x"]]},
        {"parts": 7},
    ],
    ids=str,
)
def test_a_draft_that_cannot_be_is_no_draft(changed: dict[str, Any]) -> None:
    validate_draft(given_draft(), "/a.mbox")
    with pytest.raises((TypeError, ValueError)):
        validate_draft(given_draft(**changed), "/a.mbox")


json_values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda each: st.lists(each), max_leaves=5)


@given(st.dictionaries(st.sampled_from(sorted(given_draft())), json_values))
def test_any_json_in_place_of_a_draft_is_one_or_is_refused(changed: dict[str, Any]) -> None:
    try:
        draft = validate_draft(given_draft(**changed), "/a.mbox")
    except (TypeError, ValueError):
        return
    assert all(0 <= place.start <= place.end <= len(draft.text) for place in (*draft.set_aside, *draft.parts))


def alive(number: str) -> bool:
    """Whether the process of an article's text is more than a name in a table."""
    try:
        return ") Z" not in Path(f"/proc/{number.removeprefix('number ')}/stat").read_text()
    except OSError:
        return False


def wait_for(condition: Any) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_does_not_talk_to_the_workers_of_its_parent(tmp_path: Path) -> None:
    code = (
        "import os\nfrom qa.sources.sandbox.parser_pool import shared_pool\n"
        "def text(n): return shared_pool.parse(b'Bridge %d fell.' % n, f'/{n}.txt')[0].text\n"
        "assert text(1) == 'Bridge 1 fell.'\nchild = os.fork()\n"
        "if not child:\n    os._exit(text(2) != 'Bridge 2 fell.')\n"
        "assert os.waitpid(child, 0)[1] == 0\nassert text(3) == 'Bridge 3 fell.'\nprint('ok')"
    )
    root = Path(__file__).parents[4]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=False)
    assert (done.stdout, done.returncode) == ("ok\n", 0), done.stderr
