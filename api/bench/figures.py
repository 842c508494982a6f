"""The figures of a measurement, and what becomes of several rounds of them."""

from collections.abc import Sequence
from statistics import median

import msgspec

#: Each side is measured so often, in turns.
ROUNDS = 3


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One side in one round. Empty is what this side cannot tell.

    ``per_second``: requests, or bookings; ``p50_ms`` and ``p99_ms``: how long one took;
    ``processor_us``: microseconds of processor time the server spent on one.
    """

    per_second: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    processor_us: float | None = None


def median_figures(rounds: Sequence[Figures]) -> Figures:
    """Return the median of each figure over the rounds."""
    return Figures(
        per_second=median(each.per_second for each in rounds),
        p50_ms=_median([each.p50_ms for each in rounds]),
        p99_ms=_median([each.p99_ms for each in rounds]),
        processor_us=_median([each.processor_us for each in rounds]),
    )


def median_ratio(measured: Sequence[Figures], limit: Sequence[Figures]) -> float | None:
    """Return the median of the ratios of rounds that were measured side by side."""
    ratios = [
        a.per_second / b.per_second for a, b in zip(measured, limit, strict=True) if b.per_second
    ]
    return median(ratios) if ratios else None


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
