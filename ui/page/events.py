"""What events on the page have in common: how they are run, and what a button that was clicked carries."""

import os
from typing import Any

import gradio as gr

# Questions answered side by side: with more than there are cores, none is answered sooner, and who is refused waits for that.
AT_ONCE = max(2, min(4, os.cpu_count() or 2))
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": True}
# answered at once, by a request of its own: an event that is sent to the queue while another there ends may be lost by Gradio
QUICK: dict[str, Any] = {**PRIVATE, "queue": False}


def whole(event: gr.EventData, name: str) -> int | None:
    """A number that a button carried; None if it carried none, since a browser can send anything."""
    value = _carried(event, name)
    return int(value) if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 16 else None


def text(event: gr.EventData, name: str) -> str:
    """A text that a button carried; empty if it carried none."""
    return optional_text(event, name) or ""


def optional_text(event: gr.EventData, name: str) -> str | None:
    """A text that a button carried; None if it carried none."""
    value = _carried(event, name)
    return typed(value) if isinstance(value, str) else None


def typed(value: object) -> str:
    """What stands in a field, with what is no text left out: a browser can send nothing at all, or half a character."""
    return value.encode("utf-8", "ignore").decode("utf-8") if isinstance(value, str) else ""


def _carried(event: gr.EventData, name: str) -> object:
    return event._data.get(name) if isinstance(event._data, dict) else None
