"""The page's functions for programs, called over the network by gradio_client."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.pages import ATTACK, Served, serving
from support.servers import answer, fetcher
from support.servers import serving as site

from qa import Answer, Assistant

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from gradio_client import Client
    from gradio_client.exceptions import AppError

AMBASSADOR = "Who is the Canadian ambassador?"
SEEDS = Path(__file__).parents[3] / "seeds"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    assistant = Assistant.open(tmp_path_factory.mktemp("library"))
    assistant.add(sorted(SEEDS.glob("*.txt")))
    with serving(assistant) as served:
        yield served


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[Client]:
    client = Client(served.address, verbose=False, download_files=False)
    yield client
    client.close()


def test_the_endpoints_are_named_described_and_typed(client: Client) -> None:
    found = client.view_api(return_format="dict", print_info=False)
    assert set(found["named_endpoints"]) == {"/ask", "/search", "/article", "/add"}
    assert found["unnamed_endpoints"] == {}
    ask = found["named_endpoints"]["/ask"]
    assert ask["description"].startswith("Answer a question with sentences quoted word for word")
    assert [(each["parameter_name"], each["python_type"]["type"]) for each in ask["parameters"]][:2] == [
        ("question", "str"),
        ("k", "int"),
    ] or [each["parameter_name"] for each in ask["parameters"]][:2] == ["question", "k"]


def test_an_answer_is_the_same_as_in_python(client: Client, served: Served) -> None:
    got = client.predict(AMBASSADOR, 3, api_name="/ask")
    over, here = Answer.from_json(json.dumps(got)), served.assistant.ask(AMBASSADOR, 3)
    assert over.quotes == here.quotes != ()
    assert over.passages == here.passages
    assert (over.confidence, over.generation) == (here.confidence, here.generation)


def test_filters_are_what_they_are_in_python(client: Client, served: Served) -> None:
    got = client.predict(AMBASSADOR, after="2004-10", before="2004-10-20", api_name="/ask")
    assert got["only"] == {"after": "2004-10", "before": "2004-10-20"}
    found = client.predict("embassy", source="001_", api_name="/search")
    assert {each["article"]["title"] for each in found} == {"Refugees storm Beijing consulate"}


def test_passages_and_the_articles_they_come_from(client: Client, served: Served) -> None:
    found = client.predict("Hoeryong", 2, api_name="/search")
    assert [each["rank"] for each in found] == [1, 2]
    for passage in found:
        article = client.predict(passage["article"]["id"], passage["article"]["version"], api_name="/article")
        assert passage["text"] == article["text"][passage["start"] : passage["end"]]
        assert article["text"] == served.assistant.article(article["id"]).text


@pytest.mark.parametrize(
    ("endpoint", "given", "says"),
    [
        ("/ask", {"question": "x" * 2_001}, "2,001 characters"),
        ("/ask", {"question": "  "}, "no word"),
        ("/ask", {"question": AMBASSADOR, "k": 101}, "100"),
        ("/ask", {"question": AMBASSADOR, "k": 0}, "1"),
        ("/ask", {"question": AMBASSADOR, "k": 2.5}, "whole number"),
        ("/ask", {"question": AMBASSADOR, "after": "yesterday"}, "must be a date"),
        ("/ask", {"question": AMBASSADOR, "tag": [1]}, "must be text"),
        ("/ask", {"question": 7}, "A text is wanted"),
        ("/search", {"query": "", "k": 3}, "no word"),
        ("/article", {"article_id": "000000000000"}, "no article 000000000000"),
        ("/article", {"article_id": "../../etc/passwd"}, "no article"),
        ("/add", {"text": "One."}, "Give a text and its title"),
        ("/add", {"address": "/etc/passwd"}, "must begin with http"),
        ("/add", {"address": "file:///etc/passwd"}, "must begin with http"),
        ("/add", {"text": "x" * 900_001, "title": "Long"}, "900,000"),
        ("/add", {"text": "One.", "title": "/"}, "needs a name"),
    ],
)
def test_an_error_says_what_is_wrong_and_shows_no_traceback(
    client: Client, endpoint: str, given: dict[str, object], says: str
) -> None:
    with pytest.raises(AppError) as error:
        client.predict(**given, api_name=endpoint)
    assert says in str(error.value)
    assert "Traceback" not in str(error.value)
    assert ".py" not in str(error.value)


def test_an_article_is_added_by_its_text(client: Client, served: Served) -> None:
    text = f"The ferry captain was called Aksel Munk.\r\n  He said {ATTACK} twice.\n"
    for fate in ("added", "unchanged"):
        (told,) = client.predict(text=text, title="The ferry", api_name="/add")
        assert (told["source"], told["fate"], told["article"]["title"]) == ("The ferry.txt", fate, "The ferry")
    assert served.assistant.article(told["article"]["id"]).text == text
    assert client.predict("What was the ferry captain called?", api_name="/ask")["found"]
    uploads = (served.assistant.library.folder / "uploads").rglob("*")
    assert not [path for path in uploads if path.is_file() and path.suffix != ".lock"]


def test_a_title_names_no_path_of_this_machine(client: Client, served: Served, tmp_path: Path) -> None:
    title = f"{tmp_path}/../secret"
    (told,) = client.predict(text="The vault holds nine keys.", title=title, api_name="/add")
    assert not told["source"].startswith("/")
    assert "/" not in told["source"]
    assert told["article"]["title"] == title


def test_a_page_is_added_by_its_address(client: Client, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.sources.web.fetching.Fetcher", fetcher)
    text = "The ferry of Hirtshals sank in a storm on Monday. Nobody was hurt, said the captain of the ferry. " * 3
    page = answer(f"<html><head><title>Ferry sinks</title></head><body><article><p>{text}</p></article></body></html>")
    with site({"/ferry.html": page}) as server:
        (told,) = client.predict(address=server.url("/ferry.html"), api_name="/add")
        assert (told["source"], told["fate"]) == (server.url("/ferry.html"), "added")
        (told,) = client.predict(address=server.url("/none.html"), api_name="/add")
        assert told["fate"] == "failed"
        assert "404" in told["reason"]


@pytest.mark.slow
def test_an_address_of_this_network_is_not_fetched(client: Client, served: Served) -> None:
    with site({"/": answer("<p>secret</p>")}) as server:
        (told,) = client.predict(address=server.url("/"), api_name="/add")
    assert told["fate"] == "failed"
    assert server.requests == []


def test_where_the_library_is_read_only_nothing_can_be_added(served: Served) -> None:
    with serving(served.assistant, read_only=True) as reading:
        client = Client(reading.address, verbose=False, download_files=False)
        assert set(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == {
            "/ask",
            "/search",
            "/article",
        }
        assert client.predict(AMBASSADOR, api_name="/ask")["found"]
        client.close()
