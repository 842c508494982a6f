"""From records of the directory to the shapes that the API sends."""

import enum
from collections.abc import Sequence
from datetime import time
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from sqlmodel import Session

from api.schemas.directory import (
    ChangedFieldReply,
    ChangeReply,
    LocationReply,
    OrganizationReply,
    PlaceReply,
    ServiceAtLocationReply,
    ServiceReply,
)
from api.schemas.search import NamedReply
from directory.queries.history import PastChange, is_withheld
from directory.queries.whole_records import Whole, as_seen_by_all, find_whole

T = TypeVar("T", bound=msgspec.Struct)

REPLIES: Final[dict[str, Any]] = {
    "organization": OrganizationReply,
    "location": LocationReply,
    "service": ServiceReply,
}


def replies_of(session: Session, table: str, ids: Sequence[UUID]) -> list[Any]:
    """Return the records with these ids as everybody may see them."""
    records = as_seen_by_all(session, table, find_whole(session, table, ids))
    if table == "service_at_location":
        return _offers(session, records)
    return [shaped(REPLIES[table], each) for each in records]


def reply_of(session: Session, table: str, record_id: UUID) -> Any:
    """Return one record as everybody may see it."""
    (reply,) = replies_of(session, table, [record_id])
    return reply


def shaped(kind: type[T], record: Whole, **more: Any) -> T:
    """Return a record in a shape that names some of its columns."""
    return msgspec.convert({**_plain(record), **more}, kind)


def _plain(value: Any) -> Any:
    """Return a value without our types in it: words for choices, HH:MM for clock readings."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, enum.Enum):
        return value.value
    return f"{value:%H:%M}" if isinstance(value, time) else value


def _offers(session: Session, records: Sequence[Whole]) -> list[ServiceAtLocationReply]:
    """Shape services at locations with what they join."""
    services = _by_id(session, "service", [each["service_id"] for each in records])
    agencies = _by_id(session, "organization", [s["organization_id"] for s in services.values()])
    places = _by_id(session, "location", [each["location_id"] for each in records])
    return [
        shaped(
            ServiceAtLocationReply,
            each,
            service=NamedReply.of(service),
            organization=NamedReply.of(agencies[service["organization_id"]]),
            location=shaped(PlaceReply, places[each["location_id"]]),
        )
        for each in records
        for service in [services[each["service_id"]]]
    ]


def _by_id(session: Session, table: str, ids: Sequence[UUID]) -> dict[UUID, Whole]:
    found = find_whole(session, table, list(dict.fromkeys(ids)))
    return {each["id"]: each for each in as_seen_by_all(session, table, found)}


def change_reply(change: PastChange) -> ChangeReply:
    """Shape a change of the past."""
    return ChangeReply(
        id=change.key if change.can_be_undone else None,
        at=change.at,
        by=change.by,
        origin=change.origin,
        action=change.action,
        fields=[
            ChangedFieldReply.of(line, field=line["field_name"], withheld=is_withheld(line))
            for line in change.told
        ],
    )
