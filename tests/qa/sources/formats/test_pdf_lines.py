"""The lines of a PDF page: text outside the page is left out, and text printed twice to look bold is read once."""

import io

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, RectangleObject, StreamObject
from support.pdfs import load, page, pdf, refusal, written

INSIDE = "The bridge over the river fell at noon on Friday."
Box = tuple[float, float, float, float]


def cropped(content: bytes, box: Box = (100, 100, 500, 700), *, turn: int = 0) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(content))))
    writer.pages[0].cropbox = RectangleObject(box)
    writer.pages[0].rotate(turn)
    return written(writer)


def at(x: float, y: float, text: str, matrix: str = "1 0 0 1") -> bytes:
    return f"BT /F 12 Tf {matrix} {x} {y} Tm ({text}) Tj ET\n".encode()


# "Nobody was hurt." is 93 points long at this size


@pytest.mark.parametrize(
    ("x", "y"),
    [(501, 400), (5, 400), (120, 703), (120, 90), (-300, 400), (2_000, 2_000), (501, 300)],
    ids=["right", "left", "above", "below", "far left", "far away", "right, on a line of the text"],
)
@pytest.mark.parametrize("turn", [0, 90])
def test_text_outside_the_page_is_left_out(x: float, y: float, turn: int) -> None:
    content = at(120, 300, INSIDE) + at(x, y, "Nobody was hurt.")
    assert load(cropped(content, turn=turn)).text == INSIDE


@pytest.mark.parametrize(("x", "y"), [(499, 400), (14, 400), (120, 699), (120, 101), (60, 400)])
def test_text_cut_by_the_edge_of_the_page_is_read(x: float, y: float) -> None:
    assert "Nobody was hurt." in load(cropped(at(120, 300, INSIDE) + at(x, y, "Nobody was hurt."))).text


@pytest.mark.parametrize(
    ("x", "y", "matrix", "is_read"),
    [
        (300, 710, "0 1 -1 0", False),  # upwards, from above
        (300, 5, "0 1 -1 0", False),
        (300, 50, "0 1 -1 0", True),  # upwards, from below into the page
        (300, 90, "0 -1 1 0", False),  # downwards
        (600, 400, "-1 0 0 -1", False),  # upside down, from right to left
        (580, 400, "-1 0 0 -1", True),
    ],
)
def test_turned_text_is_outside_if_it_does_not_reach_into_the_page(x: float, y: float, matrix: str, is_read: bool) -> None:
    content = at(120, 300, INSIDE) + at(x, y, "Nobody was hurt.", matrix)
    assert ("Nobody was hurt." in load(cropped(content)).text) is is_read


def test_strings_of_one_line_may_be_inside_and_outside() -> None:
    content = b"BT /F 12 Tf 120 300 Td (It fell at noon.) Tj 400 0 Td (Another page.) Tj -400 -14 Td (It rained.) Tj ET"
    assert load(cropped(content)).text == "It fell at noon. It rained."


def test_a_page_with_all_text_outside_has_no_text() -> None:
    assert "no text was found in it" in refusal(cropped(at(520, 400, INSIDE)))


@pytest.mark.parametrize("box", [(0, 0, 0, 0), (900, 900, 950, 950)])
def test_an_empty_crop_box_is_ignored(box: Box) -> None:
    assert load(cropped(at(120, 300, INSIDE), box)).text == INSIDE


