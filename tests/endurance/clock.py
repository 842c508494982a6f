"""A clock that runs fast from NOON, and shows the same in every process of this machine."""

from datetime import datetime, timedelta
from time import monotonic

from tests.conftest import NOON


class FastClock:
    """At ``started`` (``time.monotonic``) it was NOON; since then ``speed`` seconds pass a second.

    >>> FastClock(started=monotonic(), speed=60)() < NOON + timedelta(hours=1)
    True
    """

    def __init__(self, started: float, speed: float) -> None:
        self.started = started
        self.speed = speed

    def __call__(self) -> datetime:
        """Return what it shows now."""
        return NOON + timedelta(seconds=(monotonic() - self.started) * self.speed)

    def reads(self, at: datetime) -> float:
        """Return the moment, as ``time.monotonic`` counts, at which it shows ``at``."""
        return self.started + (at - NOON).total_seconds() / self.speed
