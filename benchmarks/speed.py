"""What a question costs beside encoding it: `python -m benchmarks.speed --squad dev-v1.1.json`.

Asking and encoding alternate question by question, so that what else the machine does weighs on both alike.
"""

import argparse
import random
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from qa import Assistant
from qa.evaluation import unpack_squad


def main() -> None:
    """Print the medians and their ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--squad", type=Path, required=True, help="a SQuAD file; each paragraph becomes an article")
    options.add_argument("--questions", type=int, default=1000)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        questions = unpack_squad(chosen.squad, Path(temporary, "articles"))
        assistant = Assistant.open(Path(temporary, "library"))
        began = time.perf_counter()
        report = assistant.add(Path(temporary, "articles"))
        added = time.perf_counter() - began
        random.Random(chosen.seed).shuffle(questions)
        asked = [question.question for question in questions[: chosen.questions]]
        print(f"{len(report.added)} articles added in {added:.0f} s, {len(report.added) / added:.0f} a second")
        print(_compare(assistant, asked))


def _compare(assistant: Assistant, questions: list[str]) -> str:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(assistant.encoder.files.folder), device="cpu")
    for question in questions[:200]:  # until both are warm
        assistant.ask(question)
        model.encode(question)
    asking, encoding = [], []
    for question in questions:
        began = time.perf_counter()
        model.encode(question)
        between = time.perf_counter()
        assistant.ask(question)
        encoding.append(between - began)
        asking.append(time.perf_counter() - between)
    ask, encode = median(asking), median(encoding)
    return f"median of {len(questions)}: ask {ask * 1e3:.2f} ms, model.encode {encode * 1e3:.2f} ms, ratio {ask / encode:.2f}"


if __name__ == "__main__":
    main()
