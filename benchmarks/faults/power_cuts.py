"""Cut the power at every system call and count what was lost: `python -m benchmarks.faults.power_cuts --seed 22`.

Data: the small libraries of `operations`. strace (apt-get install strace) records each write, sync, rename and removal of an
operation. A disk is played back to every moment in two ways. Strict: nothing is there that was not synced, neither bytes nor
names, as POSIX allows. Torn: of what was not synced, any sectors of 512 bytes are there, and names up to any one. Each state is
opened, checked and asked. What was acknowledged before the cut must be there.

`--without-syncs` tests the test: each sync in turn is taken for one that never happened. One that protects articles must then
be missed. The rest protect caches, which are made anew, or are repeated by another sync.
"""

import argparse
import copy
import hashlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.faults import children
from benchmarks.faults.operations import OPERATIONS, Operation, prepare_process, state_problems

_CALLS = (
    "openat,open,creat,close,dup,dup2,dup3,fcntl,lseek,write,pwrite64,writev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,"
    "unlink,unlinkat,mkdir,mkdirat,rmdir"
)
_LINE = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>(.*)|(\w+)\((.*))$", re.DOTALL)
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_UNFINISHED, _SECTOR, _FOLDER = "<unfinished ...>", 512, -1
_ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True)
class Event:
    """One change of a disk, in the order in which they came."""

    kind: str  # write, truncate, sync, name, unname, rename, or acknowledge
    inode: int = _FOLDER
    path: str = ""
    at: int = 0
    data: bytes = b""
    target: str = ""


@dataclass
class Disk:
    """What a disk holds for sure, and what was written since and not synced."""

    files: dict[int, bytearray] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    unsynced: dict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))
    unsynced_names: list[Event] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, place: Path) -> "Disk":
        disk = cls()
        for number, path in enumerate(sorted(place.rglob("*"))):
            disk.names[str(path)] = _FOLDER if path.is_dir() else number
            if path.is_file():
                disk.files[number] = bytearray(path.read_bytes())
        return disk

    def apply(self, event: Event) -> None:
        if event.kind in ("write", "truncate"):
            self.unsynced[event.inode].append(event)
        elif event.kind == "acknowledge":
            self.acknowledged.add(event.data.decode())
        elif event.kind != "sync":
            self.unsynced_names.append(event)
        elif event.inode != _FOLDER:
            content = self.files.setdefault(event.inode, bytearray())
            for each in self.unsynced.pop(event.inode, []):
                _change(content, each)
        else:
            here = [each for each in self.unsynced_names if event.path in _parents(each)]
            self.unsynced_names = [each for each in self.unsynced_names if each not in here]
            _rename(self.names, here)

    def strict(self) -> dict[str, bytes | None]:
        return _contents(self.names, self.files)

    def torn(self, draw: random.Random) -> dict[str, bytes | None]:
        names = dict(self.names)
        _rename(names, self.unsynced_names[: draw.randrange(len(self.unsynced_names) + 1)])
        files = dict(self.files)
        for inode, events in self.unsynced.items():
            content = bytearray(files.get(inode, b""))
            for event in events:
                for piece in _sectors(event):
                    if draw.random() < 0.5:
                        _change(content, piece)
            files[inode] = content
        return _contents(names, files)


def _parents(event: Event) -> set[str]:
    return {str(Path(path).parent) for path in (event.path, event.target) if path}


def _sectors(event: Event) -> Iterator[Event]:
    if event.kind != "write":
        yield event
        return
    for at in range(0, len(event.data), _SECTOR):
        yield Event("write", event.inode, at=event.at + at, data=event.data[at : at + _SECTOR])


def _change(content: bytearray, event: Event) -> None:
    end = event.at + len(event.data)
    if event.kind == "truncate":
        del content[event.at :]
    content.extend(bytes(max(0, end - len(content))))
    content[event.at : end] = event.data


def _rename(names: dict[str, int], events: Iterable[Event]) -> None:
    for event in events:
        if event.kind == "name":
            names[event.path] = event.inode
        elif event.kind == "unname":
            names.pop(event.path, None)
        else:
            for path in [each for each in names if each == event.path or each.startswith(f"{event.path}/")]:
                names[event.target + path[len(event.path) :]] = names.pop(path)


def _contents(names: dict[str, int], files: dict[int, bytearray]) -> dict[str, bytes | None]:
    """Return the bytes of all files, and None for folders."""
    return {path: None if inode == _FOLDER else bytes(files.get(inode, b"")) for path, inode in names.items()}


