"""Models of the known families get their prompts and their pooling, and sentence-transformers' own vectors on every engine."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import families, tiny
from support.judge import at_least, library, of_sentence

from embeddings import Encoder, ModelError, PassageText, locate
from embeddings.engines.token_model import TokenModel
from embeddings.model_spec import read_spec
from embeddings.prompts import Prompts, find_prompts
from qa import Assistant, PullquoteError, Settings

NONE = Prompts()
REPRESENT = "Represent this sentence for searching relevant passages: "
SENTENCES = (
    "Näkkiläs hamn, stängd i maj, öppnade igen.",
    "Naïve guards 👩‍👩‍👧 slept; ﬁve o'clock… “Why?”",
    "港は洪水のあと閉鎖された。",
    "Ночью плотина не выдержала!",
    "नमस्ते, e\u0301te\u0301 1989.",
)
LONG = "The harbour was closed after the flood, and its cranes were sold. " * 60


@dataclass(frozen=True)
class Family:
    transformer: str
    tokenizer: str
    pooling: str
    prompts: Prompts = NONE
    options: tuple[tuple[str, Any], ...] = ()
    converted: bool = True
    in_context: bool = True


# Each named, built and pooled as the published model is; the prompts are what Pullquote must find for it.
FAMILIES = {
    "e5-small-v2": Family("bert", "wordpiece", "mean", Prompts("query: ", "passage: ")),
    "multilingual-e5-small": Family("bert", "unigram", "mean", Prompts("query: ", "passage: ")),
    "multilingual-e5-base": Family("xlm-roberta", "unigram", "mean", Prompts("query: ", "passage: ")),
    "bge-small-en-v1.5": Family("bert", "wordpiece", "cls", Prompts(REPRESENT), in_context=False),
    "bge-m3": Family("xlm-roberta", "unigram", "cls", in_context=False),
    "gte-small": Family("bert", "wordpiece", "mean"),
    "gte-modernbert-base": Family("modernbert", "bpe", "cls", in_context=False),
    "gte-multilingual-base": Family("gte", "unigram", "cls", in_context=False),
    "modernbert-embed-base": Family("modernbert", "bpe", "mean", Prompts("search_query: ", "search_document: ")),
    "nomic-embed-text-v1.5": Family("nomic-bert", "wordpiece", "mean", Prompts("search_query: ", "search_document: ")),
    "snowflake-arctic-embed-xs": Family(
        "bert", "wordpiece", "cls", Prompts(REPRESENT), (("prompts", {"query": REPRESENT}),), in_context=False
    ),
    "all-mpnet-base-v2": Family("mpnet", "mpnet", "mean"),
    "all-distilroberta-v1": Family("roberta", "bpe", "mean"),
    "multi-qa-distilbert-dot-v1": Family("distilbert", "cased", "cls", options=(("scaled", False),), in_context=False),
    "paraphrase-multilingual-MiniLM-L12-v2": Family("bert", "unigram", "mean", options=(("scaled", False),)),
    "LaBSE": Family("bert", "cased", "cls", options=(("dense", 32),), converted=False, in_context=False),
    "distiluse-base-multilingual-cased-v2": Family(
        "distilbert", "cased", "mean", options=(("dense", 16), ("scaled", False)), converted=False, in_context=False
    ),
    "instructor": Family(
        "bert",
        "wordpiece",
        "mean",
        Prompts("Ask: ", "Tell: "),
        (("prompts", {"query": "Ask: ", "passage": "Tell: "}), ("include_prompt", False)),
        converted=False,
        in_context=False,
    ),
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("families")
    return {
        name: families.build(root / name, each.transformer, each.tokenizer, each.pooling, **dict(each.options))
        for name, each in FAMILIES.items()
    }


def passage(*sentences: str) -> PassageText:
    starts = np.cumsum([0, *(len(sentence) + 1 for sentence in sentences)]).tolist()
    places = tuple((start, start + len(sentence)) for start, sentence in zip(starts, sentences, strict=False))
    return PassageText(" ".join(sentences), places)


def fitting(encoder: Encoder) -> PassageText:
    """A passage as long as the model reads."""
    words, n = LONG.split(), 1
    while encoder.count_tokens([" ".join(words[: n + 1])])[0] <= encoder.capacity:
        n += 1
    assert n > 5
    return passage(" ".join(words[: n // 2]), " ".join(words[n // 2 : n]))


@pytest.mark.slow
@pytest.mark.parametrize("device", [None, "cpu"], ids=["openvino", "torch"])
@pytest.mark.parametrize("name", FAMILIES)
def test_questions_passages_and_sentences_get_the_librarys_vectors_with_the_familys_prompts(
    models: dict[str, Path], name: str, device: str | None
) -> None:
    family, encoder, model = FAMILIES[name], Encoder.load(str(models[name]), device=device), library(models[name])
    prompts = family.prompts
    assert encoder.files.prompts == prompts
    assert encoder.engine == ("OpenVINO" if device is None and family.converted else "sentence-transformers")
    assert encoder.pools_sentences_in_context == family.in_context
    assert isinstance(encoder._model, TokenModel) == family.converted, "else the library's vectors are compared with themselves"
    questions = [*SENTENCES, LONG]
    at_least(encoder.encode_questions(questions), model.encode(questions, prompt=prompts.question, show_progress_bar=False))
    passages = [passage(*SENTENCES[:2]), passage(*SENTENCES[2:]), passage(SENTENCES[0]), fitting(encoder)]
    encoded = encoder.encode_passages(passages)
    texts = [each.text for each in passages]
    theirs = model.encode(texts, prompt=prompts.passage, show_progress_bar=False)
    at_least(np.stack([each.passage for each in encoded]), theirs)
    for each, vectors in zip(passages, encoded, strict=True):
        expected = [of_sentence(encoder, model, each, place, prompts.passage) for place in each.sentences]
        at_least(vectors.sentences, np.stack(expected))


def test_how_a_model_pools_is_read_off_it_and_not_only_found_out_by_comparing(models: dict[str, Path]) -> None:
    expected = {"e5-small-v2": "mean", "bge-m3": "cls", "LaBSE": "own", "instructor": "own"}
    for name, pooling in expected.items():
        assert read_spec(library(models[name]), name, FAMILIES[name].prompts).pooling == pooling
    assert read_spec(library(models["instructor"]), "instructor", NONE).pooling == "mean", "no prompt, none to leave out"


@pytest.mark.parametrize("name", FAMILIES)
def test_the_tiny_models_tell_texts_and_prompts_apart(models: dict[str, Path], name: str) -> None:
    """Else agreeing with the library would say nothing: a wrong prompt or sentence must fall below the bar."""
    model = library(models[name])
    vectors = model.encode([*SENTENCES, "query: " + SENTENCES[0]], normalize_embeddings=True, show_progress_bar=False)
    likeness = vectors @ vectors.T - np.eye(len(vectors))
    assert likeness.max() < 0.998


@pytest.mark.parametrize("tokenizer", ["wordpiece", "cased", "mpnet", "bpe", "unigram"])
def test_every_character_of_a_sentence_and_no_other_is_in_its_tokens(models: dict[str, Path], tokenizer: str) -> None:
    """What `of_sentence` takes for granted: tokens' places count code points, whatever the tokenizer does to spaces."""
    name = next(name for name, family in FAMILIES.items() if family.tokenizer == tokenizer)
    prompt, whole = "passage: ", passage(*SENTENCES)
    offsets = library(models[name]).tokenizer(prompt + whole.text, return_offsets_mapping=True)["offset_mapping"]
    for start, end in ((a + len(prompt), b + len(prompt)) for a, b in whole.sentences):
        covered = {at for a, b in offsets if a < end and b > start for at in range(a, b)}
        text = prompt + whole.text
        assert {at for at in covered if not text[at].isspace()} <= set(range(start, end))
        assert {at for at in range(start, end) if text[at].isalnum()} <= covered


