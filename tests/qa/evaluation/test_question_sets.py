"""Test questions in every format: what is read, and what is said of a file that breaks its format."""

import json
import re
from pathlib import Path

import pytest

from qa import Assistant
from qa.evaluation import TestQuestion, load_question_set, load_questions, save_questions
from qa.evaluation.datasets.question_sets import detect_format
from qa.evaluation.relevance import Judge
from qa.types.errors import QuestionsUnreadable

TOPICS = """<top>
<num> Number: 301
<title> ferry
 timetable
<desc> Description:
When does the ferry leave?
</top>

<top>
<num>302</num>
<title>harbour dues</title>
</top>
"""


def test_questions_are_read_back_as_they_were_saved(tmp_path: Path) -> None:
    questions = [
        TestQuestion("a", "When – “now”?", ("at noon", "12"), "ferry.txt", ("Who?",)),
        TestQuestion("b", "Why?", (), None),
        TestQuestion("c", "ferries", None, None, relevant=(("ferry.txt", 2), ("x.txt", 0))),
        TestQuestion("d", "Fill in: ____ came.", ("Ada",), "ferry.txt", draft=True),
    ]
    save_questions(questions, tmp_path / "q.jsonl")
    assert load_questions(tmp_path / "q.jsonl") == questions
    assert [path.name for path in tmp_path.iterdir()] == ["q.jsonl"]
    assert [each.answerable for each in questions] == [True, False, True, True]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"answers": None}, "'answers' must be a list of texts"),
        ({"answers": [], "relevant": ["x"]}, "'relevant' must be an object of sources and whole numbers"),
        ({"answers": [], "relevant": {"x": 1.5}}, "'relevant' must be an object of sources and whole numbers"),
        ({"answers": [], "draft": 1}, "'draft' must be true or false"),
    ],
)
def test_a_broken_line_of_json_is_named(tmp_path: Path, more: dict[str, object], complaint: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("\n" + json.dumps({"id": "a", "question": "Who?", **more}))
    with pytest.raises(QuestionsUnreadable) as raised:
        load_questions(path)
    assert str(raised.value) == f"{path}, line 2: {complaint}."


@pytest.mark.parametrize("apart", [",", ";", "\t"])
def test_a_table_is_read_by_the_names_of_its_columns(tmp_path: Path, apart: str) -> None:
    rows = [("Answer", "Document", "Query"), ("noon | 12", "ferry.txt", '"When?\nThen?"'), ("", "", "Why?")]
    (tmp_path / "q.csv").write_text("\n".join(apart.join(row) for row in rows))
    found = load_question_set(tmp_path / "q.csv")
    assert found.format == "csv"
    assert found.questions == [
        TestQuestion("line-2", "When?\nThen?", ("noon", "12"), "ferry.txt"),
        TestQuestion("line-4", "Why?", (), None),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("question,source\nWho?,x\n", "line 1: no column is named answers or answer"),
        ("question,query,answer\na,b,c\n", "line 1: 2 columns are named question or query"),
        ("question,answer\nWho?,Ada\nWho?\n", "line 3: 1 cells where the first row names 2 columns"),
        ("question,answer\n,Ada\n", "line 2: there is no question"),
        ("id,question,answer\na,Who?,Ada\na,When?,noon\n", "line 3: the id 'a' is taken"),
        ('question,answer\nWho?,"Ada\n', "line 2: unexpected end of data"),
        ("question,answer\n", "holds no questions"),
    ],
)
def test_a_broken_table_is_named_by_file_and_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "q.csv"
    path.write_text(text)
    with pytest.raises(QuestionsUnreadable) as raised:
        load_question_set(path)
    assert str(path) in str(raised.value)
    assert complaint in str(raised.value)


