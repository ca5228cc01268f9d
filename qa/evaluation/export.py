"""Runs as TREC has them, for trec_eval, ir_measures and whatever else reads the format."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from qa.evaluation.metrics.measures import Level
from qa.evaluation.outcomes import Outcome
from qa.evaluation.relevance import Endings
from qa.evaluation.run import Run
from qa.types.errors import RunUnreadable

_NOT_IN_A_COLUMN = re.compile(r"[\s%]")


def save_trec_run(run: Run, path: Path, level: Level = "passage") -> None:
    """Write what was ranked, six columns a line: question, Q0, item, rank from 1, score, name of the run.

    Scores only order: the first of n has n. An id with white space in it is written with %20 and its like. Articles go by the
    name that a question's relevance judgements give them, and by their id where none does; passages by "article id:start:end".

    Raises:
        RunUnreadable: the file cannot be written.
    """
    named, tag = _Names(run), _column(run.name or "pullquote")
    lines = (
        f"{_column(outcome.question.id)} Q0 {named.item(item)} {rank} {len(ranking) - rank + 1} {tag}\n"
        for outcome in run.outcomes
        for ranking in [_ranking(outcome, level)]
        for rank, item in enumerate(ranking, start=1)
    )
    _write(path, lines)


def save_qrels(run: Run, path: Path, level: Level = "passage") -> None:
    """Write what should have been found, four columns a line: question, 0, item, grade; ids as in `save_trec_run`.

    Raises:
        RunUnreadable: the file cannot be written.
    """
    named = _Names(run)
    lines = (
        f"{_column(outcome.question.id)} 0 {named.item(item)} {grade}\n"
        for outcome in run.outcomes
        for item, grade in _gold(outcome, level).items()
    )
    _write(path, lines)


class _Names:
    """What articles are called in relevance judgements."""

    def __init__(self, run: Run) -> None:
        endings = Endings(run.sources)
        judged = dict.fromkeys(name for outcome in run.outcomes for name, _ in outcome.question.relevant)
        self._names = {article_id: name for name in judged for article_id in endings.of(name)}

    def item(self, item: str) -> str:
        return _column(self._names.get(item, item))


def _ranking(outcome: Outcome, level: Level) -> Sequence[str]:
    return outcome.articles if level == "article" else outcome.passages


def _gold(outcome: Outcome, level: Level) -> Mapping[str, int]:
    return outcome.gold_articles if level == "article" else outcome.gold_passages


def _column(text: str) -> str:
    return _NOT_IN_A_COLUMN.sub(lambda found: quote(found.group(), safe=""), text)


def _write(path: Path, lines: Iterator[str]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)
    except OSError as error:
        raise RunUnreadable(f"{path} cannot be written: {error}.") from error
