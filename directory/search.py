"""The one search: near here or serving here, this need, in these words, open then, with room.

Reads ``search_entry`` and the areas that its rows are found by, and nothing else but for opening
hours that the row cannot settle.
"""

import enum
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.drawn_areas import find_whereabouts
from directory.eligibility import Facts, Judgement, Verdict
from directory.folding import fold, one_word
from directory.hours import current_or_next
from directory.hours_summary import HoursSummary, summarize
from directory.intervals import Interval
from directory.offers import entries, search_areas
from directory.open_at import open_at
from directory.opening_rules import OpeningRule
from directory.queries.schedules import find_opening_rules
from directory.search_people import is_not_refused, judge_each, judge_rules
from directory.search_text import Readings, has_words, says
from directory.search_words import Correction, correct, read_words, score
from directory.service_areas import Whereabouts
from directory.truth import is_claimed
from directory.week_times import WeekTime
from geo.grid import cell_ranges
from geo.places import Place
from geo.points import EarthCentred, chord_squared_of, kilometres_of, to_earth_centred

#: How far a search reaches when nothing is near, in kilometres, one step after the other.
WIDER_KM = (50.0, 100.0, 250.0)

#: So many nearer places are told that were left out.
MOST_LEFT_OUT = 5

Condition = sa.ColumnElement[bool]


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


#: Comes after every time: the rank of what cannot be booked.
_NEVER = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What somebody looks for. Everything given must hold; of ``needs``, any.

    ``origin`` None searches everywhere. What has any of ``without_needs``, or itself says one of
    the phrases ``without_words``, is left out. ``price_at_most`` is in cents. ``facts``, where
    there are any, leave out what is not for such a person; ``by_rule`` counts rules without any.
    ``open_at`` keeps what is open at that instant, or at the next such time of the week where
    each place is; ``openings`` what has reported room that still counts; ``bookable`` what
    ``first_time`` has a time for. ``sort`` None is by distance from the origin; without one, by
    how well a row answers to the words; without words, by name. ``after`` is the ``cursor`` of
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
    limit: int = 20
    after: "Cursor | None" = None
    corrections: Sequence[Correction] = ()

    @property
    def read_words(self) -> list[Readings]:
        """The words, folded, each with what it may be read as."""
        return read_words(self.words, self.corrections)

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


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: its row, how far it is, when it is or will next be open, and its usual hours.

    ``hours`` and ``summary`` are None where no hours are known, and where it is closed for now.
    ``distance_km`` is None where there is no origin, no place, or the place is not to be known.
    ``judgement`` says whether it is for the person that was described; None where the service
    has no rule that could be checked.
    ``match`` is None where there is no origin; so is ``serves``, whether the area that it states
    takes in the origin, also where it states none or that cannot be told.
    """

    entry: Row
    distance_km: float | None
    hours: Interval | None
    summary: HoursSummary | None = None
    judgement: Judgement | None = None
    cursor: Cursor | None = None
    match: Match | None = None
    serves: bool | None = None


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


def search(session: Session, query: SearchQuery, *, now: datetime) -> Answer:
    """Answer a search. When nothing is near, it looks further, and says so.

    A place further away that says that it serves the origin's area is as good as near.
    """
    if query.after is not None:
        return _next_page(session, query, query.after, now)
    query = replace(query, corrections=correct(session, query.words))
    answer = _search_within(session, query, now)
    if query.origin is None or answer.near:
        return answer.answer
    for wider in WIDER_KM:
        if wider > query.within_km:
            further = _search_within(session, replace(query, within_km=wider), now)
            if further.near:
                return replace(further.answer, widened=True)
    return answer.answer


def _next_page(session: Session, query: SearchQuery, after: Cursor, now: datetime) -> Answer:
    """Reach as far as the page before did, and never further than a search can."""
    within_km = max(query.within_km, min(after.within_km, WIDER_KM[-1]))
    query = replace(query, corrections=after.corrected)
    page = _search_within(session, replace(query, within_km=within_km), now)
    return replace(page.answer, widened=within_km > query.within_km)


@dataclass(frozen=True, slots=True)
class _Tried:
    answer: Answer
    near: int  # how many of the results have a place: within the radius, or serving the area


def _search_within(session: Session, query: SearchQuery, now: datetime) -> _Tried:
    chord = _chord_squared_to(query.origin)
    here = find_whereabouts(session, query.origin) if query.origin else None
    about = [_reachable(session, query, here, chord), *_about(session, query)]
    asked = dict(_asked(query, now))
    opened = open_at(session, [*about, *asked.values()], now, now=now)
    if query.open_at is not None:
        conditions = [*about, *asked.values()]
        asked[Asked.OPEN] = open_at(session, conditions, query.open_at, now=now)
    by_rule = query.by_rule or bool(query.facts)
    found = _count(session, [*about, *asked.values()], opened, by_rule=by_rule)
    people = judge_rules(session, about, query.facts)
    groups, refused = _without_refused(found, people)
    if query.facts:
        asked = {Asked.ELIGIBLE: is_not_refused(session, people), **asked}
    page = _page(session, query, [*about, *asked.values()], chord)
    hits = [
        replace(hit, **_match(hit.entry, query, here))
        for hit in _as_hits(session, page[: query.limit], query, now)
    ]
    answer = Answer(
        total=sum(group["n"] for group in groups),
        within_km=query.within_km,
        widened=False,
        corrected=query.corrections,
        needs=_tally(groups, "needs"),
        languages=_tally(groups, "languages"),
        open_now=sum(group["n"] for group in groups if group["is_open"]),
        free=sum(group["n"] for group in groups if group["is_free"]),
        rules=_tally_rules(groups) if by_rule else Counter(),
        verdicts=_tally_verdicts(groups, people) if by_rule else Counter(),
        refused=refused,
        hits=hits,
        more=len(page) > query.limit,
        excluded_nearer=_left_out(session, query, about, asked, chord, page, now),
    )
    return _Tried(answer, sum(group["n"] for group in groups if group["placed"]))


def _chord_squared_to(origin: Place | None) -> sa.ColumnElement[float]:
    """Measure, in square metres, the chord from the origin to a row's place."""
    if origin is None:
        return sa.literal(0.0)
    here: EarthCentred = to_earth_centred(origin.point)
    x, y, z = entries.c.x - here.x, entries.c.y - here.y, entries.c.z - here.z
    return sa.func.coalesce(x * x + y * y + z * z, 0.0)