def test_squad_is_told_by_its_content(tmp_path: Path) -> None:
    asked = {"id": "q1", "question": "Who?", "answers": [{"text": "Ada", "answer_start": 0}]}
    data = {"version": "1.1", "data": [{"title": "x", "paragraphs": [{"context": "Ada came.", "qas": [asked]}]}]}
    (tmp_path / "q").write_text(json.dumps(data, indent=1))
    found = load_question_set(tmp_path / "q", articles=tmp_path / "articles")
    assert (found.format, found.articles) == ("squad", tmp_path / "articles")
    assert found.questions == [TestQuestion("q1", "Who?", ("Ada",), "000/000.txt")]
    assert (tmp_path / "articles/000/000.txt").read_text() == "Ada came."
    assert load_question_set(tmp_path / "q").questions == found.questions
    (tmp_path / "q").write_text('{"version": "1.1",\n"data": [')
    with pytest.raises(QuestionsUnreadable, match="q, line 2: this is no JSON"):
        load_question_set(tmp_path / "q")


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    """A folder of three articles, two queries and judgements of one of them."""
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    corpus = [("D-1", "The ferry", "It leaves at noon."), ("D-11", "", "The dues are high."), ("D-2", "Only a title here", "")]
    records = [json.dumps({"_id": each, "title": title, "text": text, "metadata": {}}) for each, title, text in corpus]
    (folder / "corpus.jsonl").write_text("\n".join(records) + "\n")
    queries = [json.dumps({"_id": "q1", "text": "ferry at noon"}), json.dumps({"_id": "q2", "text": "dues"})]
    (folder / "queries.jsonl").write_text("\n".join(queries))
    (folder / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tD-1\t2\nq1\tD-11\t0\n")
    (folder / "qrels/dev.tsv").write_text("query-id\tcorpus-id\tscore\nq2\tD-11\t1\n")
    return folder


def test_a_beir_folder_becomes_articles_and_judged_questions(beir: Path, tmp_path: Path, assistant: Assistant) -> None:
    found = load_question_set(beir, articles=tmp_path / "articles")
    first = TestQuestion("q1", "ferry at noon", None, None, relevant=(("0000.jsonl#D-1", 2), ("0000.jsonl#D-11", 0)))
    assert (found.format, found.questions) == ("beir", [first])
    assert [each.id for each in load_question_set(beir, split="dev").questions] == ["q2"]
    assert assistant.add(tmp_path / "articles").failed == ()
    by_source = {each.source.rsplit("/", 1)[-1]: each for each in assistant.articles()}
    assert by_source["0000.jsonl#D-1"].title == "The ferry"
    assert by_source["0000.jsonl#D-2"].title == "Only a title here"
    grades = Judge(assistant).articles(first)
    assert grades == {by_source["0000.jsonl#D-1"].id: 2, by_source["0000.jsonl#D-11"].id: 0}


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("corpus.jsonl", '{"_id": "D-1", "text": "x"}\n{"_id": "D-1", "text": "y"}', "line 2: the id 'D-1' is taken"),
        ("corpus.jsonl", '{"_id": "D-1", "text": "x"}\n{', "line 2: this is no JSON"),
        ("corpus.jsonl", '{"_id": "D-1", "text": " "}', "line 1: 'title' and 'text' must be text"),
        ("corpus.jsonl", '{"_id": "D-1", "text": "x"}', "judges 'D-11' for 'q1', which is not in"),
        ("queries.jsonl", '{"_id": "q1"}', "line 1: 'text' must be text"),
        ("queries.jsonl", '{"_id": 1, "text": "x"}', "line 1: '_id' must be a text without spaces"),
        ("queries.jsonl", '{"_id": "q2", "text": "x"}', "judges the question 'q1', which is not in"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\tD-1\thigh\n", "line 2: a judgement is"),
        ("qrels/test.tsv", "q1\tD-1\t1\nq1\tD-1\t2\n", "line 2: 'D-1' was judged for 'q1'"),
    ],
)
def test_a_broken_beir_folder_is_named_by_file_and_line(beir: Path, file: str, text: str, complaint: str) -> None:
    (beir / file).write_text(text)
    with pytest.raises(QuestionsUnreadable) as raised:
        load_question_set(beir)
    assert str(beir / file) in str(raised.value)
    assert complaint in str(raised.value)


def test_a_split_that_is_not_there_is_said_with_those_that_are(beir: Path) -> None:
    with pytest.raises(QuestionsUnreadable, match=r"train\.tsv is not there; the splits of .* are: dev, test"):
        load_question_set(beir, split="train")


@pytest.mark.parametrize("topics", [TOPICS, "301\tferry timetable\n302\tharbour dues\n"])
def test_topics_are_read_in_both_forms_with_their_judgements(tmp_path: Path, topics: str) -> None:
    (tmp_path / "topics").write_text(topics)
    (tmp_path / "qrels").write_text("301 0 ferry.txt 1\n301 0 dues.txt 0\n")
    found = load_question_set(tmp_path / "topics", qrels=tmp_path / "qrels")
    relevant = (("ferry.txt", 1), ("dues.txt", 0))
    assert (found.format, found.questions) == ("trec", [TestQuestion("301", "ferry timetable", None, None, relevant=relevant)])
    with pytest.raises(QuestionsUnreadable, match="name the file with their judgements"):
        load_question_set(tmp_path / "topics")


@pytest.mark.parametrize(
    ("topics", "complaint"),
    [
        ("<top>\n<num>1\n</top>\n", "line 1: the topic has no <title>"),
        ("<top>\n<title>x\n</top>\n", "line 1: the topic has no <num>"),
        ("<top>\n<num>1\n<title>x\n", "line 1: the <top> is not closed"),
        ("<top>\n<num>1\n<top>\n", "line 3: a <top> is not closed"),
        ("1\tferry\n2 dues\n", "line 2: a topic is an id, a tab and a text"),
        ("1\tferry\n1\tdues\n", "line 2: the id '1' is taken"),
    ],
)
def test_broken_topics_are_named_by_file_and_line(tmp_path: Path, topics: str, complaint: str) -> None:
    (tmp_path / "topics").write_text(topics)
    (tmp_path / "qrels").write_text("1 0 ferry.txt 1\n")
    with pytest.raises(QuestionsUnreadable) as raised:
        load_question_set(tmp_path / "topics", qrels=tmp_path / "qrels")
    assert f"{tmp_path / 'topics'}, {complaint}" in str(raised.value)


def test_our_own_lines_are_told_and_what_is_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text('{"id": "a", "question": "Who?", "answers": []}')
    assert detect_format(path) == "jsonl"
    path.write_text("some words\n")
    with pytest.raises(QuestionsUnreadable, match=r"q\.csv, line 1: "):
        load_question_set(path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(QuestionsUnreadable, match=r"folder is a folder, and not of BEIR's format"):
        load_question_set(tmp_path / "folder")
    with pytest.raises(QuestionsUnreadable, match="gone cannot be read"):
        load_question_set(tmp_path / "gone")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b'{"id": "1", "question": "Who?"',
            "line 1: this is no JSON. A file of test questions has one on each line, such as {",
        ),
        (b"Who won the race?\nWho lost it?", "line 1: this is no JSON. A file of test questions has one on each line"),
        (b"\xff\xfe\x00", "is no text in UTF-8: save it as UTF-8 and try again."),
    ],
)
def test_a_file_that_is_none_of_questions_says_what_one_looks_like(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(content)
    with pytest.raises(QuestionsUnreadable, match=re.escape(told)) as caught:
        load_questions(path)
    assert "Expecting" not in str(caught.value)
