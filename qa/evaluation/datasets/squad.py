"""SQuAD files: a folder of articles, and test questions on them."""

import json
from pathlib import Path
from typing import Any

from qa.evaluation.datasets.questions import TestQuestion
from qa.types.errors import QuestionsUnreadable


def unpack_squad(path: Path, folder: Path | None) -> list[TestQuestion]:
    """Write each paragraph of a SQuAD 1.1 or 2.0 file as an article into a folder, and return the questions on them.

    Args:
        path: the JSON file.
        folder: of the articles. None writes nothing.

    Raises:
        QuestionsUnreadable: the file is not in SQuAD's format.

    Source: Rajpurkar et al., EMNLP 2016, arXiv 1606.05250; ACL 2018, arXiv 1806.03822.
    """
    try:
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
        return [question for number, article in enumerate(articles) for question in _unpack(number, article, folder)]
    except json.JSONDecodeError as error:
        raise QuestionsUnreadable(f"{path}, line {error.lineno}: this is no JSON ({error.msg}).") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise QuestionsUnreadable(f"{path} cannot be read as a SQuAD file ({type(error).__name__}: {error}).") from error


def _unpack(number: int, article: dict[str, Any], folder: Path | None) -> list[TestQuestion]:
    questions = []
    subfolder = f"{number:03d}"  # titles are not safe as file names
    if folder is not None:
        (folder / subfolder).mkdir(parents=True)
    for count, paragraph in enumerate(article["paragraphs"]):
        name = f"{subfolder}/{count:03d}.txt"
        if folder is not None:
            (folder / name).write_bytes(paragraph["context"].encode())
        for entry in paragraph["qas"]:
            answers = [] if entry.get("is_impossible") else [answer["text"] for answer in entry["answers"]]
            questions.append(TestQuestion(str(entry["id"]), entry["question"], tuple(dict.fromkeys(answers)), name))
    return questions
