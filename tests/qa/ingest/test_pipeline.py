"""Tests that `add` runs three stages at once, stores each batch atomically, and stops all stages at an error in any."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.libraries import everything
from support.nasty import write

from embeddings import Encoder, ModelError, PassageVectors
from qa import Assistant
from qa.ingest import batches
from qa.ingest.batches import BatchReader
from qa.ingest.progress import Pace, Progress, Step
from qa.library.indexes import IndexCache
from qa.library.library import Library
from qa.library.schema import connect
from qa.sources.files import LocalFile
from qa.sources.sandbox.parser_pool import ParserPool
from qa.types.errors import LibraryError

N_FILES = 12
GUARD = 60.0  # seconds until a test that waits for another thread fails; a passing test waits far less


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_PASSAGES", 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write articles of one passage each, so that two make a batch."""
    return write(tmp_path / "in", **{f"b{n:02}": f"Bridge {n} fell at noon." for n in range(N_FILES)})[0].parent


def names(steps: list[Step]) -> list[str]:
    return [Path(step.source).stem for step in steps]


def test_fates_are_told_in_the_order_of_the_files_whatever_they_are(assistant: Assistant, folder: Path) -> None:
    assistant.add([folder / "b03.txt", folder / "b07.txt"])
    (folder / "b07.txt").write_text("Bridge 7 was built anew.")
    (folder / "b04.txt").write_text("")
    steps: list[Step] = []
    assistant.add([folder, folder / "none.txt"], on_step=steps.append)
    assert names(steps) == [*(f"b{n:02}" for n in range(N_FILES)), "none"]
    assert [step.done for step in steps] == list(range(1, N_FILES + 2))
    fates = {name: step.fate for name, step in zip(names(steps), steps, strict=True) if step.fate != "added"}
    assert fates == {"b03": "unchanged", "b04": "failed", "b07": "updated", "none": "failed"}
    assert all((step.reference is None) == (step.fate == "failed") for step in steps)


def test_a_fate_is_told_in_the_callers_thread_once_another_reader_can_see_it(
    opened: Callable[..., Assistant], folder: Path
) -> None:
    assistant, reader = opened(), opened()
    threads: set[threading.Thread] = set()
    unseen = []

    def told(step: Step) -> None:
        threads.add(threading.current_thread())
        assert step.reference
        if reader.article(step.reference.id).source != step.source:
            unseen.append(step.source)

    assistant.add(folder, on_step=told, on_progress=lambda _: threads.add(threading.current_thread()))
    assert (threads, unseen) == ({threading.current_thread()}, [])


