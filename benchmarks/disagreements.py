"""Whether articles that differ are seen to: `python -m benchmarks.disagreements --ramdocs FILE --squad FILE`.

RAMDocs (Wang and others 2025, arXiv 2504.13079) gives some documents for each question, each with the answer it gives or none.
A library is made of each question's documents and the question asked of it; then again without the documents of all answers
but the first, so that no difference is left to be found. In SQuAD each question was written on one paragraph, so hardly any
claim that paragraphs differ is true. The rules were chosen on the first half of RAMDocs and on SQuAD's articles with even
numbers. Only questions are asked for which something may be claimed.
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

from benchmarks.squad import is_odd, library
from embeddings import DEFAULT_MODEL, Encoder
from qa import Answer, Assistant
from qa.answer.disagreements import comparable_type
from qa.evaluation import TestQuestion
from qa.library.records import comparable
from qa.text.answer_types import expected

_COMPARED = ("number", "date", "words")  # what is compared; the data has no questions for yes or no


@dataclass
class Tally:
    """What came of some questions."""

    asked: int = 0
    claimed: int = 0  # a difference
    found: int = 0  # of which two answers of the documents were listed
    listed: int = 0  # values
    right: int = 0  # of which are an answer of the documents
    alarms: list[str] = field(default_factory=list)

    def add(self, answer: Answer, answers: Iterable[str]) -> None:
        """Count a question's answer, given the answers in the documents."""
        values = [value.text for each in answer.disagreements for value in each.values]
        hits = [[gold for gold in answers if _same(value, gold)] for value in values]
        self.asked += 1
        self.claimed += bool(values)
        self.found += len({gold for each in hits for gold in each[:1]}) > 1
        self.listed += len(values)
        self.right += sum(map(bool, hits))
        if values:
            self.alarms.append(f"{answer.question} {' | '.join(values)} (documents: {' | '.join(sorted(answers))})")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--ramdocs", type=Path, help="RAMDocs_test.jsonl")
    options.add_argument("--squad", type=Path, help="a SQuAD file; each paragraph becomes an article")
    options.add_argument("--questions", type=int, default=1000, help="of SQuAD, for each half")
    options.add_argument("--half", type=int, choices=(1, 2), help="only that half")
    options.add_argument("--list", action="store_true", help="list what was claimed to differ")
    chosen = options.parse_args(arguments)
    encoder = Encoder.load(DEFAULT_MODEL)
    for half in [chosen.half] if chosen.half else [1, 2]:
        told = "tuned on" if half == 1 else "not tuned on"
        if chosen.ramdocs:
            _print(f"RAMDocs, half {half} ({told})", _ramdocs(chosen.ramdocs, half, encoder), chosen.list)
        if chosen.squad:
            _print(f"SQuAD, half {half} ({told})", _squad(chosen.squad, half, chosen.questions), chosen.list)


def _ramdocs(path: Path, half: int, encoder: Encoder) -> dict[str, Tally]:
    lines = path.read_text("utf-8").splitlines()
    middle = len(lines) // 2
    tallies = {
        f"{kind}: documents {given}": Tally() for kind in _COMPARED for given in ("differ", "do not", "cut down to one answer")
    }
    for line in lines[:middle] if half == 1 else lines[middle:]:
        row = json.loads(line)
        kind = comparable_type(row["question"], expected(row["question"]))
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
    with library(path) as (assistant, everything):
        questions = [each for each in everything if _belongs(each, half)]
        random.Random(0).shuffle(questions)
        for question in questions[:n]:
            kind = comparable_type(question.question, expected(question.question))
            tallies[f"{kind}: one paragraph answers"].add(assistant.ask(question.question), question.answers)
    return tallies


def _belongs(question: TestQuestion, half: int) -> bool:
    return comparable_type(question.question, expected(question.question)) in _COMPARED and is_odd(question) == (half == 2)


def _same(value: str, gold: str) -> bool:
    """Whether a value is a document's answer, or a part of it: "1900" of "January 1, 1900"; or the other way round."""
    one, other = comparable(value), comparable(gold)
    return one in other or other in one


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
            for alarm in tally.alarms:
                console.print(f"{name}: {alarm}", soft_wrap=True, markup=False, highlight=False)


def _share(n: int, of: int) -> str:
    return f"{n} ({n / of:.3f})" if of else "0"


if __name__ == "__main__":
    main()
