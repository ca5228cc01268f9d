"""Journal: the conversations that were had with a library, kept beside it; made when first written to."""

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from qa.library.journal_file import JournalFile
from qa.library.schema import checksum
from qa.types.articles import Answer, Draft, Heading, KeptAnswer, Reference
from qa.types.errors import AnswerUnreadable, LibraryDamaged, LibraryError

JOURNAL = "journal.db"
_HEADINGS = "SELECT id, title, begun, changed, checksum FROM conversations"
_ANSWERS = "SELECT id, conversation_id, asked, question, answer, checksum FROM answers"
_JUDGEMENTS = "SELECT answer_id, rank, good, checksum FROM judgements"
_DRAFTS = "SELECT id, answer_id, draft, checksum FROM drafts"
Row = Sequence[str | bytes | None]


class Journal:
    """Conversations, what was thought of their answers, and test questions drafted from them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self._file = JournalFile(self.path)

    def conversations(self, search: str = "") -> tuple[Heading, ...]:
        """The conversations, that which was changed last first.

        Args:
            search: what a title or a question must hold, whatever its case.
        """
        wanted, found = search.strip().casefold(), []
        with self._file.open() as db:
            if db is None:
                return ()
            asked: dict[str, list[str]] = {}
            for conversation_id, question in db.execute("SELECT conversation_id, question FROM answers"):
                asked.setdefault(conversation_id, []).append(question)
            for row in db.execute(f"{_HEADINGS} ORDER BY changed DESC, rowid DESC"):
                questions = asked.get(row[0], [])
                if any(wanted in text.casefold() for text in (row[1], *questions)):
                    known, title, begun, changed = self._verified(row)
                    found.append(Heading(known, title, begun, changed, len(questions)))
        return tuple(found)

    def begin(self, title: str | None = None) -> Heading:
        """Begin a conversation; without a title it takes its first question's."""
        with self._changing() as db:
            now = _now()
            row = (_new_id(), (title or "").strip(), now, now)
            db.execute("INSERT INTO conversations VALUES (?, ?, ?, ?, ?)", (*row, checksum(*row)))
        return Heading(*row, 0)

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title; LibraryError if there is no such conversation or the title is empty."""
        if not title.strip():
            raise LibraryError("A conversation needs a title: write one.")
        with self._changing() as db:
            self._retitle(db, conversation_id, title.strip())

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with all that came of it, its bytes too."""
        with self._changing() as db:
            db.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))
        with self._file.open() as db:
            if db is not None:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def keep(self, conversation_id: str, answer: Answer) -> KeptAnswer:
        """Add an answer to a conversation; LibraryError if that was deleted."""
        kept = KeptAnswer(_new_id(), conversation_id, _now(), answer)
        row = (kept.id, conversation_id, kept.asked, answer.question, answer.to_json())
        with self._changing() as db:
            self._retitle(db, conversation_id, answer.question, only_if_untitled=True)
            statement = "INSERT INTO answers (id, conversation_id, asked, question, answer, checksum) VALUES (?, ?, ?, ?, ?, ?)"
            db.execute(statement, (*row, checksum(*row)))
        return kept

    def title(self, conversation_id: str) -> str:
        """The title of a conversation; empty where it has none, or there is no such conversation."""
        with self._file.open() as db:
            row = db.execute(f"{_HEADINGS} WHERE id = ?", (conversation_id,)).fetchone() if db else None
            return self._verified(row)[1] if row else ""

    def conversation(self, conversation_id: str) -> tuple[KeptAnswer, ...]:
        """The answers of a conversation, in turn; none where there is no such conversation."""
        with self._file.open() as db:
            rows = db.execute(f"{_ANSWERS} WHERE conversation_id = ? ORDER BY n", (conversation_id,)) if db else ()
            return tuple(self._kept(row) for row in rows)

    def answer(self, answer_id: str) -> KeptAnswer | None:
        """One answer, if it is kept."""
        with self._file.open() as db:
            row = db.execute(f"{_ANSWERS} WHERE id = ?", (answer_id,)).fetchone() if db else None
            return self._kept(row) if row else None

    def judge(self, answer_id: str, rank: int, good: bool | None) -> None:
        """Note whether a quote of an answer is good, None to take that back; one that is not drafts a test question."""
        with self._changing() as db:
            row = db.execute(f"{_ANSWERS} WHERE id = ?", (answer_id,)).fetchone()
            if row is None:
                raise LibraryError("This answer is not kept any more: ask again.")
            db.execute("DELETE FROM judgements WHERE answer_id = ? AND rank = ?", (answer_id, rank))
            if good is not None:
                values = (answer_id, rank, int(good))
                db.execute("INSERT INTO judgements VALUES (?, ?, ?, ?)", (*values, checksum(*map(str, values))))
            bad = db.execute("SELECT 1 FROM judgements WHERE answer_id = ? AND good = 0", (answer_id,)).fetchone()
            if not bad:
                db.execute("DELETE FROM drafts WHERE answer_id = ?", (answer_id,))
            elif not db.execute("SELECT 1 FROM drafts WHERE answer_id = ?", (answer_id,)).fetchone():
                kept = self._kept(row)
                before = f"{_ANSWERS} WHERE conversation_id = ? AND n < (SELECT n FROM answers WHERE id = ?) ORDER BY n"  # noqa: S608
                history = tuple(
                    self._kept(each).answer.question for each in db.execute(before, (kept.conversation_id, kept.id))
                )
                _draft(db, Draft(_new_id(), kept.answer.question, (), None, history, "thumbs down", _now()), answer_id)

    def judgements(self, answer_id: str) -> dict[int, bool]:
        """What was thought of an answer's quotes, by rank."""
        with self._file.open() as db:
            rows = db.execute(f"{_JUDGEMENTS} WHERE answer_id = ?", (answer_id,)) if db else ()
            return dict(map(self._judged, rows))

    def mark(self, question: str, article: Reference, start: int, end: int, text: str) -> Draft:
        """Draft a test question that a span of an article answers."""
        if not text.strip() or end - start != len(text):
            raise LibraryError("What was marked is no span of the article: mark it again.")
        made = Draft(_new_id(), question, (text,), article.source, (), "gold span", _now())
        with self._changing() as db:
            _draft(db, made, None)
        return made

    def drafts(self) -> tuple[Draft, ...]:
        """The test questions that were drafted and neither accepted nor dismissed, oldest first."""
        with self._file.open() as db:
            return tuple(self._drafted(row) for row in db.execute(f"{_DRAFTS} ORDER BY n")) if db else ()

    def dismiss(self, draft_id: str) -> None:
        """Throw a draft away."""
        with self._changing() as db:
            db.execute("DELETE FROM drafts WHERE id = ?", (draft_id,))

    def accept(self, draft_id: str) -> Draft:
        """Take a draft out, to be put among the test questions; LibraryError if it is gone."""
        with self._changing() as db:
            row = db.execute(f"{_DRAFTS} WHERE id = ?", (draft_id,)).fetchone()
            if row is None:
                raise LibraryError("This draft was accepted or dismissed already: reload the page.")
            db.execute("DELETE FROM drafts WHERE id = ?", (draft_id,))
            return self._drafted(row)

    def problems(self) -> Iterator[str]:
        """What SQLite finds wrong with the file and every row that is damaged, a line each; or why it cannot be read."""
        tables = ((_HEADINGS, self._verified), (_ANSWERS, self._kept), (_JUDGEMENTS, self._judged), (_DRAFTS, self._drafted))
        try:
            with self._file.open() as db:
                if db is None:
                    return
                found = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
                yield from (f"The conversations in {self.path} are damaged: {each}." for each in found if each != "ok")
                db.text_factory = lambda raw: raw.decode("utf-8", "replace")  # what is no text fails its checksum
                for query, read in tables:
                    yield from self._damaged_rows(db.execute(query), read)
        except LibraryError as error:
            yield str(error)

    def _damaged_rows(self, rows: Iterable[Row], read: Callable[[Row], object]) -> Iterator[str]:
        for row in rows:
            try:
                read(row)
            except LibraryDamaged as error:
                yield str(error)

    def _retitle(self, db: sqlite3.Connection, conversation_id: str, title: str, *, only_if_untitled: bool = False) -> None:
        row = db.execute(f"{_HEADINGS} WHERE id = ?", (conversation_id,)).fetchone()
        if row is None:
            raise LibraryError("This conversation was deleted: begin a new one.")
        known, old, begun, _ = self._verified(row)
        values = (known, old if only_if_untitled and old else title, begun, _now())
        statement = "UPDATE conversations SET title = ?, changed = ?, checksum = ? WHERE id = ?"
        db.execute(statement, (values[1], values[3], checksum(*values), known))

    def _verified(self, row: Row) -> tuple[str, ...]:
        *fields, found = row
        if checksum(*fields) != found:
            raise self._file.damaged(f"row {fields[0]!r} is not as written")
        return tuple(map(str, fields))

    def _judged(self, row: Row) -> tuple[int, bool]:
        *fields, found = row
        _, rank, good = self._verified((*map(str, fields), found))
        return int(rank), good == "1"

    def _kept(self, row: Row) -> KeptAnswer:
        known, conversation_id, asked, _, answer = self._verified(row)
        try:
            return KeptAnswer(known, conversation_id, asked, Answer.from_json(answer))
        except AnswerUnreadable as error:
            raise self._file.damaged(str(error)) from error

    def _drafted(self, row: Row) -> Draft:
        if checksum(*row[:3]) != row[3]:
            raise self._file.damaged(f"draft {row[0]!r} is not as written")
        data = json.loads(str(row[2]))
        return Draft(**{**data, "answers": tuple(data["answers"]), "history": tuple(data["history"])})

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._file.open(make=True) as db:
            assert db is not None
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")


def _draft(db: sqlite3.Connection, draft: Draft, answer_id: str | None) -> None:
    row = (draft.id, answer_id, json.dumps(asdict(draft), ensure_ascii=False))
    db.execute("INSERT INTO drafts (id, answer_id, draft, checksum) VALUES (?, ?, ?, ?)", (*row, checksum(*row)))


def _new_id() -> str:
    return secrets.token_urlsafe(9)


def _now() -> str:
    return datetime.now(UTC).isoformat()
