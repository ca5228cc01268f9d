"""How the page's events run, and what a clicked button carries. A browser can send anything, so every value is checked."""

import os
from typing import Any

import gradio as gr

# Questions answered side by side. With more than there are cores, no answer comes sooner.
AT_ONCE = max(2, min(4, os.cpu_count() or 2))
QUEUED: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": True}
# Answered by a request of its own. Gradio may lose an event that joins the queue while another one there ends.
QUICK: dict[str, Any] = {**QUEUED, "queue": False}


def event_int(event: gr.EventData, name: str) -> int | None:
    """Return a whole number that a button carried, or None if it carried none."""
    value = _event_value(event, name)
    return int(value) if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 16 else None


def event_text(event: gr.EventData, name: str) -> str:
    """Return a text that a button carried, or an empty one."""
    return clean_text(_event_value(event, name))


def optional_event_text(event: gr.EventData, name: str) -> str | None:
    """Return a text that a button carried, an empty one too, or None if it carried none."""
    value = _event_value(event, name)
    return clean_text(value) if isinstance(value, str) else None


def clean_text(value: object) -> str:
    """Return the text of a field without lone surrogates. Anything but a text gives an empty one."""
    return value.encode("utf-8", "ignore").decode("utf-8") if isinstance(value, str) else ""


def _event_value(event: gr.EventData, name: str) -> object:
    try:
        return getattr(event, name, None)
    except TypeError:  # the browser sent no object
        return None
