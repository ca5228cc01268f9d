"""Text in pictures: `python -m benchmarks.ocr` prints the share of characters that are misread, beside Tesseract if installed.

Data: 40 pages drawn here, half of them as a scanner would spoil them, from the project's own articles and documentation; three
fonts that matplotlib brings along, at 150 and 300 dpi. Takes 5 to 10 minutes on two cores.
"""

import argparse
import re
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from qa.sources.formats.limits import LIMITS
from qa.sources.formats.ocr.recognition import recognize

_ROOT = Path(__file__).parent.parent
_FONTS = ("DejaVuSans", "DejaVuSerif", "STIXGeneral")
_POINTS, _LEADING, _INCHES = 11, 1.4, (8.27, 11.69)
_LINES = 40  # of a page


class _Page(NamedTuple):
    font: str
    dpi: int
    is_spoiled: bool
    text: str
    png: bytes


def main() -> None:
    """Draw the pages, read them and print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--pages", type=int, default=40)
    chosen = options.parse_args()
    engines = {"RapidOCR": _rapidocr, **({"Tesseract": _tesseract} if shutil.which("tesseract") else {})}
    errors: dict[tuple[str, int, bool, str], list[tuple[int, int, float]]] = defaultdict(list)
    for page in _pages(chosen.pages):
        for name, read in engines.items():
            start = time.monotonic()
            text = read(page.png)
            seconds = time.monotonic() - start
            errors[page.font, page.dpi, page.is_spoiled, name].append((_distance(text, page.text), len(page.text), seconds))
    print(f"| font | dpi | | {' | '.join(f'{name}: errors | s a page' for name in engines)} |")
    print(f"|---|---|---|{'---|---|' * len(engines)}")
    keys = sorted({key[:3] for key in errors})
    for font, dpi, is_spoiled in keys:
        cells = (_summary(errors[font, dpi, is_spoiled, name]) for name in engines)
        print(f"| {font} | {dpi} | {'as scanned' if is_spoiled else 'clean'} | {' | '.join(cells)} |")
    for is_spoiled in (False, True):
        rows = [[each for key in keys if key[2] == is_spoiled for each in errors[*key, name]] for name in engines]
        cells = map(_summary, rows)
        print(f"| all | | {'as scanned' if is_spoiled else 'clean'} | {' | '.join(cells)} |")
    print(f"| all | | | {' | '.join(_summary([each for key in keys for each in errors[*key, name]]) for name in engines)} |")


def _summary(pages: list[tuple[int, int, float]]) -> str:
    if not pages:
        return " | "
    wrong, characters, seconds = (sum(column) for column in zip(*pages, strict=True))
    return f"{wrong / characters:.2%} | {seconds / len(pages):.1f}"


def _pages(n: int) -> Iterator[_Page]:
    """Yield pages that go on with one text, each in another font, resolution and condition than the one before."""
    words = _words()
    at = 0
    for number in range(n):
        font, dpi, is_spoiled = _FONTS[number % 3], (150, 300)[number // 3 % 2], number // 6 % 2 == 1
        image, text, n_words = _draw(words[at : at + 1_500], font, dpi)
        at = (at + n_words) % (len(words) - 1_500)
        file = BytesIO()
        (_spoil(image, number) if is_spoiled else image).save(file, "PNG")
        yield _Page(font, dpi, is_spoiled, text, file.getvalue())


def _words() -> list[str]:
    """Return the words of the project's articles and documentation without Markdown's signs."""
    paths = [*sorted((_ROOT / "seeds").rglob("*.txt")), *sorted((_ROOT / "docs").rglob("*.md"))]
    text = " ".join(path.read_text(encoding="utf-8") for path in paths)
    prose = re.sub(r"[`|*#_\[\]<>{}=~^\\]+|[^\x20-\x7e‘’“”–—éüäöß€]", " ", text)
    return [word for word in prose.split() if re.search(r"\w", word)]


def _draw(words: list[str], font: str, dpi: int) -> tuple[Image.Image, str, int]:
    """Return a page of words, its text, and how many words are on it."""
    import matplotlib

    width, height = (round(inches * dpi) for inches in _INCHES)
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    letters = ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", f"{font}.ttf"), round(_POINTS * dpi / 72))
    lines: list[list[str]] = [[]]
    for word in words:
        if pen.textlength(" ".join([*lines[-1], word]), font=letters) > width - 2 * dpi:
            if len(lines) == _LINES:
                break
            lines.append([])
        lines[-1].append(word)
    for number, line in enumerate(lines):
        pen.text((dpi, dpi + number * round(_POINTS * _LEADING * dpi / 72)), " ".join(line), font=letters, fill=0)
    return image, " ".join(word for line in lines for word in line), sum(map(len, lines))


def _spoil(image: Image.Image, seed: int) -> Image.Image:
    """Turn a page a little, blur it, add grain and compress it, as a scanner does."""
    chance = np.random.default_rng(seed)
    turned = image.rotate(chance.uniform(-0.6, 0.6), fillcolor=255, resample=Image.Resampling.BICUBIC)
    soft = np.asarray(turned.filter(ImageFilter.GaussianBlur(image.width / 2_500)), dtype=float)
    grain = np.clip(245 - (255 - soft) * 0.85 + chance.normal(0, 9, soft.shape), 0, 255).astype(np.uint8)
    file = BytesIO()
    Image.fromarray(grain).save(file, "JPEG", quality=60)
    return Image.open(file)


def _rapidocr(png: bytes) -> str:
    [page] = recognize(png, "page.png", LIMITS, first="0")
    return " ".join(line.text for line in page.lines)


def _tesseract(png: bytes) -> str:
    command = ["tesseract", "stdin", "stdout", "-l", "eng", "--psm", "3"]
    done = subprocess.run(
        command, input=png, capture_output=True, check=True, env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin"}
    )
    return " ".join(done.stdout.decode().split())


def _distance(text: str, truth: str) -> int:
    """Return the fewest characters to insert, delete or replace, to make one text of the other (Levenshtein)."""
    codes = np.array([ord(letter) for letter in truth])
    places = np.arange(len(truth) + 1)
    row = places.copy()
    for number, letter in enumerate(text, start=1):
        best = np.minimum(row[1:] + 1, row[:-1] + (codes != ord(letter)))
        row = np.minimum.accumulate(np.concatenate(([number], best)) - places) + places
    return int(row[-1])


if __name__ == "__main__":
    main()
