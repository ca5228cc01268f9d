"""Train the reader: `python -m training.reader --squad FILE --squad2 FILE --squadshifts FILE FILE --work FOLDER`.

It begins as the encoder and learns to say, for each token of a passage that is read for a question, whether the answer begins
or ends there and whether its sentence tells it, against "nothing here does", which is the first token. Learned from are
SquadShifts, two thirds of SQuAD's articles with even numbers and, if it is given, PolicyQA's policies with even numbers; by the
last third of SQuAD's what it says is weighed (`training.weights`). Those with odd numbers, and COVID-QA, are never seen.

All is relative to the first token of the same passage, and the softmax runs over all passages of a question at once, so that
numbers of different passages can be compared. Source: shared normalisation, Clark and Gardner, ACL 2018, arXiv 1710.10723; no
answer as a span at the first token, Devlin et al., NAACL 2019, arXiv 1810.04805.

What was made stays in the work folder, and a run that was stopped goes on from its last checkpoint.
"""

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import torch
from rich.progress import Progress

from embeddings import DEFAULT_MODEL, locate
from embeddings.models import file_sha256
from qa.search.reader.network import Network
from training import examples, samples
from training.encoded import Batch, Encoded, batches, encode
from training.examples import Example
from training.unanswerable import changed, with_the_rest

_BUNDLED = Path(__file__).parents[1] / "qa" / "search" / "reader" / "bundled"
_WARMING = 0.06  # share of the steps in which it rises
_HELD_OUT = 250  # questions that the curve is of
_EVERY = 250  # steps between two points of the curve, with a checkpoint
_TOLD = ("epochs", "steps", "passages", "tokens", "rate", "changed", "squad_times", "seed", "frozen", "sentences")
_NONE = 0.5  # what a passage that does not answer counts by itself, beside its part in the softmax over all passages


def main() -> None:
    """Build the examples, train, write the weights."""
    chosen = options().parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    sets = made(chosen)
    found = list(chain.from_iterable(sets.values()))
    draw = random.Random(chosen.seed)
    draw.shuffle(found)
    again = [each for name in ("squad", "squad2") for each in sets.get(name, ())] * (chosen.squad_times - 1)
    unseen = never_learned(chosen)
    learned, held_out = [*found, *again], draw.sample(unseen, min(_HELD_OUT, len(unseen)))
    made_up = list(changed(learned, chosen.changed, draw))
    print(
        f"{len(found):,} examples to learn from, {len(again):,} repeated, {len(made_up):,} changed, {len(held_out):,} held out"
    )
    encoder = locate(DEFAULT_MODEL).folder
    begun = Network.load(encoder, chosen.begin) if chosen.begin else Network.fresh(encoder)
    prepared = encoded([*map(with_the_rest, learned), *made_up], encoder)
    network = train(begun, prepared, encoded(held_out, encoder), chosen)
    export(network, len(found), chosen)


def encoded(examples: Sequence[Example], encoder: Path) -> list[Encoded]:
    return [each for each in (encode(example, encoder) for example in examples) if each is not None]


def export(network: Network, n_learned: int, chosen: argparse.Namespace) -> None:
    """Write the weights and, beside them, what they are and how they were made."""
    chosen.output.mkdir(parents=True, exist_ok=True)
    weights = chosen.output / "reader.safetensors"
    network.save(weights)
    weights.chmod(0o644)
    told = {
        "sha256": file_sha256(weights),
        "made_by": "python -m training.reader",
        "data": [path.name for path in (chosen.squad, chosen.squad2, chosen.policyqa, *chosen.squadshifts) if path],
        "begun_with": file_sha256(chosen.begin) if chosen.begin else None,
        "examples": n_learned,
        "options": {name: getattr(chosen, name) for name in _TOLD},
        "held_out": json.loads((chosen.work / "log.jsonl").read_text().splitlines()[-1]),
    }
    (chosen.output / "reader.json").write_text(json.dumps(told, indent=2) + "\n")


