"""Test questions proposed from the articles, accepted and checked."""

import json
from pathlib import Path

import pytest
from conftest import SEEDS, Run

from qa import Assistant
from qa.evaluation import Problem, TestQuestion, check_questions, draft_questions, evaluate, load_questions
from qa.evaluation.drafting import BLANK
from qa.question.templates import questions_from


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("In March 2004, the embassy was closed for repairs.", "When was the embassy closed for repairs?", "March 2004"),
        ("The ferry line opened in 1931.", "When did the ferry line open?", "1931"),
        ("The ferry was moved to the new harbour on 3 May 1921.", "When was the ferry moved to the new harbour?", "3 May 1921"),
        ("More than 460 refugees were flown to Seoul.", "How many refugees were flown to Seoul?", "460"),
        ("Two of the groups were arrested.", "How many of the groups were arrested?", "Two"),
        ("Forty-four people entered the embassy.", "How many people entered the embassy?", "Forty-four"),
        ("President Ada Lindholm opened the new bridge.", "Who opened the new bridge?", "Ada Lindholm"),
        ("Ferry Line spokesman Kai Holm firmly accused rivals of theft.", "Who accused rivals of theft?", "Kai Holm"),
        ("The tower in Norby was repaired on Sept. 29 by Ada Holm.", "When was the tower in Norby repaired?", "Sept. 29"),
        ("The bell was made at Lindholm, and all came to hear it.", "Where was the bell made?", "Lindholm"),
        ("In July, 468 people who had been held were flown home.", "How many people were flown home?", "468"),
        ("Earlier this month, 29 guests broke a lamp and have since left.", "How many guests broke a lamp?", "29"),
        ("Activists estimate that about 200 seals are hurt.", "How many seals are hurt?", "200"),
    ],
)
def test_a_sentence_becomes_a_question_where_its_form_allows(sentence: str, question: str, answer: str) -> None:
    assert [(asked, sentence[span.start : span.end]) for asked, span in questions_from(sentence)] == [(question, answer)]


@pytest.mark.parametrize(
    "sentence",
    [
        "In 2004, the man who led it was arrested.",  # where the subject ends is not told by form
        "In 2004, he was arrested.",
        "The line opened in 1931 and closed in 1950.",
        "The fence stood about 3 meters tall and was climbed.",
        "About 20 people claiming to be refugees were arrested.",
        "Ada Lindholm Park opened its gates to all visitors.",
        "The first hall built by Holm was the Opera in 1902.",  # "built" is no verb of the sentence
        "The house was designed by Holm and opened on 15 December 1999.",  # when it was designed is not said
        "In 1571, a river had developed in the Holm, as all know.",
        'On 3 May 1921, the office announced "that all will be well" and was closed.',
        "Azote later became nitrogen in English, as all know.",
        "The plague reached Norby in Holm, as all know.",
    ],
)
def test_a_sentence_of_doubtful_form_becomes_none(sentence: str) -> None:
    assert list(questions_from(sentence)) == []


def test_a_sentence_may_become_more_than_one() -> None:
    sentence = "The treaty was signed in Lindholm on 3 May 1921."
    assert [(asked, sentence[span.start : span.end]) for asked, span in questions_from(sentence)] == [
        ("When was the treaty signed in Lindholm?", "3 May 1921"),
        ("Where was the treaty signed?", "Lindholm"),
    ]


def test_a_clause_is_asked_about_and_not_the_whole_sentence() -> None:
    sentence = "Last month 40 sailors stormed the office in Norby, where all of them are now, and left 1,200 leaflets."
    assert [(asked, sentence[span.start : span.end]) for asked, span in questions_from(sentence)] == [
        ("How many sailors stormed the office in Norby?", "40"),
        ("Where did 40 sailors storm the office?", "Norby"),
    ]


@pytest.mark.slow
def test_drafts_of_the_seeds_fit_their_articles_and_most_are_found(seed_assistant: Assistant) -> None:
    drafts = draft_questions(seed_assistant, 50)
    assert len(drafts) >= 15
    assert {draft.source for draft in drafts} == {path.name for path in SEEDS.glob("*.txt")}
    assert len({draft.id for draft in drafts}) == len(drafts)
    assert check_questions(seed_assistant, drafts) == []
    for draft in drafts:
        assert draft.draft
        assert draft.answers is not None
        assert draft.answers[0] not in draft.question
        assert draft.question.count(BLANK) == draft.question.startswith("Fill in: ")
    asked_for = [draft for draft in drafts if BLANK not in draft.question]
    assert len(asked_for) >= 6
    assert all(len(draft.question.split()) <= 25 for draft in asked_for)  # a clause, not the sentence
    asked = evaluate(seed_assistant, drafts).figures.values
    assert asked["quote@1"] >= 0.9
    assert asked["quote@5"] >= 0.95


