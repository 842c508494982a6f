"""Whether a time suits somebody who waits, and how long others waited. Pure."""

import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from directory.errors import FieldError
from directory.opening_rules import parse_byday

MOST_STRETCHES = 14

#: How far back one looks to say how long the wait may be, and how many offers that takes.
LOOK_BACK = timedelta(weeks=8)
FEWEST_OFFERS = 5
#: Beyond so many weeks nothing more is said than "longer".
MOST_WEEKS = 52

WEEK = timedelta(weeks=1)


class SkipReason(enum.StrEnum):
    """Why somebody in line was passed over: fixed words, and nothing about anybody."""

    OUT_OF_DATES = "out-of-dates"
    DOES_NOT_SUIT = "does-not-suit"
    TOO_FAR = "too-far"
    HAD_THIS_OFFER = "had-this-offer"
    HAS_AN_OFFER = "has-an-offer"
    CLIENT_BUSY = "client-busy"
    NOT_OPEN_TO_YOU = "not-open-to-you"
    TOO_MANY_PLACES = "too-many-places"


class Moment(NamedTuple):
    """A slot's day, weekday and wall-clock readings, where it happens."""

    day: date
    weekday: int
    starts: time
    ends: time | None  # None: it ends on another day

    @classmethod
    def of(cls, slot: Mapping[str, Any]) -> "Moment":
        """Return that of a slot with its window's ``timezone``."""
        zone = ZoneInfo(slot["timezone"])
        begin, end = slot["starts_at"].astimezone(zone), slot["ends_at"].astimezone(zone)
        ends = end.time() if end.date() == begin.date() else None
        return cls(slot["local_date"], begin.weekday(), begin.time(), ends)


def is_within_dates(moment: Moment, earliest: date | None, latest: date | None) -> bool:
    """Say whether a slot's local day is none too early and none too late; None means any."""
    return (earliest is None or earliest <= moment.day) and (latest is None or moment.day <= latest)


def suits(moment: Moment, stretches: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether a slot lies, from start to end, in one of the stretches of a week; none is any.

    A stretch is ``{"byday": ["MO"], "opens_at": "09:00", "closes_at": "12:00"}``. Without days it
    is of every day, without hours of the whole day.
    """
    return not stretches or any(_lies_in(moment, stretch) for stretch in stretches)


def _lies_in(moment: Moment, stretch: Mapping[str, Any]) -> bool:
    days = {weekday for _, weekday in _weekdays(stretch)}
    if days and moment.weekday not in days:
        return False
    opens, closes = stretch.get("opens_at"), stretch.get("closes_at")
    if opens and moment.starts < time.fromisoformat(opens):
        return False
    return not closes or (moment.ends is not None and moment.ends <= time.fromisoformat(closes))


def _weekdays(stretch: Mapping[str, Any]) -> tuple[tuple[int | None, int], ...]:
    named = stretch.get("byday")
    return parse_byday(",".join(named)) if named else ()


def wrong_stretches(stretches: Sequence[Mapping[str, Any]]) -> Iterable[FieldError]:
    """Yield what is wrong with the hours that suit."""
    if len(stretches) > MOST_STRETCHES:
        yield FieldError("suits", f"Give at most {MOST_STRETCHES} of them.")
    for number, stretch in enumerate(stretches):
        try:
            ordinals = [ordinal for ordinal, _ in _weekdays(stretch)]
        except ValueError as error:
            yield FieldError(f"suits.{number}.byday", str(error))
            continue
        if any(ordinal is not None for ordinal in ordinals):
            yield FieldError(f"suits.{number}.byday", "Give weekdays such as MO or TU.")
        opens, closes = stretch.get("opens_at"), stretch.get("closes_at")
        if opens and closes and time.fromisoformat(opens) >= time.fromisoformat(closes):
            yield FieldError(f"suits.{number}.closes_at", "The end comes before the beginning.")


class WaitRange(NamedTuple):
    """From so many weeks to so many. ``to_weeks`` None: longer than anybody can say."""

    from_weeks: int
    to_weeks: int | None


def expected_wait(position: int, offered: int, *, over: timedelta = LOOK_BACK) -> WaitRange | None:
    """Say how long the wait may be for whoever is at a position, from 1.

    ``offered`` is how many offers were really made in the time ``over`` to those in this line.
    None below ``FEWEST_OFFERS``: then we cannot say. The range is what so small a count allows
    (one standard deviation of it, either way), in whole weeks: never more precise.
    """
    if offered < FEWEST_OFFERS:
        return None
    weeks, spread = over / WEEK, math.sqrt(offered)
    soonest = math.floor(position * weeks / (offered + spread))
    latest = math.ceil(position * weeks / (offered - spread))
    if latest > MOST_WEEKS:
        return WaitRange(min(soonest, MOST_WEEKS), None)
    return WaitRange(soonest, max(latest, soonest + 1))
