"""Columns and tables of a PDF: what stands side by side is not read across, whichever way the file draws it."""

import pytest
from support.pdfs import in_columns, load, page, pdf, shown

LEFT = [
    "The Kelder mill was sold in 1911 to",
    "a family of weavers, who put in two",
    "turbines and a loom of 80 spindles.",
    "They sold it again after the strike.",
]
MIDDLE = [
    "The weir above it was raised twice.",
    "Salmon could not pass it until the",
    "county built a ladder, which cost as",
    "much as the bridge at Dunmore.",
]
RIGHT = [
    "A school stands on the meadow now,",
    "and the loom is shown in its hall to",
    "visitors who ask for the caretaker",
    "before noon on weekdays.",
]


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("columns", [(LEFT, RIGHT), (LEFT, MIDDLE, RIGHT)])
def test_columns_are_read_one_after_another(columns: tuple[list[str], ...], across: bool) -> None:
    assert load(pdf(in_columns(*columns, across=across))).text == "\n\n".join(" ".join(column) for column in columns)


def test_columns_without_common_baselines_are_told_apart() -> None:
    text = load(pdf(in_columns(LEFT + MIDDLE, RIGHT + LEFT, across=True, drop=5))).text
    assert text.split() == " ".join(LEFT + MIDDLE + RIGHT + LEFT).split()


def test_a_text_that_is_one_string_with_a_gap_in_each_line_is_two_columns() -> None:
    lines = [f"{left:52}{right}" for left, right in zip(LEFT, RIGHT, strict=True)]
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>"
    content = "\n".join(shown(40, 700 - 12 * number, line, 9) for number, line in enumerate(lines))
    assert load(pdf(content.encode(), font=font)).text == f"{' '.join(LEFT)}\n\n{' '.join(RIGHT)}"


def test_a_sentence_goes_on_in_the_next_column() -> None:
    ended = [*LEFT[:3], "They sold it again in the spring of"]
    goes_on = ["1924, when the price of cotton had", *RIGHT[1:]]
    text = load(pdf(in_columns(ended, goes_on, across=True))).text
    assert "They sold it again in the spring of 1924, when the price of cotton had" in text


def test_the_last_line_of_a_text_alone_in_its_column_is_read_after_the_others() -> None:
    long = [*LEFT, *LEFT, *LEFT[:3], "They moved the loom to the"]
    text = load(pdf(in_columns(long, ["school."], across=True))).text
    assert text.endswith("They moved the loom to the school.")


def test_a_headline_over_columns_comes_first() -> None:
    headline = shown(40, 740, "The mill at Kelder and what became of its loom", 16).encode()
    text = load(pdf(headline + b"\n" + in_columns(LEFT, RIGHT, across=True))).text
    assert text == f"The mill at Kelder and what became of its loom\n\n{' '.join(LEFT)}\n\n{' '.join(RIGHT)}"


ROWS = [("Mill", "Looms", "Sold"), ("Kelder", "80", "1911"), ("Carrow", "12", "1902"), ("Ivesham", "140", "1930")]


def table(*, across: bool) -> bytes:
    columns = [[row[place] for row in ROWS] for place in range(3)]
    return page(["The mills of the valley, by their looms."], top=740) + b"\n" + in_columns(*columns, across=across, size=12)


def test_the_rows_of_a_table_are_lines() -> None:
    text = load(pdf(table(across=True))).text
    assert (
        text == "The mills of the valley, by their looms.\n\nMill Looms Sold\nKelder 80 1911\nCarrow 12 1902\nIvesham 140 1930"
    )


def test_the_broken_cells_of_a_table_are_read_whole() -> None:
    cells = [
        [(40, 700, "Kelder"), (160, 700, "sold to weavers, who"), (160, 689, "put in two turbines")],
        [(40, 665, "Carrow"), (160, 665, "closed when the weir"), (160, 654, "had been raised")],
        [(40, 630, "Ivesham"), (160, 630, "now a school")],
    ]
    content = "\n".join(shown(x, y, text, 9) for row in cells for x, y, text in row)
    text = load(pdf(content.encode())).text
    assert "sold to weavers, who put in two turbines" in text
    assert "closed when the weir had been raised" in text


def test_the_numbers_of_a_list_are_no_column() -> None:
    items = ["The weir was raised twice.", "The loom is shown to visitors.", "A school stands on the meadow."]
    content = "\n".join(
        shown(40, 700 - 15 * n, f"{n}.", 12) + "\n" + shown(70, 700 - 15 * n, item) for n, item in enumerate(items, 1)
    )
    assert load(pdf(content.encode())).text == "\n".join(f"{n}. {item}" for n, item in enumerate(items, 1))
