"""Journal: the conversations that were had with a library, kept in a database beside it.

The file is made when it is first written to. Reading leaves it as it is.
"""

import copy
import json
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from embeddings.atomic_write import sync_folder
from qa.library.disk import advise, is_of_disk, primary_code
from qa.library.layout import JOURNAL
from qa.library.schema import checksum, connect
from qa.types.articles import Answer, Draft, Heading, KeptAnswer, Reference
from qa.types.errors import AnswerUnreadable, LibraryBusy, LibraryDamaged, LibraryError

_SCHEMA = 2  # newer ones are refused; a journal of the first versions says 0, and is as 1
_WAIT = 10_000  # milliseconds that a writer waits for another
_TABLES = (
    """CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, title TEXT NOT NULL, begun TEXT NOT NULL,
    changed TEXT NOT NULL, checksum BLOB NOT NULL, owner TEXT NOT NULL DEFAULT '') STRICT""",
    """CREATE TABLE IF NOT EXISTS answers (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE, asked TEXT NOT NULL, question TEXT NOT NULL,
    answer TEXT NOT NULL, checksum BLOB NOT NULL) STRICT""",
    "CREATE INDEX IF NOT EXISTS answers_by_conversation ON answers (conversation_id)",
    """CREATE TABLE IF NOT EXISTS judgements (answer_id TEXT NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
    rank INTEGER NOT NULL, good INTEGER NOT NULL, checksum BLOB NOT NULL, PRIMARY KEY (answer_id, rank)) STRICT""",
    """CREATE TABLE IF NOT EXISTS drafts (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    answer_id TEXT UNIQUE REFERENCES answers (id) ON DELETE CASCADE, draft TEXT NOT NULL, checksum BLOB NOT NULL,
    owner TEXT NOT NULL DEFAULT '') STRICT""",
)
_OWNED = ("conversations", "drafts")  # tables with owners, which schema 1 did not have
_OWN = "(:owner IS NULL OR owner = :owner)"
_OWN_ANSWERS = f"conversation_id IN (SELECT id FROM conversations WHERE {_OWN})"
_CONVERSATIONS = "SELECT id, title, begun, changed, owner, checksum FROM conversations"
_ANSWERS = "SELECT id, conversation_id, asked, question, answer, checksum FROM answers"
_JUDGEMENTS = "SELECT answer_id, rank, good, checksum FROM judgements"
_DRAFTS = "SELECT id, answer_id, draft, owner, checksum FROM drafts"
Row = Sequence[str | bytes | None]


