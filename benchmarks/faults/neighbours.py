"""Two processes write to a library and eight read it: `python -m benchmarks.faults.neighbours --seconds 600 --seed 22`.

Data: a small made-up library, encoded by arithmetic. The writers add, change and remove articles, each as soon as the other
lets it. Each reader asks and notes the answer with its generation. There must be no error, and all readers of one generation
must have the same quotes.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from functools import partial
from pathlib import Path

from support.quick import harbours, open_quick, store

from benchmarks.faults import children
from benchmarks.faults.children import Board
from qa.types.errors import LibraryBusy

WRITERS, READERS = 2, 8
QUESTIONS = ("When did harbour 3 freeze?", "Who skated on day 5?", "When did harbour 9 freeze?")


def write(folder: Path, number: int, seed: int, until: float, board: Board) -> None:
    """Change a library until a moment. Only a library that the other writer holds may refuse."""
    draw = random.Random(f"{seed} {number}")
    assistant = open_quick(folder)
    while time.monotonic() < until:
        n = draw.randrange(12)
        try:
            if draw.random() < 0.7:
                store(assistant, **harbours(n, n + 1, draw.choice(["noon", "dawn", "dusk"])))
            elif len(listed := assistant.articles()) > 6:
                with assistant.library.writing():
                    assistant.library.remove([draw.choice(listed).id])
                    assistant._update_indexes()
            board.write("changed")
        except LibraryBusy:
            board.write("busy")
        time.sleep(draw.random() * 0.2)


def read(folder: Path, number: int, until: float, board: Board) -> None:
    """Ask until a moment, and report each answer with its generation."""
    assistant = open_quick(folder)
    last = dict[str, int]()
    while time.monotonic() < until:
        for question in QUESTIONS:
            answer = assistant.ask(question)
            if answer.generation < last.get(question, 0):
                board.write(f"wrong generation {answer.generation} after {last[question]}")
            if answer.generation > last.get(question, 0):  # the board is small
                places = [
                    (quote.article.id, quote.article.version, quote.start, quote.end, quote.text) for quote in answer.quotes
                ]
                board.write(json.dumps([answer.generation, question, hash(tuple(places))]))
            last[question] = answer.generation
            board.write(".")
        time.sleep(0.02)


def run(top: Path, seconds: float, seed: int) -> tuple[dict[str, int], list[str]]:
    """Let writers and readers loose on a library. Return what they did, and what went wrong."""
    folder = top / "library"
    children.run(lambda: store(open_quick(folder), **harbours(0, 12)))
    until, boards, pids = time.monotonic() + seconds, list[Board](), list[int]()
    for number in range(WRITERS + READERS):
        board = Board()
        work = partial(write, folder, number, seed) if number < WRITERS else partial(read, folder, number)
        pids.append(children.fork(partial(work, until, board), board, longest=int(seconds) + children.LONGEST))
        boards.append(board)
    codes = [children.wait(pid) for pid in pids]
    lines = [line for board in boards for line in board.lines()]
    problems = [line for line in lines if line.startswith(("!", "refused", "wrong"))]
    problems += [f"ended with {code}" for code in codes if code < 0]
    answers = defaultdict[tuple[int, str], set[int]](set)
    for line in lines:
        if line.startswith("["):
            generation, question, places = json.loads(line)
            answers[generation, question].add(places)
    problems += [
        f"generation {generation}: {question} has {len(each)} answers"
        for (generation, question), each in answers.items()
        if len(each) > 1
    ]
    counts = {name: lines.count(line) for name, line in (("changes", "changed"), ("refused as busy", "busy"), ("answers", "."))}
    return {**counts, "generations": len({generation for generation, _ in answers})}, problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        counts, problems = run(Path(name), arguments.seconds, arguments.seed)
    for problem in problems[:20]:
        print(problem.replace("\\n", "\n"), file=sys.stderr)
    print(f"{', '.join(f'{n} {name}' for name, n in counts.items())}, {len(problems)} errors (seed {arguments.seed})")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