def _reachable(
    session: Session,
    query: SearchQuery,
    here: Whereabouts | None,
    chord: sa.ColumnElement[float],
) -> sa.ColumnElement[bool]:
    """Keep what is near, and what is found by the area that it serves.

    The cells, and the rows of those areas, are a net that indexes can cast only if nothing else
    stands in their OR; then the chord and the areas decide.
    """
    if here is None:
        return sa.true()
    cell = entries.c.cell
    near_cells = (
        cell.between(cells.first, cells.last)
        for cells in cell_ranges(here.place.point, query.within_km)
    )
    served = sa.select(search_areas.c.entry_id).where(
        search_areas.c.word.in_(sorted(here.found_by))
    )
    return sa.and_(
        sa.or_(_is_among(session, served), *near_cells),
        sa.or_(
            sa.and_(cell.is_not(None), chord <= chord_squared_of(query.within_km)),
            entries.c.id.in_(served),
        ),
    )


def _is_among(session: Session, ids: sa.Select[UUID]) -> sa.ColumnElement[bool]:
    """Say "the row is one of these" so that an index finds them, inside an OR too."""
    if session.get_bind().dialect.name == "sqlite":
        return entries.c.id.in_(ids)
    kind = postgresql.ARRAY(sa.Uuid())
    return entries.c.id == sa.any_(sa.func.array(ids.scalar_subquery(), type_=kind))


def _match(row: Row, query: SearchQuery, here: Whereabouts | None) -> dict[str, Any]:
    """Return how a result was found, and whether it says that it serves the origin."""
    if here is None:
        return {}
    serves = here.is_served(row["areas"])
    if row["cell"] is not None and row["chord_squared"] <= chord_squared_of(query.within_km):
        return {"match": Match.NEAR, "serves": serves}
    return {"match": Match.AREA if serves else Match.ANYWHERE, "serves": serves}


