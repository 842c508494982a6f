"""Which records somebody asks for, in the words of the HSDS API, as conditions in SQL.

Everything that is asked must hold. ``search``, ``postcode`` and ``proximity`` go by the search
table (``directory.models.search_entries``): they find what is listed, and know of a hidden place
no more than a search does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from directory.folding import fold
from directory.models import TABLES
from directory.models.locations import AddressVisibility
from directory.offers import (
    at_locations,
    attributes,
    entries,
    locations,
    organizations,
    services,
    terms,
)
from directory.service_areas import NOT_UNDERSTOOD, Whereabouts
from geo.grid import cell_ranges
from geo.places import Place
from geo.points import chord_squared_of, to_earth_centred

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What must hold of the records; each kind of record has only some of it.

    - ``words``: each must begin some word of the record.
    - ``taxonomy_term_id``: described by this term or by one below it.
    - ``taxonomy_id``: described by a term of this taxonomy; of terms, being one.
    - ``modified_after``: of the service, on or after this instant.
    - ``postcode``: whose stated area this place is in, as far as one is stated; with
      ``within_km``, that is no further away than this as well. ``polygons`` are the words
      (``directory.service_areas``) of the stated polygons that it is in.
    - ``top_only``, ``parent_id``: terms without a parent, or right below this one.
    """

    words: str = ""
    taxonomy_term_id: UUID | None = None
    taxonomy_id: UUID | None = None
    organization_id: UUID | None = None
    modified_after: datetime | None = None
    postcode: Place | None = None
    polygons: frozenset[str] = frozenset()
    within_km: float | None = None
    top_only: bool = False
    parent_id: UUID | None = None


def ids_of(table: str, question: Question) -> sa.Select[Any]:
    """Select the ids of what is asked for, in no order; words only where SQL can tell."""
    return _SELECTIONS[table](question)


def _services(question: Question) -> sa.Select[Any]:
    selected = sa.select(services.c.id).where(
        services.c.merged_into_id.is_(None), *_of_service(question)
    )
    for described in _descriptions(question):
        selected = selected.where(services.c.id.in_(_described("service", described)))
    if _folded(question):
        found = sa.select(entries.c.service_id).where(*_worded(question))
        selected = selected.where(services.c.id.in_(found))
    return selected


def _of_service(question: Question) -> Iterator[Condition]:
    if question.organization_id is not None:
        yield services.c.organization_id == question.organization_id
    if question.modified_after is not None:
        yield services.c.last_modified >= question.modified_after


def _offers(question: Question) -> sa.Select[Any]:
    selected = (
        sa.select(at_locations.c.id)
        .join(services, services.c.id == at_locations.c.service_id)
        .join(locations, locations.c.id == at_locations.c.location_id)
        .where(services.c.merged_into_id.is_(None), locations.c.merged_into_id.is_(None))
        .where(*_of_service(question))
    )
    for described in _descriptions(question):
        selected = selected.where(_offer_described(described))
    findable = [*_worded(question), *_around(question)]
    if findable:
        found = sa.select(entries.c.service_at_location_id).where(*findable)
        selected = selected.where(at_locations.c.id.in_(found))
    return selected


def _offer_described(described: Condition) -> Condition:
    """Say that a service at a location is described, by its own terms or those of its service.

    Its own do not count at a hidden place, where they are not told.
    """
    own = sa.and_(
        at_locations.c.id.in_(_described("service_at_location", described)),
        locations.c.address_visibility == AddressVisibility.PUBLIC,
    )
    return sa.or_(at_locations.c.service_id.in_(_described("service", described)), own)


def _organizations(question: Question) -> sa.Select[Any]:
    selected = sa.select(organizations.c.id).where(organizations.c.merged_into_id.is_(None))
    for described in _descriptions(question):
        by_service = sa.select(services.c.organization_id).where(
            services.c.id.in_(_described("service", described)),
            services.c.merged_into_id.is_(None),
        )
        selected = selected.where(
            organizations.c.id.in_(_described("organization", described))
            | organizations.c.id.in_(by_service)
        )
    return selected


def _taxonomies(_question: Question) -> sa.Select[Any]:
    return sa.select(TABLES["taxonomy"].c.id)


def _terms(question: Question) -> sa.Select[Any]:
    selected = sa.select(terms.c.id)
    if question.taxonomy_id is not None:
        selected = selected.where(terms.c.taxonomy_id == question.taxonomy_id)
    if question.parent_id is not None:
        selected = selected.where(terms.c.parent_id == question.parent_id)
    if question.top_only:
        selected = selected.where(terms.c.parent_id.is_(None))
    return selected


_SELECTIONS: Final = {
    "service": _services,
    "service_at_location": _offers,
    "organization": _organizations,
    "taxonomy": _taxonomies,
    "taxonomy_term": _terms,
}


def _descriptions(question: Question) -> Iterator[Condition]:
    """Yield what must hold of some attribute of a record; not always of the same one."""
    if question.taxonomy_term_id is not None:
        yield attributes.c.taxonomy_term_id.in_(_term_and_below(question.taxonomy_term_id))
    if question.taxonomy_id is not None:
        of_taxonomy = sa.select(terms.c.id).where(terms.c.taxonomy_id == question.taxonomy_id)
        yield attributes.c.taxonomy_term_id.in_(of_taxonomy)


def _term_and_below(term_id: UUID) -> sa.Select[Any]:
    """Select a term and all its descendants. Terms that go in a circle end it too."""
    found = sa.select(terms.c.id).where(terms.c.id == term_id).cte("below", recursive=True)
    below = found.union(sa.select(terms.c.id).join(found, terms.c.parent_id == found.c.id))
    return sa.select(below.c.id)


def _described(entity: str, described: Condition) -> sa.Select[Any]:
    return sa.select(attributes.c.link_id).where(attributes.c.link_entity == entity, described)


def _folded(question: Question) -> list[str]:
    return fold(question.words).split()


def _worded(question: Question) -> Iterator[Condition]:
    for word in _folded(question):
        yield entries.c.text.contains(f" {word}", autoescape=True)


def _around(question: Question) -> Iterator[Condition]:
    """Yield that a service is for people at the postcode, and near it if that is asked."""
    place = question.postcode
    if place is None:
        return
    words = sorted(Whereabouts(place, question.polygons).found_by)
    served = (entries.c.areas.contains(f" {word} ", autoescape=True) for word in words)
    yield sa.or_(entries.c.areas.in_((" ", f" {NOT_UNDERSTOOD} ")), *served)
    if question.within_km is not None:
        yield from _near(place, question.within_km)


def _near(place: Place, within_km: float) -> Iterator[Condition]:
    """Yield the cells that an index finds, and the chord that decides. No hidden place has any."""
    cells = cell_ranges(place.point, within_km)
    yield sa.or_(*(entries.c.cell.between(each.first, each.last) for each in cells))
    here = to_earth_centred(place.point)
    x, y, z = entries.c.x - here.x, entries.c.y - here.y, entries.c.z - here.z
    yield x * x + y * y + z * z <= chord_squared_of(within_km)
