"""The newest check of each vital field, and whether questions about it went unanswered."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.intervals import local_instant
from directory.models import TABLES
from directory.models.history import SuggestionState
from directory.models.verifications import VerificationMethod, VitalField
from directory.truth import ASKED_ABOUT, Asking, Check, claimed_until, oldest_check

verifications = TABLES["verification"]
requests = TABLES["verification_request"]
suggestions = TABLES["suggestion"]
services = TABLES["service"]

#: A correction that waits to be decided: of which service and field, and when it came.
Dispute = tuple[UUID, str, datetime]

#: What identifies a listing: ``id``, ``service_id``, ``service_at_location_id``, ``timezone``.
Offer = Row
Checks = Mapping[VitalField, Check]

MIDNIGHT = time(0)


def find_checks(session: Session, offers: Iterable[Offer], *, now: datetime) -> dict[UUID, Checks]:
    """Return the newest check of each field of each offer, by its ``id``.

    A check of a service counts at all its places, one at a place only there. The day that a
    source says a service was assured on counts as a check of every field; days yet to come do
    not count.
    """
    offers = list(offers)
    ids = {offer["service_id"] for offer in offers}
    said = _newest(session, ids)
    disputes = _open_suggestions(session, ids)
    assured = _assured_dates(session, ids)
    return {
        offer["id"]: _of_offer(
            offer,
            [*said[offer["service_id"], None], *_at_place(said, offer)],
            assured.get(offer["service_id"]),
            disputes,
            now,
        )
        for offer in offers
    }


def _at_place(said: Mapping[tuple[UUID, UUID | None], list[Row]], offer: Offer) -> list[Row]:
    place = offer["service_at_location_id"]
    return said[offer["service_id"], place] if place is not None else []


def _of_offer(
    offer: Offer,
    rows: list[Row],
    assured: Row | None,
    disputes: Collection[Dispute],
    now: datetime,
) -> Checks:
    checks = _of_source(offer, assured, now)
    for row in rows:
        known = checks.get(row["field"])
        if known is None or known.checked_at <= row["verified_at"]:
            checks[row["field"]] = _check(row, disputes)
    return checks


def _check(row: Row, disputes: Collection[Dispute]) -> Check:
    by_link = row["changed"] and row["method"] is VerificationMethod.LINK
    correction = (row["service_id"], row["field"], row["verified_at"])
    return Check(
        field=row["field"],
        checked_at=row["verified_at"],
        method=row["method"],
        said_by=row["said_by"],
        changed=row["changed"],
        disputed=by_link and correction in disputes,
    )


def _of_source(offer: Offer, assured: Row | None, now: datetime) -> dict[VitalField, Check]:
    """Take the assured date as a check of everything, from the beginning of that day there."""
    if assured is None:
        return {}
    day: date = assured["assured_date"]
    at = local_instant(day, MIDNIGHT, ZoneInfo(offer["timezone"]))
    if at > now:
        return {}
    by = assured["source"] or assured["organization_name"]
    return {
        field: Check(field=field, checked_at=at, method=VerificationMethod.SOURCE, said_by=by)
        for field in ASKED_ABOUT
    }


def _newest(session: Session, ids: Collection[UUID]) -> dict[tuple[UUID, UUID | None], list[Row]]:
    nth = sa.func.row_number().over(
        partition_by=(
            verifications.c.service_id,
            verifications.c.service_at_location_id,
            verifications.c.field,
        ),
        order_by=(verifications.c.verified_at.desc(), verifications.c.id),
    )
    numbered = (
        sa.select(verifications, nth.label("nth"))
        .where(verifications.c.service_id.in_(ids))
        .subquery()
    )
    by_place: dict[tuple[UUID, UUID | None], list[Row]] = defaultdict(list)
    for row in find_rows(session, sa.select(numbered).where(numbered.c.nth == 1)):
        by_place[row["service_id"], row["service_at_location_id"]].append(row)
    return by_place


def _assured_dates(session: Session, ids: Collection[UUID]) -> dict[UUID, Row]:
    organizations = TABLES["organization"]
    found = find_rows(
        session,
        sa.select(
            services.c.id,
            services.c.assured_date,
            services.c.source,
            organizations.c.name.label("organization_name"),
        )
        .join(organizations, organizations.c.id == services.c.organization_id)
        .where(services.c.id.in_(ids), services.c.assured_date.is_not(None)),
    )
    return {row["id"]: row for row in found}


def _open_suggestions(session: Session, ids: Collection[UUID]) -> set[Dispute]:
    """Return the corrections that are still to be decided.

    What an agency answers by a link becomes one at the moment of its check; later ones come
    from readers, who dispute nothing by themselves.
    """
    columns = (suggestions.c.service_id, suggestions.c.field_name, suggestions.c.created_at)
    found = find_rows(
        session,
        sa.select(*columns).where(
            suggestions.c.service_id.in_(ids), suggestions.c.state == SuggestionState.OPEN
        ),
    )
    return {(row["service_id"], row["field_name"], row["created_at"]) for row in found}


def find_askings(session: Session, ids: Collection[UUID]) -> dict[UUID, list[Asking]]:
    """Return the questions of each service that arrived and have no answer yet."""
    found = find_rows(
        session,
        sa.select(requests.c.service_id, requests.c.asked_at, requests.c.expires_at).where(
            requests.c.service_id.in_(ids),
            requests.c.answered_at.is_(None),
            requests.c.undelivered_at.is_(None),
        ),
    )
    askings: dict[UUID, list[Asking]] = defaultdict(list)
    for row in found:
        askings[row["service_id"]].append(Asking(row["asked_at"], row["expires_at"]))
    return askings


def find_truth(
    session: Session,
    offers: Collection[Offer],
    vital: Mapping[UUID, Collection[VitalField]],
    *,
    now: datetime,
) -> dict[UUID, dict[str, Any]]:
    """Return what is known of each offer's truth, by its ``id``, as columns of a search row."""
    checks = find_checks(session, offers, now=now)
    askings = find_askings(session, {offer["service_id"] for offer in offers})
    return {
        offer["id"]: _columns(
            offer, vital[offer["id"]], checks[offer["id"]], askings.get(offer["service_id"], ())
        )
        for offer in offers
    }


def _columns(
    offer: Offer,
    vital: Collection[VitalField],
    checks: Checks,
    askings: Collection[Asking],
) -> dict[str, Any]:
    whole, hours = oldest_check(vital, checks), checks.get(VitalField.HOURS)
    zone = ZoneInfo(offer["timezone"])
    return {
        "vital": f" {' '.join(sorted(vital))} " if vital else " ",
        "verified_on": whole.checked_at.astimezone(zone).date().isoformat() if whole else None,
        "checked_at": whole.checked_at if whole else None,
        "checked_how": whole.method if whole else None,
        "hours_checked_at": hours.checked_at if hours else None,
        "hours_checked_how": hours.method if hours else None,
        "hours_claimed_until": claimed_until(hours, askings) if VitalField.HOURS in vital else None,
    }
