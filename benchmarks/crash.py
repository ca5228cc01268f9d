"""Kill -9 an addition at random moments and count what was lost: `python benchmarks/crash.py --kills 100 --seed 0`.

A child adds 200 small articles and says of each when it is acknowledged; the parent kills it somewhere on the way. Then
everything acknowledged must be there with its exact text, every row must be what was written, and a question must be answered.
The next child goes on where that one died. When all articles are in, they change, and after that a new library is begun.

The model is a tiny one, so that most of the time goes into storing, which is what is tested. Children are forked from a
parent that has imported the libraries and used none of them.
"""

import argparse
import os
import random
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

ARTICLES = 200
LONGEST_CHILD = 120  # seconds after which a child hangs


@dataclass
class Count:
    """What was seen over all the kills."""

    kills: int = 0
    acknowledged: int = 0  # articles, each time one was said to be safe
    lost: int = 0
    finished: int = 0  # additions that ended before they were to be killed
    troubles: list[str] = field(default_factory=list)


def text_of(number: int, edition: int) -> str:
    """An article of a few passages that no other shares a sentence with."""
    sentences = [f"Bridge {number} had {pier} piers in the year {1700 + number + pier}." for pier in range(1 + number % 7)]
    return f"Bridge {number}\r\n\r\nBridge {number} fell in storm {edition} of the café 北京.\n\n" + " ".join(sentences)


