"""The reader learns from what Pullquote finds itself: examples, the loss by hand, and a run that can be gone on with."""

import argparse
import gzip
import json
import math
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from support.nasty import write

from qa import Assistant
from qa.search.reader.network import Network
from training import samples
from training.ablation import VARIANTS, split
from training.encoded import batches, encode
from training.examples import Example, Read, answerable, as_read, impossible, load, save
from training.reader import _cross_entropy, _set_name, loss_of, train
from training.unanswerable import change_questions, with_remainder

TEXT = "  The wall\r\nfell at noon.   Nobody was hurt.\n\nIt was built by the army. "


@pytest.fixture
def wall(assistant: Assistant, tmp_path: Path) -> Assistant:
    assistant.add(write(tmp_path, wall=TEXT))
    return assistant


def read(text: str, answer: str = "") -> Read:
    start = text.index(answer)
    return Read(text, ((0, len(text)),), ((start, start + len(answer)),) if answer else ())


@pytest.fixture
def examples() -> list[Example]:
    """The answer is always the word after "by"."""
    found = []
    for number, name in enumerate(("anna", "boris", "carla", "dora", "emil", "frida", "gustav", "hanna")):
        right, wrong = (
            read(f"it fell {number} times. the wall was built by {name}.", name),
            read(f"nobody saw {name} fall {number}."),
        )
        found.append(Example(str(number), "who built the wall?", right, (wrong,)))
    return found


def options(work: Path, **changed: object) -> argparse.Namespace:
    chosen = {
        "work": work,
        "epochs": 40,
        "passages": 2,
        "tokens": 200,
        "seed": 0,
        "limit": None,
        "steps": None,
        "alone": 0.0,
        "frozen": 0,
        "sentences": 1.0,
    }
    return argparse.Namespace(**{**chosen, "rate": 2e-4, **changed})


def test_an_answers_place_in_the_article_becomes_its_place_in_what_is_read(wall: Assistant) -> None:
    with wall.library.snapshot() as snapshot:
        (article,) = snapshot.references()
        (passage,) = snapshot.article_passages(article.id)
    text = passage.article.text
    for answer in ("noon", "the army", "Nobody was hurt.", "noon.   Nobody"):
        start = text.index(answer)
        made = as_read(passage, [(start, start + len(answer))])
        ((begin, end),) = made.answers
        assert made.text[begin:end] == " ".join(answer.split())
    assert [made.text[begin:end] for begin, end in made.sentences] == list(passage.sentences)
    assert as_read(passage, [(0, 2)]).answers == (), "white space that no passage holds"


POLICIES = [
    {
        "title": "a shop",
        "paragraphs": [
            {
                "context": context,
                "qas": [
                    {
                        "id": f"{at}",
                        "question": question,
                        "is_impossible": not answer,
                        "answers": [{"text": answer, "answer_start": context.index(answer)}] if answer else [],
                    }
                ],
            }
            for at, (question, context, answer) in enumerate(
                [
                    ("Which data do you collect?", "We collect your name when you buy a ticket.", "your name"),
                    ("Which data do you collect?", "The data that we collect is where you are.", "where you are"),
                    ("Who may see my data?", "Other data we collect are seen by the bank.", "the bank"),
                    ("Which data do you sell?", "We never sell the data that we collect.", ""),
                ]
            )
        ],
    }
]


@pytest.mark.slow
def test_a_passage_that_answers_the_same_question_otherwise_is_no_wrong_one() -> None:
    name, place, bank = answerable(POLICIES)
    assert name.right is not None
    assert name.right.text == POLICIES[0]["paragraphs"][0]["context"]
    for example in (name, place):
        assert {each.text[:10] for each in example.wrong} == {"Other data", "We never s"}
    assert {each.text[:10] for each in bank.wrong} == {"We collect", "The data t", "We never s"}
    (sold,) = impossible(POLICIES)
    assert sold.right is None
    assert sold.wrong[0].text == "We never sell the data that we collect."


