"""Conversations as files that a browser saves, made when they are asked for."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from embeddings import PullquoteError
from qa.library.journal import Journal
from ui.html.exporting import TYPES, exported
from ui.i18n.language import use_language_of


def send_conversations(app: FastAPI, journal: Journal) -> None:
    """Answer `/export/<conversation>.md`, `.html` and `.json`."""

    def send(request: Request, conversation_id: str, ending: str) -> Response:
        try:
            kept = journal.conversation(conversation_id)
            title = journal.title(conversation_id)
        except PullquoteError as error:
            return PlainTextResponse(str(error), 500)
        if not kept or ending not in TYPES:
            return PlainTextResponse("There is no such conversation.", 404)
        with use_language_of(request.headers):
            content = exported(title, kept, ending)
        headers = {"content-disposition": f'attachment; filename="conversation.{ending}"', "cache-control": "no-store"}
        return Response(content, media_type=TYPES[ending], headers=headers)

    app.get("/export/{conversation_id}.{ending}", response_model=None)(send)
