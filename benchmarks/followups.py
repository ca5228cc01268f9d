"""What earlier turns are worth to a follow-up question: `python -m benchmarks.followups --mtrag DIR --canard FILE`.

Data: mtrag_un and CANARD. Each earlier question of the user is asked in a `Conversation`. So a follow-up builds on the quotes
that Pullquote itself showed, and not on the agent's words in the data. Measured is the ranking of articles. Whole
conversations are in one of two halves: the rules and weights were chosen on one, the other was held out. It takes some
minutes for mtrag_un; limit CANARD with --dialogues.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ir_measures
from rich.console import Console
from rich.table import Table

from qa import Answer, Assistant
from qa.question.followups import rewrite
from qa.types.articles import Quote, Turn
from qa.types.settings import LONGEST_QUESTION

_DEPTH = 20  # passages ranked; an article is ranked by its best
_NO_ANSWER = "I don't know."


@dataclass(frozen=True, slots=True)
class Task:
    """A question of a conversation, the turns before it, and the articles it should find."""

    id: str
    group: str  # the conversations of a group are in the same half
    question: str
    earlier: tuple[str, ...]  # the user's turns before
    relevant: frozenset[str]  # file names
    kinds: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()  # to the turns before, if they are quotations
    rewrite: str = ""  # by a person, so that the question stands alone

    @property
    def held_out(self) -> bool:
        """Whether it is in the half that nothing was chosen on."""
        return hashlib.sha256(self.group.encode()).digest()[0] % 2 == 1


def mtrag(folder: Path, articles: Path) -> list[Task]:
    """Write the passages as articles, and return the tasks with earlier turns and relevant passages.

    Source: MTRAG, Katsis et al., TACL 2025, arXiv 2501.03468; its later, harder tasks.
    """
    articles.mkdir(parents=True)
    names = {}
    for number, passage in enumerate(_json_lines(folder / "corpus.jsonl")):
        names[passage["_id"]] = name = f"{number:04d}.txt"
        title = f"{passage['title']}\n\n" if passage["title"] else ""
        (articles / name).write_text(title + passage["text"], encoding="utf-8")
    relevant = defaultdict(set)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, passage_id, _ = line.split("\t")
        relevant[query].add(names[passage_id])
    tasks = []
    for query in _json_lines(folder / "queries.jsonl"):
        earlier = tuple(text for role, text in query["history"] if role == "user")
        if earlier and query["_id"] in relevant:
            kinds = (
                query["collection"],
                *query["turn"],
                *query["answerability"],
                *(f"asks: {kind}" for kind in query["qtype"]),
            )
            group = query["_id"].split("<::>")[0]
            tasks.append(Task(query["_id"], group, query["text"], earlier, frozenset(relevant[query["_id"]]), kinds))
    return tasks


def canard(file: Path, articles: Path) -> list[Task]:
    """Write an article for each dialogue from its title and answers, and return the questions after the first.

    The data has no passages. So an article holds the answers of its own dialogue, those to earlier turns among them.

    Source: CANARD, Elgohary, Peskov and Boyd-Graber, EMNLP 2019; QuAC, Choi et al., EMNLP 2018, arXiv 1808.07036.
    """
    articles.mkdir(parents=True)
    records = json.loads(file.read_text(encoding="utf-8"))
    longest: dict[str, list[str]] = {}
    for record in records:
        longest[record["QuAC_dialog_id"]] = max(longest.get(record["QuAC_dialog_id"], []), record["History"], key=len)
    for dialogue, history in longest.items():
        answers = [answer for answer in history[3::2] if answer != _NO_ANSWER]
        (articles / f"{dialogue}.txt").write_text("\n\n".join([f"{history[0]}: {history[1]}", *answers]), encoding="utf-8")
    tasks = []
    for record in records:
        dialogue, turns = record["QuAC_dialog_id"], record["History"][2:]  # after the article's title and its section's
        if turns:
            name = f"{dialogue}#{record['Question_no']}"
            relevant = frozenset([f"{dialogue}.txt"])
            group = dialogue.rsplit("_", 1)[0]  # the article's
            answers = tuple(turns[1::2])
            tasks.append(
                Task(name, group, record["Question"], tuple(turns[::2]), relevant, answers=answers, rewrite=record["Rewrite"])
            )
    return tasks


class Ways:
    """Ways to ask the last question of a task of one library."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._asked: dict[tuple[str, ...], tuple[Turn, ...]] = {(): ()}
        self._articles = {Path(each.source).name: each for each in assistant.articles()}

    def alone(self, task: Task) -> Answer:
        """Ask the question as if it were the first."""
        return self._assistant.ask(task.question, _DEPTH)

    def joined(self, task: Task) -> Answer:
        """Ask all of the user's turns as one text, cut at its beginning if it is too long."""
        return self._assistant.ask(" ".join([*task.earlier, task.question])[-LONGEST_QUESTION:], _DEPTH)

    def in_conversation(self, task: Task) -> Answer:
        """Ask it in a conversation, after the earlier turns."""
        return self._assistant.ask(task.question, _DEPTH, history=self._turns(task.earlier))

    def with_given_answers(self, task: Task) -> Answer:
        """Ask it in a conversation whose quotes were the data's answers to the earlier turns."""
        history: list[Turn] = []
        (name,) = task.relevant
        article = self._articles[name]
        for question, answer in zip(task.earlier, task.answers, strict=True):
            quotes = () if answer == _NO_ANSWER else (Quote(1, article, 0, len(answer), answer, 1.0, 1.0, None),)
            history.append(Turn(question, rewrite(question, history), quotes))
        return self._assistant.ask(task.question, _DEPTH, history=history)

    def rewritten(self, task: Task) -> Answer:
        """Ask it as a person rewrote it to stand alone."""
        return self._assistant.ask(task.rewrite, _DEPTH)

    def _turns(self, earlier: tuple[str, ...]) -> tuple[Turn, ...]:
        if earlier not in self._asked:
            conversation = self._assistant.conversation()
            conversation.turns = list(self._turns(earlier[:-1]))
            conversation.ask(earlier[-1])
            self._asked[earlier] = tuple(conversation.turns)
        return self._asked[earlier]


