"""Holding back places that are not public: where they are is forgotten before it is written.

Words decide about a place at first (``directory.hsds.suspicion``), then a person. The import
never opens a place that a person or an earlier import has closed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.duplicates import street_pattern, streets_to_withhold
from directory.hsds.batches import batches
from directory.hsds.mend.places import is_post_box
from directory.hsds.records import Record, Translation
from directory.hsds.suspicion import WITHHELD, find_suspicious, is_named_for_hiding
from directory.models import TABLES
from directory.models.locations import AddressVisibility

_NAMELESS: Final = "A place without a name"
#: The more careful the later.
_CAREFUL: Final = tuple(AddressVisibility)


@dataclass(slots=True)
class HeldBack:
    """The places that are not public, and what must not be said of them. Keys are identifiers.

    ``reviews`` are the places that wait for a person, with the reason. ``addresses`` are all
    their addresses. ``closed_before`` were not public here before, and ``closed_now`` were.
    ``streets`` are the streets to keep out of what is said of a place, of its services there,
    and of its agencies.
    """

    places: dict[bytes, AddressVisibility] = field(default_factory=dict)
    reviews: dict[bytes, str] = field(default_factory=dict)
    addresses: set[bytes] = field(default_factory=set)
    closed_before: frozenset[bytes] = frozenset()
    closed_now: set[bytes] = field(default_factory=set)
    streets: defaultdict[bytes, set[str]] = field(default_factory=lambda: defaultdict(set))

    def streets_about(self, identifier: UUID, values: Mapping[str, Any]) -> set[str]:
        """Return the streets to keep out of a record, by what it is and what it belongs to."""
        if not self.streets:
            return set()
        about = {value.bytes for value in values.values() if type(value) is UUID}
        found = (self.streets.get(each) for each in {identifier.bytes, *about})
        return set().union(*(streets for streets in found if streets))

    def hides(self, identifier: UUID, values: Mapping[str, Any]) -> bool:
        """Say whether a record is such a place, its address, or tells of it alone."""
        place = values.get("location_id")
        return (
            identifier.bytes in self.places
            or identifier.bytes in self.addresses
            or (place is not None and place.bytes in self.places)
        )


def hold_back(translation: Translation, session: Session) -> HeldBack:
    """Close the locations that need a person's decision, and forget where they are."""
    closed = _closed_places(session, translation.source)
    held = HeldBack(closed_before=frozenset(closed))
    candidates = find_suspicious(translation, session)
    told = _look_at_places(translation, held, candidates, closed)
    _look_at_addresses(translation, held, told, candidates)
    _add_stored_streets(session, held)
    held.closed_now = _open_places(session, held.places.keys() - closed.keys())
    if held.places:
        _spread_streets(translation, held)
        _silence(translation, held)
    _hold_back_organizations(translation)
    return held


def _closed_places(session: Session, source: str) -> dict[bytes, AddressVisibility]:
    """Return the places of a source that are not public now."""
    table = TABLES["location"]
    found = find_rows(
        session,
        sa.select(table.c.id, table.c.address_visibility).where(
            table.c.source == source,
            table.c.address_visibility != AddressVisibility.PUBLIC,
        ),
    )
    return {row["id"].bytes: row["address_visibility"] for row in found}


def _open_places(session: Session, places: Collection[bytes]) -> set[bytes]:
    """Return those of some places that are here already."""
    table = TABLES["location"]
    found: set[bytes] = set()
    for batch in batches(places):
        wanted = [UUID(bytes=place) for place in batch]
        rows = find_rows(session, sa.select(table.c.id).where(table.c.id.in_(wanted)))
        found |= {row["id"].bytes for row in rows}
    return found


def _look_at_places(
    translation: Translation,
    held: HeldBack,
    candidates: Mapping[bytes, str],
    closed: Mapping[bytes, AddressVisibility],
) -> set[bytes]:
    """Note the places that are closed already or have a point; return all that matter."""
    matter: set[bytes] = set()
    for place in translation.of("location"):
        id_ = place.id.bytes
        visibility = max(
            place.values["address_visibility"],
            closed.get(id_, AddressVisibility.PUBLIC),
            key=_CAREFUL.index,
        )
        if visibility is not AddressVisibility.PUBLIC:
            held.places[id_] = visibility
        if id_ in candidates and place.values["latitude"] is not None:
            _suspect(held, id_, candidates[id_])
        if id_ in candidates or id_ in held.places:
            matter.add(id_)
    return matter


def _suspect(held: HeldBack, place: bytes, reason: str) -> None:
    held.reviews.setdefault(place, reason)
    held.places.setdefault(place, AddressVisibility.HIDDEN)


def _look_at_addresses(
    translation: Translation, held: HeldBack, matter: set[bytes], candidates: Mapping[bytes, str]
) -> None:
    """Suspect the candidates that have a street; note every address of a closed place."""
    addresses: defaultdict[bytes, list[Record]] = defaultdict(list)
    for address in translation.of("address") if matter else ():
        place = address.values["location_id"]
        if place is not None and place.bytes in matter:
            addresses[place.bytes].append(address)
            if place.bytes in candidates and _is_street(address):
                _suspect(held, place.bytes, candidates[place.bytes])
    for place_id in held.places:
        for address in addresses.get(place_id, ()):
            held.addresses.add(address.id.bytes)
            if _is_street(address):
                _add_street(held, place_id, address.values["address_1"])


