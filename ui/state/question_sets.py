"""The sets of test questions that the page can ask: files it was started with, and one that a reader brings along."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.evaluation import TestQuestion, load_question_set
from qa.types.errors import QuestionsUnreadable

UPLOADED = "file"  # what is chosen for a file of the reader's


class QuestionSets:
    """Sets of test questions by number, so that no path comes from a browser."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = list(files)

    def names(self) -> dict[str, str]:
        """What a reader can choose, by what a form sends for it."""
        found = [path for path in self._files if path.is_file()]
        return {str(number): f"{path.parent.name}/{path.name}" for number, path in enumerate(found)}

    def load(self, chosen: str, content: str) -> list[TestQuestion]:
        """The questions of a set, or of the text of a file that was brought along.

        Raises:
            QuestionsUnreadable: there is no such set, or it cannot be read.
        """
        if chosen == UPLOADED:
            return _brought(content)
        files = [path for path in self._files if path.is_file()]
        if not (chosen.isdecimal() and chosen.isascii() and int(chosen) < len(files)):
            raise QuestionsUnreadable("There is no such set of test questions: choose another, or bring a file.")
        return _accepted(load_question_set(files[int(chosen)]).questions)


def _brought(content: str) -> list[TestQuestion]:
    if not content:
        raise QuestionsUnreadable("No file was chosen: choose one with test questions, one JSON object a line.")
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        path = Path(temporary, "the file of questions")
        path.write_text(content, encoding="utf-8", errors="surrogatepass", newline="")
        try:
            return _accepted(load_question_set(path).questions)
        except QuestionsUnreadable as error:
            raise QuestionsUnreadable(str(error).replace(str(path), "The file")) from error


def _accepted(questions: list[TestQuestion]) -> list[TestQuestion]:
    found = [question for question in questions if not question.draft]
    if not found:
        raise QuestionsUnreadable("These are drafts only: accept them first, with `pullquote questions accept`.")
    return found
