"""The page's functions for programs: named endpoints for `gradio_client`, and tools of an MCP server."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar, Unpack

import gradio as gr
from gradio.events import api

from embeddings import PullquoteError
from qa import Assistant
from qa.sources.discovery import is_url
from qa.types.filter_options import Only, name_filters
from ui.page.events import AT_ONCE
from ui.state.additions import Addition, Additions
from ui.state.chat import log_unexpected
from ui.state.uploads import UploadStore, source_of

_MOST_TEXT = 900_000  # bytes; the guard lets a request of 1 MB through
_LONGEST_ADDITION = 600.0  # seconds that a caller waits
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Api:
    """Ask, search, read and add, as functions that take and return plain JSON values."""

    def __init__(self, assistant: Assistant, additions: Additions, uploads: UploadStore | None) -> None:
        """Take what answers.

        Args:
            additions: what adds articles.
            uploads: where texts lie until they are added; None if nothing may be added.
        """
        self._assistant, self._additions, self._uploads = assistant, additions, uploads

    def connect(self, *, tools: bool = False) -> None:
        """Make the endpoints where the page is being built.

        Args:
            tools: whether they are tools of an MCP server too. Adding is never one of these.
        """
        if tools:  # else Gradio calls them by a request to itself, which has no token
            limit = asyncio.Semaphore(AT_ONCE)
            for function in (self.ask, self.search, self.article):
                api(_in_turn(_with_our_errors(function), limit), api_name=function.__name__, queue=False)
        else:
            for function in (self.ask, self.search, self.article):
                api(_with_our_errors(function), api_name=function.__name__, concurrency_limit=AT_ONCE, concurrency_id="ask")
        if self._uploads:
            visibility = "undocumented" if tools else "public"
            adding = _with_our_errors(self.add)
            api(adding, api_name="add", api_visibility=visibility, concurrency_limit=AT_ONCE, concurrency_id="add")

    @name_filters()
    def ask(self, question: str, k: int = 5, **only: Unpack[Only]) -> dict[str, Any]:
        """Answer a question with sentences quoted word for word from the articles, each cited, or say that there is no answer.

        Args:
            question: what to ask, at most 2,000 characters.
            k: how many quotes at most, 1 to 100.
            only: which articles.

        Returns:
            The answer: found (whether the articles say), confidence (0 to 1), quotes (each with its exact text, its article and
            where it stands there: text[start:end]), the passages that were read, and where sources differ. Without an answer,
            closest may be the sentence that comes nearest, with its article and place: it is not an answer, and may be null.
        """
        answer: dict[str, Any] = json.loads(self._assistant.ask(_text(question), _number(k), **only).to_json())
        return answer

    @name_filters()
    def search(self, query: str, k: int = 10, **only: Unpack[Only]) -> list[dict[str, Any]]:
        """Find the passages that fit best, with their scores. Nothing is quoted and nothing refused.

        Args:
            query: what to look for, at most 2,000 characters.
            k: how many passages, 1 to 100.
            only: which articles.

        Returns:
            The passages, best first, each with its text, its article and where it stands there: text[start:end].
        """
        return [_to_json(asdict(passage)) for passage in self._assistant.search(_text(query), _number(k), **only)]

    def article(self, article_id: str, version: str | None = None) -> dict[str, Any]:
        """Read a whole article, its text exactly as it is stored.

        Args:
            article_id: as an answer's or a passage's article has it.
            version: the version that was cited, also if the article has changed since; by default the present one.

        Returns:
            The article: title, source, date, version, text, and which parts of it, such as pages, stand where.
        """
        return _to_json(asdict(self._assistant.article(_text(article_id), version if version is None else _text(version))))

    def add(self, text: str | None = None, title: str | None = None, address: str | None = None) -> list[dict[str, Any]]:
        """Add an article by its text and title, or the page, or newest pages of the feed or sitemap, at an address.

        Args:
            text: the article's text.
            title: the article's title, which it is known by from then on.
            address: instead of these, an address that begins with http:// or https://.

        Returns:
            What became of each article: source, fate (added, updated, unchanged, failed, skipped), the reason of a failure,
            notes on how the article was read, article.
        """
        addition = self._addition(text, title, address)
        self._additions.start(addition)
        if not addition.done.wait(_LONGEST_ADDITION):
            raise PullquoteError("The addition goes on; it takes longer than a request may.")
        if addition.error:
            raise PullquoteError(addition.error)
        return [
            _to_json(
                {
                    "source": step.source,
                    "fate": step.fate,
                    "reason": step.reason,
                    "notes": step.notes,
                    "article": step.reference and asdict(step.reference),
                }
            )
            for step in addition.steps
        ]

    def _addition(self, text: str | None, title: str | None, address: str | None) -> Addition:
        if address is not None and text is None and title is None:
            url = _text(address).strip()
            if not is_url(url):  # no caller may name a path on this machine
                raise PullquoteError("address must begin with http:// or https://.")
            return Addition([url])
        if address is not None or text is None or title is None:
            raise PullquoteError("Give a text and its title, or an address and neither.")
        content = _text(text).encode()
        name = " ".join(_text(title).split())
        if len(content) > _MOST_TEXT:
            raise PullquoteError(f"The text has {len(content):,} bytes; the limit is {_MOST_TEXT:,}. Upload it as a file.")
        source = source_of(f"{name.replace('/', ' ')}.txt") if name.strip("/ ") else source_of("")
        assert self._uploads
        held = self._uploads.hold(source, name, content)
        return Addition(held.uploads, clean_up=held.delete)


def _with_our_errors(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Return a function that raises our errors as Gradio's, and hides what any other error says."""

    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return function(*args, **kwargs)
        except PullquoteError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception:
            raise gr.Error(log_unexpected(), print_exception=False) from None

    call.__signature__ = signature(function)  # type: ignore[attr-defined]  # without self, which a bound method has no more
    return call


def _in_turn(function: Callable[_P, _T], limit: asyncio.Semaphore) -> Callable[_P, Awaitable[_T]]:
    """Return a function that is called in a thread, while no more are than the limit says."""

    @wraps(function)
    async def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        async with limit:
            return await asyncio.to_thread(function, *args, **kwargs)

    return call


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise PullquoteError(f"A text is wanted here, not {type(value).__name__}.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise PullquoteError("The text holds half of a surrogate pair, which is no character.") from None
    return value


def _number(value: object) -> int:
    """Return a whole number. JSON has one type for all numbers, so 5.0 is one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PullquoteError("k must be a whole number.")
    return value


def _to_json(value: dict[str, Any]) -> dict[str, Any]:
    """Return a value as JSON would give it back, with lists for tuples."""
    converted: dict[str, Any] = json.loads(json.dumps(value))
    return converted
