"""A window as somebody wants it, and everything that can be wrong with it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import chain, takewhile
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from directory.errors import FieldError
from directory.intervals import Interval
from directory.opening_rules import parse_byday
from scheduling.models.windows import Approval, BookableBy
from scheduling.patterns import MAXIMUM_DAYS, MAXIMUM_OCCURRENCES, Pattern
from scheduling.rules import cut_into_slots

#: The most slots that one window may make within its horizon.
MAXIMUM_SLOTS = 2000

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowDraft:
    """The terms of an availability window, named as in ``AvailabilityWindow``.

    ``partner_organization_ids`` keeps the window for those partners; empty means for all.
    ``closed_on`` are local days on which it does not happen.
    """

    service_at_location_id: UUID
    title: str
    timezone: str
    starts_on: date
    opens_at: time
    closes_at: time
    slot_minutes: int
    freq: str | None = None
    interval: int = 1
    byday: Sequence[str] = ()
    until: date | None = None
    count: int | None = None
    gap_minutes: int = 0
    capacity: int = 1
    notice_minutes: int = 0
    horizon_days: int = 90
    cancel_cutoff_minutes: int = 0
    bookable_by: BookableBy = BookableBy.PARTNERS
    approval: Approval = Approval.AUTOMATIC
    documents: Sequence[str] = ()
    instructions: str | None = None
    partner_organization_ids: Sequence[UUID] = ()
    closed_on: Sequence[date] = field(default=())

    @property
    def pattern(self) -> Pattern:
        """The days it happens on. Only for a draft without mistakes."""
        byday = parse_byday(",".join(self.byday)) if self.byday else ()
        return Pattern(self.starts_on, self.freq, self.interval, byday, self.until, self.count)


_RANGES = {
    "interval": (1, 52),
    "count": (1, MAXIMUM_OCCURRENCES),
    "slot_minutes": (5, 1440),
    "gap_minutes": (0, 1440),
    "capacity": (1, 500),
    "notice_minutes": (0, 43_200),
    "horizon_days": (1, MAXIMUM_DAYS),
    "cancel_cutoff_minutes": (0, 43_200),
}


def find_mistakes(draft: WindowDraft) -> list[FieldError]:
    """Return every mistake in a draft, by field, with what would be right; none if it is good."""
    mistakes = [*_wrong_words(draft), *_wrong_numbers(draft), *_wrong_pattern(draft)]
    return mistakes or list(_too_many_slots(draft))


def _wrong_words(draft: WindowDraft) -> Iterator[FieldError]:
    if not draft.title.strip() or len(draft.title) > 120:  # noqa: PLR2004  (as the column)
        yield FieldError("title", "Say in 1 to 120 letters what people come for.")
    if draft.timezone not in _timezones():
        yield FieldError("timezone", 'Give an IANA time zone, such as "America/Detroit".')
    if draft.instructions and len(draft.instructions) > 1000:  # noqa: PLR2004  (as the column)
        yield FieldError("instructions", "Use at most 1,000 letters.")


@cache
def _timezones() -> frozenset[str]:
    """Return the names of all time zones; listing them reads many files."""
    return frozenset(available_timezones())


def _wrong_numbers(draft: WindowDraft) -> Iterator[FieldError]:
    for name, (least, most) in _RANGES.items():
        value = getattr(draft, name)
        if value is not None and not least <= value <= most:
            yield FieldError(name, f"Give a whole number from {least} to {most}.")
    for name in ("opens_at", "closes_at"):
        if getattr(draft, name).tzinfo is not None:
            yield FieldError(name, "Give a time as the clock on the wall shows it: no offset.")
    if 0 < draft.horizon_days * 24 * 60 <= draft.notice_minutes:
        yield FieldError("notice_minutes", "The notice must be shorter than the horizon.")
    if draft.starts_on.year not in range(2000, 2100):
        yield FieldError("starts_on", "Give a day between the years 2000 and 2099.")


def _wrong_pattern(draft: WindowDraft) -> Iterator[FieldError]:
    if draft.freq is not None and draft.freq not in FREQUENCIES:
        yield FieldError("pattern.freq", "Give DAILY, WEEKLY or MONTHLY, or leave it out.")
    if draft.until is not None and draft.count is not None:
        yield FieldError("pattern.until", "Give an end day or a count, not both.")
    if draft.until is not None and draft.until < draft.starts_on:
        yield FieldError("pattern.until", "The last day comes before the first.")
    if draft.until is not None and draft.until - draft.starts_on > timedelta(MAXIMUM_DAYS):
        yield FieldError("pattern.until", "The last day may be at most 18 months after the first.")
    yield from _wrong_weekdays(draft)


def _wrong_weekdays(draft: WindowDraft) -> Iterator[FieldError]:
    try:
        byday = parse_byday(",".join(draft.byday)) if draft.byday else ()
    except ValueError as error:
        yield FieldError("pattern.byday", str(error))
        return
    if len(",".join(draft.byday)) > 80:  # noqa: PLR2004  (as the column)
        yield FieldError("pattern.byday", "Name each weekday once.")
    if draft.freq != "MONTHLY" and any(ordinal is not None for ordinal, _ in byday):
        yield FieldError("pattern.byday", '"2TU" and the like need freq MONTHLY.')
    if draft.freq is None and byday:
        yield FieldError("pattern.byday", "Weekdays need a freq.")


def _too_many_slots(draft: WindowDraft) -> Iterator[FieldError]:
    """Cut the slots of one day and count the days: none, or too many, is a mistake."""
    last = draft.starts_on + timedelta(draft.horizon_days)
    days = list(draft.pattern.days(draft.starts_on, last))
    a_day = sum(
        1
        for _ in cut_into_slots(
            draft.starts_on, draft.opens_at, draft.closes_at, ZoneInfo("UTC"),
            slot_minutes=draft.slot_minutes, gap_minutes=draft.gap_minutes,
        )
    )  # fmt: skip
    if not a_day:
        yield FieldError("closes_at", "No slot of that length fits between opening and closing.")
    elif not list(draft.pattern.days(draft.starts_on, draft.starts_on + timedelta(MAXIMUM_DAYS))):
        yield FieldError("pattern", "This pattern never happens within 18 months.")
    elif len(days) * a_day > MAXIMUM_SLOTS:
        yield FieldError(
            "horizon_days",
            f"That makes {len(days) * a_day} slots; at most {MAXIMUM_SLOTS} are allowed at a time.",
        )


def first_slots(draft: WindowDraft, *, now: datetime, days: int = 14) -> list[Interval]:
    """Return the slots of the draft's first two weeks, as publishing would make them.

    The weeks begin with its first coming day. Only for a draft without mistakes.
    """
    zone = ZoneInfo(draft.timezone)
    begin = max(now.astimezone(zone).date(), draft.starts_on)
    closed = set(draft.closed_on)
    coming = (
        day
        for day in draft.pattern.days(begin, begin + timedelta(MAXIMUM_DAYS))
        if day not in closed
    )
    first = next(coming, None)
    if first is None:
        return []
    soon = takewhile(lambda day: day < first + timedelta(days), chain([first], coming))
    return [slot for day in soon for slot in _slots_of(draft, day, zone) if slot.starts_at > now]


def _slots_of(draft: WindowDraft, day: date, zone: ZoneInfo) -> Iterator[Interval]:
    cut = cut_into_slots(
        day,
        draft.opens_at,
        draft.closes_at,
        zone,
        slot_minutes=draft.slot_minutes,
        gap_minutes=draft.gap_minutes,
    )
    return (slot.interval for slot in cut)
