"""When a price counts: from its first day to its last, by the clocks of where the service is."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from directory.database import Row
from directory.intervals import local_instant

_DAY: Final = timedelta(days=1)

#: Later days are never: not every zone has an instant for them.
_LAST_DAY: Final = date(9999, 12, 1)


def counting(prices: Sequence[Row], on: date) -> list[Row]:
    """Return the prices that count on a day."""
    return [price for price in not_over(prices, on) if (price["valid_from"] or on) <= on]


def not_over(prices: Sequence[Row], on: date) -> list[Row]:
    """Return the prices that count on a day, or will."""
    return [price for price in prices if on <= (price["valid_to"] or on)]


def next_change(prices: Sequence[Row], zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when a price next begins or ends to count; None where none does."""
    instants = (
        local_instant(day, time(0), zone)
        for price in prices
        for day in _edges(price)
        if now.date() - _DAY <= day <= _LAST_DAY
    )
    return min((at for at in instants if now < at), default=None)


def _edges(price: Row) -> Iterator[date]:
    """Yield the days from which a price counts, or does not any more."""
    if price["valid_from"] is not None:
        yield price["valid_from"]
    if price["valid_to"] is not None and price["valid_to"] < _LAST_DAY:
        yield price["valid_to"] + _DAY
