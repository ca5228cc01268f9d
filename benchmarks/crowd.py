"""How the page holds up under a crowd: `python -m benchmarks.crowd`.

Data: the seeds' articles and questions, and made-up files. 16 users ask while 500 files are added, then 100 ask at once. The
page is served by a process of its own. Measured are the times of answers and refusals, and whether answers stay the same:
quotes by article, version and place. The added files share no word with the questions, but the rarity of words changes with
every article. So an answer must be as it was before, or as it is afterwards. It takes some minutes.
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

from benchmarks.page import serve_page
from qa.evaluation.metrics.speed import percentile

SEEDS = Path(__file__).parent.parent / "seeds"
Place = tuple[str, str, int, int]  # article, version, start, end


@dataclass(frozen=True, slots=True)
class Asked:
    """The result of one question."""

    question: str
    seconds: float
    places: tuple[Place, ...] = ()
    refused: str = ""  # the message shown instead of an answer


class Site:
    """A served page: its address and the numbers of its Gradio functions."""

    def __init__(self, address: str) -> None:
        self.address = address
        dependencies = httpx.get(f"{address}/config").json()["dependencies"]
        self._named = {each["api_name"]: each["id"] for each in dependencies if each["api_name"]}
        self._events = {event: each["id"] for each in dependencies for _, event in each["targets"]}

    def ask(self, question: str) -> Asked:
        """Ask as a browser or `gradio_client` does: join the queue, then read its events."""
        start, session = time.perf_counter(), secrets.token_hex(8)
        body = {"data": [question, 5, *[None] * 7], "fn_index": self._named["ask"], "session_hash": session}
        with httpx.Client(base_url=self.address, timeout=120, verify=False) as client:
            joined = client.post("/gradio_api/queue/join", json=body)
            if joined.status_code != 200:
                return Asked(question, time.perf_counter() - start, refused=joined.text)
            with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
                for line in stream.iter_lines():
                    event = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                    if event.get("msg") == "process_completed":
                        return self._to_result(question, time.perf_counter() - start, event)
        return Asked(question, time.perf_counter() - start, refused="the connection ended")

    def _to_result(self, question: str, seconds: float, event: dict[str, Any]) -> Asked:
        if not event["success"]:
            return Asked(question, seconds, refused=str(event["output"]))
        quotes = event["output"]["data"][0]["quotes"]
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
    """Let n users ask one question each, all at the same moment."""
    start = threading.Barrier(n)

    def ask_one(number: int) -> Asked:
        start.wait()
        return ask(questions[number % len(questions)])

    with ThreadPoolExecutor(n) as users:
        return list(users.map(ask_one, range(n)))


def while_adding(site: Site, n_users: int, n_files: int, questions: list[str]) -> tuple[list[Asked], float]:
    """Let users ask one question after another until the files are added. Return the results and the seconds it took."""
    site.send(n_files)
    start = time.perf_counter()
    ended = threading.Event()

    def ask_until_ended(first: int) -> list[Asked]:
        results: list[Asked] = []
        while not ended.is_set() or not results:
            results.append(site.ask(questions[(first + len(results)) % len(questions)]))
            time.sleep(1)  # a user reads before asking again
        return results

    with ThreadPoolExecutor(n_users) as users:
        running = [users.submit(ask_until_ended, first) for first in range(n_users)]
        while "data-busy" in site.event("tick", None, None, None):  # the server knows the addition by its session
            time.sleep(0.3)
        took = time.perf_counter() - start
        ended.set()
        return [asked for future in running for asked in future.result()], took


def _percentile(asked: list[Asked], share: float) -> str:
    """Format a percentile of the seconds, or nothing if there are none."""
    return f"{percentile([each.seconds for each in asked], share):.2f}" if asked else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=16)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--rush", type=int, default=100)
    arguments = parser.parse_args()
    lines = (SEEDS / "questions.jsonl").read_text().splitlines()
    questions = [each["question"] for line in lines if line.strip() and not (each := json.loads(line)).get("history")]
    with tempfile.TemporaryDirectory() as folder, serve_page(Path(folder), str(SEEDS)) as address:
        report(Site(address), arguments.readers, arguments.files, arguments.rush, questions)


def report(site: Site, n_users: int, n_files: int, n_rush: int, questions: list[str]) -> None:
    """Measure and print the table."""
    rows: list[list[str]] = []

    def add_row(name: str, asked: list[Asked], remark: str) -> None:
        answered = [each for each in asked if not each.refused]
        refused = [each for each in asked if each.refused]
        numbers = [str(len(answered)), _percentile(answered, 0.5), _percentile(answered, 0.95)]
        rows.append([name, *numbers, str(len(refused)), _percentile(refused, 1.0), remark])

    site.ask(questions[0])
    before = [site.ask(question) for question in questions]
    add_row("one user", before, "")
    crowd, seconds = while_adding(site, n_users, n_files, questions)
    after = [site.ask(question) for question in questions]
    known = {each.question: {each.places} for each in before}
    n_same = sum(each.places in known[each.question] for each in crowd if not each.refused)
    for each in after:
        known[each.question].add(each.places)
    n_other = sum(each.places not in known[each.question] for each in crowd if not each.refused)
    as_then = f"{n_same} as before, {n_other} neither as before nor as afterwards; added in {seconds:.0f} s"
    add_row(f"{n_users} users while {n_files} files are added", crowd, as_then)
    add_row("one user afterwards", after, f"{sum(a.places == b.places for a, b in zip(before, after, strict=True))} as before")
    rush = at_once(n_rush, site.ask, questions)
    add_row(f"{n_rush} at once", rush, next((each.refused for each in rush if each.refused), "")[:90])
    time.sleep(5)
    add_row("one user 5 s later", [site.ask(question) for question in questions], "")
    print("| who | answered | p50, s | p95, s | refused | slowest refusal, s | |\n|---|---|---|---|---|---|---|")
    for cells in rows:
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
