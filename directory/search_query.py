"""What can be asked of the search, and what it answers."""

import enum
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from directory.database import Row
from directory.eligibility import Facts, Judgement, Verdict
from directory.folding import fold
from directory.hours import current_or_next
from directory.hours_summary import HoursSummary, summarize
from directory.intervals import Interval
from directory.opening_rules import OpeningRule
from directory.search_text import Readings
from directory.search_words import Correction, read_words
from directory.service_areas import Whereabouts
from directory.truth import is_claimed
from directory.week_times import WeekTime
from geo.places import Place
from geo.points import chord_squared_of, kilometres_of

#: Given the column of a service_at_location, selects the first time that somebody may book
#: there, or NULL. It is the scheduler's (invariant I8), and given by whoever asks for both.
FirstTime = Callable[[sa.ColumnElement[Any]], sa.ColumnElement[datetime]]


class Sort(enum.StrEnum):
    """What comes first: what answers best to the words, is nearest, or can be booked soonest.

    Ties of the first and the last by distance.
    """

    RELEVANCE = "relevance"
    DISTANCE = "distance"
    SOONEST = "soonest"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What somebody looks for. Everything given must hold; of ``needs``, any.

    ``origin`` None searches everywhere. What has any of ``without_needs``, or itself says one of
    the phrases ``without_words``, is left out. ``price_at_most`` is in cents. ``facts``, where
    there are any, leave out what is not for such a person; ``by_rule`` counts rules without any.
    ``open_at`` keeps what is open at that instant, or at the next such time of the week where
    each place is; ``openings`` what has reported room that still counts; ``bookable`` what
    ``first_time`` has a time for. ``sort`` None is by distance from the origin; without one, by
    how well a row answers to the words; without words, by name. Without ``facets`` only the total
    is counted, and rules where they matter. ``after`` is the ``cursor`` of
    the last result already seen. ``corrections`` are found by the search itself.
    """

    origin: Place | None = None
    within_km: float = 25.0
    needs: Sequence[str] = ()
    words: str = ""
    without_needs: Sequence[str] = ()
    without_words: Sequence[str] = ()
    languages: Sequence[str] = ()
    free: bool = False
    price_at_most: int | None = None
    step_free: bool = False
    remote: bool = False
    facts: Facts = field(default_factory=dict)
    by_rule: bool = False
    openings: bool = False
    open_at: datetime | WeekTime | None = None
    bookable: bool = False
    first_time: FirstTime | None = None
    sort: Sort | None = None
    facets: bool = True
    limit: int = 20
    after: "Cursor | None" = None
    corrections: Sequence[Correction] = ()

    @property
    def read_words(self) -> list[Readings]:
        """The words, folded, each with what it may be read as."""
        return read_words(self.words, self.corrections)

    @property
    def reach(self) -> float:
        """The chord of the radius, in square metres."""
        return chord_squared_of(self.within_km)

    @property
    def order(self) -> Sort:
        """The order that results come in."""
        by_words = self.origin is None and fold(self.words)
        return self.sort or (Sort.RELEVANCE if by_words else Sort.DISTANCE)


class Asked(enum.StrEnum):
    """What can be asked of a service that it may fail, in the order in which it is told."""

    ELIGIBLE = "eligible"
    STEP_FREE = "step_free"
    REMOTE = "remote"
    LANGUAGE = "language"
    FREE = "free"
    PRICE = "price"
    ROOM = "room"
    TIME = "time"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the order of its last result. Stays true while rows change.

    ``within_km`` is how far that search reached, so that the next page reaches as far, and
    ``corrected`` how it read misspelt words. ``rank`` is what the order looks at first.
    """

    within_km: float
    corrected: tuple[Correction, ...]
    sort: Sort
    rank: float
    placeless: bool
    chord_squared: float
    name: str
    id: UUID


class Match(enum.StrEnum):
    """How a result has to do with where the search starts.

    NEAR: its place is within the radius. AREA: its place is not, or there is none that is told,
    and it says that it serves this area. ANYWHERE: no place is told, and it has not said whom it
    serves; where its agency's address is in a state, only from there.
    """

    NEAR = "near"
    AREA = "area"
    ANYWHERE = "anywhere"


class Hit(NamedTuple):
    """One result, looked at by the ``query`` at the time ``now``; ``here`` is the query's origin.

    ``entry`` is its search row. It stands in order by ``rank`` first, then by nearness:
    ``chord_squared`` is from the origin to its place, in square metres; 0 without either.
    ``is_near``: that is within the radius.
    ``rules`` are its published hours; None where none are known, and where it is closed for now.
    ``judgement`` says whether it is for the person that was described; None where the service
    has no rule that could be checked.
    """

    entry: Row
    rank: float
    placeless: bool
    chord_squared: float
    is_near: bool
    query: SearchQuery
    here: Whereabouts | None
    now: datetime
    rules: Sequence[OpeningRule] | None
    judgement: Judgement | None = None

    @property
    def distance_km(self) -> float | None:
        """How far it is; None where there is no origin, no place, or it is not to be known."""
        if self.here is None or self.entry["cell"] is None:
            return None
        return kilometres_of(self.chord_squared)

    @property
    def hours(self) -> Interval | None:
        """When it is or will next be open; None where nobody stands by the hours.

        The stored interval while it counts: it is the present or the next one.
        """
        row = self.entry
        if self.rules is None or not is_claimed(row, self.now):
            return None
        if row["closes_at"] is not None and self.now < row["closes_at"]:
            return Interval(row["opens_at"], row["closes_at"])
        return current_or_next(self.rules, ZoneInfo(row["timezone"]), self.now)

    @property
    def summary(self) -> HoursSummary | None:
        """Its usual hours."""
        if self.rules is None:
            return None
        today = self.now.astimezone(ZoneInfo(self.entry["timezone"])).date()
        return summarize(tuple(self.rules), today)

    @property
    def serves(self) -> bool | None:
        """Whether the area that it states takes in the origin.

        None without an origin, and where it states none or that cannot be told.
        """
        return self.here.is_served(self.entry["areas"]) if self.here else None

    @property
    def match(self) -> Match | None:
        """How it was found; None where there is no origin."""
        if self.here is None:
            return None
        if self.is_near:
            return Match.NEAR
        return Match.AREA if self.serves else Match.ANYWHERE

    @property
    def cursor(self) -> Cursor:
        """Where a page ends that ends with it."""
        return Cursor(
            self.query.within_km,
            tuple(self.query.corrections),
            self.query.order,
            self.rank,
            self.placeless,
            self.chord_squared,
            self.entry["service_name"],
            self.entry["id"],
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A place that is nearer than the farthest result, and the first of what speaks against it."""

    hit: Hit
    asked: Asked


@dataclass(frozen=True, slots=True)
class Answer:
    """The true total and counts over *all* that was found, and one page of it.

    ``rules`` counts the rules that results have, and ``verdicts`` what they say; None is what has
    no rule. Both are counted where there are facts, or where the query asks for it. ``refused``
    is how many more there would be if none were left out for whom it is for.
    ``corrected``: the words that nothing has, and what was looked for instead.
    """

    total: int
    within_km: float
    widened: bool
    corrected: Sequence[Correction] = ()
    needs: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    open_now: int = 0
    free: int = 0
    rules: Counter[UUID | None] = field(default_factory=Counter)
    verdicts: Counter[Verdict | None] = field(default_factory=Counter)
    refused: int = 0
    hits: Sequence[Hit] = ()
    more: bool = False
    excluded_nearer: Sequence[LeftOut] = ()
