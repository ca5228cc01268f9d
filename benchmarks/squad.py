"""SQuAD as a library of its paragraphs, and which half of its articles a question is on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from qa import Assistant, Settings
from qa.evaluation import TestQuestion, unpack_squad
from qa.search.reader.loading import BUNDLED


@contextmanager
def library(
    squad: Path, settings: Settings | None = None, reader: str = BUNDLED
) -> Iterator[tuple[Assistant, list[TestQuestion]]]:
    """A library of all paragraphs of a SQuAD file, each an article, that goes when it was used, and the questions on them."""
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        questions = unpack_squad(squad, Path(temporary, "articles"))
        assistant = Assistant.open(Path(temporary, "library"), reader=reader, settings=settings)
        assistant.add(Path(temporary, "articles"))
        yield assistant, questions


def libraries(
    squad: Path, settings: Settings | None = None, reader: str = BUNDLED
) -> Iterator[tuple[Assistant, list[TestQuestion]]]:
    """A library for each article of a SQuAD file, of its paragraphs, one after the other, and the questions on it.

    Its questions may not say which article they mean, as PolicyQA's do not: "What do you collect?"
    """
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        questions = unpack_squad(squad, Path(temporary, "articles"))
        for folder in sorted(Path(temporary, "articles").iterdir()):
            assistant = Assistant.open(Path(temporary, "libraries", folder.name), reader=reader, settings=settings)
            assistant.add(folder)
            yield assistant, [each for each in questions if str(each.source).startswith(f"{folder.name}/")]


def is_odd(question: TestQuestion) -> bool:
    """Whether a question is on an article with an odd number, which nothing was learned from."""
    return question.source is not None and is_odd_article(question.source)


def is_odd_article(source: str) -> bool:
    """Whether a paragraph's file, or its folder, is of an article with an odd number."""
    return int(source.split("/")[0]) % 2 == 1
