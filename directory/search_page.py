"""From the conditions of a search to one page of it: its order, its rows, and what was left out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.hours import current_or_next
from directory.hours_summary import HoursSummary, summarize
from directory.intervals import Interval
from directory.offers import entries
from directory.opening_rules import OpeningRule
from directory.queries.schedules import find_opening_rules
from directory.search_people import judge_each
from directory.search_query import Asked, Cursor, Hit, LeftOut, Match, SearchQuery, Sort
from directory.search_words import score
from directory.service_areas import Whereabouts
from directory.truth import is_claimed
from geo.points import chord_squared_of, kilometres_of

Condition = sa.ColumnElement[bool]

#: So many nearer places are told that were left out.
MOST_LEFT_OUT = 5

#: Comes after every time: the rank of what cannot be booked.
_NEVER = 1e12


def find_left_out(
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


def find_page(
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


def hits_of(
    session: Session,
    rows: Sequence[Row],
    query: SearchQuery,
    here: Whereabouts | None,
    now: datetime,
) -> list[Hit]:
    """Return the results that rows are, each with how it was found."""
    return [
        replace(hit, **_match(hit.entry, query, here))
        for hit in _as_hits(session, rows, query, now)
    ]


def _match(row: Row, query: SearchQuery, here: Whereabouts | None) -> dict[str, Any]:
    """Return how a result was found, and whether it says that it serves the origin."""
    if here is None:
        return {}
    serves = here.is_served(row["areas"])
    if row["cell"] is not None and row["chord_squared"] <= chord_squared_of(query.within_km):
        return {"match": Match.NEAR, "serves": serves}
    return {"match": Match.AREA if serves else Match.ANYWHERE, "serves": serves}
