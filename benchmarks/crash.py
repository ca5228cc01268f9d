"""Kill -9 an addition at random moments and count what was lost: `python -m benchmarks.crash --kills 100 --seed 0`.

Data: 200 made-up small articles. A child process adds them and reports each that is safely stored. The parent kills it
somewhere on the way. Then every reported article must be there with its exact text, every row must be valid, and a question
must be answered. The next child continues where the last one died. When all articles are in, they change, and after three
editions a new library begins.

The model is tiny, so that most of the time goes into storing, which is what is tested. Children are forked from a parent that
has imported the libraries and used none of them. 100 kills take some ten minutes on two cores.
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
sys.path.insert(0, str(ROOT))

ARTICLES = 200
LONGEST_CHILD = 120  # seconds after which a child hangs


@dataclass
class Count:
    """The results over all kills."""

    kills: int = 0
    acknowledged: int = 0  # articles reported as stored, each time
    lost: int = 0
    finished: int = 0  # additions that ended before they could be killed
    problems: list[str] = field(default_factory=list)


def text_of(number: int, edition: int) -> str:
    """Make an article of a few passages that shares no sentence with another."""
    sentences = [f"Bridge {number} had {pier} piers in the year {1700 + number + pier}." for pier in range(1 + number % 7)]
    return f"Bridge {number}\r\n\r\nBridge {number} fell in storm {edition} of the café 北京.\n\n" + " ".join(sentences)


def write_articles(folder: Path, edition: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(ARTICLES):
        (folder / f"bridge{number:03}.txt").write_bytes(text_of(number, edition).encode())


def in_child(work: Callable[[int], object]) -> tuple[int, int]:
    """Start work in a forked process. Return its pid and the end of the pipe to read what it writes."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        code = 1
        try:
            work(write_end)
            code = 0
        except BaseException:  # the parent prints it
            os.write(write_end, b"!" + traceback.format_exc().encode().replace(b"\n", b"\\n") + b"\n")
        finally:
            os._exit(code)
    os.close(write_end)
    return pid, read_end


def wait_for(pid: int, pipe: int) -> tuple[int, list[str]]:
    """Wait for a child. Return its exit code and the lines that it wrote."""
    with os.fdopen(pipe, encoding="utf-8") as lines:
        output = lines.read().splitlines()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output


def open_library(library: Path, model: Path):  # type: ignore[no-untyped-def]
    import torch

    from qa import Assistant, Settings

    torch.set_num_threads(1)
    return Assistant.open(library, model=str(model), reader="none", settings=Settings(least_confidence=0))


def add(library: Path, model: Path, articles: Path, pipe: int) -> None:
    """Add the articles, and report each that is stored."""

    def report(step: object) -> None:
        if step.fate in ("added", "updated", "unchanged"):  # type: ignore[attr-defined]
            os.write(pipe, f"{step.source}\n".encode())  # type: ignore[attr-defined]

    open_library(library, model).add(articles, on_step=report)


def inspect(library: Path, model: Path, safe: dict[str, str], now: dict[str, str], before: dict[str, str], pipe: int) -> None:
    """Read the whole library and report what is wrong.

    Args:
        safe: the text last reported as stored, by source. It must be there, or the one that was being added after it.
        now: the texts that were being added, by source.
        before: the texts of the previous edition. No other text may be there.
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
    """Add, kill, inspect. Return whether the addition ended before the kill. `state` holds what must be there."""
    library, articles = folder / "library", folder / "articles"
    sources = {str(path.resolve()): path.read_bytes().decode() for path in articles.iterdir()}
    before = {source: text_of(int(source[-7:-4]), edition - 1) for source in sources} if edition > 1 else {}
    pid, pipe = in_child(lambda out: add(library, model, articles, out))
    after, more = draw.randrange(ARTICLES), draw.random() * 0.15
    # Half of the kills fall soon after some acknowledgement, the others at any time since the start.
    deadline = time.monotonic() + (LONGEST_CHILD if draw.random() < 0.5 else draw.random() * 3)
    output, ended = b"", False
    while not ended and time.monotonic() < deadline:
        if output.count(b"\n") > after:
            deadline, after = min(deadline, time.monotonic() + more), ARTICLES
        if select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            chunk = os.read(pipe, 65536)
            output, ended = output + chunk, not chunk
    os.kill(pid, signal.SIGKILL)
    code, rest = wait_for(pid, pipe)
    lines = [line for line in output.decode().splitlines() + rest if line]
    errors = [line for line in lines if line.startswith("!")]
    count.problems += errors
    acknowledged = [line for line in lines if line in sources]
    count.kills += code == -signal.SIGKILL
    count.finished += code == 0
    count.acknowledged += len(acknowledged)
    state.update({source: sources[source] for source in acknowledged})
    pid, pipe = in_child(lambda out: inspect(library, model, state, sources, before, out))
    _, wrong = wait_for(pid, pipe)
    count.lost += sum(line.startswith("lost") for line in wrong)
    count.problems += wrong
    return code == 0


def run(kills: int, seed: int) -> Count:
    """Kill this many additions and return the results."""
    import faiss  # noqa: F401 - imported before the forks, so that no child spends its life on it
    import sentence_transformers  # noqa: F401

    import qa.assistant  # noqa: F401
    from tests.support import tiny

    draw, count = random.Random(seed), Count()
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        pid, pipe = in_child(lambda out: os.write(out, str(tiny.build(top / "tiny")).encode()))
        if wait_for(pid, pipe)[0] != 0:
            raise SystemExit("the tiny model cannot be made")
        model, round_ = top / "tiny" / "model", 0
        while count.kills < kills and not count.problems:
            folder, state = top / f"round{round_}", dict[str, str]()
            folder.mkdir()
            round_ += 1
            for edition in (1, 2, 3):
                write_articles(folder / "articles", edition)
                while count.kills < kills and not count.problems:
                    if kill_one(folder, model, draw, count, state, edition):
                        break
        if not count.problems:  # the next addition ends what the last one left undone
            finish(folder, model, count)
    return count


def finish(folder: Path, model: Path, count: Count) -> None:
    """Add once more, to the end, and check that everything is there."""
    pid, pipe = in_child(lambda out: add(folder / "library", model, folder / "articles", out))
    code, lines = wait_for(pid, pipe)
    if code != 0 or len(set(lines)) != ARTICLES:
        count.problems.append(f"the last addition ended with {code} after {len(set(lines))} articles: {lines[-1:]}")
    state = {str(path.resolve()): path.read_bytes().decode() for path in (folder / "articles").iterdir()}
    pid, pipe = in_child(lambda out: inspect(folder / "library", model, state, state, {}, out))
    count.problems += wait_for(pid, pipe)[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    count = run(arguments.kills, arguments.seed)
    for problem in count.problems:
        print(problem.replace("\\n", "\n"), file=sys.stderr)
    print(f"{count.kills} kills, {count.acknowledged} acknowledged, {count.lost} lost (seed {arguments.seed})")
    return 1 if count.problems or count.lost else 0


if __name__ == "__main__":
    sys.exit(main())
