"""Tests that a filter selects the right articles, and that both indexes search only those, with unchanged scores."""

from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pytest
import typer
from gradio.utils import get_function_description, get_function_params
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from embeddings import Encoder, VectorIndex
from embeddings.index.flat_index import Ids
from embeddings.index.vector_index import IndexLimits
from embeddings.model_spec import Vectors, unit
from qa import Answer, Assistant
from qa.library.bm25_index import Bm25Index
from qa.library.filters import Filter, FilterCache
from qa.library.indexes import IndexCache
from qa.library.library import Library
from qa.library.snapshot import Snapshot
from qa.library.writes import NewArticle
from qa.question.date_filter import suggest_filter
from qa.question.parsing import Question
from qa.question.query import QuestionVectors, formulate
from qa.search.retrieval import Candidate, retrieve
from qa.sources.formats.draft import Draft
from qa.text.passages import chunk
from qa.types.articles import Reference
from qa.types.errors import QuestionUnusable
from qa.types.filter_options import DESCRIPTIONS, Only, name_filters
from qa.types.settings import Settings
from qa.types.stopwatch import Stopwatch
from ui.html.words import filter_in_words

SMALL = IndexLimits(exact=60, recent=10, mapped=1)  # small enough that a test covers every kind of index
WIDTH = 16


def article(source: str = "/texts/wall.txt", published: str | None = None, **more: object) -> Reference:
    return Reference("0" * 12, "The Wall", source, published, "0" * 64, **more)  # type: ignore[arg-type]


def ascending(ids: Iterable[int]) -> Ids:
    return np.array(sorted(ids), np.int64)


# Which articles match a filter


def test_a_filter_that_asks_for_nothing_is_none_and_lets_every_article_through() -> None:
    assert not Filter()
    assert not Filter(after=" ", source="", tags=("", " "))
    assert Filter() == Filter(author="  ")
    assert Filter().matches(article())
    assert all([Filter(after="2004"), Filter(language="en"), Filter(tags=("news",))])


@pytest.mark.parametrize(
    ("after", "before", "published", "lets_through"),
    [
        ("2004-10", None, "2004-10-01", True),
        ("2004-10", None, "2004-09-30", False),
        (None, "2004-10", "2004-10-31", True),
        (None, "2004-10", "2004-11-01", False),
        ("2004", "2004", "2004-01-01", True),
        ("2004", "2004", "2004-12-31T23:59+00:00", True),
        ("2004", "2004", "2005-01-01", False),
        ("2004-02-29", "2004-02-29", "2004-02-29T12:00", True),
        (None, "2004-02", "2004-02-29", True),
        ("2004", None, "2004", True),
        ("2004-06", None, "2004", False),  # the article may be from May
        (None, "2004-06", "2004-06", True),
        (None, "2004-06-29", "2004-06", False),
        ("2004", None, None, False),
        (None, "2004", None, False),
        (None, "2004", "in the autumn", False),
        (None, "2004", "2003-02-31", False),
        (None, "2004", "20031005", False),
    ],
)
def test_articles_are_let_through_from_the_first_day_to_the_last(
    after: str | None, before: str | None, published: str | None, lets_through: bool
) -> None:
    assert Filter(after=after, before=before).matches(article(published=published)) is lets_through


@pytest.mark.parametrize("source", ["WALL", "texts/w", "*.txt", "texts/*.txt", "w?ll.txt", "/home/*", "*/me/*"])
def test_a_source_is_a_part_of_the_path_or_a_pattern_of_its_end(source: str) -> None:
    assert Filter(source=source).matches(article("/home/me/Texts/wall.txt"))
    assert not Filter(source=source).matches(article("/srv/river.md"))


def test_a_source_is_a_part_of_an_address_or_of_the_name_of_its_site() -> None:
    assert Filter(source="Berlin.example").matches(article("https://berlin.example/wall"))
    assert Filter(source="gazette").matches(article(site="The Gazette"))


@pytest.mark.parametrize("source", ["*.pdf", "exts/*.txt", "bridge", "wall", "[", "[a-z]*.md"])
def test_a_source_that_is_no_part_of_it_does_not_match(source: str) -> None:
    assert not Filter(source=source).matches(article("/texts/river.txt", site="The Gazette"))


