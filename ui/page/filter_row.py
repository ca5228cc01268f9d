"""The filters beside the question box: which articles are asked, folded into one button that says how many are set."""

from typing import Any

import gradio as gr

from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop
from ui.page.events import QUICK

_FIELDS = {
    "after": (gettext_noop("From"), gettext_noop("2004-10-31, 2004-10 or 2004")),
    "before": (gettext_noop("To"), gettext_noop("2004-10-31, 2004-10 or 2004")),
    "source": (gettext_noop("Source"), gettext_noop("Part of a path, address or site")),
    "tag": (gettext_noop("Tags"), gettext_noop("One, or several with commas")),
    "language": (gettext_noop("Language"), "en"),
}


class FilterRow:
    """Fields that say which articles are asked; they stay set while a conversation goes on."""

    def build(self) -> None:
        """Make the fields, hidden, where the page is being built."""
        with gr.Row(elem_id="filters", visible=False) as self._row:
            self.fields = [
                gr.Textbox(
                    label=_(label), placeholder=_(hint), lines=1, max_lines=1, elem_id=f"filter-{name}", min_width=0, scale=1
                )
                for name, (label, hint) in _FIELDS.items()
            ]
            self._clear = gr.Button(_("Clear"), variant="secondary", elem_id="clear-filters", scale=0, min_width=0)

    def build_button(self) -> None:
        """Make the button that shows them."""
        self._shown = gr.State(False)
        self._button = gr.Button(_name([]), variant="secondary", elem_id="filter", scale=0, min_width=0)

    def connect(self) -> None:
        """Say what happens when they are used."""

        def turned(shown: bool) -> tuple[bool, Any]:
            return not shown, gr.update(visible=not shown)

        self._button.click(turned, inputs=[self._shown], outputs=[self._shown, self._row], **QUICK)
        changes = [field.change for field in self.fields]
        gr.on(changes, lambda *values: _name(values), inputs=self.fields, outputs=[self._button], **QUICK)
        self._clear.click(lambda: [""] * len(self.fields), outputs=self.fields, **QUICK)


def only(values: tuple[Any, ...]) -> dict[str, Any]:
    """What the fields' values ask for, as `ask` takes it; what is empty asks for nothing."""
    given = {name: value.strip() for name, value in zip(_FIELDS, values, strict=True) if isinstance(value, str)}
    said: dict[str, Any] = {name: value for name, value in given.items() if value}
    tags = [tag for each in said.pop("tag", "").split(",") if (tag := each.strip())]
    return said | ({"tag": tags} if tags else {})


def _name(values: Any) -> str:
    n_set = sum(1 for value in values if isinstance(value, str) and value.strip())
    return _("Filters ({n})", n=n_set) if n_set else _("Filters")
