"""The application under /api/v1: its routes, typed by the nouns of `qa.types`, with a specification made from them."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, File, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp

from embeddings import PullquoteError
from qa import Answer, Article, Assistant, Passage, Reference
from qa.evaluation import TestQuestion, evaluate
from qa.sources.discovery import is_url
from qa.sources.files import Upload
from qa.types.articles import Heading, KeptAnswer
from qa.types.filter_options import DESCRIPTIONS
from ui.api.limits import Access, BodyLimit, Rates
from ui.api.metrics import Counting, Metrics
from ui.api.problems import Refused, add_handlers, problem_of, responses
from ui.api.tokens import Tokens
from ui.html.environment import render
from ui.state.additions import Addition, Additions
from ui.state.uploads import source_of

PREFIX = "/api/v1"
_MOST_FILES = 100  # of one request
_MOST_TEST_QUESTIONS = 200
_COPY = 1 << 20  # bytes


class Only(BaseModel):
    """Which articles to search."""

    after: str | None = Field(default=None, description=DESCRIPTIONS["after"])
    before: str | None = Field(default=None, description=DESCRIPTIONS["before"])
    source: str | None = Field(default=None, description=DESCRIPTIONS["source"])
    author: str | None = Field(default=None, description=DESCRIPTIONS["author"])
    language: str | None = Field(default=None, description=DESCRIPTIONS["language"])
    folder: str | None = Field(default=None, description=DESCRIPTIONS["folder"])
    tag: list[str] | None = Field(default=None, description=DESCRIPTIONS["tag"])


class Asked(BaseModel):
    """A question."""

    question: str = Field(max_length=2_000, examples=["How tall is the fence?"])
    k: int = Field(default=5, ge=1, le=100, description="How many quotes at most.")
    only: Only = Field(default_factory=Only)


class Sought(BaseModel):
    """What to look for."""

    query: str = Field(max_length=2_000, examples=["airlift"])
    k: int = Field(default=10, ge=1, le=100, description="How many passages at most.")
    only: Only = Field(default_factory=Only)


class Link(BaseModel):
    """A page, or the newest pages of a feed or sitemap."""

    address: str = Field(max_length=2_000, pattern="^https?://", examples=["https://example.org/article.html"])


class Tested(BaseModel):
    """A test question."""

    question: str = Field(max_length=2_000)
    answers: list[str] | None = Field(default=None, description="A quote must hold one; none if the articles do not answer.")


class Evaluated(BaseModel):
    """Test questions."""

    questions: list[Tested] = Field(min_length=1, max_length=_MOST_TEST_QUESTIONS)
    k: int = Field(default=5, ge=1, le=100)


class Figures(BaseModel):
    """How well the questions were answered."""

    n_questions: int
    values: dict[str, float]


class Text(BaseModel):
    """A span of an article's text: `text` stands at `start` to `end`, counted in code points."""

    article_id: str
    version: str
    start: int
    end: int
    length: int = Field(description="Of the whole text.")
    text: str


class Outcome(BaseModel):
    """What became of one article."""

    source: str
    fate: str
    reason: str | None = None
    article_id: str | None = None


class Job(BaseModel):
    """An addition, which goes on after the request. Poll it until its state is done or failed."""

    id: int
    state: Literal["waiting", "running", "done", "failed"]
    outcomes: list[Outcome]
    error: str | None = None


class Health(BaseModel):
    """Whether questions can be asked."""

    status: Literal["ok"]
    version: str


def build_api(
    assistant: Assistant,
    *,
    read_only: bool = False,
    hosts: Sequence[str] = ("127.0.0.1", "localhost"),
    has_users: bool = False,
    rates: Rates | None = None,
) -> ASGIApp:
    """Build the application of /api/v1, with its limits around it.

    Args:
        read_only: whether nothing may be added.
        hosts: names by which it may be called.
        has_users: whether users log in. Conversations are theirs then, and no token shows them.
        rates: how often a token may ask.
    """
    app = FastAPI(
        title="Pullquote",
        version="1",
        summary="Ask your own articles. Every answer is their sentences, word for word: article.text[start:end] == quote.text.",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
    )
    access, metrics = Access(Tokens(assistant.library.folder), rates or Rates()), Metrics()
    add_handlers(app)
    _add_reading(app, assistant, access)
    _add_conversations(app, assistant, access, has_users)
    _add_writing(app, assistant, access, read_only)
    _add_operating(app, assistant, access, metrics)
    app.add_middleware(BodyLimit)
    app.add_middleware(Counting, metrics=metrics)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    return app


