"""How well the article is told from the rest of a page, on the pages of the article extraction benchmark.

`python -m benchmarks.article_bodies FOLDER`, with the benchmark's `ground-truth.json` and `html` in the folder.

Source: github.com/scrapinghub/article-extraction-benchmark, which says how the measure is defined.
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
    """What became of the shingles of a page, as shares of all that are in its article, in what was read, or in both."""

    right: float
    wrong: float
    missed: float


def shares(true: str, read: str) -> Shares:
    """Compare what was read with the true article, shingle by shingle, each as often as it occurs."""
    wanted, found = _shingles(true), _shingles(read)
    parts = (wanted & found).total(), (found - wanted).total(), (wanted - found).total()
    return Shares(*(part / (sum(parts) or 1) for part in parts))


def measure(pages: Sequence[Shares]) -> tuple[float, float, float]:
    """F1, precision and recall: the means over the pages of the latter two, and F1 from these means."""
    precision = statistics.mean(_share(page.right, page.wrong, page.missed) for page in pages if page.right + page.wrong)
    recall = statistics.mean(_share(page.right, page.missed, page.wrong) for page in pages if page.right + page.missed)
    return 2 * precision * recall / (precision + recall), precision, recall


def _share(right: float, lacking: float, other: float) -> float:
    """Precision with what is wrong lacking, recall with what is missed; 1 where a page without a word was read as such."""
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
        begun = process_time()
        try:
            drafts += load_html(content, f"{name}.html", LIMITS)
            text = drafts[-1].text
        except ArticleUnreadable as error:
            print(f"{name}: {error}")
            text = ""
        milliseconds.append(1_000 * (process_time() - begun))
        pages.append(shares(page["articleBody"], text))
    f1, precision, recall = measure(pages)
    print(f"{len(pages)} pages: F1 {f1:.4f}, precision {precision:.4f}, recall {recall:.4f}")
    print(f"a page took {statistics.median(milliseconds):.0f} ms in the median, {max(milliseconds):.0f} ms at most")
    for what in ("author", "published", "site", "language", "tags"):
        print(f"{what}: {sum(bool(getattr(draft, what)) for draft in drafts)} of {len(pages)}")
    print(f"title: {sum(draft.title not in truth for draft in drafts)} of {len(pages)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
