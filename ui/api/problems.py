"""Errors as problem details (RFC 9457): the message that the other ways in show too, under the status that fits."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from embeddings import PullquoteError
from qa.types import errors
from ui.state.additions import TooManyAdditions
from ui.state.chat import log_unexpected

TYPE = "application/problem+json"
_STATUS: dict[type[Exception], int] = {
    errors.NoSuchArticle: 404,
    errors.LibraryReadOnly: 403,
    errors.LibraryBusy: 503,
    errors.LibraryError: 500,
    TooManyAdditions: 429,
    errors.QuestionUnusable: 422,
}


class Problem(BaseModel):
    """What went wrong, and what to do next."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str | None = None  # the name of the error, the same in every version of the interface


class Refused(Exception):
    """A request that is refused for what it is, with a status."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe problems for the specification."""
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {TYPE: {"schema": Problem.model_json_schema()}}}
        for status in statuses
    }


def problem(status: int, detail: str, code: str | None = None, headers: dict[str, str] | None = None) -> JSONResponse:
    """Answer with a problem."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code)
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, media_type=TYPE)


def problem_of(error: Exception) -> JSONResponse:
    """Answer with the problem that an error is. Of one that is not ours nothing is told but the id of its log entry."""
    if isinstance(error, Refused):
        return problem(error.status, error.detail, None, error.headers)
    if not isinstance(error, PullquoteError):
        return problem(500, log_unexpected())
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 422)
    headers = {"retry-after": "5"} if status in (429, 503) else None
    return problem(status, str(error), type(error).__name__, headers)


def add_handlers(app: FastAPI) -> None:
    """Let every error of an application be a problem."""

    async def ours(_request: Request, error: Exception) -> JSONResponse:
        return problem_of(error)

    async def unusable(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])
        return problem(422, told.encode("utf-8", "replace").decode())

    async def http(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return problem(error.status_code, str(error.detail), None, dict(error.headers or {}))

    app.exception_handler(PullquoteError)(ours)
    app.exception_handler(Refused)(ours)
    app.exception_handler(RequestValidationError)(unusable)
    app.exception_handler(HTTPException)(http)
    app.exception_handler(Exception)(ours)
