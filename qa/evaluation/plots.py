"""A run's figures as plots: inline SVG for light and dark pages, with the page's own font and colour.

Each plot describes in words what it shows, for people who cannot see it. Its ids are unique, so that a page can hold several.
"""

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa.evaluation.metrics.measures import recall_curve, reliability, risk_coverage_curve
from qa.evaluation.run import DEPTH, Run

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK = "#010203"  # placeholder for the colour of the surrounding text
_BLUE, _RED = "#3a7fc4", "#c65a38"  # a contrast of 3:1 or more on light and on dark
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],  # bundled with matplotlib for its layout; the page shows its own font
    "font.size": 10,
    "text.parse_math": False,  # names of stages are not formulas
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
_SIZE = (4.2, 2.9)  # inches; small, so that the text is legible on a phone
_LOCK = threading.Lock()  # matplotlib's settings are global to the process
_SVG, _HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_FONTS = re.compile(r"(?:'DejaVu Sans', )+sans-serif")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_LONGEST_LABEL = 16  # characters
_DESCRIBED_DEPTHS = (1, 5, 10, 100)  # whose recall the description gives


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with its caption."""

    name: str
    caption: str
    svg: str


def plots(run: Run, prefix: str = "plot") -> tuple[Plot, ...]:
    """Plot recall by depth, risk by coverage, calibration, and time. Plots without data are left out.

    Args:
        run: whose figures to plot.
        prefix: of all ids, different for each run in a page.
    """
    with _style(prefix):
        drawn = [draw(run, f"{prefix}-{name}") for name, draw in _PLOTS.items()]
    return tuple(plot for plot in drawn if plot is not None)


@contextmanager
def _style(prefix: str) -> Iterator[None]:
    import matplotlib as mpl

    with _LOCK, mpl.rc_context({**_STYLE, "svg.hashsalt": prefix}):
        yield


def _recall(run: Run, name: str) -> Plot | None:
    curves = {level: recall_curve(run.outcomes, level, DEPTH) for level in ("passage", "article")}
    if not any(curves.values()):
        return None
    figure, axes = _axes("k, how many are looked at", "recall at k")
    parts = []
    for (level, curve), colour, style in zip(curves.items(), (_BLUE, _RED), ("-", "--"), strict=True):
        if curve:
            axes.plot(range(1, len(curve) + 1), curve, style, color=colour, label=f"{level}s")
            parts.append(f"of {level}s, {', '.join(f'{curve[k - 1]:.3f} at {k}' for k in _DESCRIBED_DEPTHS)}")
    axes.set(xlim=(1, DEPTH), ylim=(0, 1.03))
    axes.set_xscale("log")
    _plain_ticks(axes, (1, 2, 5, 10, 20, 50, 100))
    axes.legend(loc="lower right")
    return _plot(figure, name, "Recall at k", f"Recall {'; '.join(parts)}.")


def _risk(run: Run, name: str) -> Plot | None:
    curve = risk_coverage_curve(run.outcomes)
    if not curve:
        return None
    figure, axes = _axes("coverage, share of the questions answered", "risk, share of them wrong")
    axes.plot([point.coverage for point in curve], [point.risk for point in curve], color=_BLUE)
    axes.set(xlim=(0, 1.01), ylim=(0, max(0.1, *(point.risk for point in curve)) * 1.05))
    half = curve[(len(curve) - 1) // 2]
    text = f"Risk {half.risk:.3f} when the surest {half.coverage:.0%} are answered, {curve[-1].risk:.3f} when all are"
    return _plot(figure, name, "Risk and coverage", f"{text}; AURC {run.figures.values['AURC']:.4f}.")


def _calibration(run: Run, name: str) -> Plot | None:
    bins = reliability(run.outcomes)
    if not bins:
        return None
    figure, axes = _axes("confidence shown", "share right")
    axes.plot([0, 1], [0, 1], ":", color=_INK, linewidth=1)
    largest = max(each.n for each in bins)
    points = [each.confidence for each in bins], [each.right for each in bins]
    axes.plot(*points, color=_BLUE, linewidth=1)
    axes.scatter(*points, s=[12 + 60 * each.n / largest for each in bins], color=_BLUE, zorder=3)
    axes.set(xlim=(0, 1.03), ylim=(0, 1.06))
    values = "; ".join(f"{each.right:.2f} right of {each.n} at {each.confidence:.2f}" for each in bins)
    text = "Share right beside confidence, on the dotted line where they are the same"
    return _plot(figure, name, "Calibration", f"{text}: {values}; ECE {run.figures.values['ECE']:.4f}.")


def _latency(run: Run, name: str) -> Plot | None:
    if not run.outcomes:
        return None
    return _stages(run, name) if run.figures.stages else _cumulative(run, name)


def _stages(run: Run, name: str) -> Plot:
    rows = [(_label(stage), speed.p50, speed.p95) for stage, speed in run.figures.stages.items()]
    rows.append(("in all", run.figures.median_seconds, run.figures.p95_seconds))
    figure, axes = _axes("milliseconds", "")
    for y, (_, p50, p95) in enumerate(rows):
        middle, late = _milliseconds(p50), _milliseconds(p95)
        labels = (None, None) if y else ("to the 95th percentile", "median")
        axes.plot([middle, late], [y, y], color=_RED, linewidth=2.5, label=labels[0])
        axes.plot(middle, y, "o", color=_BLUE, markersize=6, label=labels[1])
    axes.set_yticks(range(len(rows)), [stage for stage, *_ in rows])
    axes.set(ylim=(len(rows) - 0.5, -0.5))
    axes.set_xscale("log")
    _plain_ticks(axes)
    axes.grid(visible=False, axis="y")
    figure.legend(loc="outside upper left", ncols=2)
    values = "; ".join(f"{stage} {p50 * 1000:.2f} and {p95 * 1000:.2f}" for stage, p50, p95 in rows)
    return _plot(figure, name, "Time by stage", f"Milliseconds, median and 95th percentile: {values}.")


def _cumulative(run: Run, name: str) -> Plot:
    times = sorted(_milliseconds(outcome.seconds) for outcome in run.outcomes)
    figure, axes = _axes("milliseconds", "share of the questions that take no longer")
    axes.step([times[0], *times], [number / len(times) for number in range(len(times) + 1)], where="post", color=_BLUE)
    axes.set(ylim=(0, 1.03))
    text = f"Half of the questions take no more than {run.figures.median_seconds * 1000:.1f} milliseconds"
    return _plot(figure, name, "Time of a question", f"{text}, 95 % no more than {run.figures.p95_seconds * 1000:.1f}.")


_PLOTS = {"recall": _recall, "risk": _risk, "calibration": _calibration, "time": _latency}


def _axes(across: str, up: str) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.add_subplot(xlabel=across, ylabel=up)
    return figure, axes


def _plain_ticks(axes: "Axes", at: tuple[int, ...] = ()) -> None:
    """Label a logarithmic axis with plain numbers, not powers of ten."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    if at:
        axes.set_xticks(at)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _milliseconds(seconds: float) -> float:
    return max(seconds * 1000, 0.001)