@pytest.mark.parametrize(
    ("name", "prompts"),
    [
        ("intfloat/e5-base-v2", Prompts("query: ", "passage: ")),
        ("intfloat/e5-large", Prompts("query: ", "passage: ")),
        ("/models/multilingual-e5-large", Prompts("query: ", "passage: ")),
        (r"C:\models\E5-Small-V2", Prompts("query: ", "passage: ")),
        ("/cache/hub/models--BAAI--bge-large-en-v1.5/snapshots/d4aa6901d3a4", Prompts(REPRESENT)),
        ("BAAI/bge-base-zh-v1.5", Prompts("为这个句子生成表示以用于检索相关文章：")),
        ("mixedbread-ai/mxbai-embed-large-v1", Prompts(REPRESENT)),
        ("Snowflake/snowflake-arctic-embed-m-v1.5", Prompts(REPRESENT)),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", Prompts("query: ")),
        ("nomic-ai/nomic-embed-text-v1", Prompts("search_query: ", "search_document: ")),
        *(
            (name, Prompts())
            for name in (
                "all-MiniLM-L6-v2",
                "BAAI/bge-m3",
                "BAAI/bge-reranker-base",
                "thenlper/gte-base",
                "sentence-transformers/LaBSE",
                "intfloat/e5-mistral-7b-instruct",
                "intfloat/multilingual-e5-large-instruct",
                "someone/e5-small-v2-finetuned",
                "/models/e5-small-v2/checkpoint",
            )
        ),
    ],
)
def test_a_familys_prompts_are_known_by_the_models_whole_name(tmp_path: Path, name: str, prompts: Prompts) -> None:
    assert find_prompts(tmp_path, name) == prompts


