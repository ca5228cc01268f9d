"""A filter in words, on the page and in the terminal."""

from collections.abc import Mapping
from typing import Any

from ui.i18n.language import later, t, written_day


def in_words(only: Mapping[str, Any]) -> str:
    """What articles must be, to be said after "articles"."""
    after, before = (written_day(only[name]) if name in only else "" for name in ("after", "before"))
    if after and only.get("after") == only.get("before"):
        said = [t("of {day}", day=after)]
    else:
        said = [*([t("from {day} on", day=after)] if after else []), *([t("up to {day}", day=before)] if before else [])]
    ways = (
        *(("source", later("from {source}")), ("author", later("by {author}"))),
        *(("language", later("in {language}")), ("folder", later("in {folder}"))),
    )
    said += [t(way, **{name: only[name]}) for name, way in ways if name in only]
    return t(", ").join([*said, *(t("tagged {tag}", tag=tag) for tag in only.get("tag", ()))])
