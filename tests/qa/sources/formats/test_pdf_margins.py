"""What a PDF prints around its text: notes, numbers and heads are set aside, and sentences go on over them."""

import pytest
from support.pdfs import Placed, load, pdf, shown

from qa.sources.formats.draft import Draft

FIRST = [
    "The commission sat in Ivesham for nine days and heard the keeper of",
    "the weir, who said that the ladder for salmon had never been opened.",
    "Nobody on the county board remembered who had ordered it, and it was",
    "written off in the autumn of",
]
SECOND = ["1953, two years before the mill was sold.", "The keeper kept his house."]


def printed(lines: list[str], *more: tuple[float, float, str, float], top: float = 700) -> bytes:
    body = [shown(72, top - 14 * number, line, 11) for number, line in enumerate(lines)]
    return "\n".join([*body, *(shown(*placed) for placed in more)]).encode()


def aside(draft: Draft) -> dict[str, str]:
    return {draft.text[place.start : place.end]: place.rule for place in draft.set_aside}


def test_a_sentence_goes_on_over_the_footnotes_of_a_page() -> None:
    notes = [(72.0, 120.0, "1", 6.0), (78.0, 116.0, "Minutes of the board, 3 May 1953, in the county archive,", 8.0)]
    notes += [(76.0, 106.0, "second shelf.", 8.0), (72.0, 96.0, "2 Letter of the keeper.", 8.0)]
    draft = load(pdf(printed(FIRST, *notes), printed(SECOND)))
    assert "it was written off in the autumn of 1953, two years before the mill was sold." in draft.text
    assert aside(draft) == {
        "1 Minutes of the board, 3 May 1953, in the county archive, second shelf.": "footnote",
        "2 Letter of the keeper.": "footnote",
    }


def test_small_print_that_begins_like_no_footnote_may_be_quoted() -> None:
    draft = load(pdf(printed(FIRST, (72, 120, "Printed at the press of Kelder.", 8)), printed(SECOND)))
    assert not draft.set_aside


@pytest.mark.parametrize("heads", [("Report on the weir", "Report on the weir"), ("Minutes 41", "Salmon 42", "The board 43")])
def test_running_heads_are_set_aside(heads: tuple[str, ...]) -> None:
    texts = ["The weir was raised twice.", "The ladder was never opened.", "The keeper kept his house."]
    pages = [printed([text], (72, 780, head, 9), top=500) for head, text in zip(heads, texts, strict=False)]
    draft = load(pdf(*pages))
    assert aside(draft) == dict.fromkeys(heads, "page header")


def test_the_line_numbers_of_a_transcript_are_set_aside() -> None:
    lines = [
        *FIRST[:3],
        "asked whether anyone had opened it.",
        *FIRST[:3],
        "asked again, and the keeper said no,",
        "it had rusted.",
    ]
    numbers: list[tuple[float, float, str, float]] = [
        (50 - 6 * len(str(number)), 700 - 14 * (number - 1), str(number), 11) for number in range(1, len(lines) + 1)
    ]
    draft = load(pdf(printed(lines, *numbers)))
    assert " ".join(lines[:3]) in draft.text
    assert aside(draft) == {"1 2 3 4 5 6 7 8 9": "line numbers"}


def test_the_numbers_of_a_ranking_are_no_line_numbers() -> None:
    names = ["Kelder", "Carrow", "Ivesham", "Dunmore", "Farrant", "Gorsey", "Hollin", "Bexley", "Arnholt"]
    numbers: list[tuple[float, float, str, float]] = [
        (50, 700 - 14 * (number - 1), str(number), 11) for number in range(1, len(names) + 1)
    ]
    assert not load(pdf(printed(names, *numbers))).set_aside


def cap(letter: str, lines: list[str]) -> bytes:
    placed: list[Placed] = [(100, 700 - 12 * number, line) for number, line in enumerate(lines[:3])]
    placed += [(72, 700 - 12 * number, line) for number, line in enumerate(lines[3:], start=3)]
    return "\n".join([shown(72, 676, letter, 36), *(shown(x, y, line, 10) for x, y, line in placed)]).encode()


@pytest.mark.parametrize(
    ("letter", "rest", "expected"),
    [
        ("T", "he keeper of the weir said that the", "The keeper"),
        ("N", "OBODY remembered who had ordered a", "NOBODY remembered"),
        ("A", "letter of the keeper said that the", "A letter"),
        ("A", "fter the keeper had opened it, the", "After the keeper"),
        ("I", "n the autumn of that year it was the", "In the autumn"),
    ],
)
def test_a_drop_cap_joins_its_word(letter: str, rest: str, expected: str) -> None:
    lines = [
        rest,
        "ladder was rusted through, and that no",
        "salmon had passed it in the eleven years",
        "since the weir had been raised.",
    ]
    text = load(pdf(cap(letter, lines))).text
    assert text.startswith(expected)
    assert text.endswith(
        "ladder was rusted through, and that no salmon had passed it in the eleven years since the weir had been raised."
    )
