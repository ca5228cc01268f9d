"""PowerPoint files: all that a reader sees of their slides, in their order, and nothing else."""

from typing import Any

import pytest
from support.office import parts_of, saved

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.office.powerpoint import load_powerpoint


def powerpoint(presentation: Any) -> Draft:
    [draft] = load_powerpoint(saved(presentation), "/articles/the_bridge.pptx", LIMITS)
    return draft


def test_a_presentation_is_read_slide_by_slide_with_its_notes() -> None:
    from pptx import Presentation

    presentation = Presentation()
    for number, notes in ((1, "Say it slowly."), (2, "")):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = f"Title {number}"
        slide.placeholders[1].text = f"First of {number}.\nSecond of {number}."
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    draft = powerpoint(presentation)
    assert draft.title == "Title 1"
    assert parts_of(draft) == [
        ("slide 1", "Title 1\n\nFirst of 1.\n\nSecond of 1.\n\nSay it slowly."),
        ("notes of slide 1", "Say it slowly."),
        ("slide 2", "Title 2\n\nFirst of 2.\n\nSecond of 2."),
    ]
    assert draft.text == "\n\n".join(text for name, text in parts_of(draft) if name.startswith("slide"))


def test_groups_tables_and_text_boxes_follow_the_title_in_their_order() -> None:
    from pptx import Presentation
    from pptx.util import Inches

    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    title = slide.shapes.title
    group = slide.shapes.add_group_shape()
    for text in ("grouped", "also grouped"):
        group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = text
    cells = slide.shapes.add_table(2, 2, 0, 0, Inches(1), Inches(1)).table
    for at, text in (((0, 0), "Dead"), ((0, 1), "Hurt"), ((1, 0), "3"), ((1, 1), "12")):
        cells.cell(*at).text = text
    slide.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "with a\vbreak"
    title.text = "The bridge"
    title._element.getparent().append(title._element)  # the title is read first wherever it lies
    assert powerpoint(presentation).text == "The bridge\n\ngrouped\n\nalso grouped\n\nDead: 3; Hurt: 12\n\nwith a\nbreak"


def test_hidden_slides_are_read_and_slides_without_text_are_no_parts() -> None:
    from pptx import Presentation

    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[6])
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Hidden"
    slide._element.set("show", "0")
    assert parts_of(powerpoint(presentation)) == [("slide 2", "Hidden")]


def test_slides_come_in_the_order_in_which_they_are_shown() -> None:
    from pptx import Presentation

    presentation = Presentation()
    for text in ("one", "two"):
        presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = text
    slides = presentation.slides._sldIdLst
    slides.append(slides[0])
    assert powerpoint(presentation).text == "two\n\none"


def test_the_date_footer_and_number_of_a_slide_are_left_out() -> None:
    from pptx import Presentation

    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "The bridge"
    slide.placeholders[1].text = "Page furniture"
    slide.placeholders[1]._element.nvSpPr.nvPr.ph.set("type", "ftr")
    assert powerpoint(presentation).text == "The bridge"


@pytest.mark.parametrize(
    "default", ["PowerPoint Presentation", "PowerPoint-Präsentation", "Présentation PowerPoint", "Slide 1"]
)
def test_what_powerpoint_writes_for_want_of_a_title_is_none(default: str) -> None:
    from pptx import Presentation

    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = "The bridge"
    presentation.core_properties.title = default
    presentation.core_properties.author = "Ann Rule"
    draft = powerpoint(presentation)
    assert (draft.title, draft.author) == ("The bridge", "Ann Rule")


def test_a_diagram_is_read_from_its_own_part() -> None:
    from pptx import Presentation
    from pptx.opc.package import Part as Package
    from pptx.opc.packuri import PackURI
    from pptx.oxml import parse_xml

    a, dgm = "http://schemas.openxmlformats.org/drawingml/2006/main", "http://schemas.openxmlformats.org/drawingml/2006/diagram"
    r, p = (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://schemas.openxmlformats.org/presentationml/2006/main",
    )
    points = "".join(f"<dgm:pt><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>" for text in ("Plan", "Build"))
    data = f'<dgm:dataModel xmlns:dgm="{dgm}" xmlns:a="{a}"><dgm:ptLst>{points}</dgm:ptLst></dgm:dataModel>'
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    part = Package(PackURI("/ppt/diagrams/data1.xml"), "application/xml", slide.part.package, data.encode())
    identifier = slide.part.relate_to(part, f"{r}/diagramData")
    slide.shapes._spTree.append(
        parse_xml(
            f'<p:graphicFrame xmlns:p="{p}" xmlns:a="{a}" xmlns:dgm="{dgm}" xmlns:r="{r}"><a:graphic><a:graphicData>'
            f'<dgm:relIds r:dm="{identifier}"/></a:graphicData></a:graphic></p:graphicFrame>'
        )
    )
    assert powerpoint(presentation).text == "Plan\n\nBuild"


def test_what_a_template_says_is_not_what_the_presentation_says() -> None:
    from pptx import Presentation

    presentation = Presentation()  # python-pptx's template names its maker, and its own day
    presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = "Bridges"
    draft = powerpoint(presentation)
    assert (draft.title, draft.author, draft.published, draft.file_date) == ("Bridges", None, None, None)
