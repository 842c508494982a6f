"""Who of the invented agencies has promised whom what."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from scheduling.models.agreements import AgreementStatus, MemberStatus
from seed.agencies import AGENCIES
from seed.listings import organization_id_of
from seed.names import row_id

DAY = timedelta(days=1)

ACTIVE, PROPOSED = AgreementStatus.ACTIVE, AgreementStatus.PROPOSED
SUSPENDED, ENDED = AgreementStatus.SUSPENDED, AgreementStatus.ENDED


class Promise(NamedTuple):
    """The partner's staff may book into the host's windows. Agencies by key.

    With ``places`` they may have so many a week, which are kept for them until two days before.
    """

    host: str
    partner: str
    status: AgreementStatus = ACTIVE
    places: int | None = None
    covers_members: bool = False


PROMISES = (
    Promise("lanternfish", "papercrane"),
    Promise("lanternfish", "velvetotter"),
    Promise("lanternfish", "umbrellatree"),
    Promise("moonbeam", "papercrane"),
    Promise("moonbeam", "hollowstar"),
    Promise("moonbeam", "brickbee"),
    Promise("velvetotter", "papercrane"),
    Promise("velvetotter", "lanternfish"),
    Promise("mothwing", "papercrane"),
    Promise("mothwing", "hollowstar", places=4),
    Promise("clockwork", "papercrane"),
    Promise("clockwork", "rumpled", places=3),
    Promise("clockwork", "umbrellatree"),
    Promise("toothfairy", "papercrane"),
    Promise("papercrane", "lanternfish"),
    Promise("papercrane", "storkpost"),
    Promise("candlewick", "hedgehog"),
    Promise("abacus", "candlewick", places=5, covers_members=True),
    Promise("storkpost", "papercrane"),
    Promise("gaslamp", "papercrane", PROPOSED),
    Promise("dodo", "wickerwhale", PROPOSED),
    Promise("marzipan", "velvetotter", SUSPENDED),
    Promise("saltlick", "papercrane", SUSPENDED),
    Promise("hedgehog", "papercrane", ENDED),
    Promise("goosefeather", "marzipan", ENDED),
)


def agreement_rows(today: date) -> Iterator[dict[str, Any]]:
    """Yield the agreements; the active ones began at least a quarter of a year ago."""
    names = {agency.key: agency.short for agency in AGENCIES}
    for index, promise in enumerate(PROMISES):
        starts_on = today + 14 * DAY if promise.status is PROPOSED else today - (90 + index) * DAY
        signed_at = datetime.combine(min(starts_on, today) - 7 * DAY, time(15), UTC)
        yield {
            "id": agreement_id_of(promise),
            "host_organization_id": organization_id_of(promise.host),
            "partner_organization_id": organization_id_of(promise.partner),
            "title": f"{names[promise.partner]} books at {names[promise.host]}",
            "terms": "Partner staff book on a client's behalf and cancel as soon as they know.",
            "status": promise.status,
            "host_signed_at": signed_at,
            "partner_signed_at": None if promise.status is PROPOSED else signed_at,
            "starts_on": starts_on,
            "ends_on": _ends_on(promise, index, today),
            "covers_members": promise.covers_members,
        }


def allotment_rows(services_of: Mapping[str, set[UUID]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the allotments, each in all services of its host, with the table of each row."""
    for promise in PROMISES:
        if promise.places is not None:
            allotment_id = row_id("allotment", promise.host, promise.partner)
            yield (
                "allotment",
                {
                    "id": allotment_id,
                    "agreement_id": agreement_id_of(promise),
                    "places": promise.places,
                    "release_minutes": 2 * 24 * 60,
                },
            )
            for service_id in sorted(services_of[promise.host]):
                row = {"allotment_id": allotment_id, "service_id": service_id}
                yield "allotment_service", row


def member_rows(now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the consortium: one member, and one that was invited."""
    for member, status in (("hedgehog", MemberStatus.ACTIVE), ("dodo", MemberStatus.INVITED)):
        yield {
            "lead_organization_id": organization_id_of("candlewick"),
            "member_organization_id": organization_id_of(member),
            "status": status,
            "invited_at": now - 60 * DAY,
            "changed_at": now - 50 * DAY,
        }


def agreement_id_of(promise: Promise) -> UUID:
    """Return the identifier of an agreement."""
    return row_id("agreement", promise.host, promise.partner)


def _ends_on(promise: Promise, index: int, today: date) -> date | None:
    """Return a day in the past for what has ended, and a year ahead for one in three others."""
    if promise.status is ENDED:
        return today - 30 * DAY
    return today + 365 * DAY if index % 3 == 0 else None
