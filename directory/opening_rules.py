"""One row of an HSDS schedule, and the local days it speaks for."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_WEEKS_IN_MONTH = 5
MIDNIGHT = time(0)
LAST_MINUTE = time(23, 59)
ONE_DAY = timedelta(days=1)
COUNTED_DAYS = 3653  # ten years
DAYS_IN_WEEK = len(WEEKDAYS)
MOST_DIGITS = 3  # of a day of the year

#: The highest numbers of the lists: days of a month, days of a year and weeks of a year.
MOST_MONTH_DAYS, MOST_YEAR_DAYS, MOST_YEAR_WEEKS = 31, 366, 53


@dataclass(frozen=True, slots=True)
class OpeningRule:
    """One row of HSDS 3.2 ``schedule``, typed; days and clock readings are local and naive.

    A row with ``freq`` recurs as RFC 5545 has it, with weeks that begin on ``wkst`` (from
    Monday = 0). A row without, but with both ``valid_from`` and ``valid_to``, is an
    **exception**: on those days it stands in place of the regular rows, and without hours it
    says "closed". A row with neither happens once, on ``dtstart``.

    ``closes_at`` at or before ``opens_at`` is on the next day (equal: 24 hours), and 23:59
    means midnight, which is how HSDS writes a whole day. ``byday`` holds (week of the month
    or None, weekday from Monday = 0), see :func:`parse_byday`; an ordinal picks that week of
    the month whatever ``freq`` says. Negative ``byday`` weeks and ``bymonthday`` count from
    the end of the month. ``until`` and ``valid_to`` are included.

    RFC 5545 knows ``byweekno`` and ``byyearday`` only in years' rules, which HSDS does not
    have. Here each keeps, of the days that the rest of the row names, those in that week or
    of that number in their year; ``byyearday`` alone names its days. Negative ones count from
    the end of the year.

    Raises ValueError for an ``interval`` or ``count`` below 1, and a ``wkst`` that is no day.
    """

    valid_from: date | None = None
    valid_to: date | None = None
    dtstart: date | None = None
    until: date | None = None
    freq: Literal["WEEKLY", "MONTHLY"] | None = None
    interval: int = 1
    byday: tuple[tuple[int | None, int], ...] = ()
    bymonthday: tuple[int, ...] = ()
    byyearday: tuple[int, ...] = ()
    byweekno: tuple[int, ...] = ()
    wkst: int = 0
    count: int | None = None
    opens_at: time | None = None
    closes_at: time | None = None
    by_appointment: bool = False

    def __post_init__(self) -> None:
        if self.interval < 1 or (self.count is not None and self.count < 1):
            raise ValueError("An interval or count must be 1 or more.")
        if self.wkst not in range(len(WEEKDAYS)):
            raise ValueError("A week begins on a day from 0, Monday, to 6.")

    def excepts(self, day: date) -> bool:
        """Say whether this row is an exception for the local day."""
        return (
            self.freq is None
            and self.valid_from is not None
            and self.valid_to is not None
            and self.valid_from <= day <= self.valid_to
            and self._picks(day)
        )

    @property
    def span_days(self) -> int:
        """How many days lie between ``valid_from`` and ``valid_to``; 0 unless both are given."""
        if self.valid_from is None or self.valid_to is None:
            return 0
        return (self.valid_to - self.valid_from).days

    def recurs_on(self, day: date) -> bool:
        """Say whether this row, as a regular one, speaks for the local day."""
        return (
            self._recurs_uncounted_on(day)
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
            and (self.count is None or day <= self.last_counted_day)
        )

    def span_on(self, day: date) -> tuple[datetime, datetime] | None:
        """Return when the row opens and closes, as naive wall-clock time, if it begins that day.

        None without both ends: half an opening is no promise. None by appointment.
        """
        if self.opens_at is None or self.closes_at is None or self.by_appointment:
            return None
        opens, closes = self.opens_at, self.closes_at
        if opens != closes and closes >= LAST_MINUTE:
            closes = MIDNIGHT
        closing_day = day + ONE_DAY if closes <= opens else day
        return datetime.combine(day, opens), datetime.combine(closing_day, closes)

    @property
    def anchor(self) -> date | None:
        """The day from which an interval or a count is reckoned, if the row gives one."""
        return self.dtstart or self.valid_from

    @property
    def last_day(self) -> date:
        """A day after which the row certainly says nothing more."""
        if self.freq is None and self.valid_to is None:
            return self.dtstart or date.min
        return min(self.until or date.max, self.valid_to or date.max)

    @property
    def last_counted_day(self) -> date:
        """The day on which the row has happened ``count`` times; without a count, the last."""
        return date.max if self.count is None else _last_counted_day(self)

    def _recurs_uncounted_on(self, day: date) -> bool:
        """Say whether the day is in the pattern, leaving aside validity and count."""
        if self.freq is None:
            return day == self.dtstart
        return (
            (self._picks(day) if self._names_days else self._repeats_anchor(day))
            and (self.dtstart is None or self.dtstart <= day)
            and (self.until is None or day <= self.until)
            and (self.interval == 1 or self._in_step(day))
        )

    @property
    def _names_days(self) -> bool:
        return bool(self.byday or self.bymonthday or self.byyearday)

    def _picks(self, day: date) -> bool:
        """Say whether the lists of days, where given, name this one."""
        return (
            (not self.byday or self._names_weekday(day))
            and (
                not self.bymonthday
                or day.day in self.bymonthday
                or day.day - _length_of_month(day) - 1 in self.bymonthday
            )
            and (not self.byyearday or self._names_day_of_year(day))
            and (not self.byweekno or self._names_week_of_year(day))
        )

    def _names_day_of_year(self, day: date) -> bool:
        """Say whether ``byyearday`` has the day, counted from either end of its year."""
        number = day.timetuple().tm_yday
        return number in self.byyearday or number - 1 - _length_of_year(day) in self.byyearday

    def _names_week_of_year(self, day: date) -> bool:
        """Say whether ``byweekno`` has the week, counted from either end of its year.

        A week belongs to the year in which it has four days or more (RFC 5545, ISO 8601): the
        year of its fourth day.
        """
        week_begins = day - (day.weekday() - self.wkst) % DAYS_IN_WEEK * ONE_DAY
        fourth_day = week_begins + 3 * ONE_DAY
        number = (fourth_day.timetuple().tm_yday - 1) // DAYS_IN_WEEK + 1
        later = (_length_of_year(fourth_day) - fourth_day.timetuple().tm_yday) // DAYS_IN_WEEK
        return number in self.byweekno or -1 - later in self.byweekno

    def _names_weekday(self, day: date) -> bool:
        """Say whether ``byday`` has the weekday: every one, or the week counted from an end."""
        weekday = day.weekday()
        return (
            (None, weekday) in self.byday
            or ((day.day + 6) // 7, weekday) in self.byday
            or (-1 - (_length_of_month(day) - day.day) // 7, weekday) in self.byday
        )

    def _repeats_anchor(self, day: date) -> bool:
        """Without lists of days a rule repeats its first day; without that it never happens."""
        if self.anchor is None:
            return False
        if self.byweekno and not self._names_week_of_year(day):
            return False
        if self.freq == "WEEKLY":
            return day.weekday() == self.anchor.weekday()
        return day.day == self.anchor.day

    def _in_step(self, day: date) -> bool:
        """Say whether the day's week or month is one that the interval does not skip."""
        if self.anchor is None:
            return True
        if self.freq == "WEEKLY":
            weeks = week_number(day, self.wkst) - week_number(self.anchor, self.wkst)
            return weeks % self.interval == 0
        return (_month_number(day) - _month_number(self.anchor)) % self.interval == 0


