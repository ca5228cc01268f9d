"""Uploads of one name are one article where their texts have something in common, and else two."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qa import Assistant
from qa.sources.files import Upload
from qa.types.articles import Report

HOLM = "The slip at Holm was sold to Brandt Paints for 40,000 dollars in the spring of 1998."
QUAY = "A crane fell into the water beside the customs house, and nobody saw it fall."

Add = Callable[..., Report]


@pytest.fixture
def add(assistant: Assistant, tmp_path: Path) -> Add:
    """Return a function that uploads texts under names."""

    def upload(*files: tuple[str, str]) -> Report:
        uploads = []
        for number, (name, text) in enumerate(files):
            path = tmp_path / f"{len(assistant.articles())}-{number}"
            path.write_text(text)
            uploads.append(Upload(name, path))
        return assistant.add(uploads)

    return upload


def sources(assistant: Assistant) -> dict[str, str]:
    return {each.source: assistant.article(each.id).text for each in assistant.articles()}


def test_another_text_under_the_same_name_is_another_article(assistant: Assistant, add: Add) -> None:
    add(("bills/bill.txt", HOLM))
    assert [each.source for each in add(("bills/bill.txt", QUAY)).added] == ["bills/bill (2).txt"]
    assert sources(assistant) == {"bills/bill.txt": HOLM, "bills/bill (2).txt": QUAY}
    report = add(("bills/bill.txt", QUAY), ("bills/bill.txt", HOLM))
    assert ([each.source for each in report.unchanged], report.added) == (["bills/bill (2).txt", "bills/bill.txt"], ())


def test_a_changed_text_under_the_same_name_is_a_new_version_of_its_article(assistant: Assistant, add: Add) -> None:
    add(("bill.txt", HOLM), ("bill.txt", QUAY))
    assert set(sources(assistant)) == {"bill.txt", "bill (2).txt"}
    changed = QUAY.replace("nobody", "a guard") + " It was lifted out on Friday."
    assert [each.source for each in add(("bill.txt", changed)).updated] == ["bill (2).txt"]
    assert sources(assistant) == {"bill.txt": HOLM, "bill (2).txt": changed}


def test_the_same_text_twice_in_one_addition_is_one_article(assistant: Assistant, add: Add) -> None:
    add(("bill.txt", HOLM), ("bill.txt", HOLM))
    assert sources(assistant) == {"bill.txt": HOLM}


def test_a_number_whose_article_was_removed_is_free_again(assistant: Assistant, add: Add) -> None:
    add(("bill.txt", HOLM), ("bill.txt", QUAY))
    assistant.remove(next(each.id for each in assistant.articles() if each.source == "bill.txt"))
    assert add(("bill.txt", QUAY)).unchanged
    report = add(("bill.txt", "Rain fell on every day of that July, said the harbour master."))
    assert [each.source for each in report.added] == ["bill.txt"]


def test_tables_of_one_name_are_compared_by_their_rows(assistant: Assistant, add: Add) -> None:
    add(("rows.csv", f"id,text\n1,{HOLM.replace(',', '')}\n"))
    report = add(("rows.csv", f"id,text\n1,{QUAY.replace(',', '')}\n2,{QUAY.replace(',', ';')}\n"))
    assert [each.source for each in report.added] == ["rows (2).csv#1", "rows (2).csv#2"]


def test_texts_without_spaces_are_compared_by_their_characters(assistant: Assistant, add: Add) -> None:
    first, second = (
        "町長の鈴木花子は新しい図書館を開館させた。費用は三億円だった。",
        "港の倉庫で火事があり、けが人はいなかった。原因は調査中である。",
    )
    add(("記事.txt", first))
    assert add(("記事.txt", second)).added
    assert add(("記事.txt", first.replace("三億", "四億"))).updated
