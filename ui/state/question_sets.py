"""The sets of test questions that the page can ask: files that it was started with, and one that a user uploads."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.evaluation import TestQuestion, load_question_set
from qa.types.errors import QuestionsUnreadable

UPLOADED = "file"  # the choice that stands for the user's own file


class QuestionSets:
    """Sets of test questions by number, so that no path comes from a browser."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = list(files)

    def names(self) -> dict[str, str]:
        """Return the name of each set, by the number that a form sends for it."""
        return {str(number): f"{path.parent.name}/{path.name}" for number, path in enumerate(self._existing())}

    def load(self, choice: str, content: str) -> list[TestQuestion]:
        """Return the questions of a set, or of the text of an uploaded file, without drafts.

        Raises:
            QuestionsUnreadable: there is no such set, or it cannot be read, or it holds only drafts.
        """
        if choice == UPLOADED:
            return _load_text(content)
        files = self._existing()
        if not (choice.isdecimal() and choice.isascii() and int(choice) < len(files)):
            raise QuestionsUnreadable("There is no such set of test questions: choose another, or bring a file.")
        return _load(files[int(choice)])

    def _existing(self) -> list[Path]:
        return [path for path in self._files if path.is_file()]


def _load_text(content: str) -> list[TestQuestion]:
    if not content:
        raise QuestionsUnreadable("No file was chosen: choose one with test questions, one JSON object a line.")
    with TemporaryDirectory(prefix="pullquote-") as folder:
        path = Path(folder, "the file of questions")
        path.write_text(content, encoding="utf-8", errors="surrogatepass", newline="")
        try:
            return _load(path)
        except QuestionsUnreadable as error:
            raise QuestionsUnreadable(str(error).replace(str(path), "The file")) from error


def _load(path: Path) -> list[TestQuestion]:
    questions = [question for question in load_question_set(path).questions if not question.draft]
    if not questions:
        raise QuestionsUnreadable("These are drafts only: accept them first, with `pullquote questions accept`.")
    return questions
