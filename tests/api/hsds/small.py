"""A directory of two services that differ in everything, and every question about it."""

from dataclasses import dataclass
from typing import Any

from directory.models.locations import AddressVisibility
from directory.models.services import ServiceStatus
from tests.api.hsds.catalogs import (
    Agency,
    Catalog,
    Offered,
    Place,
    Served,
    Term,
    days_ago,
    make_id,
)

SMALL = Catalog(
    agencies=[
        Agency("apple", "", merged=False, terms=[]),
        Agency("zebra", "", merged=False, terms=[]),
    ],
    terms=[Term(0, None, "kiwi"), Term(0, 0, "lemon"), Term(1, None, "mango")],
    places=[
        Place("48933", AddressVisibility.PUBLIC, "hall", "MI"),
        Place("49503", AddressVisibility.PUBLIC, "mill", "MI"),
    ],
    services=[
        Served(
            *("bread", 0, ServiceStatus.ACTIVE, 9),
            merged=False,
            terms=[1],
            areas=["MI"],
            at=[Offered(0, [], [])],
        ),
        Served(
            *("soup", 1, ServiceStatus.ACTIVE, 1),
            merged=False,
            terms=[2],
            areas=["MI:Kent_County"],
            at=[Offered(1, [], [])],
        ),
    ],
)

APPLE, ZEBRA = (str(agency.id) for agency in SMALL.agencies)
KEPT = str(make_id("kept", 0))
KIWI, LEMON, MANGO = (str(term.id) for term in SMALL.terms)
BREAD, SOUP = (str(service.id) for service in SMALL.services)
BREAD_AT_HALL, SOUP_AT_MILL = (str(service.at[0].id) for service in SMALL.services)
FRUIT, OTHER_FRUIT = (str(SMALL.taxonomy(number)) for number in (0, 1))

#: The kinds of records that can be asked for, and all that there are of each.
NOUNS = {
    "services": {BREAD, SOUP},
    "organizations": {APPLE, ZEBRA, KEPT},
    "service_at_locations": {BREAD_AT_HALL, SOUP_AT_MILL},
    "taxonomies": {FRUIT, OTHER_FRUIT},
    "taxonomy_terms": {KIWI, LEMON, MANGO},
}


@dataclass(frozen=True)
class Asked:
    """A question that narrows a list, and what is left."""

    noun: str
    parameters: dict[str, Any]
    found: set[str]

    def __str__(self) -> str:
        return f"{self.noun}-{self.parameters}"


def _both(parameters: dict[str, Any], service: str, offered: str) -> list[Asked]:
    return [
        Asked("services", parameters, {service}),
        Asked("service_at_locations", parameters, {offered}),
    ]


_ON_THE_DAY = days_ago(1).isoformat()

NARROWED = [
    *_both({"search": "brea"}, BREAD, BREAD_AT_HALL),
    *_both({"taxonomy_term_id": KIWI}, BREAD, BREAD_AT_HALL),
    *_both({"taxonomy_id": OTHER_FRUIT}, SOUP, SOUP_AT_MILL),
    *_both({"organization_id": ZEBRA}, SOUP, SOUP_AT_MILL),
    *_both({"modified_after": _ON_THE_DAY}, SOUP, SOUP_AT_MILL),
    Asked("services", {"search": "bread", "organization_id": ZEBRA}, set()),
    Asked("service_at_locations", {"postcode": "48933"}, {BREAD_AT_HALL}),
    Asked("service_at_locations", {"postcode": "49503"}, {BREAD_AT_HALL, SOUP_AT_MILL}),
    Asked("service_at_locations", {"postcode": "49503", "proximity": 5000}, {SOUP_AT_MILL}),
    Asked("organizations", {"search": "zeb"}, {ZEBRA}),
    Asked("organizations", {"taxonomy_term_id": KIWI}, {APPLE}),
    Asked("organizations", {"taxonomy_id": OTHER_FRUIT}, {ZEBRA}),
    Asked("taxonomies", {"search": "fruit 1"}, {OTHER_FRUIT}),
    Asked("taxonomy_terms", {"search": "lem"}, {LEMON}),
    Asked("taxonomy_terms", {"taxonomy_id": OTHER_FRUIT}, {MANGO}),
    Asked("taxonomy_terms", {"parent_id": KIWI}, {LEMON}),
    Asked("taxonomy_terms", {"top_only": True}, {KIWI, MANGO}),
]

#: How much is told of each record, or how many of them at a time; every list has the last four.
TOLD: list[tuple[str, dict[str, Any]]] = [
    ("services", {"minimal": True}),
    ("services", {"full": True}),
    ("organizations", {"full": True}),
    ("organizations", {"full_service": True}),
    ("service_at_locations", {"full": True}),
    *((noun, {"page": 2}) for noun in NOUNS),
    *((noun, {"per_page": 1, "page": 2}) for noun in NOUNS),
    *((noun, {"format": "json"}) for noun in NOUNS),
    *((noun, {"format": "ndjson"}) for noun in NOUNS),
]