def test_brackets_in_a_file_name_are_found_as_they_stand() -> None:
    assert Filter(source="report [final].txt").matches(article("/texts/report [final].txt"))


@pytest.mark.parametrize(("wanted", "is_hers"), [("doe", True), ("Jane DOE", True), ("doe, jane", True), ("ane", False)])
def test_an_author_is_found_by_the_beginnings_of_words_in_any_order(wanted: str, is_hers: bool) -> None:
    assert Filter(author=wanted).matches(article(author="Jane Doé")) is is_hers
    assert not Filter(author=wanted).matches(article())


@pytest.mark.parametrize(
    ("folder", "lies_in_it"),
    [
        ("/home/me/news", True),
        ("/home/me/news/2004", True),
        ("/home/me/news/2004/", True),
        ("/", True),
        ("news", True),
        ("./news/2004", True),
        ("/news", False),
        ("/home/me/new", False),
        ("ews", False),
        ("wall.txt", False),
    ],
)
def test_a_folder_is_the_whole_path_or_names_that_follow_each_other_in_it(folder: str, lies_in_it: bool) -> None:
    assert Filter(folder=folder).matches(article("/home/me/News/2004/wall.txt")) is lies_in_it


def test_folders_are_those_of_other_systems_and_of_addresses_too() -> None:
    assert Filter(folder="C:\\texts").matches(article("C:\\Texts\\2004\\wall.txt"))
    assert Filter(folder="https://site.example/news").matches(article("https://site.example/news/wall"))
    assert not Filter(folder="https://site.example/news").matches(article("https://site.example/newspaper/wall"))


def test_a_language_is_that_one_and_tags_must_all_be_there() -> None:
    tagged = article(language="de", tags=("Wall", "Café"))
    assert Filter(language="DE", tags=("cafe", "wall")).matches(tagged)
    assert not Filter(language="en").matches(tagged)
    assert not Filter(language="en").matches(article())
    assert not Filter(tags=("wall", "bridge")).matches(tagged)
    assert not Filter(tags=("wal",)).matches(tagged)


def test_all_that_is_asked_for_must_be_so() -> None:
    both = Filter(after="2004", author="Doe")
    assert both.matches(article(published="2004-01-01", author="Doe"))
    assert not both.matches(article(published="2003-01-01", author="Doe"))
    assert not both.matches(article(published="2004-01-01"))


