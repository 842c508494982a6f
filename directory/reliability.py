"""For how much of the time a provider's word about room counted. Pure."""

from collections.abc import Iterable
from datetime import timedelta

from directory.intervals import Interval

NOTHING = timedelta(0)


def share_covered(spans: Iterable[Interval], during: Interval) -> float:
    """Return the share, 0 to 1, of a stretch of time that lies in any of the spans.

    Spans may overlap, and reach beyond it; a stretch of no length is not covered.
    """
    length = during.ends_at - during.starts_at
    if length <= NOTHING:
        return 0.0
    covered, reached = NOTHING, during.starts_at
    for span in sorted(spans):
        starts_at, ends_at = max(span.starts_at, reached), min(span.ends_at, during.ends_at)
        if starts_at < ends_at:
            covered += ends_at - starts_at
            reached = ends_at
    return covered / length
