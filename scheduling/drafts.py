"""A window as somebody wants it, and everything that can be wrong with it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from scheduling.rules import DAY
from scheduling.schedule import AddedDay, Closed, Schedule

#: The most slots that one window may make within its horizon, with all its added days.
MAXIMUM_SLOTS = 2000

#: The most days that may be added to a window, and the most closed days it may have.
MAXIMUM_ADDED = 400
MAXIMUM_CLOSED = 400

_LONGEST = timedelta(MAXIMUM_DAYS)

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowDraft:
    """The terms of an availability window, named as in ``AvailabilityWindow``.

    ``partner_organization_ids`` keeps the window for those partners; empty means for all.
    ``closed_on`` are local days on which it does not happen (``closed_because`` may say why),
    and ``added_on`` days on which it happens besides its pattern, or at other hours.
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
    closed_because: Mapping[date, str] = field(default_factory=dict)
    added_on: Sequence[AddedDay] = field(default=())

    @property
    def pattern(self) -> Pattern:
        """The days it happens on by itself. Only for a draft without mistakes."""
        byday = parse_byday(",".join(self.byday)) if self.byday else ()
        return Pattern(self.starts_on, self.freq, self.interval, byday, self.until, self.count)

    def schedule(self, closures: Iterable[Closed] = ()) -> Schedule:
        """All that it comes to, where ``closures`` are those of its whole organization.

        Only for a draft without mistakes.
        """
        return Schedule(
            pattern=self.pattern,
            zone=ZoneInfo(self.timezone),
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            slot_minutes=self.slot_minutes,
            gap_minutes=self.gap_minutes,
            added={added.day: added for added in self.added_on},
            closed=[*(Closed(day, day) for day in self.closed_on), *closures],
        )


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
    mistakes = [
        *_wrong_words(draft),
        *_wrong_numbers(draft),
        *_wrong_pattern(draft),
        *_wrong_days(draft),
    ]
    return mistakes or list(_too_many_slots(draft))


def _wrong_words(draft: WindowDraft) -> Iterator[FieldError]:
    if not draft.title.strip() or len(draft.title) > 120:  # noqa: PLR2004  (as the column)
        yield FieldError("title", "Say in 1 to 120 letters what people come for.")
    if draft.timezone not in _timezones():
        yield FieldError("timezone", 'Give an IANA time zone, such as "America/Detroit".')
    if draft.instructions and len(draft.instructions) > 1000:  # noqa: PLR2004  (as the column)
        yield FieldError("instructions", "Use at most 1,000 letters.")


#: Where people live. Names outside of these are offsets, abbreviations, or files beside a zone.
_AREAS = frozenset(
    {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
        "US",
    }
)


@cache
def _timezones() -> frozenset[str]:
    """Return the names of the time zones of places, and UTC; listing them reads many files."""
    places = (name for name in available_timezones() if name.split("/")[0] in _AREAS)
    return frozenset({"UTC", "Etc/UTC", *places})


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


def _wrong_days(draft: WindowDraft) -> Iterator[FieldError]:
    """Find what is wrong with the days that were added or closed one by one."""
    if len(draft.closed_on) > MAXIMUM_CLOSED:
        yield FieldError("closed_on", f"Give at most {MAXIMUM_CLOSED} of them.")
    if len(draft.added_on) > MAXIMUM_ADDED:
        yield FieldError("added_on", f"Give at most {MAXIMUM_ADDED} of them.")
    seen = set(draft.closed_on)
    for index, added in enumerate(draft.added_on):
        if added.day in seen:
            yield FieldError(f"added_on.{index}.date", "This day is added twice, or closed.")
        seen.add(added.day)
        yield from _wrong_added(draft, added, f"added_on.{index}")
    for at, reason in (
        *(("closed_because", reason) for reason in draft.closed_because.values()),
        *((f"added_on.{index}.reason", a.reason) for index, a in enumerate(draft.added_on)),
    ):
        if reason is not None and len(reason) > 200:  # noqa: PLR2004  (as the column)
            yield FieldError(at, "Use at most 200 letters.")


def _wrong_added(draft: WindowDraft, added: AddedDay, path: str) -> Iterator[FieldError]:
    last = date.fromordinal(
        min(draft.starts_on.toordinal() + MAXIMUM_DAYS, date.max.toordinal() - 1)
    )
    if not draft.starts_on <= added.day <= last:
        yield FieldError(
            f"{path}.date", "Give a day from the first one to 18 months after it, at most."
        )
    if (added.opens_at is None) != (added.closes_at is None):
        yield FieldError(f"{path}.opens_at", "Give both when it opens and when it closes.")
    if any(at is not None and at.tzinfo is not None for at in (added.opens_at, added.closes_at)):
        yield FieldError(
            f"{path}.opens_at", "Give a time as the clock on the wall shows it: no offset."
        )


def _too_many_slots(draft: WindowDraft) -> Iterator[FieldError]:
    """Count the slots: a day without one, a window without a day, or too many, is a mistake."""
    schedule = replace(draft.schedule(), zone=ZoneInfo("UTC"), closed=())  # no day is shortened
    last = draft.starts_on + timedelta(draft.horizon_days)
    a_day = sum(1 for _ in replace(schedule, added={}).slots_of(draft.starts_on))
    on_added = [sum(1 for _ in schedule.slots_of(added.day)) for added in draft.added_on]
    made = sum(1 for _ in draft.pattern.days(draft.starts_on, last)) * a_day + sum(on_added)
    if not a_day:
        yield FieldError("closes_at", "No slot of that length fits between opening and closing.")
    elif 0 in on_added:
        yield FieldError(
            f"added_on.{on_added.index(0)}.closes_at",
            "No slot of that length fits between opening and closing.",
        )
    elif not any(True for _ in schedule.days(draft.starts_on, draft.starts_on + _LONGEST)):
        yield FieldError("pattern", "This pattern never happens within 18 months.")
    elif made > MAXIMUM_SLOTS:
        yield FieldError(
            "horizon_days",
            f"That makes {made} slots; at most {MAXIMUM_SLOTS} are allowed at a time.",
        )


def first_slots(
    draft: WindowDraft, *, now: datetime, days: int = 14, closures: Iterable[Closed] = ()
) -> list[Interval]:
    """Return the slots of the draft's first two weeks, as publishing would make them.

    The weeks begin with its first day that has a slot to come, be it yesterday whose night goes
    on. Only for a draft without mistakes.
    """
    schedule = draft.schedule(closures)
    begin = max(now.astimezone(schedule.zone).date() - DAY, draft.starts_on)
    slots = schedule.slots(begin, begin + _LONGEST)
    coming = (slot for slot in slots if slot.interval.starts_at > now)
    first = next(coming, None)
    if first is None:
        return []
    soon = takewhile(lambda slot: slot.day < first.day + timedelta(days), chain([first], coming))
    return [slot.interval for slot in soon]