class Journal:
    """Conversations, what users thought of their answers, and test questions drafted from them.

    Where users log in, each conversation and draft has an owner. `of` returns the journal as one of them sees it.
    """

    def __init__(self, folder: Path, record: Callable[[], None] = lambda: None) -> None:
        """Take the journal of a library's folder, with what belongs to all its users.

        Args:
            record: called when the file is made.
        """
        self.path, self._record = folder / JOURNAL, record
        self._making = threading.Lock()
        self._owner: str | None = None

    def of(self, owner: str | None) -> "Journal":
        """Return this journal with nothing in it but what belongs to one user, or all of it (None)."""
        own = copy.copy(self)
        own._owner = owner or None
        return own

    def conversations(self, search: str = "") -> tuple[Heading, ...]:
        """Return the conversations, the most recently changed first.

        Args:
            search: what a title or a question must contain, in upper or lower case.
        """
        needle, headings = search.strip().casefold(), []
        with self._open() as db:
            if db is None:
                return ()
            questions: dict[str, list[str]] = {}
            query = f"SELECT conversation_id, question FROM answers WHERE {_OWN_ANSWERS}"
            for conversation_id, question in db.execute(query, self._values()):
                questions.setdefault(conversation_id, []).append(question)
            for row in db.execute(f"{_CONVERSATIONS} WHERE {_OWN} ORDER BY changed DESC, rowid DESC", self._values()):
                own = questions.get(row[0], [])
                if any(needle in text.casefold() for text in (row[1], *own)):
                    conversation_id, title, begun, changed = self._verify_owned(row)
                    headings.append(Heading(conversation_id, title, begun, changed, len(own)))
        return tuple(headings)

    def begin(self, title: str | None = None) -> Heading:
        """Begin a conversation. Without a title it takes its first question's."""
        with self._changing() as db:
            now = _now()
            row = (_new_id(), (title or "").strip(), now, now)
            statement = "INSERT INTO conversations (id, title, begun, changed, owner, checksum) VALUES (?, ?, ?, ?, ?, ?)"
            db.execute(statement, (*row, self._owner or "", _checksum_owned(*row, self._owner or "")))
        return Heading(*row, 0)

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title.

        Raises:
            LibraryError: there is no such conversation, or the title is empty.
        """
        if not title.strip():
            raise LibraryError("A conversation needs a title: write one.")
        with self._changing() as db:
            self._update_title(db, conversation_id, title.strip())

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its answers, judgements and drafts, and overwrite their bytes."""
        with self._changing() as db:
            db.execute(f"DELETE FROM conversations WHERE id = :id AND {_OWN}", self._values(id=conversation_id))
        with self._open() as db:
            if db is not None:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def keep(self, conversation_id: str, answer: Answer) -> KeptAnswer:
        """Add an answer to a conversation.

        Raises:
            LibraryError: the conversation was deleted.
        """
        kept = KeptAnswer(_new_id(), conversation_id, _now(), answer)
        row = (kept.id, conversation_id, kept.asked, answer.question, answer.to_json())
        with self._changing() as db:
            self._update_title(db, conversation_id, answer.question, only_if_untitled=True)
            statement = "INSERT INTO answers (id, conversation_id, asked, question, answer, checksum) VALUES (?, ?, ?, ?, ?, ?)"
            db.execute(statement, (*row, checksum(*row)))
        return kept

    def title(self, conversation_id: str) -> str:
        """Return a conversation's title, empty if it has none or there is no such conversation."""
        with self._open() as db:
            row = self._conversation_row(db, conversation_id) if db else None
            return self._verify_owned(row)[1] if row else ""

    def conversation(self, conversation_id: str) -> tuple[KeptAnswer, ...]:
        """Return a conversation's answers in order, none if there is no such conversation."""
        with self._open() as db:
            query = f"{_ANSWERS} WHERE conversation_id = :id AND {_OWN_ANSWERS} ORDER BY n"
            rows = db.execute(query, self._values(id=conversation_id)) if db else ()
            return tuple(self._parse_answer(row) for row in rows)

    def answer(self, answer_id: str) -> KeptAnswer | None:
        """Return an answer, or None if it is not kept."""
        with self._open() as db:
            row = self._answer_row(db, answer_id) if db else None
            return self._parse_answer(row) if row else None

    def judge(self, answer_id: str, rank: int, good: bool | None) -> None:
        """Record whether a quote is good, or None to take that back. An answer with a bad quote drafts a test question.

        Args:
            rank: the quote's in its answer, from 1.

        Raises:
            LibraryError: the answer is not kept any more.
        """
        with self._changing() as db:
            row = self._answer_row(db, answer_id)
            if row is None:
                raise LibraryError("This answer is not kept any more: ask again.")
            db.execute("DELETE FROM judgements WHERE answer_id = ? AND rank = ?", (answer_id, rank))
            if good is not None:
                values = (answer_id, rank, int(good))
                db.execute("INSERT INTO judgements VALUES (?, ?, ?, ?)", (*values, checksum(*map(str, values))))
            has_bad = db.execute("SELECT 1 FROM judgements WHERE answer_id = ? AND good = 0", (answer_id,)).fetchone()
            if not has_bad:
                db.execute("DELETE FROM drafts WHERE answer_id = ?", (answer_id,))
            elif not db.execute("SELECT 1 FROM drafts WHERE answer_id = ?", (answer_id,)).fetchone():
                kept = self._parse_answer(row)
                history = self._questions_before(db, kept)
                draft = Draft(_new_id(), kept.answer.question, (), None, history, "thumbs down", _now())
                self._insert_draft(db, draft, answer_id)

    def judgements(self, answer_id: str) -> dict[int, bool]:
        """Return which of an answer's quotes were judged good or bad, by rank."""
        with self._open() as db:
            own = f"answer_id IN (SELECT id FROM answers WHERE {_OWN_ANSWERS})"
            rows = db.execute(f"{_JUDGEMENTS} WHERE answer_id = :id AND {own}", self._values(id=answer_id)) if db else ()
            return dict(map(self._parse_judgement, rows))

    def mark(self, question: str, article: Reference, start: int, end: int, text: str) -> Draft:
        """Draft a test question that a span of an article answers.

        Raises:
            LibraryError: the text is empty or does not fit the span.
        """
        if not text.strip() or end - start != len(text):
            raise LibraryError("What was marked is no span of the article: mark it again.")
        draft = Draft(_new_id(), question, (text,), article.source, (), "gold span", _now())
        with self._changing() as db:
            self._insert_draft(db, draft, None)
        return draft

    def drafts(self) -> tuple[Draft, ...]:
        """Return the drafts that were neither accepted nor dismissed, the oldest first."""
        with self._open() as db:
            rows = db.execute(f"{_DRAFTS} WHERE {_OWN} ORDER BY n", self._values()) if db else ()
            return tuple(map(self._parse_draft, rows))

    def dismiss(self, draft_id: str) -> None:
        """Delete a draft."""
        with self._changing() as db:
            db.execute(f"DELETE FROM drafts WHERE id = :id AND {_OWN}", self._values(id=draft_id))

    def accept(self, draft_id: str) -> Draft:
        """Remove a draft and return it, to be put among the test questions.

        Raises:
            LibraryError: it was accepted or dismissed already.
        """
        with self._changing() as db:
            row = db.execute(f"{_DRAFTS} WHERE id = :id AND {_OWN}", self._values(id=draft_id)).fetchone()
            if row is None:
                raise LibraryError("This draft was accepted or dismissed already: reload the page.")
            db.execute("DELETE FROM drafts WHERE id = ?", (draft_id,))
            return self._parse_draft(row)

    def vacuum(self) -> None:
        """Write the file anew, without what is not needed."""
        with self._open() as db:
            if db is not None:
                db.execute("VACUUM")

    def problems(self) -> Iterator[str]:
        """Yield a line for whatever SQLite finds wrong with the file and for each damaged row, or why it cannot be read."""
        tables: tuple[tuple[str, Callable[[Row], object]], ...] = (
            (_CONVERSATIONS, self._verify_owned),
            (_ANSWERS, self._parse_answer),
            (_JUDGEMENTS, self._parse_judgement),
            (_DRAFTS, self._parse_draft),
        )
        try:
            with self._open() as db:
                if db is None:
                    return
                findings = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
                yield from (f"The conversations in {self.path} are damaged: {each}." for each in findings if each != "ok")
                db.text_factory = lambda raw: raw.decode("utf-8", "replace")  # what is no text fails its checksum
                for query, parse in tables:
                    yield from _damaged_rows(db.execute(query), parse)
        except LibraryError as error:
            yield str(error)

    def _questions_before(self, db: sqlite3.Connection, kept: KeptAnswer) -> tuple[str, ...]:
        """Return the questions that were asked in the conversation before an answer."""
        query = f"{_ANSWERS} WHERE conversation_id = ? AND n < (SELECT n FROM answers WHERE id = ?) ORDER BY n"
        rows = db.execute(query, (kept.conversation_id, kept.id))
        return tuple(self._parse_answer(row).answer.question for row in rows)

    def _update_title(
        self, db: sqlite3.Connection, conversation_id: str, title: str, *, only_if_untitled: bool = False
    ) -> None:
        row = self._conversation_row(db, conversation_id)
        if row is None:
            raise LibraryError("This conversation was deleted: begin a new one.")
        _, old, begun, _ = self._verify_owned(row)
        values = (conversation_id, old if only_if_untitled and old else title, begun, _now())
        statement = "UPDATE conversations SET title = ?, changed = ?, checksum = ? WHERE id = ?"
        db.execute(statement, (values[1], values[3], _checksum_owned(*values, row[4]), conversation_id))

    def _values(self, **values: str) -> dict[str, str | None]:
        """Return the values of a statement that has `_OWN` or `_OWN_ANSWERS` in it."""
        return {"owner": self._owner, **values}

    def _conversation_row(self, db: sqlite3.Connection, conversation_id: str) -> Row | None:
        row: Row | None = db.execute(f"{_CONVERSATIONS} WHERE id = :id AND {_OWN}", self._values(id=conversation_id)).fetchone()
        return row

    def _answer_row(self, db: sqlite3.Connection, answer_id: str) -> Row | None:
        row: Row | None = db.execute(f"{_ANSWERS} WHERE id = :id AND {_OWN_ANSWERS}", self._values(id=answer_id)).fetchone()
        return row

    def _insert_draft(self, db: sqlite3.Connection, draft: Draft, answer_id: str | None) -> None:
        row = (draft.id, answer_id, json.dumps(asdict(draft), ensure_ascii=False))
        statement = "INSERT INTO drafts (id, answer_id, draft, owner, checksum) VALUES (?, ?, ?, ?, ?)"
        db.execute(statement, (*row, self._owner or "", _checksum_owned(*row, self._owner or "")))

    def _verify_owned(self, row: Row) -> tuple[str, ...]:
        """Return the fields of a row that ends in its owner and its checksum, without both."""
        *fields, owner, stored = row
        if _checksum_owned(*fields, owner) != stored:
            raise self._damaged(f"row {fields[0]!r} is not as written")
        return tuple(map(str, fields))

    def _verify(self, row: Row) -> tuple[str, ...]:
        """Return a row's fields as text, without its checksum, which ends it."""
        *fields, stored = row
        if checksum(*fields) != stored:
            raise self._damaged(f"row {fields[0]!r} is not as written")
        return tuple(map(str, fields))

    def _parse_answer(self, row: Row) -> KeptAnswer:
        answer_id, conversation_id, asked, _, answer = self._verify(row)
        try:
            return KeptAnswer(answer_id, conversation_id, asked, Answer.from_json(answer))
        except AnswerUnreadable as error:
            raise self._damaged(str(error)) from error

    def _parse_judgement(self, row: Row) -> tuple[int, bool]:
        *fields, stored = row
        _, rank, good = self._verify((*map(str, fields), stored))
        return int(rank), good == "1"

    def _parse_draft(self, row: Row) -> Draft:
        data = json.loads(self._verify_owned(row)[2])
        return Draft(**{**data, "answers": tuple(data["answers"]), "history": tuple(data["history"])})

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Open a connection in a transaction, which is committed at the end and rolled back after an error."""
        with self._open(make=True) as db:
            assert db is not None
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def _open(self, *, make: bool = False) -> Iterator[sqlite3.Connection | None]:
        """Open a connection for one read or change, or None if nothing was ever written."""
        if not make and not self.path.exists():
            yield None
            return
        try:
            with closing(self._connect(make=make)) as db:
                yield db if _is_made(db) else None
        except (sqlite3.Error, OSError) as error:
            raise self._explain(error) from error
        except UnicodeDecodeError as error:
            raise self._damaged(error) from error

    def _connect(self, *, make: bool) -> sqlite3.Connection:
        with self._making:  # the first of several threads makes the tables
            db = connect(self.path)
            db.execute(f"PRAGMA busy_timeout = {_WAIT}")
            if (schema := db.execute("PRAGMA user_version").fetchone()[0]) > _SCHEMA:
                db.close()
                raise LibraryError(
                    f"The conversations in {self.path} were written by a newer Pullquote (format {schema}, this one reads "
                    f"{_SCHEMA}): update Pullquote."
                )
            if make and not _is_made(db):
                for table in _TABLES:
                    db.execute(table)
                db.execute(f"PRAGMA user_version = {_SCHEMA}")
                sync_folder(self.path.parent)
                self._record()
            elif schema < _SCHEMA and _is_made(db):
                (_add_owners if make else _read_without_owners)(db)
        return db

    def _explain(self, error: sqlite3.Error | OSError) -> LibraryError:
        """Return the error to raise for one of SQLite or the system. It says damage only where a sound file cannot meet it."""
        if isinstance(error, sqlite3.Error) and primary_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return LibraryBusy(f"Another process is writing to {self.path}: try again when it is done.")
        if isinstance(error, sqlite3.Error) and not is_of_disk(error):
            return self._damaged(error)
        advice = advise(self.path.parent, error)
        return LibraryError(f"The conversations in {self.path} cannot be read or changed ({error}): {advice}.")

    def _damaged(self, why: object) -> LibraryDamaged:
        return LibraryDamaged(
            f"The conversations in {self.path} are damaged ({why}): restore the file from a copy, or move it away to begin "
            "anew. The articles are not concerned."
        )


def _damaged_rows(rows: Iterable[Row], parse: Callable[[Row], object]) -> Iterator[str]:
    for row in rows:
        try:
            parse(row)
        except LibraryDamaged as error:
            yield str(error)


def _is_made(db: sqlite3.Connection) -> bool:
    """Whether the last table to be made is there. Before that, nothing is written."""
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'drafts'").fetchone() is not None


def _checksum_owned(*fields: str | bytes | None) -> bytes:
    """Return the checksum of a row that ends in its owner. Without an owner it is as it was before there were any."""
    return checksum(*(fields if fields[-1] else fields[:-1]))


def _add_owners(db: sqlite3.Connection) -> None:
    """Bring a journal of schema 1 to schema 2: nothing in it has an owner."""
    db.execute("BEGIN IMMEDIATE")
    try:
        if db.execute("PRAGMA user_version").fetchone()[0] < _SCHEMA:  # else another process was faster
            for table in _OWNED:
                db.execute(f"ALTER TABLE {table} ADD COLUMN owner TEXT NOT NULL DEFAULT ''")
            db.execute(f"PRAGMA user_version = {_SCHEMA}")
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _read_without_owners(db: sqlite3.Connection) -> None:
    """Let a connection to a journal of schema 1 be read as one of schema 2, and leave the file as it is."""
    for table in _OWNED:
        db.execute(f"CREATE TEMP VIEW {table} AS SELECT rowid, *, '' AS owner FROM main.{table}")


def _new_id() -> str:
    return secrets.token_urlsafe(9)


def _now() -> str:
    return datetime.now(UTC).isoformat()
