"""A run as JUnit XML, which build servers show: a test case for each question."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from qa.evaluation.failure_reasons import cause
from qa.evaluation.outcomes import Outcome
from qa.evaluation.run import Run
from qa.types.errors import RunUnreadable

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def save_junit(run: Run, path: Path) -> None:
    """Write a test case for each question, failed where its cause is not `right`, with what was expected and what came.

    Raises:
        RunUnreadable: the file cannot be written.
    """
    failed = [outcome for outcome in run.outcomes if cause(outcome) != "right"]
    suite = ET.Element(
        "testsuite",
        name=_text(run.name or "pullquote"),
        tests=str(len(run.outcomes)),
        failures=str(len(failed)),
        errors="0",
        skipped="0",
        time=f"{sum(outcome.seconds for outcome in run.outcomes):.3f}",
        timestamp=run.made.date,
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in run.figures.values.items():
        ET.SubElement(properties, "property", name=name, value=f"{value:.6g}")
    for outcome in run.outcomes:
        _add(suite, outcome)
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    try:
        ET.ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise RunUnreadable(f"{path} cannot be written: {error}.") from error


def _add(suite: ET.Element, outcome: Outcome) -> None:
    case = ET.SubElement(
        suite, "testcase", classname="pullquote", name=_text(outcome.question.id), time=f"{outcome.seconds:.3f}"
    )
    why = cause(outcome)
    if why != "right":
        failure = ET.SubElement(case, "failure", type=why, message=_text(f"{why}: {outcome.question.question}"))
        failure.text = _text(_told(outcome))


def _told(outcome: Outcome) -> str:
    if outcome.question.answers is None:
        expected = ", ".join(outcome.gold_articles)
    else:
        expected = " | ".join(outcome.question.answers) or "nothing: the articles do not say"
    came = [f"{quote.rank}. {quote.text} ({quote.article.source})" for quote in outcome.quotes]
    asked = [*outcome.question.history, outcome.question.question]
    return "\n".join(
        [
            f"asked: {' / '.join(asked)}",
            f"expected: {expected}",
            "came:",
            *(came or ["nothing"]),
            f"confidence: {outcome.confidence:.2f}",
        ]
    )


def _text(text: str) -> str:
    """The text with characters that XML cannot hold replaced."""
    return _NOT_XML.sub("\ufffd", text)
