"""The benchmark of page layout: it draws what it says, and counts what is lost and what is made up."""

import random

import pytest

from benchmarks import layout
from benchmarks.layout import Document, Writer, measure
from benchmarks.support.typeset import Placed, break_lines, width_of


@pytest.mark.parametrize("across", [True, False])
def test_a_page_in_two_columns_is_read_whole(across: bool) -> None:
    counts = measure(layout._with_tables(Writer(3), 2), across=across)
    assert counts.sentences == counts.whole > 10
    assert counts.made_up == 0


def test_what_is_lost_and_what_is_made_up_is_counted() -> None:
    document = Document(
        [[Placed(56, 700, 10, "The mill was sold. The weir was raised.")]], [["The mill was sold.", "The weir was built."]]
    )
    counts = measure(document, across=False)
    assert (counts.sentences, counts.whole, counts.made_up) == (2, 1, 1)


def test_lines_fit_and_make_up_the_text_again() -> None:
    text = " ".join(Writer(5).sentence() for _ in range(10))
    widths = [random.Random(2).uniform(90, 200) for _ in range(200)]
    lines = list(break_lines(text, 10, iter(widths)))
    assert all(width_of(line, 10) <= width for line, width in zip(lines, widths, strict=False))
    assert any(line.endswith("-") for line in lines)
    letters = "".join(text.split()).replace("-", "")
    assert "".join("".join(lines).split()).replace("-", "") == letters
