"""Inspect a library without asking it questions."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from support.nasty import law_is_broken_by

from qa import Article, Assistant
from qa.library.layout import DATABASE
from qa.library.schema import checksum


@contextmanager
def database(assistant: Assistant) -> Iterator[sqlite3.Connection]:
    """Open the library's database with plain SQLite, without the library's own checks."""
    with closing(sqlite3.connect(assistant.library.folder / DATABASE)) as connection, connection:
        yield connection


def make_first(assistant: Assistant) -> None:
    """Make a library what it would be in the first versions of schema 1, which had neither details nor files."""
    with database(assistant) as connection:
        connection.executescript("DROP TABLE details; DROP TABLE files; DELETE FROM meta WHERE key = 'details_from';")
        connection.execute("UPDATE meta SET value = '1', checksum = ? WHERE key = 'schema'", (checksum("schema", "1"),))


def everything(assistant: Assistant) -> list[Article]:
    """Return each article in all its versions. Every passage is read too, so that all checksums are verified."""
    with assistant.library.snapshot() as snapshot:
        list(snapshot.added_since(-1))
        found = [(each.id, version) for each in snapshot.references() for version in snapshot.versions(each.id)]
    return [assistant.article(*each) for each in found]


def quoted(assistant: Assistant, question: str) -> list[str]:
    answer = assistant.ask(question, 20)
    assert law_is_broken_by(assistant, [answer]) == []
    return [quote.text for quote in answer.quotes]
