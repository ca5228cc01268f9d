"""Train the reader: `python -m training.reader --squad FILE --squad2 FILE --squadshifts FILE FILE --work FOLDER`.

The network starts from the encoder. For each token of a passage read for a question, it learns whether the answer begins or
ends there and whether its sentence answers, against "nothing here does", which is the first token. It learns from
SquadShifts, two thirds of SQuAD's articles with even numbers and, if given, PolicyQA's policies with even numbers, and other
sets in the form of SQuAD 2.0, four of five paragraphs of each. The last third of SQuAD's even articles and the fifth
paragraphs serve to learn the weight of the reader's scores (`training.weights`). Articles with odd numbers and COVID-QA are
never seen.

All logits are relative to the first token of their passage, and the softmax runs over all passages of a question, so that
scores of different passages can be compared.

Source: shared normalisation, Clark and Gardner, ACL 2018, arXiv 1710.10723; no answer as a span at the first token, Devlin et
al., NAACL 2019, arXiv 1810.04805.

Examples stay in the work folder, and a run that was stopped continues from its last checkpoint.
"""

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import torch
from rich.progress import Progress

from embeddings import DEFAULT_MODEL, locate
from embeddings.engines.openvino_engine import describe_processor
from embeddings.file_hash import file_sha256
from qa.evaluation.metrics.confidence import auroc
from qa.search.reader.network import Network
from training import examples, samples
from training.encoded import Batch, Encoded, batches, encode
from training.examples import Example
from training.unanswerable import change_questions, with_remainder

_BUNDLED = Path(__file__).parents[1] / "qa" / "search" / "reader" / "bundled"
_WARMUP = 0.06  # share of the steps in which the learning rate rises
_HELD_OUT = 250  # questions of each set that are kept for the learning curve; a point of it is measured on so many in all
_EVERY = 250  # steps between two checkpoints and points of the curve
_RECORDED = (
    *("epochs", "steps", "passages", "alone", "most", "tokens", "rate", "changed", "squad_times", "seed", "frozen"),
    "sentences",
)
_NONE = 0.5  # weight of the loss of a wrong passage by itself, beside the softmax over all passages