@pytest.mark.parametrize(
    ("written", "prompts"),
    [
        ({"prompts": {"query": "Q: ", "document": "D: "}}, Prompts("Q: ", "D: ")),
        ({"prompts": {"query": "Q: ", "passage": "P: ", "document": ""}}, Prompts("Q: ", "P: ")),
        ({"prompts": {"corpus": "C: "}}, Prompts("", "C: ")),
        ({"prompts": {"query": "Q: "}, "default_prompt_name": "query"}, Prompts("Q: ", "")),
        ({"prompts": {"document": "D: "}, "default_prompt_name": "document"}, Prompts("", "D: ")),
        ({"prompts": {"retrieve": "R: "}, "default_prompt_name": "retrieve"}, Prompts("R: ", "R: ")),
        ({"prompts": {"query": "", "document": ""}}, Prompts("query: ", "passage: ")),  # as every model is saved
        ({"prompts": {"clustering": "c: "}}, Prompts("query: ", "passage: ")),
        ({"prompts": None, "default_prompt_name": None}, Prompts("query: ", "passage: ")),
        ({}, Prompts("query: ", "passage: ")),
    ],
)
def test_prompts_that_the_models_files_give_come_before_its_familys(
    tmp_path: Path, written: dict[str, Any], prompts: Prompts
) -> None:
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(written))
    assert find_prompts(tmp_path, "intfloat/e5-small-v2") == prompts


@pytest.mark.parametrize("written", ["{", "[]", '{"prompts": ["query"]}', "\udcff"])
def test_a_configuration_that_is_none_is_named(tmp_path: Path, written: str) -> None:
    file = tmp_path / "config_sentence_transformers.json"
    file.write_bytes(written.encode("utf-8", "surrogateescape"))
    with pytest.raises(ModelError, match=r"config_sentence_transformers\.json cannot be read"):
        find_prompts(tmp_path, "any")


@pytest.mark.parametrize("dense", [None, 32], ids=["ours", "the library's"])
def test_a_default_prompt_for_questions_does_not_go_before_passages(tmp_path: Path, dense: int | None) -> None:
    folder = families.build(
        tmp_path / "m", "bert", "wordpiece", "mean", prompts={"query": "ask: "}, default_prompt_name="query", dense=dense
    )
    encoder, model = Encoder.load(str(folder)), library(folder)
    assert encoder.engine == ("OpenVINO" if dense is None else "sentence-transformers")
    at_least(encoder.encode_questions(["Why?"]), model.encode(["ask: Why?"], prompt="", show_progress_bar=False))
    encoded = encoder.encode_passages([passage("He left.", "Me too.")])[0]
    at_least(encoded.passage[None], model.encode(["He left. Me too."], prompt="", show_progress_bar=False))


def test_a_passage_as_long_as_the_model_reads_leaves_room_for_its_prompt(models: dict[str, Path]) -> None:
    encoder = Encoder.load(str(models["multilingual-e5-base"]))
    of_prompt = encoder.count_tokens(["passage: "])[0]
    assert encoder.capacity == families.LONGEST - 2 - of_prompt
    text = fitting(encoder)
    with pytest.raises(ValueError, match="exceeds"):
        encoder.encode_passages([PassageText(text.text + " the flood was sold, and nobody was hurt by the wall", ())])


