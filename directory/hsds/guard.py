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
_TEXTS: Final = ("name", "alternate_name", "description")


@dataclass(slots=True)
class _Around:
    """What belongs to one location: its addresses, and the services offered there."""

    addresses: list[Record] = field(default_factory=list)
    services: list[Record] = field(default_factory=list)


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
            translation.report.held_back.append(location.values["name"] or "A place without a name")


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
    speaking = [record for record in records if _speaks_of_hiding(record, record is location)]
    return any(not (is_open and _is_known(record, stored)) for record in speaking)


def _organization(translation: Translation, location: Record) -> Iterator[Record]:
    organization = translation.records.get("organization", {})
    if location.values["organization_id"] in organization:
        yield organization[location.values["organization_id"]]


def _speaks_of_hiding(record: Record, is_place: bool) -> bool:  # noqa: FBT001  # two kinds of text
    """Search a place's own words; of services and organizations only the names."""
    names = [record.values.get("name"), record.values.get("alternate_name")]
    texts = [*names, record.values.get("description")] if is_place else names
    return any(_HIDING.search(text) for text in texts if text) or (
        is_place and any(_HIDING_IN_NAME.search(name) for name in names if name)
    )


def _is_known(record: Record, stored: Stored) -> bool:
    """Say whether we already have the record with the same words."""
    before = stored.get(record.table, {}).get(record.id)
    return before is not None and all(before[name] == record.values.get(name) for name in _TEXTS)


def _close(
    translation: Translation, location: Record, around: _Around, visibility: AddressVisibility
) -> None:
    """Take away all that says where a place is, from its record and from the report."""
    location.values |= {
        "address_visibility": visibility,
        "latitude": None,
        "longitude": None,
        "approximate": False,
        "transportation": None,
    }
    streets = [address for address in around.addresses if _is_street(address)]
    for address in streets:
        _forget_street(translation, location, address)
    rows = [location, *around.addresses]
    translation.report.forget_values((row.file, row.line) for row in rows)


def _forget_street(translation: Translation, location: Record, address: Record) -> None:
    del translation.records["address"][address.id]
    street = address.values["address_1"].casefold()
    description = location.values["description"] or ""
    if street and street in description.casefold():
        location.values["description"] = None
