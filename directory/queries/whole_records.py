"""Records with all that hangs on them, many at a time, as their owners and the public see them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.kinds import ROOTS
from directory.kinds.specs import PartSpec, Spec
from directory.models import TABLES
from directory.models.locations import AddressVisibility, is_public
from directory.needs import TAXONOMY_NAME
from directory.offers import attributes, locations, terms
from directory.service_areas import is_text

#: A record's columns, and under the names of its lists the records in them.
Whole = dict[str, Any]

#: What everybody may know of a place that is not public.
_KNOWN_OF_HIDDEN: Final = (
    "id", "organization_id", "location_type", "timezone", "address_visibility", "version",
)  # fmt: skip
_WORDS_OF_HOURS: Final = ("description", "notes", "schedule_link")


def find_whole(session: Session, table: str, ids: Sequence[UUID]) -> list[Whole]:
    """Return the records of a kind with these ids, in their order, with what hangs on them.

    One query for each list, however many records. Nothing is left out: see ``as_seen_by_all``.
    """
    rows = TABLES[table]
    found = {
        row["id"]: dict(row)
        for row in find_rows(session, sa.select(rows).where(rows.c.id.in_(ids)))
    }
    _add_parts(session, ROOTS[table], found)
    if table == "service":
        _add_needs(session, found)
    return [found[each] for each in ids if each in found]


def _add_parts(session: Session, spec: Spec, owners: Mapping[UUID, Whole]) -> None:
    for name, part in spec.parts.items():
        for owner in owners.values():
            owner[name] = []
        parts = _parts_of(session, part, owners.keys())
        for each in parts.values():
            owners[each[part.owner]][name].append(each)
        _add_parts(session, part.spec, parts)


def _parts_of(session: Session, part: PartSpec, owner_ids: Collection[UUID]) -> dict[UUID, Whole]:
    if not owner_ids:
        return {}
    rows = TABLES[part.spec.table]
    owned = sa.select(rows).where(rows.c[part.owner].in_(owner_ids)).order_by(rows.c.id)
    return {row["id"]: dict(row) for row in find_rows(session, owned)}


def _add_needs(session: Session, services: Mapping[UUID, Whole]) -> None:
    """Add the codes of everyday needs that were said of each service."""
    taxonomies = TABLES["taxonomy"]
    said = find_rows(
        session,
        sa.select(attributes.c.link_id, terms.c.code)
        .join(terms, terms.c.id == attributes.c.taxonomy_term_id)
        .join(taxonomies, taxonomies.c.id == terms.c.taxonomy_id)
        .where(
            attributes.c.link_entity == "service",
            attributes.c.link_id.in_(services.keys()),
            taxonomies.c.name == TAXONOMY_NAME,
        )
        .order_by(terms.c.code),
    )
    for service in services.values():
        service["needs"] = []
    for row in said:
        services[row["link_id"]]["needs"].append(row["code"])


def as_seen_by_all(session: Session, table: str, records: Sequence[Whole]) -> list[Whole]:
    """Return the records without what would tell where a hidden place is."""
    if table == "location":
        return [each if is_public(each) else _hidden_place(each) for each in records]
    if table == "service_at_location":
        ids = {each["location_id"] for each in records}
        hidden = session.connection().execute(
            sa.select(locations.c.id).where(
                locations.c.id.in_(ids),
                locations.c.address_visibility != AddressVisibility.PUBLIC,
            )
        )
        unknown = set(hidden.scalars())
        return [_hidden_offer(e) if e["location_id"] in unknown else e for e in records]
    return list(records)


def _hidden_place(place: Whole) -> Whole:
    known: Whole = {
        name: [] if isinstance(value, list) else value if name in _KNOWN_OF_HIDDEN else None
        for name, value in place.items()
    }
    return {**known, "approximate": False}


def _hidden_offer(offer: Whole) -> Whole:
    """Leave out what says how to find the door: notes, and people who stand behind it."""
    hours = [{**each, **dict.fromkeys(_WORDS_OF_HOURS)} for each in offer["schedules"]]
    phones = [{**each, "description": None} for each in offer["phones"]]
    areas = [
        {**each, "description": None, "extent": each["extent"] if is_text(each) else None}
        for each in offer["service_areas"]
    ]
    told = {"schedules": hours, "phones": phones, "service_areas": areas}
    return {**offer, "description": None, "contacts": [], **told}
