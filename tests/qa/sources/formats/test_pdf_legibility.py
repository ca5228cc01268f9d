"""Pages of a PDF without text that can be read: the others are read, and a note says how many those are and why."""

import io

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject
from support.pdfs import LINES, load, page, pdf, refusal, written

from qa.sources.formats.pdf.legibility import Verdict, describe

TEXT = page(LINES)


def scan(*contents: bytes, scanned: int) -> bytes:
    """Return a PDF whose last pages are each covered by an image, with these contents before."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(*contents, *[b"q 612 0 0 792 0 0 cm /I Do Q"] * scanned))))
    image = DecodedStreamObject()
    image.set_data(b"\x80")
    names = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceGray"}
    numbers = {"/Width": 1, "/Height": 1, "/BitsPerComponent": 8}
    image.update({NameObject(key): NameObject(value) for key, value in names.items()})
    image.update({NameObject(key): NumberObject(value) for key, value in numbers.items()})
    for sheet in writer.pages:
        resources = sheet["/Resources"]
        assert isinstance(resources, DictionaryObject)
        resources[NameObject("/XObject")] = DictionaryObject({NameObject("/I"): writer._add_object(image)})
    return written(writer)


@pytest.mark.parametrize(
    ("scanned", "note"),
    [
        (1, "page 2 of 2 holds no text: it is probably a scan"),
        (3, "3 of 4 pages hold no text: they are probably scans"),
    ],
)
def test_pages_that_are_scans_are_counted(scanned: int, note: str) -> None:
    draft = load(scan(TEXT, scanned=scanned))
    assert draft.text.startswith("The bridge over the river")
    assert draft.notes == (note,)


def test_a_file_of_text_has_no_notes() -> None:
    assert load(pdf(TEXT)).notes == ()


def test_a_damaged_page_loses_only_itself() -> None:
    draft = load(pdf(TEXT, b"BT /F 12 Tf 72 700 Td (The mill >>>] Tj ET", page(["The mill burned too."])))
    assert draft.text.endswith("The mill burned too.")
    assert draft.notes == ("nothing can be read on page 2 of 3: it is blank or damaged",)


def test_a_page_that_cannot_be_opened_loses_only_itself() -> None:
    content = pdf(TEXT, page(["Nobody saw it."]), page(["The mill burned too."]))
    lost = content.replace(b"6 0 obj\n<< /Type /Page ", b"6 0 obj\n<< /Type /Font ")
    draft = load(lost)
    assert draft.text.endswith("The mill burned too.")
    assert len(draft.notes) == 1
    assert "page 2 of 3" in draft.notes[0]


def test_a_page_of_signs_is_kept_but_not_quoted() -> None:
    signs = "/g01/g02/g03/g04 /g05/g06"
    draft = load(pdf(TEXT, page([signs])))
    assert [(draft.text[place.start : place.end], place.rule) for place in draft.set_aside] == [(signs, "unreadable")]
    assert draft.notes == ("page 2 of 2 is not quoted: its fonts do not say which letters their signs stand for",)


@pytest.mark.parametrize(
    "shift",
    [1, 5],
    ids=["each letter is the next one", "each letter is the fifth from it"],
)
def test_letters_that_make_no_language_are_signs(shift: int) -> None:
    def shifted(text: str) -> str:
        return "".join(chr((ord(letter) - 97 + shift) % 26 + 97) if letter.islower() else letter for letter in text)

    lines = [shifted("the bridge over the river fell at noon on friday and nobody was hurt in it") for _ in range(6)]
    assert len(load(pdf(TEXT, page(lines))).notes) == 1


def test_words_without_spaces_are_told_of() -> None:
    lines = ["thebridgeovertheriverfellatnoononfridayandnobodywashurtinit" for _ in range(6)]
    (note,) = load(pdf(page(lines))).notes
    assert note.startswith("the words on page 1 of 1 are not spaced apart")


def test_a_file_without_a_page_that_can_be_read_is_refused() -> None:
    assert refusal(scan(scanned=2)) == "no text was found in it: it is probably a scan, which needs OCR first"


def test_every_verdict_is_told_of_one_page_and_of_several() -> None:
    for verdict in Verdict:
        (one,), (several,) = describe({4: verdict}, 9), describe({4: verdict, 6: verdict}, 9)
        assert "5 of 9" in one
        assert "2 of 9" in several
