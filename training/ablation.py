"""What each part of the reader's training is worth: `python -m training.ablation …`, with the options of `training.reader`.

Small runs, equally long, each with one thing changed. All are measured on the same questions, which none of them saw. Examples
that `training.reader` made in the work folder are reused, and a variant that was measured already is not trained again.
"""

import argparse
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from rich.console import Console
from rich.table import Table

from embeddings import DEFAULT_MODEL, locate
from qa.search.reader.network import Network
from training import reader
from training.examples import Example
from training.unanswerable import change_questions, with_remainder

Examples = Sequence[Example]


def main() -> None:
    """Train the variants that were not trained yet, and print the table after each."""
    options = reader.options()
    options.add_argument("--measured", type=int, default=600, help="questions measured on, of SQuAD's even articles")
    options.set_defaults(limit=5_000, epochs=1)
    chosen = options.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    sets = reader.build_examples(chosen)
    learned, measured = split(sets, chosen)
    results_file = chosen.work / "ablation.json"
    results: dict[str, dict[str, float]] = json.loads(results_file.read_text()) if results_file.exists() else {}
    for name, (change, settings) in VARIANTS.items():
        if name in results:
            continue
        run = argparse.Namespace(**{**vars(chosen), **settings, "work": chosen.work / "ablation" / name.replace(" ", "-")})
        run.work.mkdir(parents=True, exist_ok=True)
        results[name] = train_variant(change(learned, chosen), measured, run)
        results_file.write_text(json.dumps(results, indent=2) + "\n")
        (run.work / "checkpoint.pt").unlink(missing_ok=True)
        Console().print(tabulate(results))


def split(sets: dict[str, list[Example]], chosen: argparse.Namespace) -> tuple[list[Example], list[Example]]:
    """Draw questions to learn from, from all sets, and others of SQuAD to measure on, answerable and impossible ones."""
    draw = random.Random(chosen.seed)
    squad = [*sets["squad"], *sets.get("squad2", ())]
    draw.shuffle(squad)
    measured, rest = squad[: chosen.measured], squad[chosen.measured :]
    others = list(chain.from_iterable(examples for name, examples in sets.items() if name not in ("squad", "squad2")))
    learned = [*rest, *others]
    draw.shuffle(learned)
    return learned[: chosen.limit], measured


def _as_shipped(learned: Examples, chosen: argparse.Namespace) -> list[Example]:
    return [*map(with_remainder, learned), *_changed_questions(learned, chosen)]


def _changed_questions(learned: Examples, chosen: argparse.Namespace) -> list[Example]:
    return list(change_questions(learned, chosen.changed, random.Random(chosen.seed)))


def _easy(learned: Examples, chosen: argparse.Namespace) -> list[Example]:
    """Order wrong passages from the worst."""
    return [replace(example, wrong=example.wrong[::-1]) for example in _as_shipped(learned, chosen)]


Change = Callable[[Examples, argparse.Namespace], list[Example]]
VARIANTS: dict[str, tuple[Change, dict[str, Any]]] = {
    "as shipped": (_as_shipped, {}),
    "two lowest layers frozen": (_as_shipped, {"frozen": 2}),
    "without the loss of sentences": (_as_shipped, {"sentences": 0.0}),
    "without changed questions": (lambda learned, _: list(map(with_remainder, learned)), {}),
    "without the right passage less its answer": (lambda learned, chosen: [*learned, *_changed_questions(learned, chosen)], {}),
    "without impossible questions": (
        lambda learned, chosen: [with_remainder(example) for example in learned if example.right],
        {},
    ),
    "worse passages found first": (_easy, {}),
    "four passages a question": (_as_shipped, {"passages": 4}),
    "half the rate": (_as_shipped, {"rate": 1e-4}),
}


def train_variant(learned: Examples, measured: Examples, run: argparse.Namespace) -> dict[str, float]:
    """Train and measure one variant."""
    encoder = locate(DEFAULT_MODEL).folder
    prepared = reader.encode_examples(learned, encoder)
    random.Random(run.seed).shuffle(prepared)
    held_out = reader.encode_examples(measured, encoder)
    network = Network.load(encoder, run.begin) if run.begin else Network.fresh(encoder)
    run.limit = None
    network = reader.train(network, prepared, {"measured": held_out[:60]}, run)
    point = reader.measure(network, held_out, run, "cpu")
    return {**point, "examples": len(prepared)}


def tabulate(results: dict[str, dict[str, float]]) -> Table:
    """Tabulate the figures of the variants."""
    table = Table("trained", "examples", "first sentence right", "first word right", "AUROC", "loss", box=None, pad_edge=False)
    for name, row in results.items():
        figures = (f"{row[column]:.3f}" for column in ("sentence_right", "start_right", "auroc", "held_out"))
        table.add_row(name, f"{row['examples']:,}", *figures)
    return table


if __name__ == "__main__":
    main()
