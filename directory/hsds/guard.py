"""Holding back places that may be in hiding, until a person has decided.

A shelter's street in a public list can cost a life; a public office that waits a day for
somebody to look costs a phone call. So words decide, and the import never opens a place that
a person or an earlier import has closed.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from directory.hsds.mend.places import is_post_box
from directory.hsds.records import Record, Translation
from directory.models.locations import AddressVisibility

Stored = Mapping[str, Mapping[UUID, Mapping[str, Any]]]

_HIDING: Final = re.compile(
    r"\b(domestic (violence|abuse)|family violence|intimate partner|partner violence"
    r"|sexual (assault|violence|abuse)|rape crisis|battered|abused (women|spouses?|persons)"
    r"|women abuse|prevention of abuse|traffick\w+|safe[ -]?(house|home|haven|shelter)s?"
    r"|wom[ae]n'?s (shelter|refuge)"
    r"|(confidential|undisclosed|secret) (location|address|shelter))\b",
    re.IGNORECASE,
)
#: Said of many public places too ("gives food and shelter"), so only a name with it counts.
_HIDING_IN_NAME: Final = re.compile(r"\b(shelters?|refuge)\b", re.IGNORECASE)
_NAMELESS: Final = "A place without a name"
#: Shorter than this an "address" is a slip, and taking it out of texts would spoil them.
_SHORTEST_STREET: Final = 5
_WITHHELD: Final = "(address withheld)"
#: The more careful the later.
_CAREFUL: Final = tuple(AddressVisibility)
_TEXTS: Final = ("name", "alternate_name", "description")


@dataclass(slots=True)
class _Around:
    """What belongs to one location: its addresses, and the services offered there."""

    addresses: list[Record] = field(default_factory=list)
    services: list[Record] = field(default_factory=list)

    def streets(self) -> list[str]:
        """Return the first lines of the addresses that lead to a door."""
        found = (each.values["address_1"] for each in self.addresses if _is_street(each))
        return [street for street in found if len(street) >= _SHORTEST_STREET]


def hold_back(translation: Translation, stored: Stored) -> None:
    """Close the locations that need a person's decision, and forget where they are.

    ``stored`` are this source's records as they are now, by table and identifier.
    """
    around = _surroundings(translation)
    told_of = _told_of(translation)
    for location in translation.of("location"):
        before = stored.get("location", {}).get(location.id)
        suspicious = _tells_where(location, around[location.id]) and _is_suspicious(
            translation, location, around[location.id], stored
        )
        visibility = _visibility(location, before, suspicious=suspicious)
        if visibility is AddressVisibility.PUBLIC:
            continue
        _close(translation, location, around[location.id], told_of, visibility)
        if suspicious:
            translation.report.held_back.append(location.values["name"] or _NAMELESS)
    _hold_back_organizations(translation)


def _visibility(
    location: Record, before: Mapping[str, Any] | None, *, suspicious: bool
) -> AddressVisibility:
    """Return the most careful of what we have decided, what the source says and what words say."""
    said: AddressVisibility = location.values["address_visibility"]
    decided: AddressVisibility = (
        before["address_visibility"] if before else AddressVisibility.PUBLIC
    )
    if suspicious and AddressVisibility.PUBLIC is said is decided:
        return AddressVisibility.HIDDEN
    return max(said, decided, key=_CAREFUL.index)


def _hold_back_organizations(translation: Translation) -> None:
    """Drop the streets of organizations whose names speak of hiding: only a post box is safe."""
    for address in list(translation.of("address")):
        owner = address.values["organization_id"]
        organization = translation.get("organization", owner) if owner else None
        if organization and _is_street(address) and _is_named_for_hiding(organization):
            translation.drop(address)
            translation.report.forget_values([(address.file, address.line)])
            translation.report.held_back.append(f"{organization.values['name']}: its address")


def _surroundings(translation: Translation) -> defaultdict[UUID, _Around]:
    around: defaultdict[UUID, _Around] = defaultdict(_Around)
    for address in translation.of("address"):
        if address.values["location_id"]:
            around[address.values["location_id"]].addresses.append(address)
    for pair in translation.of("service_at_location"):
        service = translation.at("service", pair.values["service_id"])
        around[pair.values["location_id"]].services.append(service)
    return around


def _tells_where(location: Record, around: _Around) -> bool:
    return location.values["latitude"] is not None or any(map(_is_street, around.addresses))


def _is_street(address: Record) -> bool:
    """Say whether an address leads to a door: not a box at the post office, not a town alone."""
    words = address.values["address_1"]
    return bool(words or address.values["address_2"]) and not is_post_box(words)


def _is_suspicious(
    translation: Translation, location: Record, around: _Around, stored: Stored
) -> bool:
    """Say whether any name or description here speaks of hiding and is new to us.

    Once a person has opened a place, the same words do not close it again.
    """
    if location.id in translation.opened:
        return False
    before = stored.get("location", {}).get(location.id)
    is_open = before is not None and before["address_visibility"] is AddressVisibility.PUBLIC
    records = [location, *around.services, *_organization(translation, location)]
    speaking = [
        record for record in records if _speaks_of_hiding(record, is_place=record is location)
    ]
    return any(not (is_open and _is_known(record, stored)) for record in speaking)


def _organization(translation: Translation, location: Record) -> Iterator[Record]:
    owner = location.values["organization_id"]
    organization = translation.get("organization", owner) if owner else None
    if organization:
        yield organization


def _speaks_of_hiding(record: Record, *, is_place: bool) -> bool:
    """Search all words of a place; of services and organizations only the names.

    Many who help survivors from an office in the high street say so in their description.
    """
    if is_place:
        description = record.values.get("description") or ""
        return _is_named_for_hiding(record) or bool(_HIDING.search(description))
    return any(_HIDING.search(name) for name in _names(record))


def _is_named_for_hiding(record: Record) -> bool:
    names = _names(record)
    return any(_HIDING.search(name) or _HIDING_IN_NAME.search(name) for name in names)


def _names(record: Record) -> list[str]:
    return [name for name in map(record.values.get, ("name", "alternate_name")) if name]


def _is_known(record: Record, stored: Stored) -> bool:
    """Say whether we already have the record with the same words, but for what was withheld."""
    before = stored.get(record.table, {}).get(record.id)
    return before is not None and all(
        _says_the_same(before[name], record.values.get(name)) for name in _TEXTS
    )


def _says_the_same(kept: str | None, words: str | None) -> bool:
    """Say whether a text is the one we kept, whichever places' streets we took out of that."""
    if kept is None or words is None:
        return kept == words
    around_streets = map(re.escape, kept.split(_WITHHELD))
    return re.fullmatch(".+".join(around_streets), words, re.DOTALL) is not None


