"""What was said about room: what counts now, what was said before, and with which links."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.errors import NotFoundError
from directory.models import TABLES
from directory.models.services import LISTED
from directory.openings import Counted, newest_of_each
from directory.tokens import hash_token

reports = TABLES["service_capacity"]
units = TABLES["unit"]
links = TABLES["openings_link"]
accounts = TABLES["account"]
services = TABLES["service"]
at_locations = TABLES["service_at_location"]

#: For how long a report can be taken back.
UNDONE_WITHIN = timedelta(days=1)

_COUNTED = (
    reports.c.service_id,
    reports.c.service_at_location_id,
    reports.c.unit_id,
    reports.c.population,
)


def find_newest_reports(session: Session, where: sa.ColumnElement[bool]) -> Sequence[Row]:
    """Return the newest report of each place, unit and population, with its ``unit``'s name.

    An index answers which those are, however long the history. Two of a source may be of the
    same instant; both are returned then.
    """
    newest = (
        sa.select(*_COUNTED, sa.func.max(reports.c.updated).label("updated"))
        .where(where)
        .group_by(*_COUNTED)
        .subquery()
    )
    same_place = reports.c.service_at_location_id.is_not_distinct_from(
        newest.c.service_at_location_id
    )
    return find_rows(
        session,
        sa.select(reports, units.c.name.label("unit"))
        .join(
            newest,
            sa.and_(
                reports.c.service_id == newest.c.service_id,
                same_place,
                reports.c.unit_id == newest.c.unit_id,
                reports.c.population == newest.c.population,
                reports.c.updated == newest.c.updated,
            ),
        )
        .join(units, units.c.id == reports.c.unit_id),
    )


@dataclass(frozen=True, slots=True)
class Undo:
    """The report that an undo takes back, and what it goes back to: nothing, at the first."""

    report_id: UUID
    back_to: Row | None


@dataclass(frozen=True, slots=True)
class Said:
    """The newest report of one unit and population at a place, and what undo would do."""

    report: Row
    undo: Undo | None


def find_said(
    session: Session, place_ids: Collection[UUID], *, now: datetime
) -> dict[UUID, list[Said]]:
    """Return, by place, the newest report of each unit and population, the newest first.

    A report that is not of the place but of its whole service is not among them.
    """
    newest = find_newest_reports(session, reports.c.service_at_location_id.in_(place_ids))
    undos = _find_undos(session, place_ids, now=now)
    by_place: dict[UUID, list[Row]] = defaultdict(list)
    for row in newest:
        by_place[row["service_at_location_id"]].append(row)
    return {
        place: [
            Said(row, undos.get((place, row["unit_id"], row["population"])))
            for row in sorted(newest_of_each(rows), key=lambda row: row["updated"], reverse=True)
        ]
        for place, rows in by_place.items()
    }


def standing_reports() -> sa.Select[tuple[object, ...]]:
    """Select the reports that are not an undo and were not undone, with their ``unit``'s name.

    Of one unit and population they are a pile, the newest on top: an undo takes the top off.
    """
    undoing = reports.alias()
    undone = sa.select(sa.literal(1)).where(undoing.c.undoes_id == reports.c.id).exists()
    return (
        sa.select(reports, units.c.name.label("unit"))
        .join(units, units.c.id == reports.c.unit_id)
        .where(reports.c.undoes_id.is_(None), ~undone)
    )


def _find_undos(
    session: Session, place_ids: Collection[UUID], *, now: datetime
) -> Mapping[tuple[UUID, UUID, str], Undo]:
    """Return what can be undone now, by place, unit and population."""
    nth = sa.func.row_number().over(
        partition_by=_COUNTED[1:], order_by=(reports.c.updated.desc(), reports.c.id.desc())
    )
    numbered = (
        standing_reports()
        .where(reports.c.service_at_location_id.in_(place_ids))
        .add_columns(nth.label("nth"))
        .subquery()
    )
    piles: dict[tuple[UUID, UUID, str], list[Row]] = defaultdict(list)
    top_two = sa.select(numbered).where(numbered.c.nth <= 2).order_by(numbered.c.nth)  # noqa: PLR2004
    for row in find_rows(session, top_two):
        piles[row["service_at_location_id"], row["unit_id"], row["population"]].append(row)
    return {
        counted: Undo(pile[0]["id"], pile[1] if len(pile) > 1 else None)
        for counted, pile in piles.items()
        if can_be_undone(pile[0], now)
    }


def can_be_undone(report: Row, now: datetime) -> bool:
    """Say whether a report is young enough to be taken back."""
    return bool(report["updated"] > now - UNDONE_WITHIN)


def find_pile(
    session: Session, service_at_location_id: UUID, counted: Counted, *, depth: int = 2
) -> Sequence[Row]:
    """Return the top of the pile of standing reports of a place, a unit and a population."""
    return find_rows(
        session,
        standing_reports()
        .where(
            reports.c.service_at_location_id == service_at_location_id,
            reports.c.unit_id == counted[0],
            reports.c.population == counted[1],
        )
        .order_by(reports.c.updated.desc(), reports.c.id.desc())
        .limit(depth),
    )


def find_openings_history(
    session: Session,
    service_at_location_id: UUID,
    *,
    unit: str | None = None,
    population: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> Sequence[Row]:
    """Return the reports of openings of a place, newest first.

    ``account_name`` and ``link_label`` say which of the agency's people it was, and are for
    them alone; ``undone`` says whether the report was taken back.
    """
    undoing = reports.alias()
    undone = sa.select(sa.literal(1)).where(undoing.c.undoes_id == reports.c.id).exists()
    found = (
        sa.select(
            reports,
            units.c.name.label("unit"),
            accounts.c.name.label("account_name"),
            links.c.label.label("link_label"),
            undone.label("undone"),
        )
        .join(units, units.c.id == reports.c.unit_id)
        .outerjoin(accounts, accounts.c.id == reports.c.account_id)
        .outerjoin(links, links.c.id == reports.c.openings_link_id)
        .where(reports.c.service_at_location_id == service_at_location_id)
        .order_by(reports.c.updated.desc(), reports.c.id.desc())
        .limit(limit)
    )
    if unit is not None:
        found = found.where(sa.func.lower(units.c.name) == unit.lower())
    if population is not None:
        found = found.where(sa.func.lower(reports.c.population) == population.lower())
    if after is not None:
        found = found.where(
            sa.tuple_(reports.c.updated, reports.c.id)
            < sa.tuple_(
                sa.literal(after[0], reports.c.updated.type),
                sa.literal(after[1], reports.c.id.type),
            )
        )
    return find_rows(session, found)


def find_links(session: Session, organization_id: UUID | None) -> Sequence[Row]:
    """Return the links of an agency's places, the newest first, with who made each."""
    return find_rows(
        session,
        sa.select(links, accounts.c.name.label("made_by"))
        .join(at_locations, at_locations.c.id == links.c.service_at_location_id)
        .join(services, services.c.id == at_locations.c.service_id)
        .outerjoin(accounts, accounts.c.id == links.c.account_id)
        .where(services.c.organization_id == organization_id)
        .order_by(links.c.created_at.desc(), links.c.id),
    )


def get_link(session: Session, token: str, *, now: datetime) -> Row:
    """Return a link that works, with the ``organization_id`` of its place, by its secret.

    Raises ``NotFoundError``: unknown, over and revoked look alike, and so does one for a
    service that is not listed any more.
    """
    link = find_row(
        session,
        sa.select(links, services.c.organization_id, services.c.id.label("service_id"))
        .join(at_locations, at_locations.c.id == links.c.service_at_location_id)
        .join(services, services.c.id == at_locations.c.service_id)
        .where(
            links.c.token_hash == hash_token(token),
            links.c.revoked_at.is_(None),
            links.c.expires_at > now,
            services.c.status.in_(LISTED),
        ),
    )
    if link is None:
        raise NotFoundError("link")
    return link