def test_the_articles_are_divided_among_the_reader_its_weighing_and_the_report() -> None:
    articles = [{"title": str(number), "paragraphs": []} for number in range(48)]
    parts = [samples.for_the_reader(articles), samples.for_the_weights(articles), samples.odd(articles)]
    titles = [each["title"] for part in parts for each in part]
    assert sorted(titles, key=int) == [each["title"] for each in articles], "each is in one of them"
    assert list(map(len, parts)) == [16, 8, 24]
    later = [{"title": "7", "paragraphs": []}, {"title": "4", "paragraphs": []}]
    assert samples.alike(later, parts[1]) == later[1:]


def paragraphs(articles: samples.Articles) -> list[str]:
    return [paragraph["context"] for article in articles for paragraph in article["paragraphs"]]


def test_a_fifth_of_the_paragraphs_is_held_back_in_every_set() -> None:
    shared = [{"context": f"Paragraph {number}.", "qas": []} for number in range(1_000)]
    one, other = [{"title": "a", "paragraphs": shared}], [{"title": "b", "paragraphs": shared[::-1]}]
    learned, held_back = samples.learned_from(one), samples.held_back(one)
    assert sorted([*paragraphs(learned), *paragraphs(held_back)]) == sorted(paragraphs(one))
    assert 150 < len(paragraphs(held_back)) < 250
    assert set(paragraphs(samples.held_back(other))) == set(paragraphs(held_back)), "wherever a paragraph stands"


def test_some_questions_are_chosen_with_the_paragraphs_they_are_asked_of(tmp_path: Path) -> None:
    fewer = samples.at_most(POLICIES, 2, random.Random(0))
    kept = [asked["id"] for article in fewer for paragraph in article["paragraphs"] for asked in paragraph["qas"]]
    assert len(kept) == len(set(kept)) == len(paragraphs(fewer)) == 2
    assert samples.at_most(POLICIES, 99, random.Random(0)) == POLICIES
    (tmp_path / "set.json.gz").write_bytes(gzip.compress(json.dumps({"data": POLICIES}).encode()))
    assert samples.read(tmp_path / "set.json.gz") == POLICIES


def test_each_file_of_a_folder_is_a_set_of_its_own() -> None:
    names = ["squad_train_part/train.json.gz", "squad_train_part/made_negatives.json.gz", "tydiqa_en/train.json"]
    assert [_set_name(Path(name)) for name in names] == [
        "squad_train_part",
        "squad_train_part-made_negatives",
        "tydiqa_en",
    ]


def test_examples_are_read_back_as_they_were(examples: list[Example], tmp_path: Path) -> None:
    save(tmp_path / "some.jsonl", [*examples, replace(examples[0], right=None)])
    assert load(tmp_path / "some.jsonl") == [*examples, replace(examples[0], right=None)]


def test_the_loss_is_over_all_passages_of_a_question_and_over_each_wrong_one_by_itself() -> None:
    """Two questions with two passages of two places each, the second question answered by neither; a third place is padding."""
    there = torch.tensor([[True, True, False]] * 4)
    right = torch.zeros((4, 3), dtype=torch.bool)
    right[0, 1] = True
    equal = _cross_entropy(torch.zeros(4, 3), there, right, 2)
    first = math.log(5) + 0.5 * math.log(3)  # one of four places or none; the wrong passage's two places or none
    second = math.log(5) + 0.5 * 2 * math.log(3)
    assert equal.item() == pytest.approx((first + second) / 2)
    certain = torch.full((4, 3), -50.0)
    certain[0, 1] = 50.0
    assert _cross_entropy(certain, there, right, 2).item() == pytest.approx(0, abs=1e-6)
    wrong = torch.zeros(4, 3)
    wrong[3, 0] = 50.0  # a place in a passage that does not answer
    assert _cross_entropy(wrong, there, right, 2).item() > equal.item() + 20