def options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument(
        "--squad", type=Path, required=True, help="SQuAD 1.1 dev, of which every other article is learned from"
    )
    options.add_argument("--squad2", type=Path, help="SQuAD 2.0 dev, for the impossible questions on the same articles")
    options.add_argument("--squadshifts", type=Path, nargs="*", default=[], help="files of SquadShifts, learned from whole")
    options.add_argument("--policyqa", type=Path, help="PolicyQA dev, of which every other policy is learned from")
    options.add_argument("--work", type=Path, required=True, help="folder for examples, checkpoints and the log")
    options.add_argument("--output", type=Path, default=_BUNDLED, help="folder for the weights and what is said of them")
    options.add_argument("--epochs", type=int, default=2)
    options.add_argument("--steps", type=int, help="stop after so many, the learning rate at nothing by then")
    options.add_argument("--passages", type=int, default=2, help="of each question in a step, one of which answers")
    options.add_argument("--tokens", type=int, default=8_192, help="of a step, padding included")
    options.add_argument("--begin", type=Path, help="weights of an earlier run to begin with, instead of the encoder's")
    options.add_argument("--rate", type=float, default=2e-4, help="the highest learning rate")
    options.add_argument("--changed", type=float, default=0.4, help="share of the questions also asked so that nothing answers")
    options.add_argument("--squad-times", type=int, default=1, help="times that SQuAD's questions are learned in an epoch")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--limit", type=int, help="so many examples only, to try something")
    options.add_argument("--frozen", type=int, default=0, help="so many of the lowest layers stay as the encoder's")
    options.add_argument("--sentences", type=float, default=1.0, help="what telling the sentence counts; 0: nothing")
    return options


def made(chosen: argparse.Namespace) -> dict[str, list[Example]]:
    """The examples of each file, built once."""
    learned = samples.for_the_reader(samples.read(chosen.squad))
    parts: dict[str, Callable[[], Iterable[Example]]] = {"squad": lambda: examples.answerable(learned)}
    if chosen.squad2:
        parts["squad2"] = lambda: examples.impossible(samples.alike(samples.read(chosen.squad2), learned))
    if chosen.policyqa:  # whose questions do not say which policy they mean
        policies = samples.even(samples.read(chosen.policyqa))
        parts["policyqa"] = lambda: chain.from_iterable(examples.answerable([policy]) for policy in policies)
    for path in chosen.squadshifts:
        parts[path.stem] = lambda path=path: examples.answerable(samples.read(path))
    found = {name: _once(chosen.work / f"{name}.jsonl", build) for name, build in parts.items()}
    for name, some in found.items():
        print(f"{name}: {len(some):,} examples")
    return found


def never_learned(chosen: argparse.Namespace) -> list[Example]:
    """Examples on the articles that the reader is weighed by, which no run learns from, so that the curve is of new ones."""
    articles = samples.for_the_weights(samples.read(chosen.squad))

    def build() -> Iterator[Example]:
        yield from examples.answerable(articles)
        if chosen.squad2:
            yield from examples.impossible(samples.alike(samples.read(chosen.squad2), articles))

    return _once(chosen.work / "never-learned.jsonl", build)


def _once(kept: Path, build: Callable[[], Iterable[Example]]) -> list[Example]:
    """The examples of a file, which is written where there is none."""
    if not kept.exists():
        examples.save(kept, list(build()))
    return examples.load(kept)


