"""A filter in words, on the page and in the terminal."""

from collections.abc import Mapping
from typing import Any

from ui.i18n.language import format_partial_date, gettext_noop
from ui.i18n.language import gettext as _


def in_words(only: Mapping[str, Any]) -> str:
    """What articles must be, to be said after "articles"."""
    after, before = (format_partial_date(only[name]) if name in only else "" for name in ("after", "before"))
    if after and only.get("after") == only.get("before"):
        said = [_("of {day}", day=after)]
    else:
        said = [*([_("from {day} on", day=after)] if after else []), *([_("up to {day}", day=before)] if before else [])]
    ways = (
        *(("source", gettext_noop("from {source}")), ("author", gettext_noop("by {author}"))),
        *(("language", gettext_noop("in {language}")), ("folder", gettext_noop("in {folder}"))),
    )
    said += [_(way, **{name: only[name]}) for name, way in ways if name in only]
    return _(", ").join([*said, *(_("tagged {tag}", tag=tag) for tag in only.get("tag", ()))])
