"""A crowd: 16 people ask while 500 files are added, then 100 ask at once; the page is a process of its own.

`python -m benchmarks.crowd` prints a table. The answers of the crowd are compared with those that one reader got before and one
gets afterwards: quotes by article, version and place. What is added shares no word with the questions, but the rarity of words
changes with every article, so a question may be answered otherwise afterwards; it must be answered as before or as afterwards.
"""

import argparse
import json
import random
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.page import served_page
from qa.evaluation.metrics.speed import percentile

SEEDS = Path(__file__).parent.parent / "seeds"
Place = tuple[str, str, int, int]  # article, version, start, end


@dataclass(frozen=True, slots=True)
class Asked:
    """What one question came to."""

    question: str
    seconds: float
    places: tuple[Place, ...] = ()
    refused: str = ""  # what was said instead of an answer


class Site:
    """The page's address and the numbers by which Gradio knows its functions."""

    def __init__(self, address: str) -> None:
        self.address = address
        dependencies = httpx.get(f"{address}/config").json()["dependencies"]
        self._named = {each["api_name"]: each["id"] for each in dependencies if each["api_name"]}
        self._events = {event: each["id"] for each in dependencies for _, event in each["targets"]}

    def ask(self, question: str) -> Asked:
        """Ask as a browser or `gradio_client` does: join the queue, then read what becomes of it."""
        began, session = time.perf_counter(), secrets.token_hex(8)
        body = {"data": [question, 5, *[None] * 7], "fn_index": self._named["ask"], "session_hash": session}
        with httpx.Client(base_url=self.address, timeout=120, verify=False) as client:
            joined = client.post("/gradio_api/queue/join", json=body)
            if joined.status_code != 200:
                return Asked(question, time.perf_counter() - began, refused=joined.text)
            with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
                for line in stream.iter_lines():
                    told = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                    if told.get("msg") == "process_completed":
                        return self._answered(question, time.perf_counter() - began, told)
        return Asked(question, time.perf_counter() - began, refused="the connection ended")

    def _answered(self, question: str, seconds: float, told: dict[str, Any]) -> Asked:
        if not told["success"]:
            return Asked(question, seconds, refused=str(told["output"]))
        quotes = told["output"]["data"][0]["quotes"]
        return Asked(
            question, seconds, tuple((q["article"]["id"], q["article"]["version"], q["start"], q["end"]) for q in quotes)
        )

    def event(self, name: str, *inputs: object, **data: str) -> str:
        """Return the HTML that the page shows after an event."""
        body = {"data": inputs, "fn_index": self._events[name], "session_hash": "crowd", "event_data": data}
        response = httpx.post(f"{self.address}/gradio_api/run/predict", json=body, timeout=60).raise_for_status()
        return str(response.json()["data"][-1])

    def send(self, n_files: int) -> None:
        """Send files as the page does, and begin to add them."""
        tray = httpx.post(f"{self.address}/uploads").json()["tray"]
        chance = random.Random(0)
        with httpx.Client(base_url=self.address, verify=False) as client:
            for number in range(n_files):
                words = ["".join(chance.choices("bdfgklmnprstvz", k=3)) + "oo" for _ in range(120)]
                text = ". ".join(" ".join(words[start : start + 12]).capitalize() for start in range(0, 120, 12)) + ".\n"
                client.put(
                    f"/uploads/{tray}", headers={"X-Name": f"made/{number:04}.txt"}, content=text.encode()
                ).raise_for_status()
        self.event("sent", tray=tray)


def at_once(n: int, ask: Callable[[str], Asked], questions: list[str]) -> list[Asked]:
    """Each of n readers asks one of the questions, all in the same moment."""
    start = threading.Barrier(n)

    def one(number: int) -> Asked:
        start.wait()
        return ask(questions[number % len(questions)])

    with ThreadPoolExecutor(n) as readers:
        return list(readers.map(one, range(n)))


def while_adding(site: Site, n_readers: int, n_files: int, questions: list[str]) -> tuple[list[Asked], float]:
    """What readers got who ask one question after another until the files are in, and how many seconds that took."""
    site.send(n_files)
    began = time.perf_counter()
    ended = threading.Event()

    def reader(first: int) -> list[Asked]:
        got = []
        while not ended.is_set() or not got:
            got.append(site.ask(questions[(first + len(got)) % len(questions)]))
            time.sleep(1)  # nobody asks again before having read something
        return got

    with ThreadPoolExecutor(n_readers) as readers:
        running = [readers.submit(reader, first) for first in range(n_readers)]
        while "data-busy" in site.event("tick", None, None, None):  # the session knows which addition
            time.sleep(0.3)
        took = time.perf_counter() - began
        ended.set()
        return [asked for each in running for asked in each.result()], took


def _told(asked: list[Asked], share: float) -> str:
    """A percentile of their seconds; nothing of nothing."""
    return f"{percentile([each.seconds for each in asked], share):.2f}" if asked else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=16)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--rush", type=int, default=100)
    given = parser.parse_args()
    lines = (SEEDS / "questions.jsonl").read_text().splitlines()
    questions = [each["question"] for line in lines if line.strip() and not (each := json.loads(line)).get("history")]
    with tempfile.TemporaryDirectory() as folder, served_page(Path(folder), str(SEEDS)) as address:
        report(Site(address), given.readers, given.files, given.rush, questions)


def report(site: Site, n_readers: int, n_files: int, n_rush: int, questions: list[str]) -> None:
    """Measure and print."""
    rows: list[list[str]] = []

    def row(name: str, asked: list[Asked], said: str) -> None:
        answered = [each for each in asked if not each.refused]
        refused = [each for each in asked if each.refused]
        numbers = [str(len(answered)), _told(answered, 0.5), _told(answered, 0.95)]
        rows.append([name, *numbers, str(len(refused)), _told(refused, 1.0), said])

    site.ask(questions[0])
    before = [site.ask(question) for question in questions]
    row("one reader", before, "")
    crowd, seconds = while_adding(site, n_readers, n_files, questions)
    after = [site.ask(question) for question in questions]
    known = {each.question: {each.places} for each in before}
    same = sum(each.places in known[each.question] for each in crowd if not each.refused)
    for each in after:
        known[each.question].add(each.places)
    other = sum(each.places not in known[each.question] for each in crowd if not each.refused)
    as_then = f"{same} as before, {other} neither as before nor as afterwards; added in {seconds:.0f} s"
    row(f"{n_readers} readers while {n_files} files are added", crowd, as_then)
    row("one reader afterwards", after, f"{sum(a.places == b.places for a, b in zip(before, after, strict=True))} as before")
    rush = at_once(n_rush, site.ask, questions)
    row(f"{n_rush} at once", rush, next((each.refused for each in rush if each.refused), "")[:90])
    time.sleep(5)
    row("one reader 5 s later", [site.ask(question) for question in questions], "")
    print("| who | answered | p50, s | p95, s | refused | slowest refusal, s | |\n|---|---|---|---|---|---|---|")
    for each in rows:
        print("| " + " | ".join(each) + " |")


if __name__ == "__main__":
    main()
