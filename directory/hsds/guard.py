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
    for location in translation.of("location"):
        before = stored.get("location", {}).get(location.id)
        closed = before is not None and before["address_visibility"] is not AddressVisibility.PUBLIC
        suspicious = _tells_where(location, around[location.id]) and _is_suspicious(
            translation, location, around[location.id], stored
        )
        if not closed and not suspicious:
            continue
        visibility = before["address_visibility"] if before and closed else AddressVisibility.HIDDEN
        _close(translation, location, around[location.id], visibility)
        if suspicious:
            translation.report.held_back.append(location.values["name"] or _NAMELESS)
    _hold_back_organizations(translation)


def _hold_back_organizations(translation: Translation) -> None:
    """Drop the streets of organizations whose names speak of hiding: only a post box is safe."""
    for address in list(translation.of("address")):
        organization = translation.records.get("organization", {}).get(
            address.values["organization_id"]
        )
        if organization and _is_street(address) and _is_named_for_hiding(organization):
            del translation.records["address"][address.id]
            translation.report.forget_values([(address.file, address.line)])
            translation.report.held_back.append(f"{organization.values['name']}: its address")


def _surroundings(translation: Translation) -> defaultdict[UUID, _Around]:
    around: defaultdict[UUID, _Around] = defaultdict(_Around)
    for address in translation.of("address"):
        if address.values["location_id"]:
            around[address.values["location_id"]].addresses.append(address)
    for pair in translation.of("service_at_location"):
        service = translation.records["service"][pair.values["service_id"]]
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
    before = stored.get("location", {}).get(location.id)
    is_open = before is not None and before["address_visibility"] is AddressVisibility.PUBLIC
    records = [location, *around.services, *_organization(translation, location)]
    speaking = [
        record for record in records if _speaks_of_hiding(record, is_place=record is location)
    ]
    streets = around.streets()
    return any(not (is_open and _is_known(record, stored, streets)) for record in speaking)


def _organization(translation: Translation, location: Record) -> Iterator[Record]:
    organization = translation.records.get("organization", {})
    if location.values["organization_id"] in organization:
        yield organization[location.values["organization_id"]]


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


def _is_known(record: Record, stored: Stored, streets: list[str]) -> bool:
    """Say whether we already have the record with the same words, or those less the street."""
    before = stored.get(record.table, {}).get(record.id)
    return before is not None and all(
        before[name] in {words, _withheld(words, streets)}
        for name in _TEXTS
        for words in [record.values.get(name)]
    )


def _close(
    translation: Translation, location: Record, around: _Around, visibility: AddressVisibility
) -> None:
    """Take away all that says where a place is, from its records and from the report."""
    for record in (location, *around.services):
        for column, words in record.values.items():
            record.values[column] = _withheld(words, around.streets())
    location.values |= {
        "address_visibility": visibility,
        "latitude": None,
        "longitude": None,
        "approximate": False,
        "transportation": None,
    }
    for address in filter(_is_street, around.addresses):
        del translation.records["address"][address.id]
    rows = [location, *around.addresses, *around.services]
    translation.report.forget_values((row.file, row.line) for row in rows)


def _withheld(words: Any, streets: list[str]) -> Any:
    """Return a text without the streets in it; what is no text stays as it is."""
    if type(words) is not str:  # an enum's value is a text too
        return words
    for street in streets:
        words = re.sub(re.escape(street), "(address withheld)", words, flags=re.IGNORECASE)
    return words