def test_batches_hold_each_example_once_with_its_passages_side_by_side(examples: list[Example], tiny_model: Path) -> None:
    encoded = [each for each in (encode(example, tiny_model) for example in examples) if each]
    found = batches(encoded, 2, 200, 0)
    assert sum(len(batch.ids) for batch in found) == 2 * len(examples)
    for batch in found:
        assert len(batch.ids) * batch.ids.shape[1] <= 200 or len(batch.ids) == 2
        assert batch.starts.any(dim=1).tolist() == batch.ends.any(dim=1).tolist() == [True, False] * (len(batch.ids) // 2)
        assert torch.equal(batch.answering.any(dim=1), batch.starts.any(dim=1))
        assert batch.means.sum(dim=2)[batch.means.any(dim=2)].tolist() == pytest.approx(
            [1.0] * int(batch.means.any(dim=2).sum())
        )


def test_a_question_without_an_answer_is_read_with_the_passage_that_seems_to_answer_alone(
    examples: list[Example], tiny_model: Path
) -> None:
    unanswered = [replace(each, right=None, wrong=(read("the wall was high."), *each.wrong)) for each in examples[:3]]
    encoded = [each for each in (encode(example, tiny_model) for example in [*unanswered, *examples]) if each]
    found = batches(encoded, 2, 200, 0)
    alone = [batch for batch in found if batch.n_passages == 1]
    assert sum(len(batch.ids) for batch in alone) == 3
    assert not any(batch.starts.any() or batch.answering.any() for batch in alone)
    assert sum(len(batch.ids) for batch in found) == 3 + 2 * len(examples)


def test_a_share_of_the_questions_is_read_with_their_own_passage_alone(examples: list[Example], tiny_model: Path) -> None:
    encoded = [each for each in (encode(example, tiny_model) for example in 20 * examples) if each]
    alone = [batch for batch in batches(encoded, 2, 200, 0, 0.5) if batch.n_passages == 1]
    assert 0.3 * len(encoded) < sum(len(batch.ids) for batch in alone) < 0.7 * len(encoded)
    assert all(batch.starts.any(dim=1).all() for batch in alone)


STORM = (
    "The storm of 1990 hit Anna Berg in Old Harbour. She wrote to Captain Smith first. The mill burned in 1875, by then empty."
)


@pytest.mark.parametrize(
    ("question", "allowed"),
    [
        ("Where did the storm of 1990 hit?", r"Where (?:did|didn't) the \w+ of (?:1990|1875) hit\?"),
        ("Who wrote to Anna Berg first?", r"Who wrote to (?:Anna Berg|Old Harbour|Captain Smith) (?:first|last)\?"),
        ("Which mill was empty?", r"Which \w+ was(?:n't)? empty\?"),
    ],
)
def test_a_question_is_changed_in_one_place_so_that_its_passage_does_not_answer(question: str, allowed: str) -> None:
    example = Example("1", question, read(STORM, "Old Harbour"), (read("Nothing fell."),))
    other = Example("2", "What bridge fell in the village?", read("The bridge fell.", "fell"), ())
    found = set()
    for seed in range(40):
        for made in change_questions([example, other], 1.0, random.Random(seed)):
            if made.id == "1-changed":
                assert (made.right, made.wrong[0].text, made.wrong[0].answers) == (None, STORM, ())
                found.add(made.question)
    assert found
    assert question not in found
    assert all(re.fullmatch(allowed, each) for each in found), found


def test_a_share_of_the_questions_is_changed_and_none_that_cannot_be(examples: list[Example]) -> None:
    assert list(change_questions(examples, 0.0, random.Random(0))) == []
    assert list(change_questions([Example("1", "Why?", read(STORM, "Anna Berg"), ())], 1.0, random.Random(0))) == []
    assert list(change_questions([replace(examples[0], right=None)], 1.0, random.Random(0))) == []


def test_the_rest_of_the_right_passage_is_a_wrong_one() -> None:
    ends = [STORM.index(". ") + 1, STORM.index("first.") + 6, len(STORM)]
    sentences = tuple(zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True))
    start = STORM.index("Captain Smith")
    example = Example("1", "Whom?", Read(STORM, sentences, ((start, start + 13),)), (read("One."), read("Two.")))
    rest = with_remainder(example)
    assert [each.text for each in rest.wrong] == [
        "One.",
        "The storm of 1990 hit Anna Berg in Old Harbour. The mill burned in 1875, by then empty.",
        "Two.",
    ]
    assert [rest.wrong[1].text[slice(*place)][-5:] for place in rest.wrong[1].sentences] == ["bour.", "mpty."]
    assert with_remainder(replace(example, right=None)) == replace(example, right=None)
    everywhere = replace(example, right=Read("So Anna. And Anna.", ((0, 8), (9, 18)), ((3, 7),)))
    assert with_remainder(everywhere) == everywhere, "each of its sentences holds the answer"


