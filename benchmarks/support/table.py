"""The table of the benchmarks, as aligned text or Markdown, and the machine it was measured on."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HEADINGS = ("measure", "Pullquote", "beside it", "ratio", "bar")
_PACKAGES = ("torch", "openvino", "sentence-transformers", "faiss-cpu", "tantivy", "txtai", "bm25s", "numpy")


@dataclass(frozen=True, slots=True)
class Bar:
    """The least or greatest value that a figure may have."""

    limit: float
    at_least: bool
    unit: str = ""

    def describe(self, value: float) -> str:
        """Describe the bar, and whether a value meets it."""
        met = value >= self.limit if self.at_least else value <= self.limit
        unit = f" {self.unit}" if self.unit else ""
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}{unit}: {'met' if met else 'missed'}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table. One with only a name begins a section."""

    name: str
    ours: str = ""
    beside: str = ""
    ratio: str = ""
    bar: str = ""

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """The cells in the order of the headings."""
        return self.name, self.ours, self.beside, self.ratio, self.bar


def compared(name: str, ours: float, beside: float, label: str, *, unit: str, bar: Bar | None = None) -> Row:
    """Make a row of two figures and the ratio of ours to the other."""
    ratio = ours / beside if beside else float("nan")
    verdict = bar.describe(ratio) if bar else ""
    return Row(name, f"{figure(ours)} {unit}", f"{label} {figure(beside)} {unit}", f"{ratio:.2f}", verdict)


def alone(name: str, value: float, *, unit: str, bar: Bar | None = None, shown: str | None = None) -> Row:
    """Make a row of one figure of ours. `shown` overrides how it is written."""
    return Row(name, f"{shown or figure(value)} {unit}".strip(), bar=bar.describe(value) if bar else "")


def figure(value: float) -> str:
    """Format a number with three significant digits."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def as_text(rows: Sequence[Row]) -> str:
    """Format the rows with aligned columns."""
    lines = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines if any(line[1:])) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def as_markdown(rows: Sequence[Row]) -> str:
    """Format the rows as a Markdown table, with sections in bold."""
    lines = [HEADINGS, ("---",) * len(HEADINGS)]
    lines += [row.cells if any(row.cells[1:]) else (f"**{row.name}**", "", "", "", "") for row in rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def machine() -> str:
    """Describe cores, processor, memory and versions in a line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = ""
    if "SC_PHYS_PAGES" in os.sysconf_names:
        memory = f", {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"
    bf16 = "bf16" if has_bf16() else "no bf16"
    versions = ", ".join(f"{name} {installed}" for name in _PACKAGES if (installed := _version(name)))
    return f"{cores} cores ({_processor()}, {bf16}){memory}; Python {platform.python_version()}, {versions}"


def has_bf16() -> bool:
    """Tell whether the processor computes with bfloat16, as far as Linux reports it."""
    return bool({"avx512_bf16", "amx_bf16"} & set(_cpu_field("flags").split()))


def _processor() -> str:
    return _cpu_field("model name") or platform.processor() or platform.machine()


def _cpu_field(name: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.split("\t")[0] == name), "")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