def test_a_batch_is_stored_while_the_next_is_encoded(
    assistant: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encodings, second = [0], threading.Event()
    encode, store = Encoder.encode_passages, Library.store

    def encode_passages(self: Encoder, passages: Any, **how: Any) -> list[PassageVectors]:
        encodings[0] += 1
        if encodings[0] == 2:
            second.set()
        return encode(self, passages, **how)

    def store_when_the_next_is_at_it(self: Library, articles: Any, files: Any) -> Any:
        assert second.wait(GUARD)
        return store(self, articles, files)

    monkeypatch.setattr(Encoder, "encode_passages", encode_passages)
    monkeypatch.setattr(Library, "store", store_when_the_next_is_at_it)
    assert len(assistant.add(folder).added) == N_FILES


def test_files_are_read_while_a_batch_is_encoded_but_never_far_ahead(
    assistant: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, ahead, told = [0], threading.Event(), [0]
    farthest = [0]
    load, encode = ParserPool.parse, Encoder.encode_passages

    def load_and_count(self: ParserPool, *file: Any) -> Any:
        read[0] += 1
        farthest[0] = max(farthest[0], read[0] - told[0])
        if read[0] == 4:
            ahead.set()
        return load(self, *file)

    def encode_when_the_next_is_read(self: Encoder, passages: Any, **how: Any) -> list[PassageVectors]:
        assert ahead.wait(GUARD)
        return encode(self, passages, **how)

    def count(_: Step) -> None:
        told[0] += 1

    monkeypatch.setattr(ParserPool, "parse", load_and_count)
    monkeypatch.setattr(Encoder, "encode_passages", encode_when_the_next_is_read)
    assert len(assistant.add(folder, on_step=count).added) == N_FILES
    assert farthest[0] <= 3 * 2  # one batch is read, one encoded and one stored at a time


def fails_at(call: int, work: Callable[..., Any], error: BaseException) -> Callable[..., Any]:
    """Wrap a function so that one of its calls raises an error."""
    calls = [0]

    def fail(*arguments: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == call:
            raise error
        return work(*arguments, **named)

    return fail


STAGES: dict[str, tuple[object, str, BaseException]] = {
    "reading": (ParserPool, "parse", MemoryError("no room for the file")),
    "cutting": (batches, "chunk", ModelError("The model broke.")),
    "encoding": (Encoder, "encode_passages", ModelError("The model broke.")),
    "looking up": (Library, "passages_like", KeyboardInterrupt()),
    "storing": (Library, "store", OSError(28, "No space left on device")),
    "indexing": (IndexCache, "write", OSError(28, "No space left on device")),
}


@pytest.mark.parametrize("call", [1, 3])
@pytest.mark.parametrize("stage", STAGES)
def test_an_error_in_any_stage_stops_all_and_leaves_whole_batches(
    opened: Callable[..., Assistant], folder: Path, monkeypatch: pytest.MonkeyPatch, stage: str, call: int
) -> None:
    owner, name, error = STAGES[stage]
    assistant, steps = opened(), list[Step]()
    monkeypatch.setattr(owner, name, fails_at(call, getattr(owner, name), error))
    with pytest.raises(type(error)) as caught:
        assistant.add(folder, on_step=steps.append)
    assert caught.value is error
    monkeypatch.undo()
    if stage in ("reading", "cutting"):  # earlier batches are stored and reported
        assert set(names(steps)) == {Path(each.source).stem for each in opened().articles()}
        assert len(steps) == (call - 1) // 2 * 2
    looks_right_after(opened, folder, steps)


def test_after_an_error_no_further_file_is_read(assistant: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stops: list[threading.Event] = []
    load, prepare = ParserPool.parse, BatchReader.batches

    def batches_that_may_stop(self: BatchReader, found: Any, stop: threading.Event) -> Any:
        stops.append(stop)
        return prepare(self, found, stop)

    monkeypatch.setattr(BatchReader, "batches", batches_that_may_stop)
    with pytest.raises(KeyboardInterrupt):
        assistant.add(folder, on_step=fails_at(1, print, KeyboardInterrupt()))
    assert [stop.is_set() for stop in stops] == [True]

    stop, read = threading.Event(), list[str]()

    def stop_at_the_third(self: ParserPool, *file: Any) -> Any:
        read.append(file[1])
        if len(read) == 3:
            stop.set()
        return load(self, *file)

    monkeypatch.setattr(ParserPool, "parse", stop_at_the_third)
    with ParserPool() as readers:
        taking = BatchReader(assistant.library, lambda: assistant.encoder, readers)
        prepared = list(prepare(taking, map(LocalFile, sorted(folder.iterdir())), stop))
    assert (len(prepared), len(read)) == (2, 3), "what was stored before the error is not read again"


def test_a_full_disk_is_told_in_words_and_costs_no_more_than_what_did_not_fit(
    opened: Callable[..., Assistant], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant, steps = opened(), list[Step]()
    for path in folder.iterdir():
        path.write_text(path.read_text() + " " * 7_000)  # fills two pages of the database

    def connect_to_little(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 30")
        return connection

    monkeypatch.setattr("qa.library.library.connect", connect_to_little)
    with pytest.raises(LibraryError, match=r"The library in .* cannot be changed \(database or disk is full\): make room on"):
        assistant.add(folder, on_step=steps.append)
    monkeypatch.undo()
    assert 0 < len(steps) < N_FILES
    looks_right_after(opened, folder, steps)


@pytest.mark.parametrize("call", [1, 2, 5])
@pytest.mark.parametrize("callback", ["on_step", "on_progress"])
def test_an_interruption_leaves_whole_batches(opened: Callable[..., Assistant], folder: Path, callback: str, call: int) -> None:
    steps: list[Step] = []
    interrupt = fails_at(call, steps.append if callback == "on_step" else lambda _: None, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        opened().add(folder, **{"on_step": steps.append, callback: interrupt})
    looks_right_after(opened, folder, steps)


def looks_right_after(opened: Callable[..., Assistant], folder: Path, steps: list[Step]) -> None:
    """Check that no thread is left, whole batches are stored with all that was reported, and another `add` completes them."""
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("pullquote")] == []
    assistant = opened()
    held = {Path(each.source).stem for each in assistant.articles()}
    assert set(names(steps)) <= held
    assert len(held) % 2 == 0
    assert len(everything(assistant)) == len(held)
    report = assistant.add(folder)
    assert len(report.unchanged) == len(held)
    assert len(report.added) == N_FILES - len(held)
    checked = assistant.check()
    assert (checked.n_passages, checked.problems, checked.notes) == (N_FILES, (), ())


def test_a_long_article_is_a_batch_and_many_short_ones_are_several(
    assistant: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[int] = []
    store = Library.store

    def count(self: Library, articles: Any, files: Any) -> Any:
        stored.append(len(articles))
        return store(self, articles, files)

    monkeypatch.setattr(Library, "store", count)
    story = "\n\n".join(f"On day {day} the ferry left the harbour at noon and came back at dusk." for day in range(9))
    write(folder, a1=f"A story\n\n{story}")
    assistant.add(folder)
    assert stored == [1, 2, 2, 2, 2, 2, 2]
    monkeypatch.setattr(batches, "_CHARACTERS", 10)
    write(folder, **{f"b{n:02}": f"Bridge {n} fell at night." for n in range(N_FILES)})
    stored.clear()
    assistant.add(folder)
    assert stored == [1] * N_FILES


def test_progress_counts_every_passage_and_every_told_file(assistant: Assistant, folder: Path) -> None:
    told: list[Progress] = []
    assistant.add(folder, on_progress=told.append)
    counts = [each.passages for each in told]
    assert counts == sorted(counts)
    assert counts[-1] == N_FILES
    assert {each.total for each in told} == {N_FILES}
    assert all(each.files <= each.passages for each in told)
    told.clear()
    assistant.add(folder, on_progress=told.append)
    assert told == []  # there was nothing to encode


def questions(folder: Path, name: str) -> Path:
    path = folder / f"{name}.jsonl"
    path.write_text('{"question": "When did bridge 3 fall?", "answers": ["at noon"], "source": "b03.txt"}\n')
    return path


def test_test_questions_that_lie_beside_the_articles_are_not_counted(assistant: Assistant, tmp_path: Path) -> None:
    folder = write(tmp_path / "few", **{f"s{n}": f"Ship {n} sank." for n in range(3)})[0].parent
    steps: list[Step] = []
    told: list[Progress] = []
    named = questions(folder, "questions")
    assistant.add(folder, on_step=steps.append, on_progress=told.append)
    assert [(step.done, step.total) for step in steps if step.skipped is None] == [(1, 3), (2, 3), (3, 3)]
    assert {each.total for each in told} == {3}
    [step] = [step for step in steps if step.skipped]
    assert (step.source, step.fate) == (str(named), "skipped")
    assert step.reason.startswith("no column holds a text: found question, answers, source")
    steps.clear()
    report = assistant.add([folder, named], on_step=steps.append)
    assert report.skipped == ()
    assert {step.source: step.fate for step in steps}[str(named)] == "failed", "what is named is answered for"
    assert {step.total for step in steps} == {4}


def test_of_many_batches_a_file_that_is_passed_over_is_counted_until_it_is_read(assistant: Assistant, folder: Path) -> None:
    questions(folder, "a-first")
    questions(folder, "c-last")
    steps: list[Step] = []
    report = assistant.add(folder, on_step=steps.append)
    skipped = [step.source for step in steps if step.fate == "skipped"]
    assert skipped == [str(folder / "a-first.jsonl"), str(folder / "c-last.jsonl")]
    assert [each.examples for each in report.skipped] == [("a-first.jsonl",), ("c-last.jsonl",)]
    steps = [step for step in steps if step.fate != "skipped"]
    assert [step.done for step in steps] == list(range(1, N_FILES + 1))
    assert steps[0].total == N_FILES + 1, "the last is not read yet"
    assert steps[-1].total == N_FILES
    assert (len(report.added), report.failed) == (N_FILES, ())


def test_the_time_left_is_judged_by_the_bytes_of_what_had_to_be_encoded() -> None:
    now = [100.0]
    pace = Pace(10_000, lambda: now[0])
    pace.skip(4_000)  # unchanged files take no time
    pace.begin()
    now[0] += 1
    pace.advance(10, 500)
    assert pace.progress(3, 9) == Progress(3, 9, 10, 10.0, None)  # too early for an estimate
    now[0] += 3
    pace.begin()
    pace.advance(30, 1_500)
    assert pace.progress(4, 9) == Progress(4, 9, 40, 10.0, 8.0)  # 2,000 bytes in 4 s, 4,000 to go
    pace.skip(4_000)
    assert pace.progress(9, 9).seconds_left == 0