@pytest.mark.slow
def test_it_learns_and_goes_on_where_it_was_stopped(examples: list[Example], tiny_model: Path, tmp_path: Path) -> None:
    encoded = [each for each in (encode(example, tiny_model) for example in examples) if each]
    (whole,) = batches(encoded, 2, 100_000, 0)
    fresh = Network.fresh(tiny_model)
    before = loss_of(fresh, whole, 1.0).item()
    learned = train(fresh, encoded, {"all": encoded}, options(tmp_path))
    after = loss_of(learned, whole, 1.0).item()
    assert after < before / 2
    curve = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [point["step"] for point in curve] == [0, 250, curve[-1]["of"]], "where it began, on the way, and where it ended"
    assert curve[0]["all"]["held_out"] > 2 * curve[-1]["all"]["held_out"]
    parts = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    again = train(Network.fresh(tiny_model), encoded, {"all": encoded}, options(tmp_path))
    assert parts["step"] > 0
    assert loss_of(again, whole, 1.0).item() == pytest.approx(after, rel=1e-4), "all steps were done: nothing is trained anew"


@pytest.mark.slow
def test_it_stops_after_so_many_steps_with_the_rate_at_nothing(
    examples: list[Example], tiny_model: Path, tmp_path: Path
) -> None:
    encoded = [each for each in (encode(example, tiny_model) for example in examples) if each]
    train(Network.fresh(tiny_model), encoded, {"all": encoded}, options(tmp_path, steps=3))
    parts = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert parts["step"] == 3
    assert parts["schedule"]["_last_lr"] == [0.0]


def test_what_is_saved_is_what_was_learned_without_the_encoders_words(tiny_model: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    network = Network.fresh(tiny_model).eval()
    network.save(tmp_path / "reader.safetensors")
    assert not [name for name in load_file(tmp_path / "reader.safetensors") if "word_embeddings" in name]
    ids = torch.tensor([[2, 20, 3, 21, 22, 3]])
    loaded = Network.load(tiny_model, tmp_path / "reader.safetensors")
    with torch.no_grad():
        assert torch.allclose(network(ids, torch.ones_like(ids)), loaded(ids, torch.ones_like(ids)), atol=0.01)


def test_every_variant_learns_from_questions_that_are_not_measured(examples: list[Example]) -> None:
    sets = {"squad": examples[:5], "others": examples[5:]}
    learned, measured = split(sets, argparse.Namespace(seed=0, measured=2, limit=None))
    assert {each.id for each in learned} | {each.id for each in measured} == {each.id for each in examples}
    assert not {each.id for each in learned} & {each.id for each in measured}
    assert len(measured) == 2
    chosen = argparse.Namespace(seed=0, changed=1.0)
    made = {name: change(learned, chosen) for name, (change, _) in VARIANTS.items()}
    assert len(made["without changed questions"]) == len(learned) <= len(made["as shipped"])
    assert all(each.right for each in made["without impossible questions"])
    assert [each.wrong for each in made["worse passages found first"]] == [each.wrong[::-1] for each in made["as shipped"]]
