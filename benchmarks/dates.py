"""Whether web pages get the dates on which they were published: `python -m benchmarks.dates --pages FOLDER`.

Data: the pages of the article extraction benchmark, with its `html` in the folder, unpacked or ending in .gz. The true dates of
100 of them stand in `page_dates.json`, by the first characters of a file's name. They were read off the pages by hand: what
the text or the publisher's metadata says. There are two where the page shows another day than its metadata, since a time of
publication falls on both, each in its time zone, and none where the page does not say. It takes some seconds.

Source: github.com/scrapinghub/article-extraction-benchmark.
"""

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from qa.sources.formats.html import load_html
from qa.sources.formats.limits import LIMITS

TRUTH = Path(__file__).with_name("page_dates.json")

Verdict = Literal["right", "wrong", "none"]


def judge(day: str | None, truth: Collection[str]) -> Verdict:
    """Compare a date with the true ones of a page. No date is right where the page gives none."""
    if day is None:
        return "none" if truth else "right"
    return "right" if day[:10] in truth else "wrong"


def main() -> None:
    """Read the pages, and print how many dates are right, wrong and missing, and where they were found."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--pages", type=Path, required=True, help="the folder of the benchmark")
    folder: Path = options.parse_args().pages
    truth: dict[str, list[str]] = json.loads(TRUTH.read_text("utf-8"))
    files = sorted(folder.joinpath("html").glob("*.html*"))
    verdicts: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for name, days in truth.items():
        path = next(path for path in files if path.name.startswith(name))
        content = path.read_bytes()
        (draft,) = load_html(gzip.decompress(content) if path.suffix == ".gz" else content, path.name, LIMITS)
        verdict = judge(draft.published, days)
        verdicts[verdict] += 1
        places[draft.provenance.published or "none"] += 1
        if verdict != "right":
            print(f"{path.name}: {draft.published} ({draft.provenance.published}), not {' or '.join(days)}")
    n_pages = len(truth)
    print(
        f"{n_pages} pages: "
        + ", ".join(f"{verdict} {verdicts[verdict] / n_pages:.2f}" for verdict in ("right", "wrong", "none"))
    )
    print("found in: " + ", ".join(f"{place} {n}" for place, n in places.most_common()))


if __name__ == "__main__":
    main()
