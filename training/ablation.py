"""What each part of the reader's training is worth, with the options of `training.reader`: `python -m training.ablation …`.

Small runs, all on the same questions and as long, each with one thing changed; what they learn is measured on the same
questions, which none of them saw. Examples that `training.reader` made in the work folder are used again, and a variant that
was measured already is not trained anew.
"""

import argparse
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from embeddings import DEFAULT_MODEL, locate
from qa.evaluation.metrics.confidence import auroc
from qa.search.reader.network import Network
from training import reader
from training.encoded import Encoded, batches
from training.examples import Example
from training.unanswerable import changed, with_the_rest

_READ = 5  # passages of a question, when it is measured
Examples = Sequence[Example]


def main() -> None:
    """Train each variant that was not trained yet, and print the table."""
    options = reader.options()
    options.add_argument("--measured", type=int, default=600, help="questions measured on, of SQuAD's even articles")
    options.set_defaults(limit=5_000, epochs=1)
    chosen = options.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    sets = reader.made(chosen)
    learned, measured = divided(sets, chosen)
    kept = chosen.work / "ablation.json"
    found: dict[str, dict[str, float]] = json.loads(kept.read_text()) if kept.exists() else {}
    for name, (change, settings) in VARIANTS.items():
        if name in found:
            continue
        run = argparse.Namespace(**{**vars(chosen), **settings, "work": chosen.work / "ablation" / name.replace(" ", "-")})
        run.work.mkdir(parents=True, exist_ok=True)
        found[name] = trained(change(learned, chosen), measured, run)
        kept.write_text(json.dumps(found, indent=2) + "\n")
        (run.work / "checkpoint.pt").unlink(missing_ok=True)
        Console().print(shown(found))


def divided(sets: dict[str, list[Example]], chosen: argparse.Namespace) -> tuple[list[Example], list[Example]]:
    """Questions to learn from, drawn over all sets, and others to measure on, answerable and impossible ones of SQuAD alike."""
    draw = random.Random(chosen.seed)
    squad = [*sets["squad"], *sets.get("squad2", ())]
    draw.shuffle(squad)
    measured, rest = squad[: chosen.measured], squad[chosen.measured :]
    others = list(chain.from_iterable(found for name, found in sets.items() if name not in ("squad", "squad2")))
    learned = [*rest, *others]
    draw.shuffle(learned)
    return learned[: chosen.limit], measured


def _as_shipped(learned: Examples, chosen: argparse.Namespace) -> list[Example]:
    return [*map(with_the_rest, learned), *_made_up(learned, chosen)]


def _made_up(learned: Examples, chosen: argparse.Namespace) -> list[Example]:
    return list(changed(learned, chosen.changed, random.Random(chosen.seed)))


def _easy(learned: Examples, chosen: argparse.Namespace) -> list[Example]:
    """The wrong passages found last come first."""
    return [replace(each, wrong=each.wrong[::-1]) for each in _as_shipped(learned, chosen)]


Change = Callable[[Examples, argparse.Namespace], list[Example]]
VARIANTS: dict[str, tuple[Change, dict[str, Any]]] = {
    "as shipped": (_as_shipped, {}),
    "two lowest layers frozen": (_as_shipped, {"frozen": 2}),
    "without the loss of sentences": (_as_shipped, {"sentences": 0.0}),
    "without changed questions": (lambda learned, _: [with_the_rest(each) for each in learned], {}),
    "without the right passage less its answer": (lambda learned, chosen: [*learned, *_made_up(learned, chosen)], {}),
    "without impossible questions": (
        lambda learned, chosen: [with_the_rest(each) for each in learned if each.right],
        {},
    ),
    "worse passages found first": (_easy, {}),
    "four passages a question": (_as_shipped, {"passages": 4}),
    "half the rate": (_as_shipped, {"rate": 1e-4}),
}


def trained(learned: Examples, measured: Examples, run: argparse.Namespace) -> dict[str, float]:
    """The figures of one variant."""
    encoder = locate(DEFAULT_MODEL).folder
    prepared = [*reader.encoded(learned, encoder)]
    random.Random(run.seed).shuffle(prepared)
    held_out = reader.encoded(measured, encoder)
    begun = Network.load(encoder, run.begin) if run.begin else Network.fresh(encoder)
    run.limit = None
    network = reader.train(begun, prepared, held_out[:60], run)
    point = reader.measured(network, held_out, run, "cpu")
    return {**point, "auroc": answerable(network, held_out, run), "examples": len(prepared)}


def answerable(network: Network, held_out: Sequence[Encoded], run: argparse.Namespace) -> float:
    """How well the surest span of a question's passages tells those that can be answered, AUROC."""
    told: list[float] = []
    can: list[bool] = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for batch in batches(held_out, _READ, run.tokens, run.seed):
            numbers = network(batch.ids, batch.mask).float()
            numbers = (numbers - numbers[:, :1]).masked_fill(~batch.inside[:, :, None], -1e9)
            best = numbers[:, :, 0].amax(1) + numbers[:, :, 1].amax(1)
            told += best.reshape(-1, batch.n_passages).amax(1).tolist()
            can += batch.starts.reshape(len(best) // batch.n_passages, -1).any(1).tolist()
    return auroc(told, can) or 0.0


def shown(found: dict[str, dict[str, float]]) -> Table:
    """The variants, and how far each is from the first."""
    table = Table("trained", "examples", "first sentence right", "first word right", "AUROC", "loss", box=None, pad_edge=False)
    for name, row in found.items():
        figures = (f"{row[column]:.3f}" for column in ("sentence_right", "start_right", "auroc", "held_out"))
        table.add_row(name, f"{row['examples']:,}", *figures)
    return table


if __name__ == "__main__":
    main()
