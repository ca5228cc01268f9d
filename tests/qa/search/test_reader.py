"""Tests that the reader finds the best answer span of each sentence, and scores it against "no answer"."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, SEEDS
from hypothesis import given
from support import nasty, tiny

from embeddings import ModelError, PassageText
from qa import Assistant, Settings
from qa.search.reader import loading
from qa.search.reader.loading import BUNDLED, NONE, load, load_in_torch
from qa.search.reader.reader import Reader, _best_span
from qa.text.passages import chunk, join_sentences

WALL = join_sentences(
    ["Forty-four people scaled the wall in 1989.", "Nobody was hurt.", "The army had built the wall in 1961."]
)


@pytest.fixture(scope="session")
def reader() -> Reader:
    found = load(BUNDLED)
    assert found is not None
    return found


def marked(reader: Reader, question: str, passage: PassageText) -> list[str]:
    (scores,) = reader.read(question, [passage])
    places = zip(passage.sentences, scores.spans, strict=True)
    return [passage.text[start + span.start : start + span.end] for (start, _), span in places]


def test_the_bundled_reader_marks_what_was_asked_for(reader: Reader) -> None:
    assert marked(reader, "How many people scaled the wall?", WALL)[0].lower() in ("forty-four", "forty-four people")
    assert marked(reader, "When was the wall scaled?", WALL)[0] == "1989"
    assert marked(reader, "Who built the wall?", WALL)[2].lower() in ("the army", "army")


def test_the_sentence_that_answers_stands_out_and_a_question_nobody_answers_has_none(reader: Reader) -> None:
    for question, at in (("How many people scaled the wall?", 0), ("Who built the wall?", 2)):
        (scores,) = reader.read(question, [WALL])
        assert int(scores.words.argmax()) == int(scores.sentence.argmax()) == at
        assert scores.words[at] > 0
    (scores,) = reader.read("What do penguins eat in winter?", [WALL])
    assert (scores.words < 0).all()
    assert (scores.sentence < 0).all()


def test_the_best_words_end_where_they_begin_or_later_and_not_too_far() -> None:
    numbers = np.zeros((40, 3), np.float32)
    numbers[5, 0], numbers[3, 1], numbers[6, 1] = 2, 9, 1  # the end at 3 cannot pair with the start at 5
    assert _best_span(numbers) == (0, 3, 9.0)
    numbers[3, 1], numbers[39, 1] = 0, 5  # 35 tokens later
    assert _best_span(numbers) == (10, 39, 5.0)
    assert _best_span(np.array([[1.0, 2.0]], np.float32)) == (0, 0, 3.0)


@given(nasty.texts())
def test_words_stand_inside_their_sentence(text: str) -> None:
    reader = load(BUNDLED)
    assert reader is not None
    for window in chunk(text, (), lambda texts: [len(each) for each in texts], 200):
        (scores,) = reader.read("Who fell?", [window.encoded])
        assert len(scores.spans) == len(scores.words) == len(scores.sentence) == len(window.encoded.sentences)
        assert np.isfinite(scores.words).all()
        for (start, end), span in zip(window.encoded.sentences, scores.spans, strict=True):
            assert 0 <= span.start <= span.end <= end - start


def test_reading_several_passages_is_reading_each(reader: Reader) -> None:
    others = [
        WALL,
        join_sentences(["The cranes were sold."]),
        join_sentences(["Nobody. " * 40, "The army built the wall in two years."]),
    ]
    together = reader.read("Who built the wall?", others)
    for passage, scores in zip(others, together, strict=True):
        (alone,) = reader.read("Who built the wall?", [passage])
        assert scores.spans == alone.spans
        assert scores.words == pytest.approx(alone.words, abs=0.3)
    assert reader.read("Who built the wall?", []) == []


@pytest.mark.slow
def test_the_converted_reader_says_what_pytorch_says(reader: Reader) -> None:
    exact, same, n = load_in_torch(BUNDLED), 0, 0
    for path in sorted(SEEDS.glob("*.txt")):
        for window in chunk(path.read_text("utf-8"), (), lambda texts: [len(each) // 4 for each in texts], 150):
            (here,), (there,) = (each.read("How many North Koreans entered?", [window.encoded]) for each in (reader, exact))
            best = int(there.words.argmax())
            same, n = same + (here.spans[best] == there.spans[best]), n + 1
    assert n > 10
    assert same / n >= 0.9, "of single passages; docs/results/retrieval.md has the figure of many"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_another_extractive_model_reads_as_transformers_runs_it(tmp_path: Path, kind: str) -> None:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    folder = tiny.build_reader(tmp_path / kind, kind=kind)
    found = load(str(folder))
    assert found is not None
    passage = join_sentences(["nobody fell.", "the wall stood."])
    (scores,) = found.read("who fell?", [passage])
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForQuestionAnswering.from_pretrained(folder).eval()
    inputs = tokenizer("who fell?", passage.text, return_tensors="pt", return_offsets_mapping=True)
    offsets, sequence = inputs.pop("offset_mapping")[0].tolist(), inputs.sequence_ids(0)
    if kind == "roberta":
        inputs.pop("token_type_ids", None)
    with torch.no_grad():
        outputs = model(**inputs)
    starts, ends = outputs.start_logits[0].tolist(), outputs.end_logits[0].tolist()
    for (start, end), words, span in zip(passage.sentences, scores.words.tolist(), scores.spans, strict=True):
        inside = [at for at, of in enumerate(sequence) if of == 1 and start <= offsets[at][0] and offsets[at][1] <= end]
        by_hand = {(i, j): starts[i] + ends[j] for i in inside for j in inside if i <= j < i + 30}
        i, j = max(by_hand, key=lambda pair: by_hand[pair])
        assert words == pytest.approx(by_hand[i, j] - starts[0] - ends[0], abs=0.1)
        assert (span.start, span.end) == (offsets[i][0] - start, offsets[j][1] - start)
    assert scores.sentence.tolist() == [0, 0], "it does not tell"


@pytest.mark.slow
def test_a_passage_longer_than_the_model_reads_is_read_to_its_end(tmp_path: Path) -> None:
    found = load(str(tiny.build_reader(tmp_path / "short", longest=48)))
    assert found is not None
    passage = join_sentences(["the wall fell at noon.", "nobody was there then.", "it was built again later on."] * 3)
    (scores,) = found.read("who?", [passage])
    assert len(scores.words) == 9
    assert np.isfinite(scores.words).all()


def test_an_encoder_is_no_reader(tmp_path: Path) -> None:
    folder = tiny.build_reader(tmp_path / "headless", head=False)
    with pytest.raises(ModelError, match="was not trained to answer questions: choose another model for --reader"):
        load(str(folder))


def test_a_missing_reader_is_an_error_that_names_it() -> None:
    with pytest.raises(ModelError, match=r"^The reader '/no-such-reader' cannot be found: .* leave --reader out"):
        load("/no-such-reader")


def test_a_damaged_bundled_reader_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "file_sha256", lambda _: "0" * 64)
    with pytest.raises(ModelError, match=r"is damaged \(wrong SHA-256\): reinstall pullquote, or use `--reader none`"):
        loading._load.__wrapped__(BUNDLED)


@pytest.mark.slow
def test_without_a_reader_no_sentence_has_an_answer_score(tmp_path: Path) -> None:
    assert load(NONE) is None
    (tmp_path / "wall.txt").write_text(WALL.text)
    assistant = Assistant.open(tmp_path / "library", reader=NONE)
    assistant.add(tmp_path / "wall.txt")
    answer = assistant.ask("Who built the wall?")
    assert [sentence.answer for passage in answer.passages for sentence in passage.sentences] == [None] * 3


def test_the_best_passages_are_read_and_the_answering_words_marked(tmp_path: Path) -> None:
    (tmp_path / "wall.txt").write_text(WALL.text)
    assistant = Assistant.open(tmp_path / "library", settings=Settings(least_confidence=0, highlighted=0))
    assistant.add(tmp_path / "wall.txt")
    answer = assistant.ask("When was the wall scaled?")
    quote = answer.quotes[0]
    assert quote.highlight is not None
    assert assistant.article(quote.article.id).text[quote.highlight.start : quote.highlight.end] == "1989"
    scores = [sentence.answer for sentence in answer.passages[0].sentences]
    assert None not in scores
    assert max(scores) == scores[0] > 0  # type: ignore[operator, type-var]
    assert "reader" in answer.timings


@pytest.mark.slow
def test_copies_of_a_passage_are_read_once_and_what_else_there_is_too(tmp_path: Path) -> None:
    copies = 6
    for number in range(copies):
        (tmp_path / f"paper{number}.txt").write_text(WALL.text)
    (tmp_path / "garden.txt").write_text("The garden wall was painted in 2004. Nobody scaled it.")
    assistant = Assistant.open(tmp_path / "library", settings=Settings(least_confidence=0, n_read_closely=2))
    assistant.add(sorted(tmp_path.glob("*.txt")))
    answer = assistant.ask("When was the wall scaled?")
    assert len(answer.passages) == copies + 1
    scores = {passage.text: tuple(sentence.answer for sentence in passage.sentences) for passage in answer.passages}
    assert len(scores) == 2
    assert all(None not in each for each in scores.values())
    for passage in answer.passages:
        assert tuple(sentence.answer for sentence in passage.sentences) == scores[passage.text]
    assert len(answer.quotes[0].also_in) == copies - 1


@pytest.mark.slow
def test_a_story_in_two_papers_is_as_sure_as_in_one(seed_assistant: Assistant, tmp_path: Path) -> None:
    twice = Assistant.open(tmp_path / "library")
    twice._encoder = seed_assistant.encoder
    for place in ("one", "other"):
        shutil.copytree(SEEDS, tmp_path / place)
    twice.add([tmp_path / "one", tmp_path / "other"])
    assert len(twice.articles()) == 2 * len(seed_assistant.articles())
    for question in ("Which Japanese broadcaster interviewed the border guards?", "What has China long opposed?"):
        assert twice.ask(question).confidence == pytest.approx(seed_assistant.ask(question).confidence, abs=0.05)


@pytest.mark.parametrize(
    "question", ["What has China long opposed?", "Which Japanese broadcaster interviewed the border guards?"]
)
def test_the_passage_of_the_first_quote_comes_first(seed_assistant: Assistant, question: str) -> None:
    answer = seed_assistant.ask(question)
    first, quote = answer.passages[0], answer.quotes[0]
    assert (first.article.id, first.start <= quote.start < first.end) == (quote.article.id, True)
    assert [passage.rank for passage in answer.passages] == list(range(1, len(answer.passages) + 1))
    read = [any(sentence.answer is not None for sentence in passage.sentences) for passage in answer.passages]
    assert read == sorted(read, reverse=True)


def test_no_sentence_without_a_number_tells_a_telephone_number(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("What is the telephone number of the Canadian embassy?")
    assert (answer.found, answer.confidence) == (False, 0.0)


@pytest.mark.slow
def test_the_second_process_reads_without_pytorch() -> None:
    """The first is the tests' own: it converts the reader, or finds it, in the cache that a new process has too."""
    assert loading._load.__wrapped__(BUNDLED).name == BUNDLED
    code = (
        "import sys; from qa.search.reader.loading import load; from embeddings import PassageText;"
        "print(len(load().read('Who?', [PassageText('Nobody fell.', ((0, 12),))])), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "1 False\n"
