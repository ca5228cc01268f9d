"""A run's figures as drawings: SVG to stand in a page, light or dark, whose text is the page's own.

Each drawing says in words what it shows, for who does not see it. Its ids are its own, so that several can stand in a page.
"""

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa.evaluation.metrics.curves import recall, reliability
from qa.evaluation.metrics.measures import curve
from qa.evaluation.run import DEPTH, Run

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK = "#010203"  # stands for the colour of the text around the drawing
_BLUE, _RED = "#3a7fc4", "#c65a38"  # either is told from paper and from night, by three to one and more
_LOOK: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, and is measured with; shown is the page's
    "font.size": 10,
    "text.parse_math": False,  # the name of a stage is no formula
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.facecolor": "none",
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": False,
    "grid.color": _INK,
    "grid.alpha": 0.15,
    "grid.linewidth": 0.6,
    "axes.grid": True,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "figure.facecolor": "none",
}
_SIZE = (4.2, 2.9)  # inches; small, so that its text can be read on a phone
_DRAWING = threading.Lock()  # matplotlib's settings are the whole process's
_SVG, _HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_FONTS = re.compile(r"(?:'DejaVu Sans', )+sans-serif")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_LONGEST = 16  # characters of a stage's name
_AT = (1, 5, 10, 100)  # depths whose recall is said in words


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing and what it is called."""

    name: str
    caption: str
    svg: str


def plots(run: Run, prefix: str = "plot") -> tuple[Plot, ...]:
    """Recall at each depth, risk at each coverage, calibration, and time; those left out that nothing is known of.

    Args:
        prefix: what all ids begin with; another one for each run in the same page.
    """
    with _look(prefix):
        drawn = [draw(run, f"{prefix}-{name}") for name, draw in _DRAWN.items()]
    return tuple(each for each in drawn if each is not None)


@contextmanager
def _look(prefix: str) -> Iterator[None]:
    import matplotlib as mpl

    with _DRAWING, mpl.rc_context({**_LOOK, "svg.hashsalt": prefix}):
        yield


def _recall(run: Run, name: str) -> Plot | None:
    lines = {of: recall(run.outcomes, of, DEPTH) for of in ("passage", "article")}
    if not any(lines.values()):
        return None
    figure, axes = _axes("k, how many are looked at", "recall at k")
    said = []
    for (of, line), colour, style in zip(lines.items(), (_BLUE, _RED), ("-", "--"), strict=True):
        if line:
            axes.plot(range(1, len(line) + 1), line, style, color=colour, label=f"{of}s")
            said.append(f"of {of}s, {', '.join(f'{line[k - 1]:.3f} at {k}' for k in _AT)}")
    axes.set(xlim=(1, DEPTH), ylim=(0, 1.03))
    axes.set_xscale("log")
    _plain_ticks(axes, (1, 2, 5, 10, 20, 50, 100))
    axes.legend(loc="lower right")
    return _plot(figure, name, "Recall at k", f"Recall {'; '.join(said)}.")


def _risk(run: Run, name: str) -> Plot | None:
    line = curve(run.outcomes)
    if not line:
        return None
    figure, axes = _axes("coverage, share of the questions answered", "risk, share of them wrong")
    axes.plot([each.coverage for each in line], [each.risk for each in line], color=_BLUE)
    axes.set(xlim=(0, 1.01), ylim=(0, max(0.1, *(each.risk for each in line)) * 1.05))
    half = line[(len(line) - 1) // 2]
    said = f"Risk {half.risk:.3f} when the surest {half.coverage:.0%} are answered, {line[-1].risk:.3f} when all are"
    return _plot(figure, name, "Risk and coverage", f"{said}; AURC {run.figures.values['AURC']:.4f}.")


def _calibration(run: Run, name: str) -> Plot | None:
    bins = reliability(run.outcomes)
    if not bins:
        return None
    figure, axes = _axes("confidence shown", "share right")
    axes.plot([0, 1], [0, 1], ":", color=_INK, linewidth=1)
    most = max(each.n for each in bins)
    points = [each.confidence for each in bins], [each.right for each in bins]
    axes.plot(*points, color=_BLUE, linewidth=1)
    axes.scatter(*points, s=[12 + 60 * each.n / most for each in bins], color=_BLUE, zorder=3)
    axes.set(xlim=(0, 1.03), ylim=(0, 1.06))
    said = "; ".join(f"{each.right:.2f} right of {each.n} at {each.confidence:.2f}" for each in bins)
    where = "Share right beside confidence, on the dotted line where they are the same"
    return _plot(figure, name, "Calibration", f"{where}: {said}; ECE {run.figures.values['ECE']:.4f}.")


def _latency(run: Run, name: str) -> Plot | None:
    if not run.outcomes:
        return None
    return _stages(run, name) if run.figures.stages else _cumulative(run, name)


def _stages(run: Run, name: str) -> Plot:
    rows = [(_label(stage), speed.p50, speed.p95) for stage, speed in run.figures.stages.items()]
    rows.append(("in all", run.figures.median_seconds, run.figures.p95_seconds))
    figure, axes = _axes("milliseconds", "")
    for place, (_, p50, p95) in enumerate(rows):
        middle, late = _milliseconds(p50), _milliseconds(p95)
        axes.plot(
            [middle, late], [place, place], color=_RED, linewidth=2.5, label="to the 95th percentile" if not place else None
        )
        axes.plot(middle, place, "o", color=_BLUE, markersize=6, label="median" if not place else None)
    axes.set_yticks(range(len(rows)), [stage for stage, *_ in rows])
    axes.set(ylim=(len(rows) - 0.5, -0.5))
    axes.set_xscale("log")
    _plain_ticks(axes)
    axes.grid(visible=False, axis="y")
    figure.legend(loc="outside upper left", ncols=2)
    said = "; ".join(f"{stage} {p50 * 1000:.2f} and {p95 * 1000:.2f}" for stage, p50, p95 in rows)
    return _plot(figure, name, "Time by stage", f"Milliseconds, median and 95th percentile: {said}.")


def _cumulative(run: Run, name: str) -> Plot:
    times = sorted(_milliseconds(outcome.seconds) for outcome in run.outcomes)
    figure, axes = _axes("milliseconds", "share of the questions that take no longer")
    axes.step([times[0], *times], [number / len(times) for number in range(len(times) + 1)], where="post", color=_BLUE)
    axes.set(ylim=(0, 1.03))
    said = f"Half of the questions take no more than {run.figures.median_seconds * 1000:.1f} milliseconds"
    return _plot(figure, name, "Time of a question", f"{said}, 95 % no more than {run.figures.p95_seconds * 1000:.1f}.")


_DRAWN = {"recall": _recall, "risk": _risk, "calibration": _calibration, "time": _latency}


def _axes(across: str, up: str) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.add_subplot(xlabel=across, ylabel=up)
    return figure, axes


def _plain_ticks(axes: "Axes", at: tuple[int, ...] = ()) -> None:
    """Numbers as they are read, in the place of powers of ten."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    if at:
        axes.set_xticks(at)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _milliseconds(seconds: float) -> float:
    return max(seconds * 1000, 0.001)