def test_drafts_are_the_same_for_a_seed_and_spread_over_articles(seed_assistant: Assistant) -> None:
    assert draft_questions(seed_assistant, 9) == draft_questions(seed_assistant, 9)
    assert draft_questions(seed_assistant, 9) != draft_questions(seed_assistant, 9, seed=1)
    few = draft_questions(seed_assistant, 3, seed=2)
    assert len({draft.source for draft in few}) == 3


def test_no_draft_is_made_of_what_may_not_be_quoted(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: In May 2004 the ferry of Lindholm was repaired at the yard of Norby.\n---\n\nThe end.\n"
    )
    assistant.add(tmp_path / "a.md")
    assert draft_questions(assistant) == []


def test_each_kind_of_problem_is_found(assistant: Assistant, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ferry.txt").write_text("The ferry leaves at noon.")
    (tmp_path / "dues.txt").write_text("The dues are high.")
    assistant.add([tmp_path / "one", tmp_path / "two", tmp_path / "dues.txt"])
    known = next(each.id for each in assistant.articles() if each.source.endswith("dues.txt"))
    questions = [
        TestQuestion("right", "?", ("high",), "dues.txt", relevant=((known, 1), ("one/ferry.txt", 2))),
        TestQuestion("gone", "?", ("noon",), "gone.txt"),
        TestQuestion("two", "?", ("noon",), "ferry.txt"),
        TestQuestion("elsewhere", "?", ("high", "noon"), "dues.txt"),
        TestQuestion("anywhere", "?", ("high", "low"), None),
        TestQuestion("none", "?", (), None),
        TestQuestion("judged", "?", None, None, relevant=(("x1", 1), ("ferry.txt", 1))),
    ]
    assert check_questions(assistant, questions) == [
        Problem("gone", "source not found", "gone.txt"),
        Problem("two", "source ambiguous", "ferry.txt"),
        Problem("elsewhere", "answer not in article", "noon"),
        Problem("anywhere", "answer not in article", "low"),
        Problem("judged", "relevant not found", "x1"),
        Problem("judged", "relevant ambiguous", "ferry.txt"),
    ]


@pytest.mark.slow
def test_drafts_are_written_accepted_and_only_then_asked(run: Run, library: Path, tmp_path: Path) -> None:
    path = tmp_path / "drafts.jsonl"
    code, out, _ = run("questions", "draft", "-n", 3, "--output", path)
    assert (code, out.startswith("3 drafts.")) == (0, True)
    assert run("questions", "draft", "-n", 3)[1] == path.read_text()
    assert "is there already" in run("questions", "draft", "--output", path)[2]
    code, _, err = run("eval", path, "--library", library, "--no-baselines")
    assert (code, "holds drafts only" in err) == (2, True)
    first = load_questions(path)[0].id
    code, _, err = run("questions", "accept", path, first, "nobody")
    assert (code, "holds no draft 'nobody'" in err) == (2, True)
    assert run("questions", "accept", path)[0] == 2
    assert run("questions", "accept", path, first)[1] == "1 accepted, 2 drafts left.\n"
    assert [each.draft for each in load_questions(path)] == [False, True, True]
    for options, n in ((), 1), (("--drafts",), 3):
        out = run("eval", path, "--library", library, "--no-baselines", "--json", *options)[1]
        assert json.loads(out)["figures"]["n_questions"] == n
    assert run("questions", "accept", path, "--all")[1] == "2 accepted, 0 drafts left.\n"


@pytest.mark.slow
def test_questions_that_do_not_fit_are_named_and_counted(run: Run, library: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": "a", "question": "Who is ambassador?", "answers": ["Ada"], "source": "000_93b197122659e60d.txt"}\n')
    code, out, _ = run("questions", "check", path)
    assert (code, out) == (2, "a: answer not in article: Ada\n1 questions, 1 of them does not fit the articles.\n")
    assert json.loads(run("questions", "check", path, "--json")[1])[0]["what"] == "answer not in article"
    code, _, err = run("eval", path, "--library", library, "--no-baselines")
    assert code == 0
    assert "pullquote: 1 question does not fit the articles: see `pullquote questions check`." in err