def main() -> None:
    """Build the examples, train the network, and write its weights."""
    chosen = options().parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    sets = build_examples(chosen)
    all_examples = list(chain.from_iterable(sets.values()))
    draw = random.Random(chosen.seed)
    draw.shuffle(all_examples)
    repeated = [each for name in ("squad", "squad2") for each in sets.get(name, ())] * (chosen.squad_times - 1)
    unseen = unseen_examples(chosen)
    held_out = {name: draw.sample(each, min(_HELD_OUT // len(unseen), len(each))) for name, each in unseen.items()}
    learned = [*all_examples, *repeated]
    changed = list(change_questions(learned, chosen.changed, draw))
    print(f"{len(all_examples):,} examples to learn from, {sum(map(len, held_out.values())):,} held out")
    print(f"{len(repeated):,} repeated, {len(changed):,} changed")
    encoder = locate(DEFAULT_MODEL).folder
    network = Network.load(encoder, chosen.begin) if chosen.begin else Network.fresh(encoder)
    prepared = encode_examples([*map(with_remainder, learned), *changed], encoder)
    measured = {name: encode_examples(each, encoder) for name, each in held_out.items()}
    network = train(network, prepared, measured, chosen)
    export(network, len(all_examples), chosen)


def encode_examples(examples: Sequence[Example], encoder: Path) -> list[Encoded]:
    """Tokenize examples, without those whose answer lies beyond what the reader reads."""
    return [each for each in (encode(example, encoder) for example in examples) if each is not None]


def export(network: Network, n_learned: int, chosen: argparse.Namespace) -> None:
    """Write the weights, and a description of how they were made."""
    chosen.output.mkdir(parents=True, exist_ok=True)
    weights = chosen.output / "reader.safetensors"
    network.save(weights)
    weights.chmod(0o644)
    description = {
        "sha256": file_sha256(weights),
        "made_by": "python -m training.reader",
        "data": [f"{path.parent.name}/{path.name}" for path in _files(chosen)],
        "begun_with": file_sha256(chosen.begin) if chosen.begin else None,
        "examples": n_learned,
        "options": {name: getattr(chosen, name) for name in _RECORDED},
        "held_out": json.loads((chosen.work / "log.jsonl").read_text().splitlines()[-1]),
    }
    (chosen.output / "reader.json").write_text(json.dumps(description, indent=2) + "\n")


def _files(chosen: argparse.Namespace) -> list[Path]:
    given = (chosen.squad, chosen.squad2, chosen.policyqa, *chosen.squadshifts, *chosen.sets, *chosen.parts)
    return [path for path in given if path]


def options() -> argparse.ArgumentParser:
    """Define the command line."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument(
        "--squad", type=Path, required=True, help="SQuAD 1.1 dev, of which every other article is learned from"
    )
    options.add_argument("--squad2", type=Path, help="SQuAD 2.0 dev, for the impossible questions on the same articles")
    options.add_argument("--squadshifts", type=Path, nargs="*", default=[], help="files of SquadShifts, learned from whole")
    options.add_argument("--policyqa", type=Path, help="PolicyQA dev, of which every other policy is learned from")
    options.add_argument("--sets", type=Path, nargs="*", default=[], help="other files in the form of SQuAD 2.0")
    options.add_argument("--parts", type=Path, nargs="*", default=[], help="more such files, from each only --most questions")
    options.add_argument("--most", type=int, default=2_000, help="questions from each file of --parts")
    options.add_argument("--alone", type=float, default=0.0, help="share of the questions read with their own passage alone")
    options.add_argument("--work", type=Path, required=True, help="folder for examples, checkpoints and the log")
    options.add_argument("--output", type=Path, default=_BUNDLED, help="folder for the weights and their description")
    options.add_argument("--epochs", type=int, default=2)
    options.add_argument("--steps", type=int, help="stop after this many steps, when the learning rate reaches 0")
    options.add_argument("--passages", type=int, default=2, help="passages of a question in a step, one of which answers")
    options.add_argument("--tokens", type=int, default=8_192, help="tokens of a step, padding included")
    options.add_argument("--begin", type=Path, help="weights of an earlier run to start from instead of the encoder's")
    options.add_argument("--rate", type=float, default=2e-4, help="the highest learning rate")
    options.add_argument("--changed", type=float, default=0.4, help="share of the questions also asked so that nothing answers")
    options.add_argument("--squad-times", type=int, default=1, help="times that SQuAD dev's questions are learned in an epoch")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--limit", type=int, help="use only this many examples, for experiments")
    options.add_argument("--frozen", type=int, default=0, help="keep this many of the lowest layers as in the encoder")
    options.add_argument("--sentences", type=float, default=1.0, help="weight of the loss of sentences; 0: none")
    return options


def build_examples(chosen: argparse.Namespace) -> dict[str, list[Example]]:
    """Build the examples of each file once, or read them from the work folder."""
    learned = samples.for_the_reader(samples.read(chosen.squad))
    parts: dict[str, Callable[[], Iterable[Example]]] = {}
    if chosen.squad_times:
        parts["squad"] = lambda: examples.answerable(learned)
    if chosen.squad_times and chosen.squad2:
        parts["squad2"] = lambda: examples.impossible(samples.alike(samples.read(chosen.squad2), learned))
    if chosen.policyqa:  # whose questions do not say which policy they mean
        policies = samples.even(samples.read(chosen.policyqa))
        parts["policyqa"] = lambda: chain.from_iterable(examples.answerable([policy]) for policy in policies)
    for path in chosen.squadshifts:
        parts[path.stem] = lambda path=path: examples.answerable(samples.read(path))
    for path, most in [*((path, sys.maxsize) for path in chosen.sets), *((path, chosen.most) for path in chosen.parts)]:
        parts[_set_name(path)] = lambda path=path, most=most: _from_set(samples.learned_from(samples.read(path)), most)
    sets = {name: _build_once(chosen.work / f"{name}.jsonl", build) for name, build in parts.items()}
    for name, built in sets.items():
        print(f"{name}: {len(built):,} examples")
    return sets


def _set_name(path: Path) -> str:
    """Name a set after its folder, and a second file of the folder after the file too."""
    file = path.name.partition(".")[0]
    return path.parent.name if file == "train" else f"{path.parent.name}-{file}"


def _from_set(articles: samples.Articles, most: int) -> Iterable[Example]:
    return examples.from_squad2(samples.at_most(articles, most, random.Random(0)))


def unseen_examples(chosen: argparse.Namespace) -> dict[str, list[Example]]:
    """Build examples for the learning curve, on the articles and paragraphs of `training.weights`, which no run learns from."""
    articles = samples.for_the_weights(samples.read(chosen.squad))

    def build() -> Iterator[Example]:
        yield from examples.answerable(articles)
        if chosen.squad2:
            yield from examples.impossible(samples.alike(samples.read(chosen.squad2), articles))

    parts: dict[str, Callable[[], Iterable[Example]]] = {"squad": build}
    for path in (*chosen.sets, *chosen.parts):
        parts[_set_name(path)] = lambda path=path: _from_set(samples.held_back(samples.read(path)), _HELD_OUT)
    return {name: _build_once(chosen.work / f"never-learned-{name}.jsonl", build) for name, build in parts.items()}


def _build_once(path: Path, build: Callable[[], Iterable[Example]]) -> list[Example]:
    """Read the examples of a file, after building it if there is none."""
    if not path.exists():
        examples.save(path, list(build()))
    return examples.load(path)


def train(
    network: Network, learned: Sequence[Encoded], held_out: Mapping[str, Sequence[Encoded]], chosen: argparse.Namespace
) -> Network:
    """Train the network, from a checkpoint if there is one.

    Args:
        network: to begin with.
        learned: examples to learn from.
        held_out: examples of the learning curve, by set.
        chosen: the options.
    """
    torch.manual_seed(chosen.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    learned = learned[: chosen.limit]
    if chosen.frozen:  # the embeddings below stay fixed too, so that no gradient has to go through the frozen layers
        network.transformer.embeddings.requires_grad_(False)
    for layer in network.transformer.encoder.layer[: chosen.frozen]:
        layer.requires_grad_(False)
    network.to(device).train()
    epochs = [
        batches(learned, chosen.passages, chosen.tokens, chosen.seed + epoch, chosen.alone) for epoch in range(chosen.epochs)
    ]
    steps = min(sum(map(len, epochs)), chosen.steps or sys.maxsize)
    optimizer = torch.optim.AdamW(
        [each for each in network.parameters() if each.requires_grad], lr=chosen.rate, weight_decay=0.01
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _share_of_rate(step, steps))
    checkpoint = chosen.work / "checkpoint.pt"
    parts = Parts(network, optimizer, schedule)
    first_step = _resume(checkpoint, parts)
    start = time.monotonic()
    losses: list[float] = []
    with Progress() as progress, (chosen.work / "log.jsonl").open("a") as log:

        def add_point(step: int) -> None:
            """Add a point to the learning curve."""
            loss = sum(losses) / len(losses) if losses else None
            known = {"step": step, "of": steps, "seconds": round(time.monotonic() - start), "loss": loss}
            points = {name: measure(network, each, chosen, device) for name, each in held_out.items()}
            log.write(json.dumps({**known, **points}) + "\n")
            log.flush()
            losses.clear()

        if not first_step:  # the curve begins with the untrained network
            add_point(0)
        task = progress.add_task("training", total=steps, completed=first_step)
        for step, batch in enumerate(islice(chain.from_iterable(epochs), first_step, steps), start=first_step + 1):
            with half_precision(device):
                loss = loss_of(network, batch.to(device), chosen.sentences)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            progress.advance(task)
            if step % _EVERY == 0 or step == steps:
                add_point(step)
                _save(checkpoint, step, parts)
    return network.cpu().eval()


def _share_of_rate(step: int, steps: int) -> float:
    warmup = max(1, int(_WARMUP * steps))
    return min((step + 1) / warmup, max(0.0, (steps - step) / max(1, steps - warmup)))


def loss_of(network: Network, batch: Batch, sentences: float) -> torch.Tensor:
    """Compute the loss in nats: of where the answer begins, where it ends, and which sentence answers."""
    logits = network(batch.ids, batch.mask).float()
    logits = logits - logits[:, :1]  # relative to the passage's first token, which means that nothing here answers
    total = logits.new_zeros(())
    for column, right in ((0, batch.starts), (1, batch.ends)):
        total = total + _cross_entropy(logits[:, :, column], batch.inside, right, batch.n_passages)
    if sentences:
        by_sentence = torch.einsum("pst,pt->ps", batch.means, logits[:, :, 2])
        total = total + sentences * _cross_entropy(by_sentence, batch.means.any(dim=2), batch.answering, batch.n_passages)
    return total


def _cross_entropy(logits: torch.Tensor, present: torch.Tensor, right: torch.Tensor, n_passages: int) -> torch.Tensor:
    """Compute the cross entropy over the places of all passages of a question, and over those of each wrong passage.

    "No place" is one more class of both.

    Args:
        logits: (passages, places), relative to that of no place.
        present: which places exist.
        right: which of them are right; none in a wrong passage.
        n_passages: of each question, in a row.
    """
    logits = logits.masked_fill(~present, -math.inf)
    right_logits = logits.masked_fill(~right, -math.inf)
    no_place = torch.zeros(len(logits), 1, device=logits.device)
    by_passage = torch.logsumexp(torch.cat([logits, no_place], dim=1), dim=1)
    grouped = logits.reshape(-1, n_passages * logits.shape[1])
    by_question = torch.logsumexp(torch.cat([grouped, no_place[::n_passages]], dim=1), dim=1)
    answered = right.reshape(len(grouped), -1).any(dim=1)
    right_grouped = _zero_unless(right_logits.reshape(len(grouped), -1), answered)
    of_right = torch.where(answered, torch.logsumexp(right_grouped, dim=1), 0.0)
    wrong = ~right.any(dim=1)
    return (by_question - of_right).mean() + _NONE * by_passage[wrong].sum() / len(grouped)


def _zero_unless(rows: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Zero the rows outside the mask, so that no gradient comes from a sum over nothing."""
    return torch.where(mask[:, None], rows, 0.0)


def measure(network: Network, held_out: Sequence[Encoded], chosen: argparse.Namespace, device: str) -> dict[str, float]:
    """Compute the held-out loss, how often the best sentence and first word of answerable questions are right, and an AUROC.

    The AUROC tells how well the best span's logit tells questions with an answer from those without.
    """
    network.eval()
    losses, sentence_hits, start_hits, n = [], 0, 0, 0
    best: list[float] = []
    answerable: list[bool] = []
    with torch.no_grad(), half_precision(device):
        for batch in batches(held_out, 4, chosen.tokens, chosen.seed):
            on_device = batch.to(device)
            losses.append(loss_of(network, on_device, chosen.sentences).item())
            logits = network(on_device.ids, on_device.mask).float()
            logits = logits - logits[:, :1]
            sentences = torch.einsum("pst,pt->ps", on_device.means, logits[:, :, 2])
            sentences = sentences.masked_fill(~on_device.means.any(dim=2), -math.inf)
            starts = logits[:, :, 0].masked_fill(~on_device.inside, -math.inf)
            sentence_hits += _count_hits(sentences, on_device.answering, on_device.n_passages)
            start_hits += _count_hits(starts, on_device.starts, on_device.n_passages)
            n += int(on_device.answering.reshape(-1, on_device.n_passages * sentences.shape[1]).any(dim=1).sum())
            spans = starts.amax(1) + logits[:, :, 1].masked_fill(~on_device.inside, -math.inf).amax(1)
            best += spans.reshape(-1, on_device.n_passages).amax(1).tolist()
            answerable += on_device.starts.reshape(-1, on_device.n_passages * logits.shape[1]).any(dim=1).tolist()
    network.train()
    return {
        "held_out": sum(losses) / len(losses),
        "sentence_right": sentence_hits / max(n, 1),
        "start_right": start_hits / max(n, 1),
        "auroc": auroc(best, answerable) or 0.0,
    }


def half_precision(device: str) -> torch.autocast:
    """Compute in bfloat16 where the device has it; elsewhere it would be many times slower than float32."""
    return torch.autocast(device, torch.bfloat16, enabled=device != "cpu" or describe_processor()[1])


def _count_hits(scores: torch.Tensor, right: torch.Tensor, n_passages: int) -> int:
    """Count the questions whose best place over all passages is right."""
    grouped = right.reshape(-1, n_passages * right.shape[1])
    best = scores.reshape(grouped.shape).argmax(dim=1, keepdim=True)
    return int(grouped.gather(1, best).sum())


class Parts(NamedTuple):
    """The state of a run in a checkpoint."""

    network: Network
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR


def _resume(checkpoint: Path, parts: Parts) -> int:
    """Load a checkpoint, if there is one, and return its step."""
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    for name, part in parts._asdict().items():
        part.load_state_dict(state[name])
    return int(state["step"])


def _save(checkpoint: Path, step: int, parts: Parts) -> None:
    temporary = checkpoint.with_suffix(".tmp")
    torch.save({"step": step, **{name: part.state_dict() for name, part in parts._asdict().items()}}, temporary)
    temporary.replace(checkpoint)


if __name__ == "__main__":
    main()