def _label(name: str) -> str:
    """A stage's name as far as there is room, without what a font may not have."""
    return "".join(character if " " <= character <= "~" else "?" for character in name[:_LONGEST])


def _plot(figure: "Figure", name: str, caption: str, says: str) -> Plot:
    written = io.BytesIO()
    figure.savefig(written, format="svg", metadata={"Date": None})
    return Plot(name, caption, _for_a_page(written.getvalue(), name, f"{caption}. {says}"))


def _for_a_page(svg: bytes, name: str, says: str) -> str:
    """The drawing alone, without what concerns a whole file: its own style sheet, declarations and size."""
    from xml.etree import ElementTree as ET

    from defusedxml.ElementTree import fromstring

    root = fromstring(svg)
    kept = _referred_to(root)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{_SVG}metadata", f"{_SVG}style"):
                parent.remove(child)
    for each in root.iter():
        each.tag = each.tag.removeprefix(_SVG)
        _settle(each, name, kept)
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    root.attrib |= {"xmlns": _SVG[1:-1], "class": "plot", "role": "img", "aria-label": says}
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")  # what its style sheet said of everything
    title = ET.Element("title")
    title.text = says.split(".", 1)[0]
    root.insert(0, title)
    return ET.tostring(root, encoding="unicode").replace(_INK, "currentColor")


def _referred_to(root: "Element") -> set[str]:
    named = {each.get(_HREF, "").removeprefix("#") for each in root.iter()}
    return named | {found for each in root.iter() for value in each.attrib.values() for found in _REFERENCE.findall(value)}


def _settle(element: "Element", name: str, kept: set[str]) -> None:
    """Give an element an id of this drawing, or none where nothing refers to it, and the page's font."""
    identity = element.attrib.pop("id", None)
    if identity in kept:
        element.set("id", f"{name}-{identity}")
    if (refers := element.attrib.pop(_HREF, None)) is not None:
        element.set("href", f"#{name}-{refers[1:]}")
    for key, value in element.attrib.items():
        element.set(key, _FONTS.sub("system-ui, sans-serif", _REFERENCE.sub(rf"url(#{name}-\1)", value)))
