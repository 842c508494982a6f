"""Days and times on the staff's pages, said in the reader's language."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton, get_timezone_name
from babel.units import format_unit
from sqlmodel import Session

from api.languages import Language
from api.pages.rendering import AnyRequest, language_of
from api.parsing import parse_text
from api.schemas.shapes import Request
from api.settings import Settings
from api.words import EN_DASH, age_words, clock_words
from directory.database import Row
from directory.errors import InvalidError
from directory.intervals import local_instant
from directory.models.locations import Location
from directory.queries.agencies import find_usual_zone
from directory.viewer import Viewer
from geo.gazetteer import resolve_place

DAY = timedelta(days=1)
_UNITS = (("duration-day", 24 * 60), ("duration-hour", 60), ("duration-minute", 1))
NOON = time(12)
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Times:
    """Says times to one reader, whose agency usually lives by the clock in ``usual``."""

    language: Language
    now: datetime
    usual: ZoneInfo

    @property
    def today(self) -> date:
        """The reader's day."""
        return self.now.astimezone(self.usual).date()

    def day(self, day: date) -> str:
        """Name a day: ``"Tue, Jun 4"``, with the year where it is another one."""
        skeleton = "MMMEd" if day.year == self.today.year else "yMMMEd"
        return format_skeleton(
            skeleton, datetime.combine(day, NOON), locale=_locale(self.language.tag)
        )

    def short_day(self, day: date) -> str:
        """Name a day shortly: ``"Jun 30"``, with the year where it is another one."""
        skeleton = "MMMd" if day.year == self.today.year else "yMMMd"
        return format_skeleton(
            skeleton, datetime.combine(day, NOON), locale=_locale(self.language.tag)
        )

    def day_of(self, at: datetime, zone: str | None = None) -> str:
        """Name the day of an instant, in the zone given or the usual one."""
        return self.day(at.astimezone(ZoneInfo(zone) if zone else self.usual).date())

    def clock(self, at: datetime, zone: str | None = None) -> str:
        """Say the clock reading of an instant: ``"1:30 pm"``."""
        local = at.astimezone(ZoneInfo(zone) if zone else self.usual)
        return clock_words(local, language=self.language.tag, translate=self.language.translate)

    def hours(self, opens_at: time, closes_at: time) -> str:
        """Say from when to when by the clock on the wall: ``"1 pm-3 pm"``."""
        return EN_DASH.join(
            clock_words(at, language=self.language.tag, translate=self.language.translate)
            for at in (opens_at, closes_at)
        )

    def span(self, starts_at: datetime, ends_at: datetime, zone: str) -> str:
        """Say from when to when: ``"1 pm-1:30 pm"``; with the zone where clocks differ.

        Where even the day differs from the reader's, it is said too.
        """
        words = f"{self.clock(starts_at, zone)}{EN_DASH}{self.clock(ends_at, zone)}"
        there, here = starts_at.astimezone(ZoneInfo(zone)), starts_at.astimezone(self.usual)
        if there.utcoffset() == here.utcoffset():
            return words
        words = f"{words}, {self.zone_name(zone)}"
        return words if there.date() == here.date() else f"{words}, {self.day(there.date())}"

    def zone_note(self, zone: str) -> str:
        """Name a time zone whose clocks differ from the reader's; nothing where they agree."""
        there, here = (
            self.now.astimezone(each).utcoffset() for each in (ZoneInfo(zone), self.usual)
        )
        return "" if there == here else self.zone_name(zone)

    def zone_name(self, zone: str) -> str:
        """Name a time zone: ``"Eastern Time"``."""
        return get_timezone_name(ZoneInfo(zone), locale=_locale(self.language.tag))

    def age(self, at: datetime) -> str:
        """Say how long ago: ``"5 min ago"``."""
        return age_words(at, self.now, translate=self.language.translate)

    def length(self, minutes: int) -> str:
        """Say how long something is, in whole units: ``"45 minutes"``, ``"2 hours"``."""
        unit, of_minutes = next(
            (unit, size) for unit, size in _UNITS if minutes % size == 0 and (minutes or size == 1)
        )
        return format_unit(minutes // of_minutes, unit, locale=_locale(self.language.tag))

    def moment(self, at: datetime) -> str:
        """Say day and time of an instant, by the reader's own clock."""
        return f"{self.day_of(at)}, {self.clock(at)}"

    def is_their_day(self, row: Row) -> bool:
        """Say whether the day of an appointment has come where it takes place."""
        zone = ZoneInfo(row["timezone"])
        day: date = row["starts_at"].astimezone(zone).date()
        return self.now.astimezone(zone).date() >= day

    def start_of(self, day: date) -> datetime:
        """Return the instant at which a day begins where the reader is."""
        return local_instant(day, MIDNIGHT, self.usual)

    def before(self, day: date) -> date:
        """Return the day before."""
        return day - DAY

    def after(self, day: date) -> date:
        """Return the day after."""
        return day + DAY

    def by_day(self, rows: Iterable[Row]) -> dict[date, list[Row]]:
        """Group rows by the reader's day of their ``starts_at``."""
        return grouped(rows, lambda row: row["starts_at"].astimezone(self.usual).date())


def _locale(tag: str) -> str:
    """Every language is spoken as it is in the United States."""
    return f"{tag}_US"


def grouped(rows: Iterable[Row], key: Callable[[Row], date]) -> dict[date, list[Row]]:
    """Group rows by a day, in the order in which they come."""
    groups: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


def times_for(
    request: AnyRequest, session: Session, viewer: Viewer, settings: Settings, now: datetime
) -> Times:
    """Return what says times to this reader: by the clock of most of their agency's places."""
    zone = find_usual_zone(session, viewer.organization_id) or _home_zone(settings)
    return Times(language_of(request), now, ZoneInfo(zone))


def _home_zone(settings: Settings) -> str:
    if settings.home:
        return resolve_place(settings.home).timezone
    zone: str = Location.model_fields["timezone"].default
    return zone


class DayQuery(Request):
    """Which day somebody looks at."""

    day: date | None = None


#: Years that a calendar page can show, with room to turn it on either side.
YEARS = range(2000, 2100)


def read_day(request: AnyRequest, today: date) -> date:
    """Return the day that the address asks for; today when it names none."""
    asked: DayQuery = parse_text(DayQuery, {"day": request.query_params.getall("day", [])})
    day = asked.day or today
    if day.year not in YEARS:
        raise InvalidError.of("day", "Give a day such as 2030-06-03.")
    return day


def places_by_name(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Group appointments by the place they are at, in the order of its name."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[place_name(row)].append(row)
    return dict(sorted(groups.items()))


def place_name(row: Row) -> str:
    """Name a service at a location; one that is not listed any more, by its window."""
    parts = (row["service_name"] or row.get("title"), row["location_name"])
    return ", ".join(part for part in parts if part)