def _about(session: Session, query: SearchQuery) -> list[Condition]:
    """Return what a service is to be about: it has the words and a need, and not the others."""
    needs = [_has_code(entries.c.needs, one_word(code)) for code in query.needs]
    return [
        *has_words(session, query.read_words, near=query.origin is not None),
        *(~says(fold(phrase)) for phrase in query.without_words),
        *(~_has_code(entries.c.needs, one_word(code)) for code in query.without_needs),
        *([sa.or_(*needs)] if needs else []),
    ]


def _asked(query: SearchQuery, now: datetime) -> Iterator[tuple[Asked, Condition]]:
    """Yield what else is asked of a service, but for whom it is for and when it is open."""
    if query.step_free:
        yield Asked.STEP_FREE, entries.c.step_free
    if query.remote:
        yield Asked.REMOTE, entries.c.remote
    if query.languages:
        wanted = (_has_code(entries.c.languages, code.lower()) for code in query.languages)
        yield Asked.LANGUAGE, sa.or_(*wanted)
    if query.free:
        yield Asked.FREE, entries.c.is_free
    if query.price_at_most is not None:
        yield Asked.PRICE, entries.c.price_cents <= query.price_at_most
    if query.openings:
        yield Asked.ROOM, entries.c.opening_room_until > now
    if query.bookable and query.first_time is not None:
        yield Asked.TIME, query.first_time(entries.c.service_at_location_id).is_not(None)


def _has_code(column: sa.ColumnElement[str], code: str) -> sa.ColumnElement[bool]:
    return _contains(column, f" {code} ")


