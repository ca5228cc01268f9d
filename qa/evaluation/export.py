"""Runs in the formats of other tools: TREC runs and judgements for trec_eval and ir_measures, JUnit XML for build servers."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from embeddings.atomic_write import write_output
from qa.evaluation.failure_reasons import cause
from qa.evaluation.metrics.measures import Level
from qa.evaluation.metrics.outcomes import Outcome
from qa.evaluation.relevance import SourceSuffixes
from qa.evaluation.run import Run
from qa.types.errors import RunUnreadable

_NOT_IN_A_COLUMN = re.compile(r"[\s%]")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def save_trec_run(run: Run, path: Path, level: Level = "passage") -> None:
    """Write the rankings as a TREC run, six columns a line: question, Q0, item, rank from 1, score, run name.

    Scores only give the order: the first of n items scores n. White space in ids is percent-encoded. An article goes by the
    name that relevance judgements give it, otherwise by its id. A passage is "article id:start:end".

    Raises:
        RunUnreadable: the file cannot be written.
    """
    names, tag = _ArticleNames(run), _to_column(run.name or "pullquote")
    lines = (
        f"{_to_column(outcome.question.id)} Q0 {names.to_column(item)} {rank} {len(ranking) - rank + 1} {tag}\n"
        for outcome in run.outcomes
        for ranking in [_ranking(outcome, level)]
        for rank, item in enumerate(ranking, start=1)
    )
    _write(path, lines)


def save_qrels(run: Run, path: Path, level: Level = "passage") -> None:
    """Write the relevance judgements, four columns a line: question, 0, item, grade. Ids are as in `save_trec_run`.

    Raises:
        RunUnreadable: the file cannot be written.
    """
    names = _ArticleNames(run)
    lines = (
        f"{_to_column(outcome.question.id)} 0 {names.to_column(item)} {grade}\n"
        for outcome in run.outcomes
        for item, grade in _gold(outcome, level).items()
    )
    _write(path, lines)


class _ArticleNames:
    """The names that relevance judgements give to articles."""

    def __init__(self, run: Run) -> None:
        suffixes = SourceSuffixes(run.sources)
        judged = dict.fromkeys(name for outcome in run.outcomes for name, _ in outcome.question.relevant)
        self._names = {article_id: name for name in judged for article_id in suffixes.find(name)}

    def to_column(self, item: str) -> str:
        return _to_column(self._names.get(item, item))


def _ranking(outcome: Outcome, level: Level) -> Sequence[str]:
    return outcome.articles if level == "article" else outcome.passages


def _gold(outcome: Outcome, level: Level) -> Mapping[str, int]:
    return outcome.gold_articles if level == "article" else outcome.gold_passages


def _to_column(text: str) -> str:
    return _NOT_IN_A_COLUMN.sub(lambda match: quote(match.group(), safe=""), text)


def _write(path: Path, lines: Iterator[str]) -> None:
    try:
        write_output(path, "".join(lines).encode())
    except OSError as error:
        raise RunUnreadable(f"{path} cannot be written: {error}.") from error


def save_junit(run: Run, path: Path) -> None:
    """Write a JUnit XML file with a test case for each question.

    A case fails if its cause is not `right`. It then shows what was expected and what was quoted.

    Raises:
        RunUnreadable: the file cannot be written.
    """
    n_failed = sum(cause(outcome) != "right" for outcome in run.outcomes)
    suite = ET.Element(
        "testsuite",
        name=_to_xml(run.name or "pullquote"),
        tests=str(len(run.outcomes)),
        failures=str(n_failed),
        errors="0",
        skipped="0",
        time=f"{sum(outcome.seconds for outcome in run.outcomes):.3f}",
        timestamp=run.made.date,
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in run.figures.values.items():
        ET.SubElement(properties, "property", name=name, value=f"{value:.6g}")
    for outcome in run.outcomes:
        _add_case(suite, outcome)
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    try:
        write_output(path, ET.tostring(suites, encoding="utf-8", xml_declaration=True))
    except OSError as error:
        raise RunUnreadable(f"{path} cannot be written: {error}.") from error


def _add_case(suite: ET.Element, outcome: Outcome) -> None:
    name, seconds = _to_xml(outcome.question.id), f"{outcome.seconds:.3f}"
    case = ET.SubElement(suite, "testcase", classname="pullquote", name=name, time=seconds)
    reason = cause(outcome)
    if reason != "right":
        message = _to_xml(f"{reason}: {outcome.question.question}")
        ET.SubElement(case, "failure", type=reason, message=message).text = _to_xml(_describe(outcome))


def _describe(outcome: Outcome) -> str:
    if outcome.question.answers is None:
        expected = ", ".join(outcome.gold_articles)
    else:
        expected = " | ".join(outcome.question.answers) or "nothing: the articles do not say"
    quotes = [f"{quote.rank}. {quote.text} ({quote.article.source})" for quote in outcome.quotes]
    turns = [*outcome.question.history, outcome.question.question]
    lines = [
        f"asked: {' / '.join(turns)}",
        f"expected: {expected}",
        "came:",
        *(quotes or ["nothing"]),
        f"confidence: {outcome.confidence:.2f}",
    ]
    return "\n".join(lines)


def _to_xml(text: str) -> str:
    """Replace characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
