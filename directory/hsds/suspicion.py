"""Which places may be in hiding, by the words about them.

A shelter's street in a public list can cost a life; a public office that waits a day for
somebody to look costs a phone call. So words decide, and a person after them.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.hsds.batches import batches
from directory.hsds.records import Record, Translation
from directory.models import TABLES
from directory.models.locations import AddressVisibility
from directory.models.services import Sensitivity

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
#: What else of a record matters here.
_ALSO: Final = {"location": ("address_visibility",), "service": ("sensitivity",)}
#: What stands where a street was taken out of a text.
WITHHELD: Final = "(address withheld)"
#: Why a place waits for a person, by the table that the words are in. No address is repeated.
REASONS: Final[Mapping[str, str]] = {
    "location": "Words about the place speak of hiding.",
    "service": "A service there is about violence, or its name speaks of hiding.",
    "organization": "The name of its organization speaks of hiding.",
}


def find_suspicious(translation: Translation, session: Session) -> dict[bytes, str]:
    """Return the places about which words speak of hiding that are new to us, each with a reason.

    Once a person has opened a place, the same words do not close it again; and where a person
    has decided about one, or an export of our own says that it is public, no words do.
    """
    speaking = _speaking(translation)
    settled = _settled(session, speaking) | translation.opened
    known = _known(translation, session, speaking)
    suspicious = {}
    for place, records in speaking.items():
        new = [table for table, id_ in records if place not in known or id_ not in known[place]]
        if new and place not in settled:
            suspicious[place] = REASONS[new[0]]
    return suspicious


def _speaking(translation: Translation) -> dict[bytes, list[tuple[str, bytes]]]:
    """Return, by place, the records about it that speak of hiding, as table and identifier."""
    organizations = _named_for_hiding(translation, "organization")
    services = _named_for_hiding(translation, "service")
    speaking: defaultdict[bytes, list[tuple[str, bytes]]] = defaultdict(list)
    for place in translation.of("location"):
        if _place_speaks(place):
            speaking[place.id.bytes].append(("location", place.id.bytes))
        owner = place.values["organization_id"]
        if owner and owner.bytes in organizations:
            speaking[place.id.bytes].append(("organization", owner.bytes))
    for pair in translation.of("service_at_location") if services else ():
        if pair.values["service_id"].bytes in services:
            service = pair.values["service_id"].bytes
            speaking[pair.values["location_id"].bytes].append(("service", service))
    return dict(speaking)


def _named_for_hiding(translation: Translation, table: str) -> set[bytes]:
    """Return the services or organizations whose names speak of hiding, or whose sensitivity does.

    Not their descriptions: many who help survivors from an office in the high street say so.
    """
    return {
        record.id.bytes
        for record in translation.of(table)
        if record.values.get("sensitivity") is Sensitivity.VIOLENCE
        or any(_HIDING.search(name) for name in _names(record))
    }


def _place_speaks(place: Record) -> bool:
    description = place.values["description"] or ""
    return is_named_for_hiding(place) or bool(_HIDING.search(description))


def is_named_for_hiding(record: Record) -> bool:
    """Say whether a name speaks of hiding or of a shelter."""
    return any(_HIDING.search(name) or _HIDING_IN_NAME.search(name) for name in _names(record))


def _names(record: Record) -> list[str]:
    return [name for name in map(record.values.get, ("name", "alternate_name")) if name]


def _settled(session: Session, places: Mapping[bytes, Any]) -> set[bytes]:
    """Return the places of which a person has decided that everybody may know them."""
    review = TABLES["place_review"]
    settled: set[bytes] = set()
    for batch in batches(places):
        found = find_rows(
            session,
            sa.select(review.c.location_id).where(
                review.c.location_id.in_([UUID(bytes=place) for place in batch]),
                review.c.decision == AddressVisibility.PUBLIC,
            ),
        )
        settled |= {row["location_id"].bytes for row in found}
    return settled


def _known(
    translation: Translation, session: Session, speaking: Mapping[bytes, list[tuple[str, bytes]]]
) -> dict[bytes, set[bytes]]:
    """Return, for each place that is open now, which of the words about it we had already."""
    open_places = _stored(session, "location", speaking)
    known: dict[bytes, set[bytes]] = {}
    said = {
        table: _said_before(
            translation,
            session,
            table,
            {id_ for r in speaking.values() for t, id_ in r if t == table},
        )
        for table in REASONS
    }
    for place, row in open_places.items():
        if row["address_visibility"] is AddressVisibility.PUBLIC:
            known[place] = {id_ for table, id_ in speaking[place] if id_ in said[table]}
    return known


def _said_before(
    translation: Translation, session: Session, table: str, ids: set[bytes]
) -> set[bytes]:
    """Return the records of which we have the same words, but for what was withheld."""
    before = _stored(session, table, ids)
    return {
        id_
        for id_, row in before.items()
        if (record := translation.get(table, UUID(bytes=id_))) is not None
        and row.get("sensitivity") == record.values.get("sensitivity")
        and all(_says_the_same(row[name], record.values.get(name)) for name in _TEXTS)
    }


def _stored(session: Session, name: str, ids: Any) -> dict[bytes, Mapping[str, Any]]:
    table = TABLES[name]
    columns = [table.c[column] for column in (*_TEXTS, *_ALSO.get(name, ()))]
    found: dict[bytes, Mapping[str, Any]] = {}
    for batch in batches(ids):
        wanted = [UUID(bytes=id_) for id_ in batch]
        rows = find_rows(session, sa.select(table.c.id, *columns).where(table.c.id.in_(wanted)))
        found |= {row["id"].bytes: row for row in rows}
    return found


def _says_the_same(kept: str | None, words: str | None) -> bool:
    """Say whether a text is the one we kept, whichever places' streets we took out of that."""
    if kept is None or words is None:
        return kept == words
    around_streets = map(re.escape, kept.split(WITHHELD))
    return re.fullmatch(".+".join(around_streets), words, re.DOTALL) is not None
