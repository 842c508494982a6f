"""From the conditions of a search to one page of it: its order, its rows, and what was left out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.offers import entries
from directory.queries.schedules import find_opening_rules
from directory.search_people import judge_each
from directory.search_query import Asked, Hit, LeftOut, SearchQuery, Sort
from directory.search_words import score
from directory.service_areas import Whereabouts

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
    here: Whereabouts | None,
    now: datetime,
) -> list[LeftOut]:
    """Return what is nearer than the farthest result and was left out, nearest first."""
    if query.origin is None or query.after is not None or not asked:
        return []
    placed = [row["chord_squared"] for row in page[: query.limit] if not row["placeless"]]
    reach = max(placed) if placed else query.reach
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
    hits = hits_of(session, found, query, here, now)
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


def hits_of(
    session: Session,
    rows: Sequence[Row],
    query: SearchQuery,
    here: Whereabouts | None,
    now: datetime,
) -> list[Hit]:
    """Return the results that the rows of a page are."""
    told = [row for row in rows if tells_hours(row)]
    rules = find_opening_rules(session, told) if told else {}
    judged = judge_each(session, rows, query.facts)
    reach = query.reach
    return [
        Hit(
            entry=row,
            rank=row["rank"],
            placeless=bool(row["placeless"]),
            chord_squared=row["chord_squared"],
            is_near=row["cell"] is not None and row["chord_squared"] <= reach,
            query=query,
            here=here,
            now=now,
            rules=rules.get(row["id"]),
            judgement=judged.get(row["rule_id"]),
        )
        for row in rows
    ]


def tells_hours(row: Row) -> bool:
    """Say whether a row has hours to tell."""
    return row["hours_known"] and not row["temporarily_closed"]
