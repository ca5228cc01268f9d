"""What is seen of an addition: lines for files, and on a terminal one line below them that never stays behind."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from support.nasty import write

from qa import Assistant
from qa.ingest.progress import Progress, Step
from ui.cli.console import ProgressLine

SLOW = Progress(3, 9, 1_240, 57.6, 125.0)


class Terminal(io.StringIO):
    """A terminal that both standard output and error are on."""

    def isatty(self) -> bool:
        return True

    @property
    def screen(self) -> list[str]:
        """The lines that it shows, carriage returns obeyed."""
        lines = []
        for line in self.getvalue().split("\n"):
            shown = ""
            for part in line.split("\r"):
                shown = part + shown[len(part) :]
            lines.append(shown.rstrip())
        return lines


@contextmanager
def terminal() -> Iterator[Terminal]:
    screen = Terminal()
    with redirect_stdout(screen), redirect_stderr(screen):
        yield screen


@pytest.mark.parametrize(
    ("seconds", "left"),
    [
        (None, ""),
        (0.2, ", about 1 s left"),
        (89.4, ", about 89 s left"),
        (125.0, ", about 2 min left"),
        (89 * 60, ", about 89 min left"),
        (9_000, ", about 2.5 h left"),
    ],
)
def test_progress_is_a_line_with_pace_and_time_left(seconds: float | None, left: str) -> None:
    with terminal() as shown:
        ProgressLine().update(Progress(3, 9, 1_240, 57.6, seconds))
    assert shown.screen == [f"███████░░░░░░░░░░░░░ 3/9 files, 1,240 passages, 58 a second{left}"]


def test_the_line_makes_room_for_a_files_fate_and_is_gone_in_the_end() -> None:
    with terminal() as shown, ProgressLine() as line:
        line.update(SLOW)
        line.print_step(Step("a.txt", "added", 1, 2))
        assert shown.screen == ["added      a.txt  (1/2)", ""]
        line.update(SLOW)
        line.update(Progress(1, 2, 9, 1.0, None))
        assert shown.screen == ["added      a.txt  (1/2)", "██████████░░░░░░░░░░ 1/2 files, 9 passages, 1 a second"]
    assert shown.screen == ["added      a.txt  (1/2)", ""]


def test_the_line_is_gone_before_an_error_is_told() -> None:
    def interrupted() -> None:
        with ProgressLine() as line:
            line.update(SLOW)
            raise KeyboardInterrupt

    with terminal() as shown, pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "1,240" in shown.getvalue()
    assert shown.screen == [""]


def test_nothing_but_fates_is_shown_where_no_terminal_is(
    capsys: pytest.CaptureFixture[str], assistant: Assistant, tmp_path: Path
) -> None:
    path = write(tmp_path, a="The wall is old.")[0]
    with ProgressLine() as line:
        assistant.add(path, on_step=line.print_step, on_progress=line.update)
    assert tuple(capsys.readouterr()) == (f"added      {path}  (1/1)\n", "")


def test_an_addition_shows_its_line_and_takes_it_away(assistant: Assistant, tmp_path: Path) -> None:
    path = write(tmp_path, a="The wall is old.")[0]
    with terminal() as shown, ProgressLine() as line:
        assistant.add(path, on_step=line.print_step, on_progress=line.update)
    assert "1 passages, " in shown.getvalue()
    assert shown.screen == [f"added      {path}  (1/1)", ""]


NOTES = ("3 of 4 pages hold no text: they are probably scans", "page 1 of 4 is damaged and could not be read")


def test_notes_on_how_a_file_was_read_stand_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLine() as line:
        line.print_step(Step("a.pdf", "added", 1, 1, notes=NOTES))
    assert capsys.readouterr().out == f"added      a.pdf: {'; '.join(NOTES)}  (1/1)\n"
    with ProgressLine(as_json=True) as line:
        line.print_step(Step("a.pdf", "added", 1, 1, notes=NOTES))
    assert json.loads(capsys.readouterr().out)["notes"] == list(NOTES)
