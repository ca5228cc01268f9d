"""Outlook's messages: read as mail is, with their attachments."""

import random

from support.compound import compound_file, outlook_message
from support.office import outcome, parts_of, refusal

from qa.sources.formats.limits import LIMITS
from qa.sources.formats.parsing import parse


def test_a_message_is_read_with_its_attachments() -> None:
    attachments = {"gate.txt": b"The gate is red.", "photo.bin": b"\0\1\2"}
    [draft] = parse(outlook_message("The basin", "Ilka Ray", "It silts up.\r\n", b"", attachments), "/a.msg", LIMITS)
    assert (draft.title, draft.author) == ("The basin", "Ilka Ray")
    assert draft.text == "It silts up.\n\nThe gate is red."
    assert parts_of(draft) == [("attachment gate.txt", "The gate is red.")]


def test_a_message_of_html_alone_is_read() -> None:
    [draft] = parse(outlook_message("S", "Ray", "", "<p>Es <b>verschlickt</b> – täglich.</p>".encode()), "/a.msg", LIMITS)
    assert draft.text == "Es verschlickt – täglich."


def test_a_message_may_say_anything_in_its_headers() -> None:
    [draft] = parse(outlook_message("A\r\nB\0 \ufdd0", "x\n<y>", "It silts up."), "/a.msg", LIMITS)
    assert draft.text == "It silts up."


def test_damaged_messages_end_as_text_or_a_reason() -> None:
    chance = random.Random(7)
    content = outlook_message("The basin", "Ilka Ray", "It silts up." * 400, b"<p>It silts up.</p>", {"a.txt": b"Red."})
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 20)):
            damaged[chance.randrange(8, len(damaged))] = chance.randrange(256)
        assert outcome(lambda *given: parse(*given), bytes(damaged[: chance.choice([len(damaged), 2_000])]))


def test_other_old_files_are_named() -> None:
    for stream, reason in (
        ("WordDocument", "needs LibreOffice to be read: install it, or save the file as .docx"),
        ("PowerPoint Document", "needs LibreOffice to be read: install it, or save the file as .pptx"),
        ("VisioDocument", "this is a file of a program from before 2007: save it as PDF"),
    ):
        assert refusal(lambda stream=stream: parse(compound_file({stream: b"x" * 600}), "/a", LIMITS)) == reason