def _told_of(translation: Translation) -> Mapping[UUID, list[Record]]:
    """Return, for each record, itself and all records that name it as what they belong to."""
    told_of: defaultdict[UUID, list[Record]] = defaultdict(list)
    for table in translation.records:
        for record in translation.of(table):
            owners = {value for value in record.values.values() if type(value) is UUID}
            for owner in {record.id, *owners}:
                told_of[owner].append(record)
    return told_of


def _close(
    translation: Translation,
    location: Record,
    around: _Around,
    told_of: Mapping[UUID, list[Record]],
    visibility: AddressVisibility,
) -> None:
    """Take away all that says where a place is, from its records and from the report."""
    silenced = list(_silence(location, around, told_of))
    location.values |= {
        "address_visibility": visibility,
        "latitude": None,
        "longitude": None,
        "approximate": False,
        "transportation": None,
    }
    for address in filter(_is_street, around.addresses):
        translation.drop(address)
    for record in (location, *around.addresses):
        record.original = None
    rows = [location, *around.addresses, *around.services, *silenced]
    translation.report.forget_values((row.file, row.line) for row in rows)


def _silence(
    location: Record, around: _Around, told_of: Mapping[UUID, list[Record]]
) -> Iterator[Record]:
    """Take the street out of all texts about a place; return the records that named it.

    Those are the place's own, those of its services there and of its agencies: papers to bring,
    ways in, notes to hours and telephones too. Other places keep their addresses.
    """
    streets = around.streets()
    offers = [each for each in told_of[location.id] if each.table == "service_at_location"]
    agencies = {each.values["organization_id"] for each in (location, *around.services)} - {None}
    subjects = [location.id, *agencies, *(each.id for each in (*around.services, *offers))]
    for record in (each for subject in subjects for each in told_of.get(subject, ())):
        if record.table == "address" and record.values["location_id"]:
            continue
        cleaned = _without(record.values, streets)
        original = _without(record.original, streets) if record.original else None
        if (cleaned, original) != (record.values, record.original):
            record.values, record.original = cleaned, original
            yield record


def _without(values: Mapping[str, Any], streets: list[str]) -> dict[str, Any]:
    return {column: _withheld(words, streets) for column, words in values.items()}


def _withheld(words: Any, streets: list[str]) -> Any:
    """Return a text without the streets in it; what is no text stays as it is."""
    if type(words) is not str:  # an enum's value is a text too
        return words
    for street in streets:
        words = re.sub(re.escape(street), _WITHHELD, words, flags=re.IGNORECASE)
    return words
