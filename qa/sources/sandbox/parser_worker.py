"""The sandboxed process that parses files for `parser_pool`.

`python -m qa.sources.sandbox.parser_worker` reads its limits from a line of JSON and answers with one. Then, for each file, it
reads a line with the source, the size and the module that parses, and the bytes. It answers with a line for each draft and a
last one that says how parsing ended.
"""

import codecs
import contextlib
import ctypes
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from typing import IO, Any

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import MB, Limits
from qa.types.errors import ArticleUnreadable, NoArticles

try:
    import resource
except ImportError:  # Windows has none of these limits; the parent's clock is left
    resource = None  # type: ignore[assignment]

_NEW_USERS, _NEW_NETWORK = 0x1000_0000, 0x4000_0000  # flags of unshare(2)
_LATE = 5  # seconds after the parent's clock; by then there is no parent
_WORN = 0.4  # share of its memory that a process may still hold after a file and be used again
_REFUSED = (  # beginnings of the names of audit events
    *("os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.", "subprocess."),
    *("_winapi.CreateProcess", "os.kill", "signal.pthread_kill", "socket."),
    *("os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate"),
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class NotAllowed(PermissionError):
    """A parser tried what no parser needs."""


def main() -> None:
    """Read files until the parent closes its end."""
    requests, answers = _pipes()
    codecs.register_error("mark", _mark)
    told = json.loads(requests.readline())
    limits = Limits(**told["limits"])
    import_module(told["reads"]).prepare()
    at_most = _confine(limits)
    _say(answers, {"ready": True})
    while line := requests.readline():
        request = json.loads(line)
        content = requests.read(request["bytes"])
        _grant(limits)
        reason, sound, none = _answer(answers, lambda: _read(request, content, limits), limits)  # noqa: B023
        _end_the_grant()
        again = sound and _memory()[0] <= at_most - (1 - _WORN) * limits.memory_bytes
        _say(answers, {"end": reason, "again": again, "none": none})


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The parent's ends, out of reach of what reads standard input and prints to standard output."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    return requests, answers


def _mark(error: UnicodeError) -> tuple[bytes, int]:
    r"""U+FFFD for each lone surrogate, such as JSON's `\ud800` makes: UTF-8 has none, and places in the text must stay."""
    assert isinstance(error, UnicodeEncodeError)
    return b"\xef\xbf\xbd" * (error.end - error.start), error.end


def _say(answers: IO[bytes], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message, ensure_ascii=False).encode("utf-8", "mark") + b"\n")
    answers.flush()


def _read(request: dict[str, Any], content: bytes, limits: Limits) -> list[Any]:
    found: list[Any] = import_module(request["reads"]).read(content, request["source"], limits, **request["more"])
    return found


def _answer(answers: IO[bytes], read: Callable[[], list[Any]], limits: Limits) -> tuple[str | None, bool, bool]:
    """Send what is found in one file.

    Returns:
        The reason where there is nothing, whether this process came through unharmed, and whether the file holds records of
        something else.
    """
    try:
        for each in read():
            _say(answers, {"found": _plain(each) if isinstance(each, Draft) else asdict(each)})
    except Exception as error:
        if _for_want_of_memory(error):
            return f"reading it took more than {limits.memory_bytes // MB:,} MB of memory", False, False
        if isinstance(error, ArticleUnreadable):
            return str(error), True, isinstance(error, NoArticles)
        what = str(error) if isinstance(error, NotAllowed) else getattr(error, "strerror", None) or type(error).__name__
        return f"the reader of such files broke down on it ({what})", False, False
    return None, True, False


def _plain(draft: Draft) -> dict[str, Any]:
    names = ("source", "title", "published", "text", "author", "site", "language", "tags")
    places = {
        "set_aside": [(place.start, place.end, place.rule) for place in draft.set_aside],
        "parts": [(part.start, part.end, part.name) for part in draft.parts],
    }
    return {name: getattr(draft, name) for name in names} | places


def _for_want_of_memory(error: BaseException | None) -> bool:
    """Whether a lack of memory is behind an error, whatever a loader made of it."""
    while error and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error is not None


def _memory() -> tuple[int, int]:
    """The bytes of this process's address space and of its resident memory; zeros where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            size, resident = file.read().split()[:2]
    except OSError:
        return 0, 0
    return int(size) * os.sysconf("SC_PAGESIZE"), int(resident) * os.sysconf("SC_PAGESIZE")


def _confine(limits: Limits) -> int:
    """Give up what no parser needs, for good; returns the bytes of address space there may be."""
    size, resident = _memory()
    address_space = size - resident + limits.memory_bytes  # so that what is resident stays below the limit
    _leave_the_network()
    if resource:
        _limit(resource.RLIMIT_AS, address_space)
        _limit(resource.RLIMIT_NOFILE, limits.descriptors)
        _limit(resource.RLIMIT_NPROC, 0)  # neither processes nor threads; root is exempt
        _limit(resource.RLIMIT_FSIZE, 0)
        _limit(resource.RLIMIT_CORE, 0)
    sys.addaudithook(_refuse)
    return address_space


def _limit(what: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # the system has no such limit, or a stricter one is in force
        resource.setrlimit(what, (most, most))


def _leave_the_network() -> None:
    """Move into a network of this process's own, with nothing in it, where the system is Linux and permits it."""
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        if system.unshare(_NEW_NETWORK) != 0:
            system.unshare(_NEW_USERS | _NEW_NETWORK)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: no guard against foreign machine code, but Python code and libraries written in it cannot get past it."""
    if event.startswith(_REFUSED):
        raise NotAllowed(f"it tried to use {event}")
    if event == "open":
        path, _, flags = arguments
        if flags & _WRITING and not isinstance(path, int) and path != os.devnull:
            raise NotAllowed("it tried to write a file")


def _grant(limits: Limits) -> None:
    """Time for one more file, after which the system ends this process whatever it is doing."""
    if resource:
        most = math.ceil(time.process_time() + limits.cpu_seconds)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + _LATE)


def _end_the_grant() -> None:
    if resource:
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
