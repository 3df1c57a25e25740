"""Figures as Markdown."""

import statistics
from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def count(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"


def with_spread(values: Sequence[float]) -> str:
    """The median, and the least and the largest."""
    return f"{count(statistics.median(values))} ({count(min(values))} to {count(max(values))})"


def ratio(values: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios of neighbours in time, which suffer from the same noise."""
    return statistics.median(value / other for value, other in zip(values, others))