def write_state(place: Path, state: dict[str, bytes | None]) -> None:
    """Put files on the disk as they are in a state. What lies in a folder that is not there is lost."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for path, content in sorted(state.items()):
        if content is None and Path(path).parent.is_dir():
            Path(path).mkdir(mode=0o700, exist_ok=True)
        elif content is not None and Path(path).parent.is_dir() and not path.endswith("-shm"):
            Path(path).write_bytes(content)


def record(operation: Operation, place: Path, top: Path, start: Disk) -> list[Event]:
    """Let an operation run and return how it changes a disk that is as `start` says."""
    log, lines = top / "strace", top / _ACKNOWLEDGED
    with children.gate() as (pause, go):
        board = children.Board()

        def work() -> None:
            pause()
            with lines.open("wb", buffering=0) as file:
                operation.work(place, lambda line: file.write(line.encode()) and None)

        pid = children.fork(work, board)
        command = ["strace", "-f", "-xx", "-s", "10000000", "-e", f"trace={_CALLS}", "-o", str(log), "-p", str(pid)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
            assert tracer.stderr
            tracer.stderr.readline()  # it is attached
            go()
            code = children.wait(pid)
        if code:
            raise SystemExit(f"{operation.name} fails when nothing disturbs it: {board.lines()[-1:]}")
    return [*parse(log.read_text().splitlines(), place, lines, start.names)]


@dataclass
class _Open:
    path: str
    inode: int
    at: int = 0


def parse(lines: Sequence[str], place: Path, acknowledged: Path, names: Mapping[str, int]) -> Iterator[Event]:
    """Yield the events below a folder that a log of strace holds, and acknowledgements.

    Args:
        names: the inodes of the files that were there before.
    """
    inodes, opened = dict(names), dict[int, _Open]()
    numbers = iter(range(1_000_000, 10_000_000))
    for name, text, result in _whole_calls(lines):
        if result < 0:
            continue
        strings = [bytes.fromhex(match[0].replace("\\x", "")) for match in _STRING.findall(text)]
        first = re.match(r"-?\d+", text)
        descriptor = int(first[0]) if first else -1
        file = opened.get(descriptor)
        if name in ("open", "openat", "creat"):
            path = _resolve(strings[0], file)
            is_new = path not in inodes
            inode = _FOLDER
            if path == str(acknowledged) or (_is_below(path, place) and (not is_new or "O_CREAT" in text)):
                inode = inodes.setdefault(path, next(numbers))
                if is_new and path != str(acknowledged):
                    yield Event("name", inode, path)
                if "O_TRUNC" in text and not is_new:
                    yield Event("truncate", inode, path)
            opened[result] = _Open(path, inode)
        elif name == "close":
            opened.pop(descriptor, None)
        elif name in ("dup", "dup2", "dup3") or (name == "fcntl" and "F_DUPFD" in text):
            if file:
                opened[result] = file
        elif name == "lseek" and file:
            file.at = result
        elif name in ("write", "writev", "pwrite64") and file:
            data = b"".join(strings)[:result]
            at = int(text.rsplit(",", 1)[1]) if name == "pwrite64" else file.at
            if name != "pwrite64":
                file.at += result
            if file.path == str(acknowledged):
                yield Event("acknowledge", data=data)
            elif _is_below(file.path, place) and file.inode != _FOLDER:
                yield Event("write", file.inode, file.path, at, data)
        elif name == "ftruncate" and file and _is_below(file.path, place):
            yield Event("truncate", file.inode, file.path, int(text.rsplit(",", 1)[1]))
        elif name in ("fsync", "fdatasync") and file:
            yield Event("sync", file.inode, file.path)
        elif name.startswith("rename"):
            folders = [opened.get(int(each)) for each in re.findall(r"(?:^|, )(\d+), \"", text)] or [None]
            source, target = _resolve(strings[0], folders[0]), _resolve(strings[1], folders[-1])
            for path in [each for each in inodes if each == source or each.startswith(f"{source}/")]:
                inodes[target + path[len(source) :]] = inodes.pop(path)
            yield Event("rename", path=source, target=target)
        elif name in ("unlink", "unlinkat", "rmdir"):
            path = _resolve(strings[0], file)
            if inodes.pop(path, None) is not None:
                yield Event("unname", path=path)
        elif name in ("mkdir", "mkdirat"):
            path = _resolve(strings[0], file)
            if _is_below(path, place):
                inodes[path] = _FOLDER
                yield Event("name", path=path)


def _whole_calls(lines: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Yield the name, the arguments and the result of each call, at the moment of its end."""
    begun: dict[str, tuple[str, str]] = {}
    for line in lines:
        match = _LINE.match(line)
        if not match:
            continue
        thread, resumed, rest, name, text = match.groups()
        if resumed:
            name, start = begun.pop(thread, (resumed, ""))
            text = start + rest
        elif text.endswith(_UNFINISHED):
            begun[thread] = name, text.removesuffix(_UNFINISHED)
            continue
        arguments, _, result = text.rpartition(" = ")
        number = re.match(r"-?\d+", result)
        if number:
            yield name, arguments.rstrip().removesuffix(")"), int(number[0])


