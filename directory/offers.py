"""Everything about an offer that its search row is made of, read in a handful of queries.

An *offer* is a service at a location, or a service that has no location at all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.accessibility import is_step_free
from directory.database import Row, find_rows
from directory.dated_prices import counting, not_over
from directory.eligibility_rules import Rule
from directory.folding import one_word
from directory.models import TABLES
from directory.models.locations import is_public as is_public_place
from directory.models.services import LISTED
from directory.models.verifications import VitalField
from directory.needs import EVERYDAY_ID, NEEDS_BY_CODE
from directory.openings import Opening, as_columns, newest_of_each
from directory.queries.openings import find_newest_reports
from directory.service_areas import NOT_UNDERSTOOD, areas_stated, implied_area, is_geojson
from directory.service_rules import service_rule
from directory.situations import is_of_situations
from directory.term_closure import Terms, find_terms

Offer = Row
Rows = list[Row]

entries = TABLES["search_entry"]
search_areas = TABLES["search_area"]
search_shapes = TABLES["search_shape"]
services = TABLES["service"]
organizations = TABLES["organization"]
locations = TABLES["location"]
at_locations = TABLES["service_at_location"]
addresses = TABLES["address"]
phones = TABLES["phone"]
languages = TABLES["language"]
areas = TABLES["service_area"]
attributes = TABLES["attribute"]
terms = TABLES["taxonomy_term"]
costs = TABLES["cost_option"]
documents = TABLES["required_document"]
access = TABLES["accessibility"]
capacities = TABLES["service_capacity"]


def find_offers(session: Session, service_ids: Collection[UUID]) -> Sequence[Offer]:
    """Return the offers of these services that are to be listed."""
    return find_rows(
        session,
        sa.select(
            sa.func.coalesce(at_locations.c.id, services.c.id).label("id"),
            services.c.id.label("service_id"),
            services.c.organization_id,
            at_locations.c.id.label("service_at_location_id"),
            locations.c.id.label("location_id"),
            services.c.name.label("service_name"),
            services.c.alternate_name.label("service_alternate_name"),
            services.c.description,
            services.c.status,
            services.c.fees_description,
            services.c.eligibility_description,
            services.c.minimum_age,
            services.c.maximum_age,
            services.c.eligibility_rule,
            organizations.c.name.label("organization_name"),
            organizations.c.alternate_name.label("organization_alternate_name"),
            locations.c.name.label("location_name"),
            locations.c.latitude,
            locations.c.longitude,
            locations.c.location_type,
            locations.c.approximate,
            locations.c.address_visibility,
            sa.func.coalesce(locations.c.timezone, _zone_of_agency(), "UTC").label("timezone"),
        )
        .select_from(services)
        .join(organizations, organizations.c.id == services.c.organization_id)
        .outerjoin(at_locations, at_locations.c.service_id == services.c.id)
        .outerjoin(locations, locations.c.id == at_locations.c.location_id)
        .where(
            services.c.id.in_(service_ids),
            services.c.status.in_(LISTED),
            services.c.merged_into_id.is_(None),
            locations.c.merged_into_id.is_(None),  # or there is no location
        ),
    )


def is_public(offer: Offer) -> bool:
    """Say whether everybody may know where an offer is; one without a place hides nothing."""
    return offer["address_visibility"] is None or is_public_place(offer)


def _zone_of_agency() -> sa.ScalarSelect[str]:
    """Select the time zone of a service without a place: that of its agency's places."""
    places = locations.alias()
    return (
        sa.select(sa.func.min(places.c.timezone))
        .where(places.c.organization_id == services.c.organization_id)
        .correlate(services)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The child records of a batch of offers, by what they belong to."""

    by_owner: Mapping[tuple[str, str, UUID], Rows]
    terms: Terms
    openings: Mapping[tuple[UUID, UUID | None], Rows]

    def _rows(self, table: sa.Table, offer: Offer, *levels: str) -> Rows:
        """Return the child rows at the most particular level that has any."""
        for level in levels:
            rows = self.by_owner.get((table.name, level, offer[level]))
            if rows:
                return rows
        return []

    def address_of(self, offer: Offer) -> str | None:
        """Return the street address in one line."""
        for row in self._rows(addresses, offer, "location_id"):
            region = " ".join(filter(None, (row["state_province"], row["postal_code"])))
            parts = (row["address_1"], row["address_2"], row["city"], region)
            return ", ".join(filter(None, parts)) or None
        return None

    def phone_of(self, offer: Offer) -> str | None:
        """Return the number to call: of the offer itself, else of ever wider circles.

        A hidden place's own line is left out: numbers can be looked up in reverse.
        """
        place = ("location_id",) if is_public(offer) else ()
        levels = ("service_at_location_id", "service_id", *place, "organization_id")
        callable_ = [
            row for row in self._rows(phones, offer, *levels) if row["type"] not in ("fax", "text")
        ]
        if not callable_:
            return None
        extension = callable_[0]["extension"]
        return f"{callable_[0]['number']} ext. {extension}" if extension else callable_[0]["number"]

    def languages_of(self, offer: Offer) -> set[str]:
        """Return the codes of the languages spoken by the service or at the place."""
        rows = [
            *self._rows(languages, offer, "service_id"),
            *self._rows(languages, offer, "location_id"),
        ]
        return {row["code"].lower() for row in rows if row["code"]}

    def areas_of(self, offer: Offer) -> set[str]:
        """Return where people are served, in the words of ``directory.service_areas``.

        Empty when nothing is known. Where no area is understood, the state of the agency's
        address stands in for it.
        """
        stated = self._rows(areas, offer, "service_at_location_id", "service_id")
        words = {word for row in stated for word in areas_stated(row)}
        if words - {NOT_UNDERSTOOD}:
            return words
        rows = self._rows(addresses, offer, "location_id", "organization_id")
        states = {one_word(row["state_province"] or "") for row in rows} - {""}
        return words | {implied_area(state) for state in states}

    def polygons_of(self, offer: Offer) -> Rows:
        """Return the service areas that are stated as polygons, readable or not."""
        stated = self._rows(areas, offer, "service_at_location_id", "service_id")
        return [row for row in stated if row["extent"] and is_geojson(row)]

    def prices_of(self, offer: Offer) -> Rows:
        """Return all that is stated of prices, whenever it counts (``directory.dated_prices``)."""
        return self._rows(costs, offer, "service_id")

    def amounts_of(self, offer: Offer, on: date) -> list[int]:
        """Return the prices that are stated for a day, in cents."""
        rows = counting(self.prices_of(offer), on)
        return [row["amount_cents"] for row in rows if row["amount_cents"] is not None]

    def rule_of(self, offer: Offer) -> Rule | None:
        """Return whom the offer is for, of all that is said in a form that can be checked."""
        said = self.by_owner.get(("attribute", "service_id", offer["service_id"]), [])
        return service_rule(
            minimum_age=offer["minimum_age"],
            maximum_age=offer["maximum_age"],
            written=offer["eligibility_rule"],
            situations=[
                term["code"]
                for term in (self.terms.rows[row["taxonomy_term_id"]] for row in said)
                if is_of_situations(term["taxonomy_name"], term["taxonomy_uri"])
            ],
            documents=[row["document"] for row in self._rows(documents, offer, "service_id")],
        )

    def price_of(self, offer: Offer, on: date) -> int | None:
        """Return the lowest price in cents that is stated in US dollars for a day."""
        stated = [
            row["amount_cents"]
            for row in counting(self.prices_of(offer), on)
            if row["amount_cents"] is not None and (row["currency"] or "USD").upper() == "USD"
        ]
        return min(stated, default=None)

    def is_step_free(self, offer: Offer) -> bool:
        """Say whether one gets into the place without a step, as far as it says so."""
        rows = self._rows(access, offer, "location_id")
        return is_step_free(text for row in rows for text in (row["description"], row["details"]))

    def vital_fields_of(self, offer: Offer, *, hours: bool, on: date) -> set[VitalField]:
        """Return what a listing says on a day that can be wrong; ``hours``: whether it has any.

        Openings are not among them: they age by themselves.
        """
        about = ("eligibility_description", "minimum_age", "maximum_age", "eligibility_rule")
        there = {
            VitalField.HOURS: hours,
            VitalField.PHONE: self.phone_of(offer) is not None,
            VitalField.ADDRESS: is_public(offer) and self.address_of(offer) is not None,
            VitalField.ELIGIBILITY: any(offer[name] is not None for name in about),
            VitalField.DOCUMENTS: bool(self._rows(documents, offer, "service_id")),
            VitalField.COST: bool(offer["fees_description"] or not_over(self.prices_of(offer), on)),
        }
        return {field for field, is_there in there.items() if is_there}

    def needs_of(self, offer: Offer) -> set[str]:
        """Return the codes of the offer's terms, of their ancestors, and of the needs they mean.

        Codes of needs are those of our own list only: another taxonomy's "food" is not ours.
        """
        return {
            one_word(term["code"])
            for term in self._terms_of(offer)
            if term["code"] not in NEEDS_BY_CODE or term["taxonomy_id"] == EVERYDAY_ID
        }

    def need_words_of(self, offer: Offer) -> list[str]:
        """Return the names of the offer's terms, ancestors and needs, and other words for them."""
        return [
            words
            for term in self._terms_of(offer)
            for words in (term["name"], *self.terms.synonyms.get(term["id"], ()))
        ]

    def _terms_of(self, offer: Offer) -> list[Row]:
        found: dict[UUID, Row] = {}
        said = self.by_owner.get(("attribute", "service_id", offer["service_id"]), [])
        waiting = [row["taxonomy_term_id"] for row in said]
        while waiting:
            term_id = waiting.pop()
            if term_id not in found:  # a circle ends here too
                found[term_id] = self.terms.rows[term_id]
                waiting += self.terms.above.get(term_id, ())
        return list(found.values())

    def openings_of(self, offer: Offer) -> dict[str, Any]:
        """Return what was last said about room, as the columns of a search row.

        What was said of the whole service counts in each of its places.
        """
        service, place = offer["service_id"], offer["service_at_location_id"]
        said = [row for of in {place, None} for row in self.openings.get((service, of), ())]
        return as_columns(Opening.of_report(row) for row in newest_of_each(said))


#: The child tables and the levels at which their rows may hang.
_CHILDREN = (
    (addresses, ("location_id", "organization_id")),
    (phones, ("service_at_location_id", "service_id", "location_id", "organization_id")),
    (languages, ("service_id", "location_id")),
    (areas, ("service_at_location_id", "service_id")),
    (costs, ("service_id",)),
    (documents, ("service_id",)),
    (access, ("location_id",)),
)


def find_surroundings(session: Session, offers: Sequence[Offer]) -> Surroundings:
    """Read the child records of the offers."""
    by_owner: dict[tuple[str, str, UUID], Rows] = defaultdict(list)
    for table, levels in _CHILDREN:
        for row in _children(session, table, levels, offers):
            for level in levels:
                if row[level] is not None:
                    by_owner[table.name, level, row[level]].append(row)
    for row in _attributes(session, _ids(offers, "service_id")):
        by_owner["attribute", "service_id", row["link_id"]].append(row)
    return Surroundings(
        by_owner, find_terms(session, _terms_said(by_owner)), _newest_openings(session, offers)
    )


def _ids(offers: Iterable[Offer], level: str) -> set[UUID]:
    return {offer[level] for offer in offers if offer[level] is not None}


def _children(
    session: Session, table: sa.Table, levels: Sequence[str], offers: Sequence[Offer]
) -> Sequence[Row]:
    owned = sa.or_(*(table.c[level].in_(_ids(offers, level)) for level in levels))
    told = [column for column in table.columns if column.name != "original"]
    return find_rows(session, sa.select(*told).where(owned).order_by(table.c.id))


def _attributes(session: Session, service_ids: set[UUID]) -> Sequence[Row]:
    return find_rows(
        session,
        sa.select(attributes)
        .where(attributes.c.link_entity == "service", attributes.c.link_id.in_(service_ids))
        .order_by(attributes.c.id),
    )


def _terms_said(by_owner: Mapping[tuple[str, str, UUID], Rows]) -> set[UUID]:
    return {
        row["taxonomy_term_id"]
        for (table, _level, _id), rows in by_owner.items()
        if table == "attribute"
        for row in rows
    }


def _newest_openings(
    session: Session, offers: Sequence[Offer]
) -> dict[tuple[UUID, UUID | None], Rows]:
    found = find_newest_reports(session, capacities.c.service_id.in_(_ids(offers, "service_id")))
    by_place: dict[tuple[UUID, UUID | None], Rows] = defaultdict(list)
    for row in found:
        by_place[row["service_id"], row["service_at_location_id"]].append(row)
    return by_place
