"""The sandboxed process that parses files for `parser_pool`.

`python -m qa.sources.sandbox.parser_worker` reads its limits from a line of JSON, confines itself, and says that it is ready.
Then it reads requests: a line of JSON with the function, the source and the size, and then the content. It answers each with a
line for every result, and a last line that says how parsing ended.
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

from qa.sources.formats.draft import Draft, dump_draft
from qa.sources.formats.limits import MB, Limits
from qa.sources.sandbox.waiting import STRETCH
from qa.types.errors import ArticleUnreadable

try:
    import resource
except ImportError:  # Windows has none of these limits; the timer of the parent remains
    resource = None  # type: ignore[assignment]

_NEW_USERS, _NEW_NETWORK = 0x1000_0000, 0x4000_0000  # flags of unshare(2)
_GRACE_SECONDS = 5  # after the timer of the parent, which may be dead by then
_MAX_MEMORY_HELD = 0.4  # share of its memory that a process may still hold after a file, to be reused
_FORBIDDEN = (  # prefixes of audit events
    *("os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.", "subprocess."),
    *("_winapi.CreateProcess", "os.kill", "signal.pthread_kill", "socket."),
    *("os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate"),
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class NotAllowed(PermissionError):
    """A parser tried something that no parser needs."""


def main() -> None:
    """Parse files until the parent closes its end of the pipe."""
    requests, answers = _take_pipes()
    codecs.register_error("mark", _mark_surrogates)
    start = json.loads(requests.readline())
    limits = Limits(**start["limits"])
    import_module(start["module"]).prepare()
    max_address_space = _confine(limits)
    _send(answers, {"ready": True})
    while line := requests.readline():
        request = json.loads(line)
        content = requests.read(request["n_bytes"])
        _start_timers(limits)
        reason, is_sound, error = _answer(answers, lambda: _parse(request, content, limits), limits)  # noqa: B023
        _stop_timer()
        is_reusable = is_sound and _memory()[0] <= max_address_space - (1 - _MAX_MEMORY_HELD) * limits.memory_bytes
        _send(answers, {"end": reason, "reusable": is_reusable, "error": error})


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return the pipes to the parent, out of reach of code that reads standard input or prints."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    return requests, answers


def _mark_surrogates(error: UnicodeError) -> tuple[bytes, int]:
    r"""Write U+FFFD for each lone surrogate, such as JSON's `\ud800` makes. UTF-8 has none, and offsets must stay valid."""
    assert isinstance(error, UnicodeEncodeError)
    return b"\xef\xbf\xbd" * (error.end - error.start), error.end


def _send(answers: IO[bytes], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message, ensure_ascii=False).encode("utf-8", "mark") + b"\n")
    answers.flush()


def _parse(request: dict[str, Any], content: bytes, limits: Limits) -> list[Any]:
    module, _, name = request["function"].partition(":")
    results: list[Any] = getattr(import_module(module), name)(content, request["source"], limits, **request["options"])
    return results


def _answer(answers: IO[bytes], parse: Callable[[], list[Any]], limits: Limits) -> tuple[str | None, bool, str]:
    """Send the results for one file.

    Returns:
        The reason if there are none, whether this process is unharmed, and the name of the error if a parser refused the file.
    """
    try:
        for result in parse():
            _send(answers, {"result": dump_draft(result) if isinstance(result, Draft) else asdict(result)})
    except Exception as error:
        if _ran_out_of_memory(error):
            return f"reading it took more than {limits.memory_bytes // MB:,} MB of memory", False, ""
        if isinstance(error, ArticleUnreadable):
            return str(error), True, type(error).__name__
        cause = str(error) if isinstance(error, NotAllowed) else getattr(error, "strerror", None) or type(error).__name__
        return f"the parser of such files broke down on it ({cause})", False, ""
    return None, True, ""


def _ran_out_of_memory(error: BaseException | None) -> bool:
    """Tell whether a lack of memory caused an error, whatever the loader made of it."""
    while error and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error is not None


def _memory() -> tuple[int, int]:
    """Return the address space and the resident memory of this process, in bytes. Return zeros if the system gives neither."""
    try:
        with open("/proc/self/statm", "rb") as file:
            size, resident = file.read().split()[:2]
    except OSError:
        return 0, 0
    return int(size) * os.sysconf("SC_PAGESIZE"), int(resident) * os.sysconf("SC_PAGESIZE")


def _confine(limits: Limits) -> int:
    """Give up for good what no parser needs. Return the limit on the address space, in bytes."""
    size, resident = _memory()
    address_space = size - resident + limits.memory_bytes  # so that resident memory stays below the limit
    leave_the_network()
    if resource:
        set_limit(resource.RLIMIT_AS, address_space)
        set_limit(resource.RLIMIT_NOFILE, limits.descriptors)
        set_limit(resource.RLIMIT_NPROC, 0)  # no processes or threads; root is exempt
        set_limit(resource.RLIMIT_FSIZE, 0)
        set_limit(resource.RLIMIT_CORE, 0)
    sys.addaudithook(_forbid)
    return address_space


def set_limit(kind: int, value: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # the system lacks this limit, or has a stricter one
        resource.setrlimit(kind, (value, value))


def leave_the_network() -> None:
    """Move into an empty network namespace, if the system is Linux and permits it."""
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        if system.unshare(_NEW_NETWORK) != 0:
            system.unshare(_NEW_USERS | _NEW_NETWORK)


def _forbid(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what no parser needs, as an audit hook. It stops Python code, but not foreign machine code."""
    if event.startswith(_FORBIDDEN):
        raise NotAllowed(f"it tried to use {event}")
    if event == "open":
        path, _, flags = arguments
        if flags & _WRITING and not isinstance(path, int) and path != os.devnull:
            raise NotAllowed("it tried to write a file")


def _start_timers(limits: Limits) -> None:
    """Let the system end this process when one more file has used up its time."""
    if resource:
        cpu_seconds = math.ceil(time.process_time() + limits.cpu_seconds)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        signal.setitimer(signal.ITIMER_REAL, STRETCH * limits.wall_seconds + _GRACE_SECONDS)


def _stop_timer() -> None:
    if resource:
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