def figures(tasks: Sequence[Task], way: Callable[[Task], Answer], measures: Sequence[str]) -> dict[str, dict[str, float]]:
    """Measure each task's ranking of articles, by task."""
    parsed = [ir_measures.parse_measure(name) for name in measures]
    run = []
    for task in tasks:
        ranked = dict.fromkeys(Path(passage.article.source).name for passage in way(task).passages)
        run += [ir_measures.ScoredDoc(task.id, name, -float(rank)) for rank, name in enumerate(ranked)]
    qrels = [ir_measures.Qrel(task.id, name, 1) for task in tasks for name in task.relevant]
    values: dict[str, dict[str, float]] = {task.id: {} for task in tasks}
    for metric in ir_measures.iter_calc(parsed, qrels, run):
        values[metric.query_id][str(metric.measure)] = metric.value
    return values


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def _print(title: str, tasks: Sequence[Task], ways: dict[str, Callable[[Task], Answer]], measures: Sequence[str]) -> None:
    found = {name: figures(tasks, way, measures) for name, way in ways.items()}
    parts: dict[str, list[Task]] = {
        "chosen on": [task for task in tasks if not task.held_out],
        "held out": [task for task in tasks if task.held_out],
        "all": list(tasks),
    }
    for kind in sorted({kind for task in tasks for kind in task.kinds}):
        parts[kind] = [task for task in tasks if kind in task.kinds]
    columns = [f"{name} {measure}" for name in ways for measure in measures]
    table = Table(title, "tasks", *columns, box=None, pad_edge=False)
    for part, some in parts.items():
        means = [sum(found[name][task.id][measure] for task in some) / len(some) for name in ways for measure in measures]
        table.add_row(part, str(len(some)), *(f"{mean:.3f}" for mean in means))
    Console(width=160).print(table)


def _sample_tasks(tasks: Sequence[Task], n: int | None) -> list[Task]:
    """Return the tasks of n conversations, always the same ones."""
    conversations = {task.id.split("#")[0] for task in tasks}
    chosen = set(sorted(conversations, key=lambda name: hashlib.sha256(name.encode()).digest())[:n])
    return [task for task in tasks if task.id.split("#")[0] in chosen]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table for each data set given."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--mtrag", type=Path, help="a folder of corpus.jsonl, queries.jsonl and qrels.tsv")
    options.add_argument("--canard", type=Path, help="CANARD's dev.json")
    options.add_argument("--dialogues", type=int, help="measure on this many of CANARD's dialogues; the library holds all")
    chosen = options.parse_args(arguments)
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        if chosen.mtrag:
            tasks = mtrag(chosen.mtrag, Path(temporary, "mtrag"))
            ways = Ways(_library(Path(temporary, "mtrag")))
            compared = {"last turn alone": ways.alone, "turns joined": ways.joined, "Pullquote": ways.in_conversation}
            _print("mtrag_un", tasks, compared, ("R@5", "nDCG@5"))
        if chosen.canard:
            tasks = _sample_tasks(canard(chosen.canard, Path(temporary, "canard")), chosen.dialogues)
            ways = Ways(_library(Path(temporary, "canard")))
            compared = {"question alone": ways.alone, "questions joined": ways.joined, "Pullquote": ways.in_conversation}
            compared |= {"Pullquote, answers shown": ways.with_given_answers, "a person's rewrite": ways.rewritten}
            _print("canard", tasks, compared, ("R@10",))


def _library(articles: Path) -> Assistant:
    assistant = Assistant.open(articles.with_name(f"{articles.name}-library"))
    assistant.add(articles)
    return assistant


if __name__ == "__main__":
    main()
