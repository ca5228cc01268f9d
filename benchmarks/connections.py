"""How the page holds up under connections: `python -m benchmarks.connections`.

Data: the seeds' articles and questions. The page is served by a process of its own. One client holds 500
connections open: a third send nothing, a third half a head, a third half a body. Whatever the server closes is opened anew.
Meanwhile 200 clients ask once, all at the same moment, and another opens the page again and again. Measured are how long the
page and the refusals take, and what becomes of the questions. It takes a minute or two.
"""

import argparse
import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.crowd import SEEDS, Asked, Site, at_once
from benchmarks.page import serve_page
from qa.evaluation.metrics.speed import percentile

_PARTS = (
    b"",
    b"GET / HTTP/1.1\r\nX-Half: ",
    b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{",
)
_BAR = 2.0  # seconds


@contextmanager
def held(address: str, n: int) -> Iterator[list[int]]:
    """Hold n connections open, and yield the number of those that the server has closed so far."""
    host, port = urlsplit(address).hostname, urlsplit(address).port
    assert host
    assert port
    ended, n_closed = threading.Event(), [0]

    def connect(number: int) -> socket.socket:
        opened = socket.create_connection((host, port), timeout=30)
        opened.sendall(_PARTS[number % len(_PARTS)])
        opened.setblocking(False)
        return opened

    connections = [connect(number) for number in range(n)]

    def hold() -> None:
        while not ended.wait(0.2):
            for number, opened in enumerate(connections):
                try:
                    if opened.recv(65_536):
                        continue
                except BlockingIOError:
                    continue
                except OSError:
                    pass
                n_closed[0] += 1
                opened.close()
                connections[number] = connect(number)

    holding = threading.Thread(target=hold)
    holding.start()
    try:
        yield n_closed
    finally:
        ended.set()
        holding.join()
        for opened in connections:
            opened.close()


@contextmanager
def visiting(address: str) -> Iterator[list[tuple[int, float]]]:
    """Open the page again and again, and yield each time's status and seconds."""
    ended, visits = threading.Event(), list[tuple[int, float]]()

    def visit() -> None:
        while not ended.is_set():
            start = time.perf_counter()
            try:
                status = httpx.get(f"{address}/", timeout=60).status_code
            except httpx.HTTPError:
                status = 0
            visits.append((status, time.perf_counter() - start))
            ended.wait(0.2)

    thread = threading.Thread(target=visit)
    thread.start()
    try:
        yield visits
    finally:
        ended.set()
        thread.join()


def report(address: str, n_idle: int, n_asking: int, questions: list[str]) -> None:
    """Measure and print the table."""
    site = Site(address)
    site.ask(questions[0])

    def ask(question: str) -> Asked:
        start = time.perf_counter()
        try:
            return site.ask(question)
        except httpx.HTTPError as error:
            return Asked(question, time.perf_counter() - start, refused=f"lost: {type(error).__name__}")

    print("| while | page opened, or busy | slowest, s | answered | told busy | slowest, s | lost | closed by the server |")
    print("|---|---|---|---|---|---|---|---|")
    for n_held, n in ((0, 0), (n_idle, 0), (n_idle, n_asking)):
        with held(address, n_held) as n_closed, visiting(address) as visits:
            time.sleep(5)
            asked = at_once(n, ask, questions) if n else []
            time.sleep(2)
        lost = [each for each in asked if each.refused.startswith("lost")]
        busy = [each for each in asked if each.refused and each not in lost]
        told = [seconds for status, seconds in visits if status in (200, 503)]
        n_opened = sum(status == 200 for status, _ in visits)
        cells = [
            f"{n_held} idle, {n} asking",
            f"{n_opened} and {len(told) - n_opened} of {len(visits)}",
            f"{max(told, default=0):.2f}",
            str(len(asked) - len(busy) - len(lost)),
            str(len(busy)),
            f"{percentile([each.seconds for each in busy], 1.0):.2f}" if busy else "",
            str(len(lost)),
            str(n_closed[0]),
        ]
        print("| " + " | ".join(cells) + " |", flush=True)
        if n and (lost or len(told) < len(visits) or max(told) > _BAR):
            print(f"Not within {_BAR:.0f} s for all.")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--asking", type=int, default=200)
    arguments = parser.parse_args()
    lines = (SEEDS / "questions.jsonl").read_text().splitlines()
    questions = [each["question"] for line in lines if line.strip() and not (each := json.loads(line)).get("history")]
    with tempfile.TemporaryDirectory() as folder, serve_page(Path(folder), str(SEEDS)) as address:
        report(address, arguments.idle, arguments.asking, questions)


if __name__ == "__main__":
    main()
