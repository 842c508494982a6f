"""Finding what may be there already: before something new is written, and over the directory."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.duplicates import (
    LIKELY,
    WORTH_ASKING,
    Described,
    Sign,
    likeness,
    name_key,
    phone_keys,
)
from directory.models import TABLES
from directory.models.locations import AddressVisibility
from directory.offers import (
    addresses,
    at_locations,
    entries,
    locations,
    organizations,
    phones,
    services,
)
from geo.grid import cell_ranges
from geo.points import Point

#: How many of the alike are told, best first.
MOST_TOLD: Final = 10
_NEIGHBOURHOOD_KM: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """A listing that may be the same: which, how likely (0 to 100), and by what signs."""

    id: UUID
    name: str
    organization_name: str
    score: int
    signs: frozenset[Sign]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two records of one kind that may be the same."""

    kind: str
    first: Row
    second: Row
    score: int
    signs: frozenset[Sign]


def find_alike(session: Session, draft: Described) -> list[Alike]:
    """Return the listings that something about to be written may already be, likeliest first.

    Looks at what shares a word of the name, a telephone or the neighbourhood. A hidden place
    is compared by its name alone: neither its point nor its telephone is in any search row.
    """
    found = {row["id"]: row for row in _candidates(session, draft)}
    told = (_alike(draft, row) for row in found.values())
    likely = [each for each in told if each.score >= WORTH_ASKING or len(each.signs) > 1]
    return sorted(likely, key=lambda each: (-each.score, each.name, each.id))[:MOST_TOLD]


def _candidates(session: Session, draft: Described) -> Iterator[Row]:
    for condition in _reasons_to_look(draft):
        yield from find_rows(session, sa.select(entries).where(condition).limit(500))


def _reasons_to_look(draft: Described) -> Iterator[sa.ColumnElement[bool]]:
    words = sorted(name_key(draft.name).split(), key=len, reverse=True)[:2]
    if words:
        yield sa.or_(*(entries.c.text.contains(f" {word}", autoescape=True) for word in words))
    for digits in phone_keys(draft.phones):
        yield entries.c.phone.contains(digits[-4:])
    if draft.point is not None:
        yield sa.or_(
            *(
                entries.c.cell.between(cells.first, cells.last)
                for cells in cell_ranges(draft.point, _NEIGHBOURHOOD_KM)
            )
        )


def _alike(draft: Described, row: Row) -> Alike:
    names = (row["service_name"], row["organization_name"], row["location_name"])
    told = (likeness(draft, _described(row, name)) for name in names if name)
    best = max(told, key=lambda each: each.score)
    return Alike(
        id=row["id"],
        name=row["service_name"],
        organization_name=row["organization_name"],
        score=best.score,
        signs=best.signs,
    )


def _described(row: Row, name: str) -> Described:
    return Described(
        name=name,
        phones=frozenset({row["phone"]} if row["phone"] else ()),
        street=(row["address"] or "").partition(",")[0],
        point=None if row["latitude"] is None else Point(row["latitude"], row["longitude"]),
    )


def find_likely_pairs(session: Session, *, limit: int = 50) -> list[Pair]:
    """Return the pairs of agencies, and of one agency's services, that look the same.

    Reads the directory's names and telephones once; only what shares a name's longest word or
    a telephone is compared.
    """
    pairs = [*_agency_pairs(session), *_service_pairs(session), *_place_pairs(session)]
    return sorted(pairs, key=lambda pair: (-pair.score, pair.first["name"]))[:limit]


def _agency_pairs(session: Session) -> Iterator[Pair]:
    rows = find_rows(
        session,
        sa.select(
            organizations.c.id, organizations.c.name, organizations.c.alternate_name,
            organizations.c.source, organizations.c.description,
        ).where(organizations.c.merged_into_id.is_(None)),
    )  # fmt: skip
    numbers = _numbers(session, "organization_id")
    return _pairs("organization", rows, {row["id"]: numbers[row["id"]] for row in rows})


def _service_pairs(session: Session) -> Iterator[Pair]:
    rows = find_rows(
        session,
        sa.select(
            services.c.id, services.c.name, services.c.alternate_name, services.c.source,
            services.c.description, services.c.organization_id,
        ).where(services.c.merged_into_id.is_(None)),
    )  # fmt: skip
    of_agency = defaultdict(list)
    for row in rows:
        of_agency[row["organization_id"]].append(row)
    for mine in of_agency.values():
        yield from _pairs("service", mine, {})