def _contains(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    return column.contains(text, autoescape=True)


def _count(
    session: Session,
    conditions: Sequence[sa.ColumnElement[bool]],
    opened: sa.ColumnElement[bool],
    *,
    by_rule: bool,
) -> Sequence[Row]:
    """Count all that was found, by everything that is told about it."""
    told = [entries.c.needs, entries.c.languages, entries.c.is_free]
    if by_rule:
        told.append(entries.c.rule_id)
    found = sa.select(
        *told,
        opened.label("is_open"),
        entries.c.cell.is_not(None).label("placed"),
        sa.func.count().label("n"),
    )
    return find_rows(session, found.where(*conditions).group_by(*told, "is_open", "placed"))


def _tally(groups: Sequence[Row], column: str) -> Counter[str]:
    tally: Counter[str] = Counter()
    for group in groups:
        for code in group[column].split():
            tally[code] += group["n"]
    return tally


def _without_refused(
    groups: Sequence[Row], people: Mapping[UUID, Verdict]
) -> tuple[list[Row], int]:
    """Return the groups that are not known to be for others, and how many rows the rest are."""
    kept, refused = [], 0
    for group in groups:
        if people and people.get(group["rule_id"]) is Verdict.NOT_ELIGIBLE:
            refused += group["n"]
        else:
            kept.append(group)
    return kept, refused


def _tally_rules(groups: Sequence[Row]) -> Counter[UUID | None]:
    tally: Counter[UUID | None] = Counter()
    for group in groups:
        tally[group["rule_id"]] += group["n"]
    return tally


def _tally_verdicts(
    groups: Sequence[Row], people: Mapping[UUID, Verdict]
) -> Counter[Verdict | None]:
    tally: Counter[Verdict | None] = Counter()
    for id_, n in _tally_rules(groups).items():
        tally[None if id_ is None else people.get(id_, Verdict.NEEDS_MORE)] += n
    return tally


def _left_out(
    session: Session,
    query: SearchQuery,
    about: Sequence[Condition],
    asked: Mapping[Asked, Condition],
    chord: sa.ColumnElement[float],
    page: Sequence[Row],
    now: datetime,
) -> list[LeftOut]:
    """Return what is nearer than the farthest result and was left out, nearest first."""
    if query.origin is None or query.after is not None or not asked:
        return []
    placed = [row["chord_squared"] for row in page[: query.limit] if not row["placeless"]]
    reach = max(placed) if placed else chord_squared_of(query.within_km)
    fails = [(code, ~sa.func.coalesce(condition, sa.false())) for code, condition in asked.items()]
    found = find_rows(
        session,
        sa.select(
            entries,
            sa.literal(0).label("rank"),
            sa.literal(0).label("placeless"),
            chord.label("chord_squared"),
            sa.case(*((fail, code.value) for code, fail in fails)).label("asked"),
        )
        .where(*about, entries.c.cell.is_not(None), chord <= reach)
        .where(sa.or_(*(fail for _, fail in fails)))
        .order_by(chord, _by_code_point(session, entries.c.service_name), entries.c.id)
        .limit(MOST_LEFT_OUT),
    )
    hits = _as_hits(session, found, query, now)
    return [LeftOut(hit, Asked(hit.entry["asked"])) for hit in hits]


def _page(
    session: Session,
    query: SearchQuery,
    conditions: Sequence[sa.ColumnElement[bool]],
    chord: sa.ColumnElement[float],
) -> Sequence[Row]:
    """Return the rows of the page and one more, in order."""
    order = (
        _rank(query).label("rank"),
        _placeless(query).label("placeless"),
        chord.label("chord_squared"),
        _by_code_point(session, entries.c.service_name),
        entries.c.id,
    )
    selected = sa.select(entries, *order[:3]).where(*conditions)
    if query.after is not None:
        seen = query.after
        selected = selected.where(
            sa.tuple_(*order)
            > sa.tuple_(
                sa.literal(seen.rank, sa.Float()),
                sa.literal(int(seen.placeless)),
                sa.literal(seen.chord_squared, sa.Float()),
                sa.literal(seen.name),
                sa.literal(seen.id, entries.c.id.type),
            )
        )
    return find_rows(session, selected.order_by(*order).limit(query.limit + 1))


def _rank(query: SearchQuery) -> sa.ColumnElement[Any]:
    """Return the number that comes first in an order, the least first; then comes distance."""
    if query.order is Sort.RELEVANCE:
        return -score(query.read_words)
    if query.order is Sort.SOONEST and query.first_time is not None:
        first = query.first_time(entries.c.service_at_location_id)
        return sa.func.coalesce(sa.cast(sa.extract("epoch", first), sa.Float()), _NEVER)
    return sa.literal(0)


def _placeless(query: SearchQuery) -> sa.ColumnElement[int]:
    """Put what has no place after what has one, where distance counts."""
    if query.origin is None:
        return sa.literal(0)
    return sa.case((entries.c.cell.is_(None), 1), else_=0)


def _by_code_point(session: Session, column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Order text by its letters' numbers: as SQLite does, and PostgreSQL only when told to.

    A locale's own order may call different names equal, and a page would end between them.
    """
    return sa.collate(column, "BINARY" if session.get_bind().dialect.name == "sqlite" else "C")


def _as_hits(session: Session, rows: Sequence[Row], query: SearchQuery, now: datetime) -> list[Hit]:
    told = [row for row in rows if row["hours_known"] and not row["temporarily_closed"]]
    rules = find_opening_rules(session, told) if told else {}
    judged = judge_each(session, rows, query.facts)
    return [
        Hit(
            entry=row,
            distance_km=None
            if row["cell"] is None or query.origin is None
            else kilometres_of(row["chord_squared"]),
            hours=_hours_of(row, rules[row["id"]], now) if row["id"] in rules else None,
            summary=_summary_of(row, rules[row["id"]], now) if row["id"] in rules else None,
            judgement=judged.get(row["rule_id"]),
            cursor=Cursor(
                query.within_km,
                tuple(query.corrections),
                query.order,
                row["rank"],
                bool(row["placeless"]),
                row["chord_squared"],
                row["service_name"],
                row["id"],
            ),
        )
        for row in rows
    ]


def _hours_of(row: Row, rules: Sequence[OpeningRule], now: datetime) -> Interval | None:
    """Return the stored interval while it counts; it is the present or the next one.

    None where nobody stands by the hours.
    """
    if not is_claimed(row, now):
        return None
    if row["closes_at"] is not None and now < row["closes_at"]:
        return Interval(row["opens_at"], row["closes_at"])
    return current_or_next(rules, ZoneInfo(row["timezone"]), now)


def _summary_of(row: Row, rules: Sequence[OpeningRule], now: datetime) -> HoursSummary:
    return summarize(tuple(rules), now.astimezone(ZoneInfo(row["timezone"])).date())