@lru_cache(maxsize=4096)
def parse_byday(text: str) -> tuple[tuple[int | None, int], ...]:
    """Read ``"1MO,3WE,-1FR"`` into ``((1, 0), (3, 2), (-1, 4))``; nothing gives ``()``.

    Raises ValueError, naming the part, for anything but two-letter weekdays with an optional
    week of the month from 1 to 5 or -1 to -5.
    """
    return tuple(_parse_day(part.strip().upper()) for part in text.split(",") if text.strip())


@lru_cache(maxsize=4096)
def parse_numbers(text: str, most: int) -> tuple[int, ...]:
    """Read ``"1,15,-1"``, a list of days or weeks counted from either end; nothing gives ``()``.

    Raises ValueError, naming the part, for anything but whole numbers from 1 to ``most`` and
    from -1 to -``most``.
    """
    return tuple(_parse_number(part.strip(), most) for part in text.split(",") if text.strip())


def _parse_number(part: str, most: int) -> int:
    """Read one number of a list."""
    digits = part.removeprefix("-").removeprefix("+")
    sound = digits.isascii() and digits.isdecimal() and len(part) - len(digits) <= 1
    if not sound or not 1 <= int(digits[:MOST_DIGITS]) <= most or len(digits) > MOST_DIGITS:
        raise ValueError(
            f"{part[:12]!r} is not a number from 1 to {most}, or from -1 to -{most} "
            "to count from the end."
        )
    return int(part)


def parse_weekday(text: str) -> int:
    """Read ``"SU"`` into 6. Raises ValueError for anything but a two-letter weekday."""
    code = text.strip().upper()
    if code not in WEEKDAYS:
        raise ValueError(f"{text[:12]!r} is not a day: write MO, TU, WE, TH, FR, SA or SU.")
    return WEEKDAYS.index(code)


def _parse_day(part: str) -> tuple[int | None, int]:
    """Read one weekday with its optional week of the month."""
    week, weekday = part[:-2], part[-2:]
    weeks: dict[str, int | None] = {"": None}
    for n in range(1, MOST_WEEKS_IN_MONTH + 1):
        weeks |= {f"{n}": n, f"+{n}": n, f"-{n}": -n}
    if weekday not in WEEKDAYS or week not in weeks:
        raise ValueError(
            f"{part[:12]!r} is not a day: write MO, TU, WE, TH, FR, SA or SU, "
            "with a week of the month before it if you mean one, as in 1MO or -1FR."
        )
    return weeks[week], WEEKDAYS.index(weekday)


@lru_cache(maxsize=4096)
def _last_counted_day(rule: OpeningRule) -> date:
    """Return the day on which a rule has happened ``count`` times.

    Without a first day there is nothing to count from, and a count that ten years do not
    use up is as good as none: then the last day there is.
    """
    if rule.anchor is None:
        return date.max
    seen = 0
    for n in range(min(COUNTED_DAYS, (date.max - rule.anchor).days)):
        day = rule.anchor + n * ONE_DAY
        seen += rule._recurs_uncounted_on(day)  # noqa: SLF001  # half of the class, apart for its cache
        if seen == rule.count:
            return day
    return date.max


def _length_of_month(day: date) -> int:
    """Return the number of days in the day's month."""
    return monthrange(day.year, day.month)[1]


def _length_of_year(day: date) -> int:
    """Return the number of days in the day's year."""
    return date(day.year, 12, 31).timetuple().tm_yday


def week_number(day: date, wkst: int) -> int:
    """Return the week that begins on ``wkst``, numbered without a break between years."""
    return (day.toordinal() - 1 - wkst) // DAYS_IN_WEEK


def _month_number(day: date) -> int:
    """Return the month, numbered without a break between years."""
    return day.year * 12 + day.month
