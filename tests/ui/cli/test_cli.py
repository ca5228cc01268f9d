"""The command line, called as a shell calls it."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Run

from qa import Answer

SEEDS = Path(__file__).parents[3] / "seeds"


def test_ask_prints_the_quote_with_title_and_line_of_the_file(run: Run) -> None:
    code, out, _ = run("ask", "Who is the Canadian ambassador?", "-k", 1)
    assert code == 0
    assert 'male and female," Canadian Ambassador Joseph Caron told reporters.' in out
    assert "44 North Koreans Storm Canadian Embassy in Beijing · " in out
    assert "000_93b197122659e60d.txt:11" in out  # the line it stands on


def test_ask_as_json_is_an_answer_that_reads_back(run: Run) -> None:
    code, out, _ = run("ask", "How tall is the fence?", "--json")
    answer = Answer.from_json(out)
    assert code == 0
    assert json.loads(out)["schema"] == 1
    assert answer.quotes[0].text == "The fence stands about three meters (about 10 feet) tall."


def test_a_question_that_the_articles_do_not_answer_ends_with_exit_code_1(run: Run) -> None:
    code, out, err = run("ask", "What is the capital of France?")
    assert (code, err) == (1, "")
    advice = "Try other words: those that an article would use."
    assert out.startswith(f"No sentence found that answers this.\n{advice}\nNearest passages (not an answer):\n")


DESERTERS = "Who was sent to China to arrest the deserters?"
AGENTS = "secret agents had been sent to China in search of arrest."


def test_where_it_is_not_sure_the_closest_sentence_is_printed_and_the_exit_code_is_1(run: Run) -> None:
    code, out, err = run("ask", DESERTERS)
    assert (code, err) == (1, "")
    first, sentence, place, *rest = out.splitlines()
    assert first == "Not sure. This sentence comes closest:"
    assert (sentence[:4], sentence.endswith(AGENTS)) == ("    ", True)
    assert "002_981700abeeedd5fd.txt:" in place
    assert rest[1:3] == ["Try other words: those that an article would use.", "Nearest passages (not an answer):"]
    code, out, _ = run("ask", DESERTERS, "--json")
    answer = Answer.from_json(out)
    assert (code, answer.found, answer.quotes) == (1, False, ())
    assert answer.closest is not None
    assert answer.closest.text.endswith(AGENTS)
    assert rest[0] == f"Confidence {answer.closest.confidence:.0%}"


def test_chat_shows_the_closest_sentence_in_the_same_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = iter([DESERTERS, ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(questions))
    assert "Not sure. This sentence comes closest:\n" in run("chat")[1]


def test_check_verifies_the_closest_sentence_of_a_saved_answer(run: Run, tmp_path: Path) -> None:
    saved = tmp_path / "answer.json"
    answer = Answer.from_json(run("ask", DESERTERS, "--json")[1])
    assert answer.closest is not None
    saved.write_text(answer.to_json())
    assert run("check", saved)[0] == 0
    saved.write_text(replace(answer, closest=replace(answer.closest, start=answer.closest.start + 1)).to_json())
    code, out, _ = run("check", saved)
    assert code == 2
    assert "The closest sentence (" in out
    assert "these words do not stand there" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ask", "   "), "pullquote: The question holds no word to search for: ask something.\n"),
        (("ask", "x" * 1_000_000), "pullquote: The question has 1,000,000 characters; the limit is 2,000.\n"),
        (("ask", "Who?", "-k", "0"), "pullquote: k must be a whole number from 1 to 100, not 0.\n"),
        (("remove", "nothing"), "pullquote: The library holds no article nothing: `pullquote list` shows what there is.\n"),
        (("eval",), "pullquote: Give a file of test questions, or a SQuAD file with --squad, and not both.\n"),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_code_2(run: Run, arguments: tuple[str, ...], message: str) -> None:
    assert run(*arguments) == (2, "", message)


def test_asking_without_a_library_says_how_to_get_one_and_makes_none(run: Run, tmp_path: Path) -> None:
    code, _, err = run("ask", "Who?", "--library", tmp_path / "none")
    assert code == 2
    assert "There is no library in" in err
    assert "`pullquote add`" in err
    assert not (tmp_path / "none").exists()


def test_add_tells_what_became_of_each_file_and_fails_if_one_did(run: Run, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("A harbour opens\n\nThe new harbour of Lindholm opened on Tuesday.\n")
    (tmp_path / "empty.txt").touch()
    code, out, err = run(
        "add", SEEDS / "000_93b197122659e60d.txt", tmp_path / "new.txt", tmp_path / "empty.txt", tmp_path / "gone"
    )
    assert code == 2
    assert f"added      {tmp_path / 'new.txt'}" in out
    assert out.endswith("1 added, 0 updated, 1 unchanged, 2 failed.\n")
    assert f"{tmp_path / 'empty.txt'}: the file is empty" in err
    assert f"{tmp_path / 'gone'}: there is no such file or folder" in err
    assert run("ask", "When did the harbour of Lindholm open?", "-k", 1)[1].startswith("[1] The new harbour of Lindholm")


def test_list_and_remove_go_by_the_same_ids(run: Run) -> None:
    listed = json.loads(run("list", "--json")[1])
    assert [article["title"] for article in listed][1] == "Refugees storm Beijing consulate"
    assert run("remove", listed[1]["id"])[0] == 0
    assert [article["id"] for article in json.loads(run("list", "--json")[1])] == [listed[0]["id"], listed[2]["id"]]


def test_search_prints_passages_with_scores(run: Run) -> None:
    code, out, _ = run("search", "airlift", "-k", 1, "--json")
    (passage,) = json.loads(out)
    assert code == 0
    assert "Airlift in July" in passage["text"]
    assert passage["score"] > passage["parts"]["sentence"] > 0


def test_chat_understands_a_follow_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = iter(["Who is the Canadian ambassador?", "What did he say about injuries?", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(questions))
    code, out, _ = run("chat", "-k", 3)
    assert code == 0
    assert "Searched for: What did he say about injuries? Canadian Ambassador Joseph Caron" in out
    assert 'He added that "a few" were injured' in out


def test_chat_keeps_to_the_articles_that_its_filters_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def chat(*only: object) -> tuple[int, str, str]:
        asked = iter(["Who is the Canadian ambassador?", "What did he say about injuries?", ""])
        monkeypatch.setattr("builtins.input", lambda prompt: next(asked))
        return run("chat", "-k", 3, *only)

    paths = [Path(article["source"]).name for article in json.loads(run("list", "--json")[1])]
    caron = "000_93b197122659e60d.txt"
    code, out, _ = chat("--source", caron)
    assert code == 0
    assert 'He added that "a few" were injured' in out
    assert not any(path in out for path in paths if path != caron), "of no other article, the follow-up neither"
    assert "Joseph Caron told reporters" not in chat("--source", next(path for path in paths if path != caron))[1]
    assert chat("--tag", "none-has-it")[1].count("There are no articles tagged none-has-it: change the filters.") == 2


def test_chat_says_at_once_that_a_filter_cannot_be(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: pytest.fail("it asked"))
    code, out, err = run("chat", "--after", "2004-13")
    assert (code, out) == (2, "")
    assert err.startswith("pullquote: after must be a date such as 2004-10-31, 2004-10 or 2004, not '2004-13'")


def test_check_is_clean_and_names_what_is_not(run: Run, library: Path) -> None:
    code, out, _ = run("check")
    assert (code, out) == (0, "3 articles, 3 versions, 10 passages, 76 sentences: all as written.\n")
    (library / "vectors.faiss").write_bytes(b"rubbish")
    code, out, _ = run("check")
    assert code == 0  # a cache that comes back by itself is no loss
    assert out.startswith("note: ")
    with closing(sqlite3.connect(library / "library.db")) as database, database:
        database.execute("UPDATE versions SET text = replace(text, 'Joseph', 'Yoseph')")
    code, out, _ = run("check")
    assert code == 2
    assert "problem: The text of article " in out
    assert "is damaged: add it again from its source." in out


def test_check_verifies_the_quotes_of_a_saved_answer(run: Run, tmp_path: Path) -> None:
    saved = tmp_path / "answer.json"
    saved.write_text(run("ask", "How tall is the fence?", "-k", 1, "--json")[1])
    assert run("check", saved)[0] == 0
    saved.write_text(saved.read_text().replace("three meters", "seven meters"))
    code, out, _ = run("check", saved)
    assert code == 2
    assert "these words do not stand there" in out


def test_check_says_that_an_article_changed_since_it_was_quoted(run: Run, tmp_path: Path) -> None:
    article, saved = tmp_path / "ferry.txt", tmp_path / "answer.json"
    article.write_text("The ferry\n\nThe ferry to Lindholm sails at noon every day.\n")
    run("add", article)
    saved.write_text(run("ask", "When does the ferry to Lindholm sail?", "-k", 1, "--json")[1])
    article.write_text("The ferry\n\nThe ferry to Lindholm sails at nine every day.\n")
    run("add", article)
    assert "exact, but the article has changed since" in run("check", saved)[1]


def test_a_terminal_cannot_be_steered_by_an_article(run: Run, tmp_path: Path) -> None:
    (tmp_path / "evil.txt").write_text("Quiet town\n\nThe \x1b[31mmayor\x1b[0m of Lindholm is called Ada Berg.\n")
    run("add", tmp_path / "evil.txt")
    _, out, _ = run("ask", "What is the mayor of Lindholm called?", "-k", 1)
    assert "\x1b" not in out
    assert "␛[31mmayor" in out


def test_help_answers_without_loading_anything_heavy() -> None:
    heavy = "('numpy', 'torch', 'gradio', 'faiss', 'sentence_transformers')"
    code = f"import sys, ui.cli; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.slow
def test_an_answer_needs_no_pytorch(library: Path) -> None:
    heavy = "('torch', 'sentence_transformers', 'transformers', 'gradio', 'pandas', 'sklearn')"
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print([m for m in {heavy} if m in sys.modules]))\n"
        "sys.argv = ['pullquote', 'ask', 'Who is the Canadian ambassador?', '-k', '1']\n"
        "from ui.cli.main import main; main()"
    )
    environment = {**os.environ, "PULLQUOTE_LIBRARY": str(library)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert "Joseph Caron" in ran.stdout
    assert ran.stdout.endswith("\n[]\n")
    assert ran.stderr == ""


def test_a_device_runs_the_encoder_by_pytorch_there(run: Run) -> None:
    code, out, _ = run("search", "fence", "-k", 1, "--device", "cpu")
    assert (code, "The fence stands about" in out) == (0, True)
    code, out, err = run("search", "fence", "--device", "nonsense")
    assert (code, out) == (2, "")
    assert "cannot be loaded on the device 'nonsense'" in err
    assert len(err.splitlines()) == 1


def test_a_reader_that_stops_early_ends_it_quietly(library: Path) -> None:
    command = f"{sys.executable} -m ui.cli list --json | head -n 1"
    environment = {**os.environ, "PULLQUOTE_LIBRARY": str(library)}
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, check=True)
    assert (ran.stdout, ran.stderr) == ("[\n", "")


def test_serving_on_a_taken_port_says_which_and_what_to_do(run: Run) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = run("serve", "--port", port)
    assert code == 2
    assert str(port) in err
    assert "--port" in err


def test_a_greeting_is_no_failure(run: Run) -> None:
    code, out, _ = run("ask", "Who are you?")
    assert code == 0
    assert "quoted word for word" in out
    assert "No sentence found" not in out


def test_edit_corrects_what_is_cited_and_takes_it_back(run: Run) -> None:
    reference = json.loads(run("list", "--json")[1])[0]
    assert reference["provenance"] == {"title": "first lines", "author": None, "published": None}
    code, out, _ = run("edit", reference["id"], "--author", "Ann Rule", "--published", "2004-09")
    assert code == 0
    assert out.splitlines() == [
        f"title      {reference['title']}  (first lines)",
        "author     Ann Rule  (correction)",
        "published  2004-09  (correction)",
    ]
    shown = json.loads(run("edit", reference["id"], "--json")[1])
    assert (shown["author"], shown["published"], shown["version"]) == ("Ann Rule", "2004-09", reference["version"])
    code, _, err = run("edit", reference["id"], "--published", "soon")
    assert (code, err.count("\n")) == (2, 1)
    assert json.loads(run("edit", reference["id"], "--undo", "--json")[1])["author"] is None
