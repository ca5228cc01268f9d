"""A parser that misbehaves as its input file requests, and a pool that uses it."""

import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, Limits
from qa.sources.sandbox.parser_pool import ParserPool
from qa.types.articles import Part, SetAside
from qa.types.errors import ArticleUnreadable

TEXT = "The bridge fell at noon."


def misbehaving_pool(limits: Limits = LIMITS, processes: int = 2) -> ParserPool:
    """Make a pool whose parser is `parse` below."""
    here = str(Path(__file__).parents[1])
    if here not in sys.path:
        sys.path.append(here)
    return ParserPool(limits, processes=processes, module="support.misbehaving")


def text(pool: ParserPool, wish: str) -> str:
    """Parse a file that requests a misbehaviour, and return the text of its article."""
    [draft] = pool.parse(wish.encode(), "/a.txt")
    return draft.text


def refusal(pool: ParserPool, wish: str) -> str:
    """Return why a file was not parsed, and check that the pool still parses the next file."""
    try:
        pool.parse(wish.encode(), "/a.txt")
    except ArticleUnreadable as error:
        assert text(pool, TEXT) == TEXT
        return str(error)
    raise AssertionError("it was parsed")


def resident(who: int) -> float:
    """Return the peak resident memory in MB, with `RUSAGE_CHILDREN` that of the largest child process that has ended."""
    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    return resource.getrusage(who).ru_maxrss / unit


def prepare() -> None:
    """Do nothing. A parser module must have this function."""


def parse(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Call the function below that the file names, if any, and return an article with its result or the file's text."""
    text = content.decode()
    name, _, argument = text.partition(" ")
    if name in DEEDS:
        text = DEEDS[name](argument) or text
    return [Draft(source, "A bridge", "2019-05-03", text, (SetAside(0, 1, "navigation"),), parts=(Part(0, 1, "page 1"),))]


def allocate_at_once(_: str) -> None:
    bytearray(5_000_000_000)


def allocate_bit_by_bit(_: str) -> None:
    kept = []
    while True:
        kept.append(str(len(kept)))


def allocate_and_say_it_is_damaged(_: str) -> None:
    try:
        bytearray(5_000_000_000)
    except Exception as error:
        raise ArticleUnreadable("the file is damaged") from error


def keep(megabytes: str) -> str:
    """Allocate memory that is never freed. The article's text is the process id."""
    KEPT.append(bytearray(b"x") * (int(megabytes) * 1_000_000))
    return process("")


def spin(_: str) -> None:
    while True:
        pass


def use(seconds: str) -> str:
    """Use that many seconds of CPU time. The article's text is the process id."""
    until = time.process_time() + float(seconds)
    while time.process_time() < until:
        pass
    return process("")


def spin_uninterrupted(_: str) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    sum(range(10**15))


def sleep(seconds: str) -> None:
    time.sleep(float(seconds))


def many_descriptors(_: str) -> None:
    kept = []
    for _number in range(1_000):
        kept.append(os.open(os.devnull, os.O_RDONLY))


def connect(port: str) -> None:
    socket.create_connection(("127.0.0.1", int(port)))


def connect_below_python(port: str) -> str:
    """Connect by system calls, past Python's audit hooks. Return 0, or the errno."""
    system = ctypes.CDLL(None, use_errno=True)
    descriptor = system.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    address = socket.AF_INET.to_bytes(2, sys.byteorder) + int(port).to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    return str(system.connect(descriptor, address, len(address)) and ctypes.get_errno())


def write(path: str) -> None:
    Path(path).write_text("written")


def write_below_python(path: str) -> str:
    """Write a file by system calls, past Python's audit hooks. Return the number of bytes written, or -1."""
    system = ctypes.CDLL(None)
    descriptor = system.open(path.encode(), os.O_WRONLY | os.O_CREAT, 0o600)
    return str(system.write(descriptor, b"written", 7))


def remove(path: str) -> None:
    os.remove(path)


def fork(_: str) -> None:
    if os.fork() == 0:
        os._exit(0)


def run(_: str) -> None:
    subprocess.run([sys.executable, "-c", "pass"], check=True)


def kill_the_parent(_: str) -> None:
    os.kill(os.getppid(), signal.SIGKILL)


def leave(_: str) -> None:
    os._exit(0)


def leave_in_words(_: str) -> None:
    sys.exit("done")


def segfault(_: str) -> None:
    ctypes.string_at(0)


def fail(_: str) -> None:
    raise KeyError("no such thing")


def refuse(reason: str) -> None:
    raise ArticleUnreadable(reason)


def recurse(_: str) -> None:
    recurse(_)


def say(words: str) -> str:
    """Print by Python and by a system call. Neither output may get into the answer."""
    print(words, flush=True)
    os.write(1, words.encode())
    return words


def answer(line: str) -> None:
    """Write a forged answer to the parent's pipe."""
    pipe = _to_the_parent()
    os.write(pipe, line.encode("latin-1") + b"\n")
    time.sleep(60)


def answer_endlessly(_: str) -> None:
    pipe = _to_the_parent()
    while True:
        os.write(pipe, b"x" * 1_000_000)


def answer_many(draft: str) -> None:
    pipe = _to_the_parent()
    while True:
        os.write(pipe, json.dumps({"result": json.loads(draft)}).encode() + b"\n")


def close_the_pipe(_: str) -> None:
    os.close(_to_the_parent())
    time.sleep(60)


def process(_: str) -> str:
    return f"number {os.getpid()}"


def environment(_: str) -> str:
    return json.dumps(dict(os.environ))


def descriptors(_: str) -> str:
    """Return the types of the open file descriptors, from /proc."""
    opened = []
    for name in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # the descriptor of the listing itself is closed by now
            opened.append(os.readlink(f"/proc/self/fd/{name}").split(":")[0])
    return json.dumps(sorted(opened))


def standard_input(_: str) -> str:
    return f"read {sys.stdin.read()!r}"


def surrogates(_: str) -> str:
    return "The \ud83d\ude00 bridge \ud800 fell."


def threads(_: str) -> str:
    return f"{threading.active_count()} thread"


def _to_the_parent() -> int:
    """Return the descriptor of the pipe to the parent, the only one that can be written to."""
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"")
        except OSError:
            continue
        return descriptor
    raise AssertionError("no pipe")


KEPT: list[bytearray] = []
DEEDS: dict[str, Callable[[str], str | None]] = {
    name: deed for name, deed in globals().items() if callable(deed) and getattr(deed, "__module__", "") == __name__
}
DEEDS = {
    name: deed
    for name, deed in DEEDS.items()
    if name not in ("prepare", "parse", "misbehaving_pool", "text", "refusal", "resident", "_to_the_parent")
}
