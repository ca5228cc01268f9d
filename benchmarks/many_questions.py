"""Measure how many questions a second `ask_many` answers beside a loop of `ask`, and whether the answers are the same.

python -m benchmarks.many_questions [--reader none] [--rounds 3]
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from qa import Answer, Assistant
from qa.evaluation import load_questions

SEEDS = Path(__file__).parent.parent / "seeds"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", default="bundled", help="as for `pullquote ask`")
    parser.add_argument("--rounds", type=int, default=3, help="of both in turn; the best of each counts")
    chosen = parser.parse_args()
    questions = [each.question for each in load_questions(SEEDS / "questions.jsonl") if not each.history]
    with tempfile.TemporaryDirectory() as folder:
        assistant = Assistant.open(folder, reader=chosen.reader)
        assistant.add(SEEDS)
        loop: Callable[[Sequence[str]], list[Answer]] = lambda asked: [assistant.ask(each) for each in asked]  # noqa: E731
        ways = {"loop": loop, "ask_many": lambda asked: list(assistant.ask_many(asked))}
        best = dict.fromkeys(ways, float("inf"))
        answers: dict[str, list[Answer]] = {}
        loop(questions[:3])  # compiles the models
        for _ in range(chosen.rounds):
            for name, ask in ways.items():
                began = time.perf_counter()
                answers[name] = ask(questions)
                best[name] = min(best[name], time.perf_counter() - began)
    pairs = list(zip(answers["loop"], answers["ask_many"], strict=True))
    same = sum(places(one) == places(other) for one, other in pairs)
    furthest = max(abs(one.confidence - other.confidence) for one, other in pairs)
    print(f"loop {len(questions) / best['loop']:.1f} /s, ask_many {len(questions) / best['ask_many']:.1f} /s, ", end="")
    print(f"ratio {best['loop'] / best['ask_many']:.2f}; {same} of {len(questions)} the same, confidence within {furthest:.0e}")


def places(answer: Answer) -> list[tuple[object, ...]]:
    return [(quote.article.id, quote.start, quote.end, quote.highlight) for quote in answer.quotes]


if __name__ == "__main__":
    main()
