"""Whom to ask whether a listing is still right, and what a link in a question opens."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.database import Row, find_rows
from directory.errors import DomainError, NotFoundError
from directory.mail_addresses import is_address
from directory.models import TABLES
from directory.models.verifications import VerificationRequest, VitalField
from directory.offers import organizations, services
from directory.queries.checks import requests
from directory.queries.verifications import (
    Standing,
    find_entries_of_service,
    vital_fields_of,
)
from directory.tokens import hash_token

contacts = TABLES["contact"]

#: How long a service is not asked about again, whatever came of the last question.
ASK_AGAIN_AFTER: Final = timedelta(days=60)

DAY: Final = timedelta(days=1)

_BATCH: Final = 200


class LinkUnusableError(NotFoundError):
    """A link from an e-mail is unknown, was used, is too old, or has nothing left to ask.

    Which of these is not said.
    """

    code = "link-unusable"

    def __init__(self) -> None:
        DomainError.__init__(
            self,
            "This link does not work, or does not work any more. It can be used once, within "
            "three weeks.",
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """How many are asked: in a day in all, and each agency once in ``agency_days``."""

    per_day: int
    agency_days: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """A service to ask about, and the address to ask."""

    service_id: UUID
    email: str


def choose_whom_to_ask(
    session: Session, standings: Sequence[Standing], limits: Limits, *, now: datetime
) -> list[Chosen]:
    """Return the riskiest services that are due, have an address, and may be asked about now.

    ``standings`` come riskiest first. An agency is asked about one listing in ``agency_days``,
    and so is an address, which may be that of several agencies.
    """
    room = limits.per_day - _count_asked(session, since=now - DAY)
    agencies, addresses = _asked_lately(session, since=now - DAY * limits.agency_days)
    chosen: list[Chosen] = []
    for standing, email in _with_addresses(session, _askable(standings, now)):
        if len(chosen) >= room:
            break
        if standing.organization_id in agencies or email.lower() in addresses:
            continue
        agencies.add(standing.organization_id)
        addresses.add(email.lower())
        chosen.append(Chosen(standing.service_id, email))
    return chosen


def _askable(standings: Sequence[Standing], now: datetime) -> Iterator[Standing]:
    for standing in standings:
        last = standing.request
        rests = last is not None and last["asked_at"] > now - ASK_AGAIN_AFTER
        if standing.is_due(now) and not standing.is_waiting and not rests:
            yield standing


def _with_addresses(
    session: Session, standings: Iterator[Standing]
) -> Iterator[tuple[Standing, str]]:
    while batch := list(islice(standings, _BATCH)):
        found = find_addresses(session, [each.service_id for each in batch])
        for standing in batch:
            if standing.service_id in found:
                yield standing, found[standing.service_id]


def _count_asked(session: Session, *, since: datetime) -> int:
    counting = sa.select(sa.func.count()).where(requests.c.asked_at > since)
    return session.connection().execute(counting).scalar_one()


def _asked_lately(session: Session, *, since: datetime) -> tuple[set[UUID], set[str]]:
    rows = find_rows(
        session,
        sa.select(services.c.organization_id, requests.c.email)
        .join(services, services.c.id == requests.c.service_id)
        .where(requests.c.asked_at > since),
    )
    return {row["organization_id"] for row in rows}, {row["email"].lower() for row in rows}


def find_addresses(session: Session, service_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return whom to write to about each service that has an address at all.

    The service's own, else that of who assured it, else the agency's, else of a contact. What is
    no address is passed over.
    """
    rows = find_rows(
        session,
        sa.select(
            services.c.id,
            services.c.organization_id,
            services.c.email,
            services.c.assurer_email,
            organizations.c.email.label("organization_email"),
        )
        .join(organizations, organizations.c.id == services.c.organization_id)
        .where(services.c.id.in_(service_ids)),
    )
    of_contacts = _contact_addresses(session, rows)
    found: dict[UUID, str] = {}
    for row in rows:
        candidates = (
            row["email"],
            row["assurer_email"],
            row["organization_email"],
            *of_contacts.get(row["id"], ()),
            *of_contacts.get(row["organization_id"], ()),
        )
        email = next((each.strip() for each in candidates if each and is_address(each.strip())), "")
        if email:
            found[row["id"]] = email
    return found


def _contact_addresses(session: Session, rows: Sequence[Row]) -> dict[UUID, list[str]]:
    """Return the contacts' addresses by the service or agency they are of.

    Contacts of a place are left out: a place may be a hidden one.
    """
    found = find_rows(
        session,
        sa.select(contacts.c.service_id, contacts.c.organization_id, contacts.c.email)
        .where(
            contacts.c.email.is_not(None),
            contacts.c.service_id.in_({row["id"] for row in rows})
            | contacts.c.organization_id.in_({row["organization_id"] for row in rows}),
        )
        .order_by(contacts.c.id),
    )
    addresses: dict[UUID, list[str]] = {}
    for row in found:
        owner = row["service_id"] or row["organization_id"]
        addresses.setdefault(owner, []).append(row["email"])
    return addresses


@dataclass(frozen=True, slots=True)
class Question:
    """What a link asks about: a service, its places, and the vital fields that they have."""

    request: VerificationRequest
    entries: Sequence[Row]

    @property
    def fields(self) -> list[VitalField]:
        """The fields of all places together, in the order of ``VitalField``."""
        there = {field for entry in self.entries for field in vital_fields_of(entry)}
        return [field for field in VitalField if field in there]


def get_question(session: Session, token: str, *, now: datetime, lock: bool = False) -> Question:
    """Return what a link asks. Raises ``LinkUnusableError``, the same for every reason."""
    wanted = select(VerificationRequest).where(
        VerificationRequest.token_hash == hash_token(token),
        col(VerificationRequest.closed_at).is_(None),
        VerificationRequest.expires_at > now,
    )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    request = session.exec(wanted).one_or_none()
    if request is None:
        raise LinkUnusableError
    question = Question(request, find_entries_of_service(session, request.service_id))
    if not question.fields:  # it is not listed any more, or says nothing
        raise LinkUnusableError
    return question
