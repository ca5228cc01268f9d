"""RTF files: all that a reader sees of their text, in its order, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.office import PLAIN, outcome, parts_of

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.office.rtf import load_rtf


def rtf(content: str | bytes) -> Draft:
    [draft] = load_rtf(content.encode("cp1252") if isinstance(content, str) else content, "/articles/the_bridge.rtf", LIMITS)
    return draft


def body(content: str) -> str:
    return rtf(r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}}" + content + "}").text


def test_an_rtf_document_is_read_with_what_it_says_about_itself() -> None:
    draft = rtf(
        r"{\rtf1\ansi{\info{\title The Bridge}{\author Ann Rule}{\operator Ed}{\keywords steel, river}"
        r"{\creatim\yr2019\mo5\dy3\hr10\min2}{\revtim\yr2021\mo1\dy1}}"
        r"{\header Page furniture\par}\pard It fell at noon.\par Nobody knows why.\par}"
    )
    assert draft.text == "It fell at noon.\n\nNobody knows why."
    assert (draft.title, draft.author, draft.file_date, draft.tags) == (
        "The Bridge",
        "Ann Rule",
        "2019-05-03",
        ("steel", "river"),
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (rb"{\rtf1\ansi\ansicpg1252 caf\'e9 \'93yes\'94}", "café “yes”"),
        (rb"{\rtf1\ansi\ansicpg1251 \'cc\'ee\'f1\'f2}", "Мост"),
        (b"{\\rtf1\\ansi\\ansicpg1252 caf\xe9}", "café"),
        (rb"{\rtf1\mac caf\'8e}", "café"),
        (rb"{\rtf1\ansi\ansicpg932 \'8b\'b4}", "橋"),
        (rb"{\rtf1\ansi\ansicpg932 \'83e}", "テ"),
        (rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}}\f0 \'e9 \f1 \'cc\plain\f0 \'e9}", "é Мé"),
        (rb"{\rtf1\ansi\ansicpg99999 caf\'e9}", "café"),
        (rb"{\rtf1\ansi\uc1 \u27211?\u233\'e9 \uc2\u8212--x\uc0\u8212 y}", "橋é —x—y"),
        (rb"{\rtf1\ansi\u-10179?\u-8704?}", "😀"),
        (rb"{\rtf1\ansi lone \u-10179?.}", "lone \ufffd."),
    ],
)
def test_the_characters_of_every_code_page_are_read(content: bytes, text: str) -> None:
    assert rtf(content).text == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (r"The mill \*\unknown stood.\par It fell.", "The mill stood.\n\nIt fell."),
        (r"{\b The mill \*\cs10 stood.} It fell.", "The mill stood. It fell."),
        (r"The mill \*\header stood.", "The mill stood."),
        (r"{\*\unknown not shown} It fell.", "It fell."),
        ("{\n \\*\\unknown not shown}It fell.", "It fell."),
    ],
)
def test_a_star_leaves_out_a_group_only_at_its_start(content: str, text: str) -> None:
    assert body(content) == text


def test_rtf_symbols_are_characters() -> None:
    assert body(r"a\tab b\line c\~d\_e\-f \ldblquote g\rdblquote\emdash h \{\\\}") == "a\tb\nc\xa0d\u2011ef “g”—h {\\}"


def test_rtf_rows_are_lines_and_cells_stand_between_bars() -> None:
    row = r"\trowd\cellx1\cellx2\pard\intbl {}\cell {}\cell\row "
    assert body(row.format("Dead", "Hurt") + row.format("3", "12") + r"\pard After.\par") == "Dead: 3; Hurt: 12\n\nAfter."
    assert body(row.format(r"It fell.\par Why?", "Box.") + r"\pard After.") == "It fell.\n\nWhy?\n\nBox.\n\nAfter."


def test_rtf_fields_give_their_results_and_no_address() -> None:
    assert body(r'See {\field{\*\fldinst{HYPERLINK "http://a.example/"}}{\fldrslt{\ul our page}}}.') == "See our page."


def test_rtf_deleted_and_hidden_text_comments_and_list_numbers_are_left_out() -> None:
    text = r"{\listtext 1.\tab}It {\deleted stood}{\revised fell}{\v secret}\v secret\v0  at noon{\*\annotation Sure?}.\par"
    assert body(text) == "It fell at noon."
    assert body(r"It fell{\deleted\par} at noon.") == "It fell at noon."


def test_rtf_notes_stand_at_the_end_and_text_boxes_after_their_paragraph() -> None:
    draft = rtf(
        r"{\rtf1\ansi It fell{\footnote\ftnalt {\super\chftn} Not far.} at noon{\footnote Said Ann.}."
        r"{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt In a box.\par}}{\shprslt{\*\do{\dptxbxtext In a box.}}}}\par End.\par}"
    )
    assert draft.text == "It fell at noon.\n\nIn a box.\n\nEnd.\n\nSaid Ann.\n\nNot far."
    assert parts_of(draft) == [("footnote 1", "Said Ann."), ("endnote 1", "Not far.")]


def test_pictures_and_binary_data_in_rtf_are_passed_over() -> None:
    assert body(r"a{\pict\pngblip\bin6 }}{{\\}b\bin3 }}}c{\*\shppict{\pict 89504e47}}d") == "abcd"
    assert body(r"a\bin99999 b") == "a"


@pytest.mark.parametrize(
    "content",
    [
        rb"{\rtf1 " + b"{" * 2_000_000,
        rb"{\rtf1 " + b"{}" * 300_000,
        rb"{\rtf1 " + rb"{\field{\*\fldinst{" * 300,
        rb"{\rtf1 {\fonttbl " + rb"\f1" * 300_000,
        rb"{\rtf1 {\pict " + b"0123456789abcdef" * 300_000,
        rb"{\rtf1 \uc999999999 \u1 x\u-99999999 \ansicpg \u \uc \f \bin-5 \'zz \'",
        b"{\\rtf1 a\\",
        b"{\\rtf1}}}}",
    ],
    ids=["open", "pairs", "fields", "fonts", "picture", "numbers", "end", "closed"],
)
def test_rtf_made_to_hurt_ends_as_text_or_a_reason(content: bytes) -> None:
    ended = outcome(load_rtf, content)
    assert len(ended) < 1_000


@pytest.mark.slow
@given(st.lists(PLAIN, min_size=1, max_size=8))
def test_every_paragraph_of_an_rtf_document_stands_in_the_text(paragraphs: list[str]) -> None:
    def escaped(character: str) -> str:
        units = character.encode("utf-16-le")
        return "".join(rf"\u{int.from_bytes(units[at : at + 2], 'little', signed=True)}?" for at in range(0, len(units), 2))

    assert body(r"\par ".join("".join(map(escaped, text)) for text in paragraphs)) == "\n\n".join(paragraphs)


@given(
    st.lists(
        st.sampled_from(
            [*r"{}\*'ab 9", r"\par ", r"\'e9", r"\u99?", r"\cell ", r"\row ", r"{\footnote ", r"{\shptxt ", r"{\info"]
        )
    )
)
def test_any_rtf_ends_as_text_or_a_reason(tokens: list[str]) -> None:
    assert load_rtf(("{\\rtf1 " + "".join(tokens)).encode(), "/a.rtf", LIMITS)[0].text is not None
