"""Whether articles that disagree are reported: `python -m benchmarks.disagreements --ramdocs FILE --squad FILE`.

Data: RAMDocs (Wang et al. 2025, arXiv 2504.13079), which gives some documents for each question, each with its answer or none.
Each question is asked of a library of its documents, then again without the documents of all answers but the first, so that
nothing disagrees. And SQuAD, whose questions were each written on one paragraph, so that hardly any reported disagreement is
true. Only questions of the types that Pullquote compares are asked.

The rules were chosen on the first half of RAMDocs and on SQuAD's articles with even numbers. It takes some minutes.
"""

import argparse
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.support.squad import is_odd, library
from embeddings import DEFAULT_MODEL, Encoder
from qa import Answer, Assistant
from qa.answer.disagreements import ComparableType, comparable_type
from qa.evaluation import TestQuestion
from qa.question.intents import parse_intent
from qa.text.answer_types import expected_type
from qa.text.near_duplicates import normalize_words

_COMPARED = ("number", "date", "words")  # types of answers; the data has no yes-or-no questions


@dataclass
class Tally:
    """Counts over some questions."""

    asked: int = 0
    claimed: int = 0  # questions with a disagreement reported
    found: int = 0  # questions for which two of the documents' answers were listed
    listed: int = 0  # values in all
    right: int = 0  # values that are an answer of the documents
    reports: list[str] = field(default_factory=list)

    def add(self, answer: Answer, answers: Iterable[str]) -> None:
        """Count the answer to a question, given the answers in the documents."""
        values = [value.text for disagreement in answer.disagreements for value in disagreement.values]
        hits = [[gold for gold in answers if _same(value, gold)] for value in values]
        self.asked += 1
        self.claimed += bool(values)
        self.found += len({gold for golds in hits for gold in golds[:1]}) > 1
        self.listed += len(values)
        self.right += sum(map(bool, hits))
        if values:
            self.reports.append(f"{answer.question} {' | '.join(values)} (documents: {' | '.join(sorted(answers))})")


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask the questions and print a table for each half."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--ramdocs", type=Path, help="RAMDocs_test.jsonl")
    options.add_argument("--squad", type=Path, help="a SQuAD file; each paragraph becomes an article")
    options.add_argument("--questions", type=int, default=1000, help="of SQuAD, for each half")
    options.add_argument("--half", type=int, choices=(1, 2), help="only that half")
    options.add_argument("--list", action="store_true", help="list what was claimed to differ")
    chosen = options.parse_args(arguments)
    encoder = Encoder.load(DEFAULT_MODEL)
    for half in [chosen.half] if chosen.half else [1, 2]:
        status = "tuned on" if half == 1 else "not tuned on"
        if chosen.ramdocs:
            _print(f"RAMDocs, half {half} ({status})", _ramdocs(chosen.ramdocs, half, encoder), chosen.list)
        if chosen.squad:
            _print(f"SQuAD, half {half} ({status})", _squad(chosen.squad, half, chosen.questions), chosen.list)


def _ramdocs(path: Path, half: int, encoder: Encoder) -> dict[str, Tally]:
    lines = path.read_text("utf-8").splitlines()
    middle = len(lines) // 2
    tallies = {
        f"{kind}: documents {given}": Tally() for kind in _COMPARED for given in ("differ", "do not", "cut down to one answer")
    }
    for line in lines[:middle] if half == 1 else lines[middle:]:
        row = json.loads(line)
        kind = _comparable_type(row["question"])
        if kind not in _COMPARED:
            continue
        documents = row["documents"]
        answers = list(
            dict.fromkeys(each["answer"] for each in documents if each["type"] != "noise" and each["answer"] != "unknown")
        )
        with TemporaryDirectory(prefix="pullquote-") as temporary:
            assistant = _library(Path(temporary), [each["text"] for each in documents], encoder)
            given = "differ" if len(answers) > 1 else "do not"
            tallies[f"{kind}: documents {given}"].add(assistant.ask(row["question"]), answers)
            if len(answers) > 1:
                for reference in assistant.articles():
                    if documents[int(Path(reference.source).stem)]["answer"] in answers[1:]:
                        assistant.remove(reference.id)
                tallies[f"{kind}: documents cut down to one answer"].add(assistant.ask(row["question"]), answers[:1])
    return tallies


def _library(folder: Path, texts: Sequence[str], encoder: Encoder) -> Assistant:
    (folder / "articles").mkdir()
    for number, text in enumerate(texts):
        (folder / "articles" / f"{number:03}.txt").write_text(text, "utf-8")
    assistant = Assistant.open(folder / "library")
    assistant._encoder = encoder  # loaded once for all the libraries
    assistant.add(folder / "articles")
    return assistant


def _squad(path: Path, half: int, n: int) -> dict[str, Tally]:
    tallies = {f"{kind}: one paragraph answers": Tally() for kind in _COMPARED}
    with library(path) as (assistant, all_questions):
        questions = [question for question in all_questions if _is_compared(question, half)]
        random.Random(0).shuffle(questions)
        for question in questions[:n]:
            kind = _comparable_type(question.question)
            tallies[f"{kind}: one paragraph answers"].add(assistant.ask(question.question), question.answers)
    return tallies


def _is_compared(question: TestQuestion, half: int) -> bool:
    return _comparable_type(question.question) in _COMPARED and is_odd(question) == (half == 2)


def _comparable_type(question: str) -> ComparableType | None:
    return comparable_type(question, expected_type(question), parse_intent(question))


def _same(value: str, gold: str) -> bool:
    """Tell whether a value and a document's answer are the same, or one is part of the other: "1900", "January 1, 1900"."""
    a, b = normalize_words(value), normalize_words(gold)
    return a in b or b in a


def _print(title: str, tallies: dict[str, Tally], with_list: bool) -> None:
    table = Table(
        "questions", "asked", "claimed", "two answers listed", "values", "of them right", title=title, box=None, pad_edge=False
    )
    for name, tally in tallies.items():
        table.add_row(
            name,
            str(tally.asked),
            *(_share(n, of) for n, of in ((tally.claimed, tally.asked), (tally.found, tally.asked))),
            str(tally.listed),
            _share(tally.right, tally.listed),
        )
    console = Console(width=140)
    console.print(table)
    if with_list:
        for name, tally in tallies.items():
            for report in tally.reports:
                console.print(f"{name}: {report}", soft_wrap=True, markup=False, highlight=False)


def _share(n: int, of: int) -> str:
    return f"{n} ({n / of:.3f})" if of else "0"


if __name__ == "__main__":
    main()
