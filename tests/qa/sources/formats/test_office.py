"""What Word, PowerPoint, OpenDocument and RTF files have in common: damaged ones, and ones made to hurt."""

import random
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from support.office import outcome, refusal, rewritten, saved, with_text

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.office.opendocument import load_opendocument
from qa.sources.formats.office.powerpoint import load_powerpoint
from qa.sources.formats.office.rtf import load_rtf
from qa.sources.formats.office.word import load_word


def samples() -> list[tuple[Callable[..., list[Draft]], bytes]]:
    from docx import Document
    from pptx import Presentation

    document = Document()
    document.add_paragraph("It fell at noon.")
    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = "It fell at noon."
    return [
        (load_word, saved(document)),
        (load_powerpoint, saved(presentation)),
        (load_opendocument, with_text("<text:p>It fell at noon.</text:p>")),
        (load_rtf, rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}}\f0 It fell at noon.\par}"),
    ]


def test_damaged_documents_end_as_text_or_a_reason() -> None:
    chance = random.Random(7)
    for load, content in samples():
        for _ in range(60):
            damaged = bytearray(content)
            for _ in range(chance.randint(1, 20)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            cut = bytes(damaged[: chance.choice([len(damaged), chance.randrange(len(damaged))])])
            assert len(outcome(load, cut)) < 120


@pytest.mark.slow
def test_documents_whose_xml_is_cut_or_emptied_end_as_text_or_a_reason() -> None:
    chance = random.Random(7)
    for load, content in samples()[:3]:
        names = zipfile.ZipFile(BytesIO(content)).namelist()
        for name in names:
            for part in (None, b"", b"<a/>", b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", chance.randbytes(200)):
                changed = rewritten(content, lambda other, old, name=name, part=part: part if other == name else old)
                assert len(outcome(load, changed)) < 120


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_document_that_unpacks_to_a_hundredfold_is_refused_unread(number: int) -> None:
    load, content = samples()[number]
    mains = ("word/document.xml", "ppt/slides/slide1.xml", "content.xml")
    bomb = rewritten(content, lambda name, part: bytes(60_000_000) if name in mains else part)
    assert refusal(lambda: load(bomb, "/a", LIMITS)) == "a part of it unpacks to more than 50 MB, which is the limit"
