"""Figures as Markdown."""

import statistics
from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def count(value: float, digits: int = 1) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.{digits}f}"


def with_spread(values: Sequence[float], digits: int = 1) -> str:
    """The median, and the least and the largest. - digits: behind the point, of what is below a thousand."""
    middle, least, most = (count(value, digits) for value in (statistics.median(values), min(values), max(values)))
    return f"{middle} ({least} to {most})"


def ratio(values: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios of neighbours in time, which suffer from the same noise."""
    return statistics.median(value / other for value, other in zip(values, others))


def difference(values: Sequence[float], others: Sequence[float]) -> float:
    """The median of the differences between neighbours in time."""
    return statistics.median(value - other for value, other in zip(values, others))