def train(network: Network, learned: Sequence[Encoded], held_out: Sequence[Encoded], chosen: argparse.Namespace) -> Network:
    """Train the network, going on from a checkpoint where there is one."""
    torch.manual_seed(chosen.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    learned = learned[: chosen.limit]
    if chosen.frozen:  # nothing below them learns either, so that no gradient has to go through them
        network.transformer.embeddings.requires_grad_(False)
    for layer in network.transformer.encoder.layer[: chosen.frozen]:
        layer.requires_grad_(False)
    network.to(device).train()
    epochs = [batches(learned, chosen.passages, chosen.tokens, chosen.seed + epoch) for epoch in range(chosen.epochs)]
    steps = min(sum(map(len, epochs)), chosen.steps or sys.maxsize)
    optimizer = torch.optim.AdamW(
        [each for each in network.parameters() if each.requires_grad], lr=chosen.rate, weight_decay=0.01
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _share_of_rate(step, steps))
    checkpoint = chosen.work / "checkpoint.pt"
    parts = Parts(network, optimizer, schedule)
    begun = _resumed(checkpoint, parts)
    began = time.monotonic()
    losses: list[float] = []
    with Progress() as progress, (chosen.work / "log.jsonl").open("a") as log:

        def point(step: int) -> None:
            """Add one to the curve."""
            loss = sum(losses) / len(losses) if losses else None
            known = {"step": step, "of": steps, "seconds": round(time.monotonic() - began), "loss": loss}
            log.write(json.dumps({**known, **measured(network, held_out, chosen, device)}) + "\n")
            log.flush()
            losses.clear()

        if not begun:  # what is gone on from is what the rest of the curve is compared with
            point(0)
        task = progress.add_task("training", total=steps, completed=begun)
        for step, batch in enumerate(islice(chain.from_iterable(epochs), begun, steps), start=begun + 1):
            with torch.autocast(device, torch.bfloat16):
                loss = loss_of(network, batch.to(device), chosen.sentences)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            progress.advance(task)
            if step % _EVERY == 0 or step == steps:
                point(step)
                _save(checkpoint, step, parts)
    return network.cpu().eval()


def _share_of_rate(step: int, steps: int) -> float:
    warming = max(1, int(_WARMING * steps))
    return min((step + 1) / warming, max(0.0, (steps - step) / max(1, steps - warming)))


def loss_of(network: Network, batch: Batch, sentences: float) -> torch.Tensor:
    """How unlikely what is right is, in nats: where the answer begins, where it ends, and which sentence tells it."""
    numbers = network(batch.ids, batch.mask).float()
    numbers = numbers - numbers[:, :1]  # against the passage's own first token: nothing here answers
    total = numbers.new_zeros(())
    for column, right in ((0, batch.starts), (1, batch.ends)):
        total = total + _unlikely(numbers[:, :, column], batch.inside, right, batch.n_passages)
    if sentences:
        told = torch.einsum("pst,pt->ps", batch.means, numbers[:, :, 2])
        total = total + sentences * _unlikely(told, batch.means.any(dim=2), batch.telling, batch.n_passages)
    return total


def _unlikely(numbers: torch.Tensor, there: torch.Tensor, right: torch.Tensor, n_passages: int) -> torch.Tensor:
    """Cross entropy over the places of all passages of a question and none of them, and over those of each wrong passage.

    Args:
        numbers: (passages, places), relative to none of the places.
        there: which places there are.
        right: which of them are right; none in a passage that does not answer.
        n_passages: of each question, one after the other.
    """
    numbers = numbers.masked_fill(~there, -math.inf)
    rightly = numbers.masked_fill(~right, -math.inf)
    nothing = torch.zeros(len(numbers), 1, device=numbers.device)
    by_itself = torch.logsumexp(torch.cat([numbers, nothing], dim=1), dim=1)  # of each passage
    grouped, of_group = numbers.reshape(-1, n_passages * numbers.shape[1]), nothing[::n_passages]
    all_of_it = torch.logsumexp(torch.cat([grouped, of_group], dim=1), dim=1)
    answered = right.reshape(len(grouped), -1).any(dim=1)
    right_of_it = torch.where(answered, torch.logsumexp(_or_zero(rightly.reshape(len(grouped), -1), answered), dim=1), 0.0)
    wrong = ~right.any(dim=1)
    return (all_of_it - right_of_it).mean() + _NONE * by_itself[wrong].sum() / len(grouped)


def _or_zero(numbers: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """The rows kept as they are, others zero, so that no gradient comes from a sum over nothing."""
    return torch.where(kept[:, None], numbers, 0.0)


def measured(network: Network, held_out: Sequence[Encoded], chosen: argparse.Namespace, device: str) -> dict[str, float]:
    """The loss of what is held out, and how often the likeliest sentence of an answered question's passages is right."""
    network.eval()
    losses, hits, words, n = [], 0, 0, 0
    with torch.no_grad(), torch.autocast(device, torch.bfloat16):
        for batch in batches(held_out, 4, chosen.tokens, chosen.seed):
            some = batch.to(device)
            losses.append(loss_of(network, some, chosen.sentences).item())
            numbers = network(some.ids, some.mask).float()
            numbers = numbers - numbers[:, :1]
            told = torch.einsum("pst,pt->ps", some.means, numbers[:, :, 2]).masked_fill(~some.means.any(dim=2), -math.inf)
            began = numbers[:, :, 0].masked_fill(~some.inside, -math.inf)
            for numbered, right in ((told, some.telling), (began, some.starts)):
                grouped = right.reshape(-1, some.n_passages * right.shape[1])
                found = grouped.gather(1, numbered.reshape(grouped.shape).argmax(dim=1, keepdim=True))[:, 0]
                if numbered is told:
                    hits, n = hits + int(found.sum()), n + int(grouped.any(dim=1).sum())
                else:
                    words += int(found.sum())
    network.train()
    return {"held_out": sum(losses) / len(losses), "sentence_right": hits / max(n, 1), "start_right": words / max(n, 1)}


class Parts(NamedTuple):
    """What a run is gone on with."""

    network: Network
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR


def _resumed(checkpoint: Path, parts: Parts) -> int:
    if not checkpoint.exists():
        return 0
    kept = torch.load(checkpoint, weights_only=True)
    for name, part in parts._asdict().items():
        part.load_state_dict(kept[name])
    return int(kept["step"])


def _save(checkpoint: Path, step: int, parts: Parts) -> None:
    temporary = checkpoint.with_suffix(".tmp")
    torch.save({"step": step, **{name: part.state_dict() for name, part in parts._asdict().items()}}, temporary)
    temporary.replace(checkpoint)


if __name__ == "__main__":
    main()
