"""Sessions of users who have logged in, and how long whoever guesses passwords must wait."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

_IDLE_SECONDS = 12 * 3_600.0  # after which a session ends that is not used
SESSION_SECONDS = 7 * 24 * 3_600.0  # after which every session ends
_MOST_SESSIONS = 50  # of one user; the oldest ends
_FORGET_SECONDS = 900.0  # after which a wrong password counts no more
_MOST_REMEMBERED = 10_000  # names and addresses
Clock = Callable[[], float]


@dataclass(slots=True)
class _Session:
    user: str
    begun: float
    last_use: float


class Sessions:
    """The sessions of all users. They end with the server. Whoever reads its memory learns no cookie: it holds hashes."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._sessions: dict[str, _Session] = {}  # in the order in which they began

    def begin(self, user: str) -> str:
        """Begin a session, and return the value of its cookie."""
        now, value = self._clock(), secrets.token_urlsafe(24)
        for key, session in list(self._sessions.items()):
            if self._is_over(session):
                del self._sessions[key]
        own = [key for key, session in self._sessions.items() if session.user == user]
        for key in own[: len(own) - _MOST_SESSIONS + 1]:
            del self._sessions[key]
        self._sessions[_key(value)] = _Session(user, now, now)
        return value

    def user(self, value: str) -> str | None:
        """Return whose session a cookie belongs to, or None if it is over."""
        session = self._sessions.get(_key(value))
        if session is None or self._is_over(session):
            self.end(value)
            return None
        session.last_use = self._clock()
        return session.user

    def has(self, user: str) -> bool:
        """Whether a user has a session that is not over."""
        return any(session.user == user and not self._is_over(session) for session in self._sessions.values())

    def end(self, value: str) -> None:
        """End a session. Its cookie opens nothing any more, wherever it was copied to."""
        self._sessions.pop(_key(value), None)

    def _is_over(self, session: _Session) -> bool:
        now = self._clock()
        return now - session.last_use > _IDLE_SECONDS or now - session.begun > SESSION_SECONDS


@dataclass(slots=True)
class _Guesses:
    number: int = 0
    last: float = 0.0


class Attempts:
    """Wrong passwords, counted for each name and each address from which they come. After some, each doubles the wait."""

    def __init__(self, free: int, longest: float, clock: Clock = time.monotonic) -> None:
        """Set how many wrong passwords cost no wait, and the longest wait in seconds."""
        self._free, self._longest, self._clock = free, longest, clock
        self._guesses: dict[str, _Guesses] = {}

    def wait(self, key: str) -> float:
        """Return the seconds until a password is looked at again."""
        guesses = self._guesses.get(key)
        if guesses is None or guesses.number < self._free:
            return 0.0
        wait = min(self._longest, 2.0 ** min(guesses.number - self._free, 30))
        return max(0.0, guesses.last + wait - self._clock())

    def count(self, key: str) -> None:
        """Count a password that is being looked at, as wrong until it has proved right."""
        now = self._clock()
        guesses = self._guesses.pop(key, None)
        if guesses is None or now - guesses.last > _FORGET_SECONDS:
            guesses = _Guesses()
        self._guesses[key] = _Guesses(guesses.number + 1, now)
        if len(self._guesses) > _MOST_REMEMBERED:
            del self._guesses[next(iter(self._guesses))]

    def forget(self, key: str) -> None:
        """Forget all wrong passwords, since the right one came."""
        self._guesses.pop(key, None)

    def take_back(self, key: str) -> None:
        """Take back what was counted last, since that password was right."""
        if guesses := self._guesses.get(key):
            guesses.number -= 1


def _key(value: str) -> str:
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()
