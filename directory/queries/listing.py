"""All that is told about one service, in one place: what its page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row, find_rows
from directory.dated_prices import not_over
from directory.eligibility_rules import Rule
from directory.errors import NotFoundError
from directory.hours import DayHours, current_or_next, week_of
from directory.hours_summary import HoursSummary, summarize
from directory.intervals import Interval
from directory.models import TABLES
from directory.offers import (
    at_locations,
    costs,
    entries,
    languages,
    locations,
    organizations,
    phones,
    services,
)
from directory.opening_rules import OpeningRule
from directory.queries.checks import Checks, find_checks
from directory.queries.schedules import find_opening_rules
from directory.search_rules import find_rules
from directory.truth import is_claimed

documents = TABLES["required_document"]
accessibility = TABLES["accessibility"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A service at a location, or one without: its search row and what that leaves out.

    ``about`` has the columns of the service, the agency's ``organization_description``,
    ``organization_website`` and ``organization_email``, and of a public place ``transportation``
    and ``place_note``. Nothing here tells where a place is that is not public. ``rules`` are the
    published hours, ``hours`` is the present or next open interval, None where nobody stands by
    it; ``summary`` tells the usual hours and ``week`` seven days from today, None and empty where
    no hours are published. Closed for now, there is no interval and the other two tell what is
    usual. ``checks`` has the newest check of each field. ``rule`` is whom it is for, of all that
    is said in a form that can be checked, papers to bring included; None where nothing is.
    """

    entry: Row
    about: Row
    rules: Sequence[OpeningRule]
    today: date
    hours: Interval | None
    summary: HoursSummary | None
    week: Sequence[DayHours]
    documents: Sequence[str]
    costs: Sequence[Row]
    phones: Sequence[Row]
    languages: Sequence[Row]
    accessibility: Sequence[Row]
    checks: Checks
    rule: Rule | None


def get_listing(session: Session, listing_id: UUID, *, now: datetime) -> Listing:
    """Return the listing of a service at a location, or of a service without one, by its id."""
    entry = find_row(session, sa.select(entries).where(entries.c.id == listing_id))
    if entry is None:
        raise NotFoundError("service")
    rules = find_opening_rules(session, [entry])[listing_id]
    zone = ZoneInfo(entry["timezone"])
    today = now.astimezone(zone).date()
    closed = entry["temporarily_closed"] or not is_claimed(entry, now)
    return Listing(
        entry=entry,
        about=_about(session, entry),
        rules=rules,
        today=today,
        hours=current_or_next(rules, zone, now) if rules and not closed else None,
        summary=summarize(tuple(rules), today) if rules else None,
        week=week_of(rules, today) if rules else (),
        documents=_documents(session, entry),
        costs=not_over(_owned(session, costs, entry, "service_id"), today),
        phones=_phones(session, entry),
        languages=_owned(session, languages, entry, "service_id", "location_id"),
        accessibility=_owned(session, accessibility, entry, "location_id"),
        checks=find_checks(session, [entry], now=now)[listing_id],
        rule=_rule(session, entry),
    )


def _about(session: Session, entry: Row) -> Row:
    found = find_row(
        session,
        sa.select(
            services,
            organizations.c.description.label("organization_description"),
            organizations.c.website.label("organization_website"),
            organizations.c.email.label("organization_email"),
            locations.c.transportation,
            at_locations.c.description.label("place_note"),
        )
        .join(organizations, organizations.c.id == services.c.organization_id)
        # Joined by the search row's own ids: a hidden place has none there.
        .outerjoin(locations, locations.c.id == entry["location_id"])
        .outerjoin(
            at_locations,
            (at_locations.c.id == entry["service_at_location_id"])
            & (at_locations.c.location_id == locations.c.id),
        )
        .where(services.c.id == entry["service_id"]),
    )
    if found is None:
        raise NotFoundError("service")
    return found


def _rule(session: Session, entry: Row) -> Rule | None:
    named = entry["rule_id"]
    return None if named is None else find_rules(session, [named])[named]


def _documents(session: Session, entry: Row) -> list[str]:
    return [row["document"] for row in _owned(session, documents, entry, "service_id")]


def _owned(session: Session, table: sa.Table, entry: Row, *levels: str) -> Sequence[Row]:
    """Return the child rows that belong to the service, or to the place if it is public."""
    mine: list[sa.ColumnElement[Any]] = [
        table.c[level] == entry[level] for level in levels if entry[level] is not None
    ]
    if not mine:
        return []
    return find_rows(session, sa.select(table).where(sa.or_(*mine)).order_by(table.c.id))


def _phones(session: Session, entry: Row) -> Sequence[Row]:
    """Return the numbers of the most particular level that has any."""
    for level in ("service_at_location_id", "service_id", "location_id", "organization_id"):
        found = _owned(session, phones, entry, level)
        if found:
            return found
    return []
