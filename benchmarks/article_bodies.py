"""How well the article is told from the rest of a web page: `python -m benchmarks.article_bodies FOLDER`.

Data: the 181 pages of the article extraction benchmark, with its `ground-truth.json` and `html` in the folder. Measured are
F1, precision and recall of four-word shingles, as the benchmark defines them, and the time of a page. It takes under a minute.

Source: github.com/scrapinghub/article-extraction-benchmark.
"""

import gzip
import json
import re
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import NamedTuple

from qa.sources.formats.draft import Draft
from qa.sources.formats.html import load_html
from qa.sources.formats.limits import LIMITS
from qa.types.errors import ArticleUnreadable

_SHINGLE = 4  # words


class Shares(NamedTuple):
    """The shingles of a page, as shares of all shingles in its article or in what was read."""

    right: float
    wrong: float
    missed: float


def shares(true: str, read: str) -> Shares:
    """Compare what was read with the true article, each shingle as often as it occurs."""
    expected, actual = _shingles(true), _shingles(read)
    parts = (expected & actual).total(), (actual - expected).total(), (expected - actual).total()
    return Shares(*(part / (sum(parts) or 1) for part in parts))


def measure(pages: Sequence[Shares]) -> tuple[float, float, float]:
    """Compute F1, precision and recall. The latter two are means over the pages, F1 is computed from these means."""
    precision = statistics.mean(_share(page.right, page.wrong, page.missed) for page in pages if page.right + page.wrong)
    recall = statistics.mean(_share(page.right, page.missed, page.wrong) for page in pages if page.right + page.missed)
    return 2 * precision * recall / (precision + recall), precision, recall


def _share(right: float, lacking: float, other: float) -> float:
    """Compute precision (lacking: what is wrong) or recall (lacking: what is missed); 1 if a page without words was read so."""
    return 1.0 if lacking == other == 0 else right / (right + lacking)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    starts = range(max(1, len(words) - _SHINGLE + 1)) if words else ()
    return Counter(tuple(words[start : start + _SHINGLE]) for start in starts)


def main(folder: Path) -> None:
    """Read all pages and print the measures."""
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    pages: list[Shares] = []
    drafts: list[Draft] = []
    milliseconds: list[float] = []
    for name, page in truth.items():
        content = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        start = process_time()
        try:
            drafts += load_html(content, f"{name}.html", LIMITS)
            text = drafts[-1].text
        except ArticleUnreadable as error:
            print(f"{name}: {error}")
            text = ""
        milliseconds.append(1_000 * (process_time() - start))
        pages.append(shares(page["articleBody"], text))
    f1, precision, recall = measure(pages)
    print(f"{len(pages)} pages: F1 {f1:.4f}, precision {precision:.4f}, recall {recall:.4f}")
    print(f"a page took {statistics.median(milliseconds):.0f} ms in the median, {max(milliseconds):.0f} ms at most")
    for what in ("author", "published", "site", "language", "tags"):
        print(f"{what}: {sum(bool(getattr(draft, what)) for draft in drafts)} of {len(pages)}")
    print(f"title: {sum(draft.title not in truth for draft in drafts)} of {len(pages)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
