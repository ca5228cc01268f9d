"""The files that were uploaded, sent back to who reads an article of theirs."""

from urllib.parse import quote

from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response

from embeddings import PullquoteError
from qa import Assistant


def add_original_route(app: FastAPI, assistant: Assistant) -> None:
    """Answer `/original/<article>` with the file that it was read from, for the browser to save.

    It is never shown by the browser itself: a file of strangers may hold scripts, which would run as the page's own.
    """

    def send(article_id: str) -> Response:
        try:
            original = assistant.original(article_id)
        except PullquoteError as error:
            return PlainTextResponse(str(error), 404)
        if original is None:
            return PlainTextResponse("The original of this article is not kept.", 404)
        source, content = original
        name = quote(source.rpartition("/")[2], safe="")
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    app.get("/original/{article_id}", response_model=None)(send)