def _resolve(path: bytes, folder: _Open | None) -> str:
    name = path.decode("utf-8", "surrogateescape")
    return name if name.startswith("/") or folder is None else f"{folder.path}/{name}"


def _is_below(path: str, place: Path) -> bool:
    return path == str(place) or path.startswith(f"{place}/")


@dataclass
class Played:
    """The states of one operation that were opened, and what was wrong with them."""

    states: int = 0
    problems: list[str] = field(default_factory=list)


def play(
    operation: Operation, place: Path, start: Disk, events: Sequence[Event], draw: random.Random, *, torn: int, first: int = 0
) -> Played:
    """Cut the power after each event, from one on, and open what the disk holds then. The first problem ends it."""
    disk, played, seen = copy.deepcopy(start), Played(), set[str]()
    moments: list[tuple[str, dict[str, bytes | None], set[str]]] = []

    def look(n: int) -> None:
        ways = [("strict", disk.strict()), *((f"torn {each}", disk.torn(draw)) for each in range(torn))]
        for way, state in ways:
            key = hashlib.sha256(repr((sorted(state.items()), sorted(disk.acknowledged))).encode()).hexdigest()
            if key not in seen:
                seen.add(key)
                moments.append((f"{way}, after event {n}", state, set(disk.acknowledged)))

    for n, event in enumerate(events):
        disk.apply(event)
        if n >= first:
            look(n)
        if len(moments) >= 20 or (n == len(events) - 1 and moments):
            board = children.ask(partial(_inspect, operation, place, tuple(moments)))
            played.states += len(moments)
            played.problems += board
            moments.clear()
            if played.problems:
                break
    return played


def _inspect(
    operation: Operation, place: Path, moments: Sequence[tuple[str, dict[str, bytes | None], set[str]]]
) -> Iterator[str]:
    for moment, state, acknowledged in moments:
        write_state(place, state)
        try:
            yield from (f"{moment}: {problem}" for problem in state_problems(operation, place, acknowledged))
        except Exception as error:  # the line is a problem, whatever it is
            yield f"{moment}: {type(error).__name__}: {error}"


def _kind(event: Event, place: Path) -> str:
    """Return what a sync is of, the same for all files of a kind."""
    path = Path(event.path)
    if event.inode == _FOLDER:
        return f"the folder {path.name if path != place else 'above the library'}"
    return re.sub(r"[0-9a-f]{32}|\.[a-z0-9_]{8}(?=\.tmp)|-[a-z0-9_]{8}(?=/)", "*", str(path.relative_to(place)))


def without_syncs(
    operation: Operation, place: Path, start: Disk, events: Sequence[Event], draw: random.Random, torn: int
) -> Iterator[str]:
    """Leave out each sync in turn, and yield a line for each kind of file on how many of them are missed."""
    missed, total = Counter[str](), Counter[str]()
    for n, event in enumerate(events):
        if event.kind == "sync":
            kind = _kind(event, place)
            total[kind] += 1
            rest = [*events[:n], *events[n + 1 :]]
            missed[kind] += bool(play(operation, place, start, rest, draw, torn=torn, first=n).problems)
    yield from (f"{operation.name}: {missed[kind]} of {total[kind]} syncs of {kind} are missed" for kind in sorted(total))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--torn", type=int, default=1, help="torn states after each event")
    parser.add_argument(
        "--only", nargs="*", choices=list(OPERATIONS), default=["create", "add", "remove", "compact", "reembed"]
    )
    parser.add_argument("--without-syncs", action="store_true", help="test the test")
    arguments = parser.parse_args()
    if not shutil.which("strace"):
        raise SystemExit("strace records the system calls: install it, as with `apt-get install strace`.")
    prepare_process()
    whole = Played()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        place = Path(name).resolve() / "place"
        for each in arguments.only:
            operation, draw = OPERATIONS[each], random.Random(f"{arguments.seed} {each}")
            start, events = prepare(operation, place, Path(name))
            if arguments.without_syncs:
                print(*without_syncs(operation, place, start, events, draw, arguments.torn), sep="\n", flush=True)
                continue
            played = play(operation, place, start, events, draw, torn=arguments.torn)
            whole.states, whole.problems = whole.states + played.states, whole.problems + played.problems
            print(f"{each}: {len(events)} events, {played.states} states, {len(played.problems)} problems", flush=True)
            print(*played.problems[:5], sep="\n", end="\n" if played.problems else "", file=sys.stderr)
    if not arguments.without_syncs:
        print(f"{whole.states} power-cut states, {len(whole.problems)} lost or in a third state (seed {arguments.seed})")
    return 1 if whole.problems else 0


def prepare(operation: Operation, place: Path, top: Path) -> tuple[Disk, list[Event]]:
    """Make the old state in a folder and record the operation. Return the disk before it, and its events."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    children.run(partial(operation.prepare, place))
    start = Disk.of(place)
    return start, record(operation, place, top, start)


if __name__ == "__main__":
    sys.exit(main())