def _is_street(address: Record) -> bool:
    """Say whether an address leads to a door: not a box at the post office, not a town alone."""
    words = address.values["address_1"]
    return bool(words or address.values["address_2"]) and not is_post_box(words)


def _add_street(held: HeldBack, place: bytes, street: str) -> None:
    if not is_post_box(street):
        held.streets[place] |= streets_to_withhold([street])


def _add_stored_streets(session: Session, held: HeldBack) -> None:
    """Note the addresses that closed places have in the database, and had before that."""
    addresses, changes = TABLES["address"], TABLES["metadata"]
    was_street = sa.and_(
        changes.c.resource_id == addresses.c.id, changes.c.field_name == "address_1"
    )
    columns = (
        *(addresses.c.id, addresses.c.location_id, addresses.c.address_1),
        *(changes.c.previous_value, changes.c.replacement_value),
    )
    for batch in batches(held.places):
        wanted = [UUID(bytes=place) for place in batch]
        known = sa.select(*columns).outerjoin_from(addresses, changes, was_street)
        for row in find_rows(session, known.where(addresses.c.location_id.in_(wanted))):
            held.addresses.add(row["id"].bytes)
            for name in ("address_1", "previous_value", "replacement_value"):
                _add_street(held, row["location_id"].bytes, row[name] or "")


def _spread_streets(translation: Translation, held: HeldBack) -> None:
    """Give a place's streets to its agencies and to the services there: they may tell it too."""
    told: defaultdict[bytes, set[str]] = defaultdict(set)
    for place_id, streets in held.streets.items():
        place = translation.get("location", UUID(bytes=place_id))
        if place is not None and place.values["organization_id"]:
            told[place.values["organization_id"].bytes] |= streets
    for pair in translation.of("service_at_location") if held.streets else ():
        streets = held.streets.get(pair.values["location_id"].bytes, set())
        if streets:
            service = translation.at("service", pair.values["service_id"])
            for each in (pair.id, service.id, service.values["organization_id"]):
                told[each.bytes] |= streets
    for id_, streets in told.items():
        held.streets[id_] |= streets


def _silence(translation: Translation, held: HeldBack) -> None:
    """Take away all that says where a place is, from its records and from the report.

    Texts about it, its agencies and the services there lose its streets: papers to bring, ways
    in, notes to hours and telephones too. Other places keep their addresses.
    """
    hidden_rows: set[tuple[str, int]] = set()
    for table in translation.staging.tables():
        for record in translation.of(table):
            if _must_go(record, held):
                translation.drop(record)
                hidden_rows.add((record.file, record.line))
            elif _clean(record, held):
                translation.put(record)
                hidden_rows.add((record.file, record.line))
    translation.report.forget_values(hidden_rows)
    translation.report.forget_words(set().union(*held.streets.values()))
    for place_id in held.reviews:
        place = translation.at("location", UUID(bytes=place_id))
        translation.report.held_back.append(place.values["name"] or _NAMELESS)


def _must_go(record: Record, held: HeldBack) -> bool:
    """Say whether a record is a street of a closed place, or tells how that was changed."""
    if record.table == "metadata":
        about = record.values["resource_id"].bytes
        return about in held.places or about in held.addresses
    return record.table == "address" and record.id.bytes in held.addresses and _is_street(record)


def _clean(record: Record, held: HeldBack) -> bool:
    """Take what must not be said out of a record; say whether it is to be put back."""
    if record.table == "location" and record.id.bytes in held.places:
        record.values |= {
            "address_visibility": held.places[record.id.bytes],
            "latitude": None,
            "longitude": None,
            "approximate": False,
            "transportation": None,
        }
    is_about = held.hides(record.id, record.values)
    if is_about:
        record.original = None
    if record.table == "address" and record.values["location_id"]:
        return is_about
    streets = held.streets_about(record.id, record.values)
    if not streets:
        return is_about
    cleaned = without_streets(record.values, streets)
    original = without_streets(record.original, streets) if record.original else None
    is_other = (cleaned, original) != (record.values, record.original)
    record.values, record.original = cleaned, original
    return is_about or is_other


def without_streets(values: Mapping[str, Any], streets: set[str]) -> dict[str, Any]:
    """Return texts by column without the streets in them; what is no text stays as it is."""
    pattern = street_pattern(frozenset(streets))
    return {
        column: pattern.sub(WITHHELD, words) if type(words) is str else words  # no enum, say
        for column, words in values.items()
    }


def _hold_back_organizations(translation: Translation) -> None:
    """Drop the streets of organizations whose names speak of hiding: only a post box is safe."""
    named = {each.id: each.values["name"] for each in _in_hiding(translation)}
    for address in translation.of("address") if named else ():
        owner = address.values["organization_id"]
        if owner in named and _is_street(address):
            translation.drop(address)
            translation.report.forget_values([(address.file, address.line)])
            translation.report.held_back.append(f"{named[owner]}: its address")


def _in_hiding(translation: Translation) -> Iterator[Record]:
    return (each for each in translation.of("organization") if is_named_for_hiding(each))
