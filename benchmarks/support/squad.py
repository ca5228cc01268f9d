"""SQuAD as a library of its paragraphs, and the half of its articles that nothing was learned from."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from embeddings import DEFAULT_MODEL
from qa import Assistant, Settings
from qa.evaluation import TestQuestion, unpack_squad
from qa.search.reader.loading import BUNDLED


@contextmanager
def library(
    squad: Path, settings: Settings | None = None, reader: str = BUNDLED, model: str = DEFAULT_MODEL
) -> Iterator[tuple[Assistant, list[TestQuestion]]]:
    """Open a temporary library whose articles are the paragraphs of a SQuAD file, with the questions on them."""
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        questions = unpack_squad(squad, Path(temporary, "articles"))
        assistant = Assistant.open(Path(temporary, "library"), model=model, reader=reader, settings=settings)
        assistant.add(Path(temporary, "articles"))
        yield assistant, questions


def libraries(
    squad: Path, settings: Settings | None = None, reader: str = BUNDLED
) -> Iterator[tuple[Assistant, list[TestQuestion]]]:
    """Open a library for each article of a SQuAD file, one after the other, with the questions on it.

    It is for questions that do not say which article they mean, such as PolicyQA's "What do you collect?".
    """
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        questions = unpack_squad(squad, Path(temporary, "articles"))
        for folder in sorted(Path(temporary, "articles").iterdir()):
            assistant = Assistant.open(Path(temporary, "libraries", folder.name), reader=reader, settings=settings)
            assistant.add(folder)
            yield assistant, [question for question in questions if str(question.source).startswith(f"{folder.name}/")]


def is_odd(question: TestQuestion) -> bool:
    """Tell whether a question is on an article with an odd number, which nothing was learned from."""
    return question.source is not None and is_odd_article(question.source)


def is_odd_article(source: str) -> bool:
    """Tell whether a paragraph's file or folder belongs to an article with an odd number."""
    return int(source.split("/")[0]) % 2 == 1