def _label(name: str) -> str:
    """Cut a stage's name to fit, and replace characters that the font may lack."""
    return "".join(character if " " <= character <= "~" else "?" for character in name[:_LONGEST_LABEL])


def _plot(figure: "Figure", name: str, caption: str, description: str) -> Plot:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return Plot(name, caption, _inline_svg(buffer.getvalue(), name, f"{caption}. {description}"))


def _inline_svg(svg: bytes, name: str, description: str) -> str:
    """Strip an SVG file of its declarations, style sheet and size, so that it can stand in a page."""
    from xml.etree import ElementTree as ET

    from defusedxml.ElementTree import fromstring

    root = fromstring(svg)
    referenced = _referenced_ids(root)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{_SVG}metadata", f"{_SVG}style"):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        _localize(element, name, referenced)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.attrib |= {"xmlns": _SVG[1:-1], "class": "plot", "role": "img", "aria-label": description}
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")  # the one rule of its style sheet
    title = ET.Element("title")
    title.text = description.split(".", 1)[0]
    root.insert(0, title)
    return ET.tostring(root, encoding="unicode").replace(_INK, "currentColor")


def _referenced_ids(root: "Element") -> set[str]:
    linked = {element.get(_HREF, "").removeprefix("#") for element in root.iter()}
    values = (value for element in root.iter() for value in element.attrib.values())
    return linked | {identity for value in values for identity in _REFERENCE.findall(value)}


def _localize(element: "Element", name: str, referenced: set[str]) -> None:
    """Prefix an element's id and references with the plot's name, drop an unused id, and use the page's font."""
    identity = element.attrib.pop("id", None)
    if identity in referenced:
        element.set("id", f"{name}-{identity}")
    if (target := element.attrib.pop(_HREF, None)) is not None:
        element.set("href", f"#{name}-{target[1:]}")
    for key, value in element.attrib.items():
        element.set(key, _FONTS.sub("system-ui, sans-serif", _REFERENCE.sub(rf"url(#{name}-\1)", value)))