def test_letters_are_the_same_however_they_are_encoded() -> None:
    assert Filter(source="cafe\u0301").matches(article("/texts/Caf\u00e9.txt"))
    assert Filter(author="m\u00fcller").matches(article(author="Mu\u0308ller"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"after": "2004-13"}, "after must be a date such as 2004-10-31, 2004-10 or 2004, not '2004-13'"),
        ({"before": "2003-02-29"}, "before must be a date"),
        ({"before": "last year"}, "before must be a date"),
        ({"after": "0000"}, "after must be a date"),
        ({"after": "٢٠٠٤"}, "after must be a date"),
        ({"after": "2004-10-05T12:00"}, "after must be a date"),
        ({"after": "2005", "before": "2004-12"}, "after is 2005, which is later than before, 2004-12"),
        ({"language": "English"}, "language must be a code of two letters such as en"),
        ({"author": "—"}, "author holds no word"),
        ({"source": "x" * 1_001}, "source has 1,001 characters; the limit is 1,000"),
        ({"folder": 7}, "folder must be text, not int"),
        ({"tags": "news"}, "tags must be a list"),
        ({"tags": (7,)}, "tags must be text"),
        ({"tags": ("x",) * 101}, "tags must be a list of 100 words at most"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_by_the_name_of_its_field(fields: dict[str, object], said: str) -> None:
    with pytest.raises(QuestionUnusable, match=said):
        Filter(**fields)  # type: ignore[arg-type]


@given(st.builds(Filter, source=st.text(max_size=9), folder=st.text(max_size=9), tags=st.lists(st.text(max_size=5))), st.text())
def test_any_text_may_be_looked_for_in_any_path(wanted: Filter, source: str) -> None:
    assert wanted.matches(article(source)) in (True, False)
    assert Filter(source=source[:1_000]).matches(article(source))


def test_the_passages_of_a_filter_are_computed_once_for_each_generation(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, n_looks, passage_ids_of = FilterCache(), [0], Snapshot.passage_ids_of

    def counted(snapshot: Snapshot, ids: Collection[str]) -> Ids:
        n_looks[0] += 1
        return passage_ids_of(snapshot, ids)

    monkeypatch.setattr(Snapshot, "passage_ids_of", counted)
    with library.snapshot() as snapshot:
        ten = cache.passage_ids(Filter(source="00?.txt"), snapshot)
        assert len(ten) < len(cache.passage_ids(Filter(), snapshot)) == snapshot.count()[1]
        assert cache.passage_ids(Filter(source=" 00?.txt"), snapshot) is ten
        assert n_looks == [2]
        monkeypatch.setitem(vars(snapshot), "generation", snapshot.generation + 1)  # as a change of the library does
        assert cache.passage_ids(Filter(source="00?.txt"), snapshot).tolist() == ten.tolist()
        assert n_looks == [3]
        for number in range(100):
            cache.passage_ids(Filter(source=str(number)), snapshot)
    assert len(cache._ids) <= 16


# How the command line and the API take filters


def test_the_fields_of_a_filter_are_those_that_are_described() -> None:
    assert [{"tags": "tag"}.get(field.name, field.name) for field in fields(Filter)] == list(DESCRIPTIONS)


def test_a_command_takes_each_filter_as_an_option_with_its_description() -> None:
    app, calls = typer.Typer(), list[dict[str, Any]]()

    @app.command()
    @name_filters(lambda name, description: typer.Option(f"--{name}", help=description))
    def ask(question: str, k: int = 5, **only: Unpack[Only]) -> None:
        """Ask one question."""
        calls.append({"question": question, "k": k, **only})

    terminal = CliRunner()
    assert terminal.invoke(app, ["Why?", "--after", "2004", "--tag", "a", "--tag", "b"]).exit_code == 0
    assert Filter.of(calls[0] and {name: calls[0][name] for name in DESCRIPTIONS}) == Filter(after="2004", tags=("a", "b"))  # type: ignore[arg-type]
    shown = " ".join(terminal.invoke(app, ["--help"], env={"COLUMNS": "300"}).output.split())
    assert all(f"--{name}" in shown and description in shown for name, description in DESCRIPTIONS.items())


def test_an_endpoint_takes_each_filter_as_a_parameter_with_its_description() -> None:
    class Api:
        @name_filters()
        def ask(self, question: str, k: int = 5, **only: Unpack[Only]) -> dict[str, Any]:
            """Answer a question.

            Args:
                question: what to ask.
                only: which articles to search.

            Returns:
                The answer.
            """
            return {"question": question, "k": k, **only}

    description, parameters, _ = get_function_description(Api().ask)
    assert (description, parameters) == ("Answer a question.", {"question": "what to ask.", "k": "", **DESCRIPTIONS})
    hints = {name: (default, hint) for name, _, default, hint in get_function_params(Api().ask)}
    assert hints["after"] == (None, str | None)
    assert hints["tag"] == (None, list[str] | None)
    assert Api().ask("Why?", 3, "2004", None) == {"question": "Why?", "k": 3, "after": "2004", "before": None}


# Searching the indexes with a filter


def topical(n: int, seed: int = 0) -> Vectors:
    """Draw random vectors around twelve topics."""
    draw = np.random.default_rng(seed)
    topics = unit(np.random.default_rng(99).standard_normal((12, WIDTH)))
    return unit(topics[draw.integers(12, size=n)] + 0.8 * unit(draw.standard_normal((n, WIDTH))))


def vector_index(n: int, limits: IndexLimits = SMALL) -> VectorIndex:
    """Build an index with ids 1 to n, where every seventh of the first 60 is removed and five are added later."""
    index = VectorIndex(WIDTH, limits).with_changes(added=[(np.arange(1, n + 1), topical(n))]).compact()
    return index.with_changes(range(7, min(n, 60), 7), [(np.arange(n + 1, n + 6), topical(5, 1))])


def held(index: VectorIndex) -> dict[int, Vectors]:
    return {int(i): vector.astype(np.float32) for ids, halves in index._blocks() for i, vector in zip(ids, halves, strict=True)}


INDEXES = {n: vector_index(n) for n in (8, 50, 400)}
KINDS = {8: 0, 50: 1, 400: 40}  # number of inverted lists by number of vectors


def test_there_is_an_index_of_every_kind() -> None:
    assert {n: index.main.n_lists if index.main else 0 for n, index in INDEXES.items()} == KINDS


@given(data=st.data(), n=st.sampled_from(sorted(KINDS)), k=st.integers(0, 70), seed=st.integers(0, 99))
@settings(max_examples=150)
def test_of_some_vectors_the_nearest_are_found_without_a_miss(data: st.DataObject, n: int, k: int, seed: int) -> None:
    index, question = INDEXES[n], topical(1, 100 + seed)[0]
    some = data.draw(st.sets(st.integers(0, n + 20), max_size=SMALL.exact))
    scores = {i: float(vector @ question) for i, vector in held(index).items() if i in some}
    wanted = sorted(scores.items(), key=lambda hit: (-hit[1], hit[0]))[:k]
    found = index.search(question, k, ascending(some))
    assert dict(found) == pytest.approx(dict(wanted), abs=1e-6)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_the_one_nearest_of_a_few_is_found_however_few_lists_are_read_without_a_filter() -> None:
    index, draw = vector_index(4_000), np.random.default_rng(0)
    vectors = held(index)
    assert index.main is not None
    index.main._lists.nprobe = 1
    for question in unit(draw.standard_normal((100, WIDTH))):
        few = draw.choice(sorted(vectors), 30, replace=False).tolist()
        assert index.search(question, 1, ascending(few))[0][0] == max(few, key=lambda i: float(vectors[i] @ question))


@pytest.mark.parametrize("n", sorted(KINDS))
def test_with_all_vectors_allowed_the_answer_is_as_good_as_without_a_filter(n: int) -> None:
    index = INDEXES[n]
    for question in topical(20, 5):
        free, among = index.search(question, 10), index.search(question, 10, ascending(held(index)))
        assert [score for _, score in among] >= [score - 1e-6 for _, score in free]


def test_of_more_vectors_than_are_all_compared_those_far_from_the_question_are_found_too() -> None:
    index, vectors = INDEXES[400], held(INDEXES[400])
    shares = []
    for question in topical(30, 5):
        nearness = sorted(vectors, key=lambda i: -float(vectors[i] @ question))
        far = nearness[150:]  # few of them are in the lists that a search without a filter probes
        found = {i for i, _ in index.search(question, 20, ascending(far))}
        assert len(found) == 20
        shares.append(len(found & set(far[:20])) / 20)
    assert np.mean(shares) > 0.97


def test_a_saved_index_finds_the_same_of_some(tmp_path: Path) -> None:
    some, question = ascending(range(3, 400, 9)), topical(1, 5)[0]
    for n, index in INDEXES.items():
        index.save(tmp_path / str(n), {})
        assert VectorIndex.load(tmp_path / str(n), SMALL)[0].search(question, 20, some) == index.search(question, 20, some)


WORDS = ("wall", "river", "bridge", "bread", "storm", "tower", "night", "mason")


def text(number: int) -> str:
    draw = np.random.default_rng(number)
    return " ".join(draw.choice(WORDS, 1 + number % 9, p=np.arange(8, 0, -1) / 36))


WORD_INDEX = Bm25Index.in_memory().updated([], ((i, text(i)) for i in range(1, 200)))
WORD_INDEX = WORD_INDEX.updated(range(5, 200, 5), ((i, text(i)) for i in range(200, 400)))  # a second segment


@given(some=st.sets(st.integers(0, 420)), words=st.lists(st.sampled_from([*WORDS, "elephant"])), k=st.integers(0, 40))
@settings(max_examples=200)
def test_of_some_passages_those_with_the_words_are_found_in_their_order_with_their_very_scores(
    some: set[int], words: list[str], k: int
) -> None:
    everything = WORD_INDEX.search(words, 1_000)
    assert WORD_INDEX.search(words, k, ascending(some)) == [hit for hit in everything if hit[0] in some][:k]


@pytest.mark.parametrize("share", [0.001, 0.01, 0.5, 0.999])
def test_few_or_many_of_ten_thousand_passages_are_found_the_same_way(share: float, many: Bm25Index) -> None:
    draw = np.random.default_rng(3)
    some = np.flatnonzero(draw.random(10_000) < share).astype(np.int64)
    allowed = set(some.tolist())
    for question in (["wall"], ["river", "mason"], WORDS):
        wanted = [hit for hit in many.search(question, 10_000) if hit[0] in allowed][:20]
        assert many.search(question, 20, some) == wanted


def test_passages_with_the_words_are_found_behind_thousands_that_fit_better_and_are_not_allowed(many: Bm25Index) -> None:
    behind = many.search(["wall"], 10_000)[3_000:]
    assert many.search(["wall"], 20, ascending(i for i, _ in behind)) == behind[:20]


@pytest.fixture(scope="module")
def many() -> Bm25Index:
    """Build an index of one passage more than ten thousand, enough that a search leaves out common words."""
    return Bm25Index.in_memory().updated([], ((i, text(i)) for i in range(10_001)))


# Searching a library with a filter


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Encoder) -> Library:
    """Build a library of a hundred articles with several passages each."""
    made = Library.open(tmp_path_factory.mktemp("filtered") / "library", tiny_encoder.files)
    new = []
    for number in range(100):
        words = f"{text(number)} stands here as number {number}. It is not much. " * 4
        draft = Draft(f"/texts/{number:03d}.txt", "A text", None, words)
        windows = chunk(words, (), tiny_encoder.count_tokens, tiny_encoder.capacity)
        new.append(NewArticle(draft, windows, tiny_encoder.encode_passages([window.encoded for window in windows])))
    with made.writing():
        made.store(new)
    return made


def passages_of(snapshot: Snapshot, article_ids: Collection[str]) -> Ids:
    return ascending(passage.id for each in article_ids for passage in snapshot.article_passages(each))


def found(
    library: Library,
    encoder: Encoder,
    n: int,
    wanted: Filter | None,
    limits: IndexLimits,
    *,
    n_nearest: int = 100,
    topic: str | None = None,
) -> list[Candidate]:
    question, how = "Who built the wall by the river?", Settings(n_nearest=n_nearest)
    with library.snapshot() as snapshot:
        indexes = IndexCache(library, limits).at(snapshot, lambda: encoder.dimension)
        about = None if topic is None else encoder.encode_questions([topic])[0]
        vectors = QuestionVectors(encoder.encode_questions([question])[0], about)
        query = formulate(Question(question, question, question), vectors, indexes.words, how)
        allowed = None
        if wanted is not None:
            allowed = FilterCache().passage_ids(wanted, snapshot)
        return retrieve(query, n, indexes, snapshot, how, Stopwatch(), allowed)


@pytest.mark.parametrize("limits", [IndexLimits(), replace(SMALL, exact=1_000), SMALL], ids=["few", "one list", "many lists"])
def test_as_many_passages_as_are_wanted_come_from_the_articles_that_match(
    library: Library, tiny_encoder: Encoder, limits: IndexLimits
) -> None:
    ten = Filter(source="00?.txt")
    with library.snapshot() as snapshot:
        there = passages_of(snapshot, [each.id for each in snapshot.references() if ten.matches(each)])
    assert 20 <= len(there) <= 60
    for n in (1, 20, len(there)):
        candidates = found(library, tiny_encoder, n, ten, limits)
        assert len(candidates) == n
        assert {each.passage.id for each in candidates} <= set(there.tolist())
    assert len(found(library, tiny_encoder, 100, ten, limits)) == len(there)
    assert len(found(library, tiny_encoder, 5, ten, limits, n_nearest=5)) == 5
    assert found(library, tiny_encoder, 5, Filter(source="no such file"), limits) == []


def test_what_a_conversation_was_about_is_looked_for_in_the_articles_that_match_alone(
    library: Library, tiny_encoder: Encoder
) -> None:
    candidates = found(library, tiny_encoder, 50, Filter(source="00?.txt"), IndexLimits(), topic="It is not much.")
    assert {each.passage.article.source for each in candidates} == {f"/texts/00{number}.txt" for number in range(10)}
    assert any(each.topic_score for each in candidates)


def test_with_every_article_let_through_all_is_as_without_a_filter(library: Library, tiny_encoder: Encoder) -> None:
    free, filtered = (found(library, tiny_encoder, 50, wanted, IndexLimits()) for wanted in (None, Filter(folder="/texts")))
    assert [(each.passage.id, each.score, each.parts) for each in free] == [
        (each.passage.id, each.score, each.parts) for each in filtered
    ]


def test_a_passage_has_the_cosines_and_the_coverage_it_has_without_a_filter(library: Library, tiny_encoder: Encoder) -> None:
    free = {each.passage.id: each for each in found(library, tiny_encoder, 100, None, IndexLimits())}
    some = found(library, tiny_encoder, 100, Filter(source="04?.txt"), IndexLimits())
    both = [(each.parts, free[each.passage.id].parts) for each in some if each.passage.id in free]
    assert len(both) > 3
    for mine, theirs in both:
        assert mine.meaning == pytest.approx(theirs.meaning, abs=1e-6)
        assert mine.coverage == pytest.approx(theirs.coverage)  # a filter does not change the rarity of terms


# The filter suggested for a question

TIME_WORDS = ("in", "since", "after", "before", "between", "and", "to", "May", "2004", "31", ",", "2004-02-30", "the", "of")


@pytest.mark.parametrize(
    ("question", "after", "before"),
    [
        ("What happened in October 2004?", "2004-10", "2004-10"),
        ("what happened in october 2004", "2004-10", "2004-10"),
        ("What was said in the year 2004?", "2004", "2004"),
        ("Who won in 2004?", "2004", "2004"),
        ("What did the Gazette write on 5 October 2004?", "2004-10-05", "2004-10-05"),
        ("What did the Gazette write on the 5th of October 2004?", "2004-10-05", "2004-10-05"),
        ("What happened October 5, 2004?", "2004-10-05", "2004-10-05"),
        ("What does the report of 2004-10-05 say?", "2004-10-05", "2004-10-05"),
        ("Who was elected in early Sept. 2004?", "2004-09", "2004-09"),
        ("What has been built since 2019?", "2019", None),
        ("What has been built from 2019 onwards?", "2019", None),
        ("What was built after 2019?", "2020", None),
        ("What was built after 31 December 2019?", "2020-01-01", None),
        ("What was built after December 2019?", "2020-01", None),
        ("What was written before March 2020?", None, "2020-02"),
        ("What was written before January 2020?", None, "2019-12"),
        ("What was written before 1 March 2020?", None, "2020-02-29"),
        ("What was written until March 2020?", None, "2020-03"),
        ("What happened between 2004 and 2006?", "2004", "2006"),
        ("What happened between October 2004 and the 5th of March 2005?", "2004-10", "2005-03-05"),
        ("What happened from May 2004 to 2006?", "2004-05", "2006"),
        ("What happened in 2004–2006?", "2004", "2006"),
        ("What was built since 2019 and sold before 2021?", "2019", "2020"),
    ],
)
def test_a_time_that_a_question_names_is_suggest_filter(question: str, after: str | None, before: str | None) -> None:
    assert suggest_filter(question) == Filter(after=after, before=before)


@pytest.mark.parametrize(
    "question",
    [
        *("", "What happened last year?", "What happened in October?", "What happened on 5 October?", "Who is 2004?"),
        *("How many of the 2000 people came?", "Who won the 1500 metres in 1066?", "What came after 31 February 2004?"),
        *("Was it in 2004 or 2005?", "Who won in 2004 and 2006?", "Who won in 2004, 2005 and 2006?", "What of the 1990s?"),
        *("What was between 2006 and 2004?", "What was between 2004?", "Is it prior to 2019?", "May he march in 20045?"),
        "What happened in ٢٠٠٤?",
    ],
)
def test_nothing_is_offered_where_no_one_time_is_named(question: str) -> None:
    assert suggest_filter(question) is None


@given(st.text() | st.lists(st.sampled_from(TIME_WORDS)).map(" ".join))
def test_any_question_may_be_looked_into(question: str) -> None:
    assert suggest_filter(question) is None or suggest_filter(question)


@pytest.fixture
def dated(assistant: Assistant, tmp_path: Path) -> Assistant:
    for year, tag in ((2003, "rivers"), (2004, "rivers"), (2005, "towns")):
        front = f"---\ndate: {year}-10-15\nauthor: Anna Berg\nlang: en\ntags: [{tag}, bridges]\n---\n"
        (tmp_path / f"{year}.md").write_text(f"{front}The bridge fell in the storm of {year}.")
    assistant.add(tmp_path)
    return assistant


def test_ask_and_search_take_the_filter_and_say_what_it_was(dated: Assistant) -> None:
    answer = dated.ask("When did the bridge fall?", after="2004", tag="rivers")
    assert {Path(each.article.source).stem for each in (*answer.quotes, *answer.passages)} == {"2004"}
    assert answer.only == {"after": "2004", "tag": ["rivers"]}
    assert Answer.from_json(answer.to_json()) == answer
    assert {passage.article.source[-7:-3] for passage in dated.search("bridge", before="2004-10-15")} == {"2003", "2004"}
    assert dated.search("bridge", author="Nobody") == ()
    assert not dated.ask("When did the bridge fall?", language="de").found
    conversation = dated.conversation()
    assert {each.article.source[-7:-3] for each in conversation.ask("When did the bridge fall?", source="2005").quotes} == {
        "2005"
    }


def test_a_change_of_the_library_is_seen_by_a_filter_at_once(dated: Assistant, tmp_path: Path) -> None:
    assert len(dated.search("bridge", tag=["towns", "bridges"])) == 1
    (tmp_path / "new.md").write_text("---\ntags: [towns, bridges]\n---\nA bridge was built.")
    dated.add(tmp_path / "new.md")
    assert len(dated.search("bridge", tag=["towns", "bridges"])) == 2


def test_a_date_in_a_question_is_offered_and_not_applied(dated: Assistant) -> None:
    answer = dated.ask("What fell in October 2004?")
    assert (answer.only, answer.offer) == ({}, {"after": "2004-10", "before": "2004-10"})
    assert len({each.article.source for each in answer.passages}) == 3
    assert dated.ask("What fell in October 2004?", after="2003").offer == {}, "it was narrowed already"
    assert dated.ask("What fell in October 1999?").offer == {}, "nothing would be left"
    assert dated.ask("What fell after October 1999?").offer == {}, "nothing would be left out"


def test_tags_that_are_no_text_are_refused() -> None:
    assert Filter.of({"tag": "news"}) == Filter.of({"tag": ("news", "")}) == Filter(tags=("news",))
    for tag in (7, [7]):
        with pytest.raises(QuestionUnusable, match="tags must be text, not int"):
            Filter.of({"tag": tag})  # type: ignore[typeddict-item]


def test_a_filter_that_does_not_exist_is_a_mistake_of_the_caller(dated: Assistant) -> None:
    with pytest.raises(TypeError, match="colour"):
        dated.ask("What fell?", colour="red")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("only", "words"),
    [
        ({"after": "2004", "before": "2004"}, "of 2004"),
        ({"after": "2004-10", "before": "2004-10"}, "of October 2004"),
        ({"after": "2004-10-05", "language": "en"}, "from 5 October 2004 on, in en"),
        ({"after": "2004", "source": "bbc"}, "from 2004 on, from bbc"),
        ({"before": "2004", "tag": ["a", "b"]}, "up to 2004, tagged a, tagged b"),
    ],
)
def test_a_filter_is_said_in_words(only: dict[str, Any], words: str) -> None:
    assert filter_in_words(only) == words