def drawn_as_a_form(*moves: str, matrix: tuple[float, ...] = (1, 0, 0, 1, 0, 0)) -> bytes:
    """A page whose text is a form, drawn after each of some changes of the space."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(cropped("\n".join(f"q {move} cm /X Do Q" for move in moves).encode()))))
    form = StreamObject()
    form.set_data(at(20, 0, INSIDE))
    resources = writer.pages[0]["/Resources"]
    assert isinstance(resources, DictionaryObject)
    form[NameObject("/Subtype")], form[NameObject("/BBox")] = NameObject("/Form"), RectangleObject((0, -100, 600, 100))
    form[NameObject("/Matrix")] = ArrayObject([FloatObject(each) for each in matrix])
    form[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): resources["/Font"]})
    resources[NameObject("/XObject")] = DictionaryObject({NameObject("/X"): writer._add_object(form)})
    return written(writer)


def test_a_form_is_read_where_it_is_drawn() -> None:
    assert load(drawn_as_a_form("1 0 0 1 120 300")).text == INSIDE
    assert load(drawn_as_a_form("1 0 0 1 120 710", "1 0 0 1 120 300", "1 0 0 1 600 300")).text == INSIDE
    assert load(drawn_as_a_form(".5 0 0 .5 150 150", matrix=(1, 0, 0, 1, 0, 600))).text == INSIDE
    assert "no text" in refusal(drawn_as_a_form("1 0 0 1 120 300", matrix=(1, 0, 0, 1, 0, 600)))


def test_text_after_a_form_is_read_where_it_is_printed() -> None:
    content = drawn_as_a_form("1 0 0 1 0 900", "1 0 0 1 120 300")
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    contents = writer.pages[0].get_contents()
    assert contents is not None
    contents.set_data(contents.get_data() + b"\n" + at(140, 260, "Nobody was hurt.") + at(140, 50, "Not here."))
    writer.pages[0][NameObject("/Contents")] = writer._add_object(contents)
    assert load(written(writer)).text == f"{INSIDE}\n\nNobody was hurt."


# Printed twice

BOLD = "The mill still rolls on."
WIDE = {" ": 0.278, ".": 0.278, "T": 0.611, "h": 0.556, "e": 0.556, "m": 0.833, "i": 0.222, "l": 0.222, "s": 0.5, "t": 0.278}


def letters(text: str, twice: float | None, *, ends: str = "") -> bytes:
    """Letters that are each put in their place, in 12 points, and perhaps once more so many points further right."""
    x, shown = 72.0, []
    for letter in text:
        for place in [x] if twice is None else [x, x + twice]:
            shown.append(f"BT /F 12 Tf 1 0 0 1 {place:.2f} 600 Tm ({letter}) Tj {ends} ET")
        x += 12 * WIDE.get(letter, 0.556 if letter in "on" else 0.333)
    return "\n".join(shown).encode()


@pytest.mark.parametrize("ends", ["", "14 TL T*"])
@pytest.mark.parametrize("twice", [0, 0.3, 1])
def test_letters_each_printed_twice_are_read_once(twice: float, ends: str) -> None:
    assert load(pdf(letters(BOLD, twice, ends=ends))).text == BOLD


@pytest.mark.parametrize("ends", ["", "14 TL T*"])
def test_letters_placed_one_by_one_are_all_read(ends: str) -> None:
    assert load(pdf(letters(BOLD, None, ends=ends))).text == BOLD


@pytest.mark.parametrize(
    "again",
    [
        "0.3 0 Td (The mill) Tj",
        "0.3 0.2 Td (The mill) Tj -0.1 -0.4 Td (The mill) Tj 0 0.2 Td (The mill) Tj",
        "ET q 1 0 0 1 0.4 0 cm BT /F 12 Tf 72 600 Td (The mill) Tj ET Q BT",
    ],
    ids=["twice", "four times", "in a space that is moved"],
)
def test_words_printed_again_at_the_same_place_are_read_once(again: str) -> None:
    content = f"BT /F 12 Tf 72 600 Td (The mill) Tj {again} ET BT /F 12 Tf 130 600 Td (still rolls on.) Tj ET"
    assert load(pdf(content.encode())).text == "The mill still rolls on."


def test_the_shadow_of_a_text_is_not_read() -> None:
    content = b"BT /F 24 Tf 73 599 Td (The mill) Tj ET BT /F 24 Tf 72 600 Td (The mill) Tj ET " + page(
        ["It still rolls on."], top=500
    )
    assert load(pdf(content)).text == "The mill\n\nIt still rolls on."


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"BT /F 12 Tf 72 600 Td (b) Tj (o) Tj (o) Tj (k) Tj ET", "book"),
        (b"BT /F 12 Tf 72 600 Td [(bo) 0 (o) 0 (k)] TJ ET", "book"),
        (b"BT /F 12 Tf 72 600 Td (A bridge fell.) Tj 0 -14 Td (A bridge fell.) Tj ET", "A bridge fell. A bridge fell."),
        (b"BT /F 12 Tf 72 600 Td (very) Tj 27 0 Td (very) Tj 27 0 Td (old) Tj ET", "very very old"),
    ],
)
def test_text_repeated_side_by_side_is_read_twice(content: bytes, expected: str) -> None:
    assert load(pdf(content)).text == expected


@pytest.mark.parametrize(
    "odd",
    [
        "[(a) [(b)] << /C (c) >> null true (d)] TJ",
        "<< /A 1 >> Tj",
        "[] TJ () Tj Tj TJ Do /Nowhere Do << >> Do",
        "/F (12) Tf (a) Tj /F Tf (a) Tj /G 12 Tf (a) Tj /F 12 Tf",
        "1e308 1e308 Td (a) Tj",
        "999999999999999999999999999999 0 0 1 99999999999999999999999999999999999999 0 Tm (a) Tj (a) Tj",
        "0 0 0 0 0 0 Tm (a) Tj /F 0 Tf (a) Tj",
        "Q Q Q q q (a) '",
    ],
)
def test_odd_operands_do_not_cost_the_rest_of_the_page(odd: str) -> None:
    content = b"BT /F 12 Tf " + odd.encode() + b" ET " + page(["It fell at noon."])
    assert "It fell at noon." in load(pdf(content)).text