def write_articles(folder: Path, edition: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(ARTICLES):
        (folder / f"bridge{number:03}.txt").write_bytes(text_of(number, edition).encode())


def in_child(work: Callable[[int], object]) -> tuple[int, int]:
    """Start work in a forked process; its pid and the end of the pipe that it writes to."""
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(here)
        code = 1
        try:
            work(there)
            code = 0
        except BaseException:  # the parent shows it
            os.write(there, b"!" + traceback.format_exc().encode().replace(b"\n", b"\\n") + b"\n")
        finally:
            os._exit(code)
    os.close(there)
    return pid, here


def outcome(pid: int, pipe: int) -> tuple[int, list[str]]:
    """Wait for a child; its exit code and the lines it wrote."""
    with os.fdopen(pipe, encoding="utf-8") as lines:
        said = lines.read().splitlines()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def open_library(library: Path, model: Path):  # type: ignore[no-untyped-def]
    import torch

    from qa import Assistant, Settings

    torch.set_num_threads(1)
    return Assistant.open(library, model=str(model), settings=Settings(least_confidence=0))


def add(library: Path, model: Path, articles: Path, pipe: int) -> None:
    """Add the articles, saying of each when it is safe."""

    def told(step: object) -> None:
        if step.fate in ("added", "updated", "unchanged"):  # type: ignore[attr-defined]
            os.write(pipe, f"{step.source}\n".encode())  # type: ignore[attr-defined]

    open_library(library, model).add(articles, on_step=told)


def look(library: Path, model: Path, safe: dict[str, str], now: dict[str, str], before: dict[str, str], pipe: int) -> None:
    """Read everything there is, and say what is not as it should be.

    Args:
        safe: the text that was acknowledged last for an article; it, or what was being added after it, must be there.
        now: the texts that were being added.
        before: the texts of the edition before; there is no third.
    """
    assistant = open_library(library, model)
    held = {}
    with assistant.library.snapshot() as snapshot:
        passages = list(snapshot.added_since(-1))  # each row is verified when it is read
        for reference in snapshot.references():
            for version in snapshot.versions(reference.id):
                assert snapshot.article(reference.id, version)
            held[reference.source] = assistant.article(reference.id).text
    for source, text in held.items():
        if text not in (now[source], before.get(source)):
            os.write(pipe, f"third state {source}\n".encode())
    for source, text in safe.items():
        if held.get(source) not in (text, now[source]):
            os.write(pipe, f"lost {source}\n".encode())
    if {passage.article.id for passage in passages} != {reference.id for reference in assistant.articles()}:
        os.write(pipe, b"passages and articles differ\n")
    answer = assistant.ask("Which bridge fell in the storm?", 5)
    if held and not answer.quotes:
        os.write(pipe, b"no answer\n")
    for quote in answer.quotes:
        if assistant.article(quote.article.id, quote.article.version).text[quote.start : quote.end] != quote.text:
            os.write(pipe, f"broken quote {quote.text!r}\n".encode())


def kill_one(folder: Path, model: Path, draw: random.Random, count: Count, state: dict[str, str], edition: int) -> bool:
    """Add, kill, look. True when the addition had ended first; `state` is what must be there."""
    library, articles = folder / "library", folder / "articles"
    sources = {str(path.resolve()): path.read_bytes().decode() for path in articles.iterdir()}
    before = {source: text_of(int(source[-7:-4]), edition - 1) for source in sources} if edition > 1 else {}
    pid, pipe = in_child(lambda out: add(library, model, articles, out))
    after, more = draw.randrange(ARTICLES), draw.random() * 0.15
    # Half of the kills fall soon after some acknowledgement, the others at any time since the start.
    deadline = time.monotonic() + (LONGEST_CHILD if draw.random() < 0.5 else draw.random() * 3)
    said, ended = b"", False
    while not ended and time.monotonic() < deadline:
        if said.count(b"\n") > after:
            deadline, after = min(deadline, time.monotonic() + more), ARTICLES
        if select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            chunk = os.read(pipe, 65536)
            said, ended = said + chunk, not chunk
    os.kill(pid, signal.SIGKILL)
    code, rest = outcome(pid, pipe)
    lines = [line for line in said.decode().splitlines() + rest if line]
    errors = [line for line in lines if line.startswith("!")]
    count.troubles += errors
    acknowledged = [line for line in lines if line in sources]
    count.kills += code == -signal.SIGKILL
    count.finished += code == 0
    count.acknowledged += len(acknowledged)
    state.update({source: sources[source] for source in acknowledged})
    pid, pipe = in_child(lambda out: look(library, model, state, sources, before, out))
    _, wrong = outcome(pid, pipe)
    count.lost += sum(line.startswith("lost") for line in wrong)
    count.troubles += wrong
    return code == 0


def run(kills: int, seed: int) -> Count:
    """Kill so many additions; what was seen."""
    import faiss  # noqa: F401 - imported before the forks, so that no child spends its life on it
    import sentence_transformers  # noqa: F401
    import tiny

    draw, count = random.Random(seed), Count()
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        pid, pipe = in_child(lambda out: os.write(out, str(tiny.build(top / "tiny")).encode()))
        if outcome(pid, pipe)[0] != 0:
            raise SystemExit("the tiny model cannot be made")
        model, round_ = top / "tiny" / "model", 0
        while count.kills < kills and not count.troubles:
            folder, state = top / f"round{round_}", dict[str, str]()
            folder.mkdir()
            round_ += 1
            for edition in (1, 2, 3):
                write_articles(folder / "articles", edition)
                while count.kills < kills and not count.troubles:
                    if kill_one(folder, model, draw, count, state, edition):
                        break
        if not count.troubles:  # the next addition ends what the last one left undone
            finish(folder, model, count)
    return count


def finish(folder: Path, model: Path, count: Count) -> None:
    """Add once more, to the end, and see that everything is there."""
    pid, pipe = in_child(lambda out: add(folder / "library", model, folder / "articles", out))
    code, said = outcome(pid, pipe)
    if code != 0 or len(set(said)) != ARTICLES:
        count.troubles.append(f"the last addition ended with {code} after {len(set(said))} articles: {said[-1:]}")
    state = {str(path.resolve()): path.read_bytes().decode() for path in (folder / "articles").iterdir()}
    pid, pipe = in_child(lambda out: look(folder / "library", model, state, state, {}, out))
    count.troubles += outcome(pid, pipe)[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    count = run(arguments.kills, arguments.seed)
    for trouble in count.troubles:
        print(trouble.replace("\\n", "\n"), file=sys.stderr)
    print(f"{count.kills} kills, {count.acknowledged} acknowledged, {count.lost} lost (seed {arguments.seed})")
    return 1 if count.troubles or count.lost else 0


if __name__ == "__main__":
    sys.exit(main())