def _place_pairs(session: Session) -> Iterator[Pair]:
    """Only places that everybody may know: a hidden one has nothing to be compared by."""
    rows = find_rows(
        session,
        sa.select(
            locations.c.id, locations.c.name, locations.c.alternate_name, locations.c.source,
            locations.c.latitude, locations.c.longitude,
            sa.func.min(addresses.c.address_1).label("description"),
        )
        .outerjoin(addresses, addresses.c.location_id == locations.c.id)
        .where(
            locations.c.merged_into_id.is_(None),
            locations.c.name.is_not(None),
            locations.c.address_visibility == AddressVisibility.PUBLIC,
        )
        .group_by(*(c for c in locations.c if c.name in _PLACE_COLUMNS)),
    )  # fmt: skip
    return _pairs("location", rows, {})


_PLACE_COLUMNS: Final = frozenset(
    {"id", "name", "alternate_name", "source", "latitude", "longitude"}
)


def _numbers(session: Session, column: str) -> defaultdict[UUID, set[str]]:
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    owner = phones.c[column]
    for row in find_rows(session, sa.select(owner, phones.c.number).where(owner.is_not(None))):
        found[row[column]].add(row["number"])
    return found


def _pairs(kind: str, rows: Sequence[Row], numbers: dict[UUID, set[str]]) -> Iterator[Pair]:
    described = {row["id"]: _described_record(row, numbers.get(row["id"], ())) for row in rows}
    by_id = {row["id"]: row for row in rows}
    for first, second in sorted(set(_worth_comparing(described))):
        found = likeness(described[first], described[second])
        if found.score >= LIKELY:
            yield Pair(
                kind=kind,
                first=by_id[first],
                second=by_id[second],
                score=found.score,
                signs=found.signs,
            )


def _described_record(row: Row, numbers: Iterable[str]) -> Described:
    latitude = row.get("latitude")
    return Described(
        name=row["name"],
        alternate_name=row["alternate_name"] or "",
        phones=frozenset(numbers),
        street=row["description"] or "" if latitude is not None else "",
        point=None if latitude is None else Point(latitude, row["longitude"]),
    )


#: A word that so many share tells nothing, and comparing all of them takes for ever.
_MOST_ALIKE: Final = 60


def _worth_comparing(described: dict[UUID, Described]) -> Iterator[tuple[UUID, UUID]]:
    groups: defaultdict[str, list[UUID]] = defaultdict(list)
    for record_id, each in described.items():
        for key in {*_name_words(each), *phone_keys(each.phones)}:
            groups[key].append(record_id)
    for group in groups.values():
        if len(group) <= _MOST_ALIKE:
            yield from combinations(sorted(group), 2)


def _name_words(described: Described) -> set[str]:
    """Return the whole name and its longest word."""
    key = name_key(described.name)
    return {key, max(key.split(), key=len, default=key)} - {""}


def find_successor(session: Session, record_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return, of records that were merged, the ones that took their place."""
    found: dict[UUID, UUID] = {}
    for table in (organizations, services, locations):
        rows = find_rows(
            session,
            sa.select(table.c.id, table.c.merged_into_id).where(
                table.c.id.in_(record_ids), table.c.merged_into_id.is_not(None)
            ),
        )
        found |= {row["id"]: row["merged_into_id"] for row in rows}
    return found | _successors_at_places(session, record_ids)


def _successors_at_places(session: Session, record_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Follow the services at locations whose service or place was merged."""
    theirs, kept = at_locations.alias(), at_locations.alias()
    rows = find_rows(
        session,
        sa.select(theirs.c.id, kept.c.id.label("kept_id"))
        .join(services, services.c.id == theirs.c.service_id)
        .join(locations, locations.c.id == theirs.c.location_id)
        .join(
            kept,
            (kept.c.service_id == sa.func.coalesce(services.c.merged_into_id, services.c.id))
            & (kept.c.location_id == sa.func.coalesce(locations.c.merged_into_id, locations.c.id)),
        )
        .where(theirs.c.id.in_(record_ids), kept.c.id != theirs.c.id),
    )
    return {row["id"]: row["kept_id"] for row in rows}


def find_merges(session: Session, *, limit: int = 20) -> Sequence[Row]:
    """Return the last merges, newest first, with the names of both records."""
    merges = TABLES["record_merge"]
    found = sa.select(
        merges,
        _name_of(merges.c.kept_id, merges.c.resource_type).label("kept_name"),
        _name_of(merges.c.merged_id, merges.c.resource_type).label("merged_name"),
    )
    return find_rows(session, found.order_by(merges.c.merged_at.desc(), merges.c.id).limit(limit))


def _name_of(
    record_id: sa.ColumnElement[UUID], kind: sa.ColumnElement[str]
) -> sa.ColumnElement[str]:
    """Select the name of a record of any kind that can be merged."""
    names = {
        table.name: sa.select(table.c.name).where(table.c.id == record_id).scalar_subquery()
        for table in (organizations, services, locations)
    }
    return sa.case(names, value=kind)