def test_a_model_with_code_of_its_own_is_refused_and_its_code_not_run(tmp_path: Path) -> None:
    folder = tiny.build(tmp_path)
    ran = tmp_path / "ran"
    code = f"open({str(ran)!r}, 'w')\nclass Own: ...\n"
    (folder / "modeling_own.py").write_text(code)
    configuration = json.loads((folder / "config.json").read_text())
    modules = json.loads((folder / "modules.json").read_text())
    own = {"AutoConfig": "modeling_own.Own", "AutoModel": "modeling_own.Own"}
    (folder / "config.json").write_text(json.dumps({**configuration, "model_type": "new", "auto_map": own}))
    with pytest.raises(ModelError, match="needs code that was published with it, and Pullquote runs none"):
        Encoder.load(str(folder))
    (folder / "config.json").write_text(json.dumps(configuration))
    (folder / "modules.json").write_text(json.dumps([modules[0], {**modules[1], "type": "modeling_own.Own"}]))
    with pytest.raises(ModelError, match="needs code that was published with it, and Pullquote runs none"):
        Encoder.load(str(folder))
    assert not ran.exists()


def test_code_beside_a_kind_that_transformers_knows_is_left_alone(tmp_path: Path) -> None:
    """As with nomic-embed-text, whose files name code that transformers 5 has itself."""
    folder = tiny.build(tmp_path)
    ran = tmp_path / "ran"
    (folder / "modeling_own.py").write_text(f"open({str(ran)!r}, 'w')\n")
    configuration = json.loads((folder / "config.json").read_text())
    own = {"AutoConfig": "modeling_own.Own", "AutoModel": "modeling_own.Own"}
    (folder / "config.json").write_text(json.dumps({**configuration, "auto_map": own}))
    assert Encoder.load(str(folder)).encode_questions(["Why?"]).any()
    assert not ran.exists()


def rewrite_prompts(model: Path, **prompts: str) -> None:
    file = model / "config_sentence_transformers.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "prompts": prompts}))


@pytest.mark.slow
def test_vectors_made_with_another_passage_prompt_are_not_mixed_in(tmp_path: Path, tiny_model: Path) -> None:
    model = shutil.copytree(tiny_model, tmp_path / "model")
    (tmp_path / "a.txt").write_text("It fell at noon.")
    path, settings = tmp_path / "library", Settings(least_confidence=0)
    Assistant.open(path, model=str(model)).add(tmp_path / "a.txt")
    rewrite_prompts(model, query="query: ")
    assert Assistant.open(path, settings=settings).ask("When did it fall?").found, "questions may be asked in another way"
    rewrite_prompts(model, query="query: ", passage="passage: ")
    with pytest.raises(PullquoteError, match=r"or its prompt for passages, has changed since .* `pullquote reembed --model"):
        Assistant.open(path).ask("When did it fall?")
    with pytest.raises(PullquoteError, match="was made with the model"):
        Assistant.open(path, model=str(model))
    Assistant.open(path).reembed(str(model))
    again = Assistant.open(path, model=str(model), settings=settings)
    assert again.ask("When did it fall?").quotes[0].text == "It fell at noon."
    assert again.encoder.files.prompts == Prompts("query: ", "passage: ")


def test_a_model_without_a_passage_prompt_is_known_by_its_weights_alone(tmp_path: Path, models: dict[str, Path]) -> None:
    """So a library made before prompts counted opens as it is, unless its passages lack one that they should have had."""
    weights = {name: locate(str(models[name])).sha256 for name in ("e5-small-v2", "gte-small", "bge-small-en-v1.5")}
    for name, sha256 in weights.items():
        shutil.copytree(models[name], tmp_path / name / "unnamed")
        same = locate(str(tmp_path / name / "unnamed")).sha256 == sha256
        assert same == (name != "e5-small-v2")


@pytest.mark.slow
def test_the_same_files_by_another_name_are_not_taken_as_they_were_converted(tmp_path: Path, models: dict[str, Path]) -> None:
    other = shutil.copytree(models["bge-small-en-v1.5"], tmp_path / "unnamed")
    named = Encoder.load(str(models["bge-small-en-v1.5"])).encode_questions(["Why?"])
    unnamed = Encoder.load(str(other)).encode_questions(["Why?"])
    at_least(unnamed, library(other).encode(["Why?"], show_progress_bar=False))
    assert float(named[0] @ unnamed[0]) < 0.998


@pytest.mark.slow
def test_what_goes_before_texts_is_told_when_a_model_is_prepared(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PULLQUOTE_CACHE", str(tmp_path))
    with caplog.at_level("INFO", "pullquote"):
        for name in ("e5-small-v2", "gte-small"):
            Encoder.load(str(models[name]))
    told = [message.partition(", once.")[2] for message in caplog.messages]
    assert told == [
        " 'query: ' goes before each question and 'passage: ' goes before each passage.",
        "",
    ]
    assert str(Prompts("Q: ")) == "'Q: ' goes before each question"