def _add_reading(app: FastAPI, assistant: Assistant, access: Access) -> None:
    read: Any = {"dependencies": [access.need("read")], "responses": responses(401, 403, 422, 429, 500, 503)}
    missing: Any = {**read, "responses": responses(401, 403, 404, 422, 429, 500, 503)}

    @app.post("/ask", response_model=Answer, tags=["ask"], **read)
    def ask(asked: Asked) -> Response:
        """Answer a question with quotes, each cited, or say that no sentence answers."""
        answer = assistant.ask(asked.question, asked.k, **_only(asked.only))
        return Response(answer.to_json(), media_type="application/json")

    event_stream: Any = {
        200: {"description": "Events `stage`, then `answer` or `problem`.", "content": {"text/event-stream": {}}}
    }

    @app.post(
        "/ask/stream", tags=["ask"], response_class=StreamingResponse, **{**read, "responses": read["responses"] | event_stream}
    )
    async def ask_in_stages(asked: Asked) -> StreamingResponse:
        """Answer as /ask does, as server-sent events: one for each stage that ends, and the answer last."""
        return StreamingResponse(
            _stages(assistant, asked), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    @app.post("/search", tags=["ask"], **read)
    def search(sought: Sought) -> list[Passage]:
        """Find the best passages with their scores. Nothing is quoted and nothing refused."""
        return list(assistant.search(sought.query, sought.k, **_only(sought.only)))

    @app.get("/articles", tags=["articles"], **read)
    def articles(
        offset: Annotated[int, Query(ge=0, le=2**31)] = 0, limit: Annotated[int, Query(ge=1, le=1_000)] = 100
    ) -> list[Reference]:
        """List the articles, sorted by source."""
        return list(assistant.articles()[offset : offset + limit])

    @app.get("/articles/{article_id}", tags=["articles"], **missing)
    def article(article_id: str, version: str | None = None) -> Article:
        """Return an article, its text exactly as it is stored, now or in the version that was cited."""
        return assistant.article(article_id, version)

    @app.get("/articles/{article_id}/text", tags=["articles"], **missing)
    def text(
        article_id: str,
        version: str | None = None,
        start: Annotated[int, Query(ge=0, le=2**31)] = 0,
        end: Annotated[int | None, Query(ge=0, le=2**31)] = None,
    ) -> Text:
        """Return a span of an article's text, as a quote's start and end give it."""
        whole = assistant.article(article_id, version)
        first, last = min(start, len(whole.text)), len(whole.text) if end is None else min(end, len(whole.text))
        if last < first:
            raise Refused(422, f"end is {end}, which is before start, {start}.")
        span = whole.text[first:last]
        return Text(article_id=whole.id, version=whole.version, start=first, end=last, length=len(whole.text), text=span)

    @app.post("/evaluate", tags=["evaluate"], **read)
    def measure(evaluated: Evaluated) -> Figures:
        """Ask test questions and measure the answers. See docs/guide/evaluation.md for what the measures say."""
        questions = [
            TestQuestion(f"question-{number}", each.question, None if each.answers is None else tuple(each.answers), None)
            for number, each in enumerate(evaluated.questions, start=1)
        ]
        figures = evaluate(assistant, questions, k=evaluated.k).figures
        values = {name: float(value) for name, value in figures.values.items() if value == value}
        return Figures(n_questions=figures.n_questions, values=values)


def _add_conversations(app: FastAPI, assistant: Assistant, access: Access, has_users: bool) -> None:
    read: Any = {"dependencies": [access.need("read")], "responses": responses(401, 403, 422, 429, 500)}
    missing: Any = {**read, "responses": responses(401, 403, 404, 422, 429, 500)}

    def refuse_if_of_users() -> None:
        if has_users:
            raise Refused(403, "Conversations belong to those who log in on the page, and no token shows them.")

    @app.get("/conversations", tags=["conversations"], **read)
    def conversations(search: Annotated[str, Query(max_length=200)] = "") -> list[Heading]:
        """List the conversations that the page keeps, newest first."""
        refuse_if_of_users()
        return list(assistant.journal.conversations(search))

    @app.get("/conversations/{conversation_id}", tags=["conversations"], **missing)
    def conversation(conversation_id: str) -> list[KeptAnswer]:
        """Return the answers of a conversation, as they were given."""
        refuse_if_of_users()
        answers = list(assistant.journal.conversation(conversation_id))
        if not answers:
            raise Refused(404, "There is no such conversation: GET /conversations lists what there is.")
        return answers


def _only(only: Only) -> Any:
    return only.model_dump(exclude_none=True)


async def _stages(assistant: Assistant, asked: Asked) -> AsyncIterator[str]:
    """Yield server-sent events while a thread answers."""
    loop, events = asyncio.get_running_loop(), asyncio.Queue[tuple[str, str]]()

    def put(name: str, data: str) -> None:
        loop.call_soon_threadsafe(events.put_nowait, (name, data))

    def work() -> None:
        try:
            answer = assistant.ask(
                asked.question, asked.k, on_stage=lambda stage: put("stage", json.dumps({"stage": stage})), **_only(asked.only)
            )
            put("answer", answer.to_json())
        except Exception as error:  # the status is sent already
            put("problem", bytes(problem_of(error).body).decode())

    thread = asyncio.create_task(asyncio.to_thread(work))
    while True:
        name, data = await events.get()
        yield f"event: {name}\ndata: {data}\n\n"
        if name != "stage":
            break
    await thread


def _add_writing(app: FastAPI, assistant: Assistant, access: Access, read_only: bool) -> None:
    additions = Additions(assistant)
    write: Any = {"dependencies": [access.need("write")], "responses": responses(401, 403, 413, 422, 429, 500, 503)}
    read: Any = {"dependencies": [access.need("read")], "responses": responses(401, 403, 404, 422, 429, 500)}

    def start(addition: Addition) -> Job:
        return _job(additions.start(addition))

    def refuse_if_read_only() -> None:
        if read_only:
            raise Refused(403, "The page is served with --read-only: nothing can be added.")

    @app.post("/articles/files", status_code=202, tags=["articles"], **write)
    def add_files(files: Annotated[list[UploadFile], File(max_length=_MOST_FILES)]) -> Job:
        """Add files. A file of a known name gets a new version if it changed."""
        refuse_if_read_only()
        folder = tempfile.TemporaryDirectory(prefix="pullquote-")
        try:
            uploads = [
                Upload(source_of(file.filename or ""), _store(file, Path(folder.name, str(number))))
                for number, file in enumerate(files)
            ]
        except PullquoteError:
            folder.cleanup()
            raise
        return start(Addition(uploads, clean_up=folder.cleanup))

    @app.post("/articles/links", status_code=202, tags=["articles"], **write)
    def add_link(link: Link) -> Job:
        """Add the page at an address, or the newest pages of a feed or sitemap. Known pages that changed get a new version."""
        refuse_if_read_only()
        if not is_url(link.address):  # no caller may name a path on this machine
            raise Refused(422, "address must begin with http:// or https://.")
        return start(Addition([link.address]))

    @app.post("/sync", status_code=202, tags=["articles"], **write)
    def sync() -> Job:
        """Fetch again the pages that the library holds. Those that changed get a new version; nothing is removed."""
        refuse_if_read_only()
        return start(Addition([article.source for article in assistant.articles() if is_url(article.source)]))

    @app.get("/jobs/{job_id}", tags=["articles"], **read)
    def job(job_id: Annotated[int, "As the request that added gave it."]) -> Job:
        """Return how far an addition has come. The latest forty are remembered."""
        addition = additions.find(job_id)
        if addition is None:
            raise Refused(404, "There is no such job, or it ended long ago.")
        return _job(addition)


def _store(file: UploadFile, path: Path) -> Path:
    with path.open("wb") as stored:
        while part := file.file.read(_COPY):
            stored.write(part)
    return path


def _job(addition: Addition) -> Job:
    ended = "failed" if addition.error else "done"
    state: Any = ended if addition.done.is_set() else "running" if addition.started else "waiting"
    outcomes = [
        Outcome(source=step.source, fate=step.fate, reason=step.reason or None, article_id=_id_of(step.reference))
        for step in list(addition.steps)
    ]
    return Job(id=addition.number, state=state, outcomes=outcomes, error=addition.error)


def _id_of(article: Reference | None) -> str | None:
    return article.id if article else None


def _add_operating(app: FastAPI, assistant: Assistant, access: Access, metrics: Metrics) -> None:
    @app.get("/health", tags=["operate"], responses=responses(500))
    def health() -> Health:
        """Say that the library can be read. It needs no token and tells nothing of the articles."""
        with assistant.library.snapshot():
            return Health(status="ok", version=_version())

    read: Any = {"dependencies": [access.need("read")], "responses": responses(401, 403, 429, 500)}

    @app.get("/metrics", tags=["operate"], response_class=PlainTextResponse, **read)
    def counts() -> PlainTextResponse:
        """Return counts in the text format of Prometheus."""
        return PlainTextResponse(metrics.text(assistant), media_type="text/plain; version=0.0.4")

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(render("api.html", "page", app.openapi()))


def _version() -> str:
    try:
        return version("pullquote")
    except PackageNotFoundError:  # run from a checkout
        return "unknown"
